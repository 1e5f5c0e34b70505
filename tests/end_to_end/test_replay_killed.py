"""A replay that is killed again and again ends where an undisturbed one does, and every receipt is there once."""

import json
import random
import shutil
import signal
from pathlib import Path

from tests.end_to_end import books, goods_back
from tests.end_to_end.processes import eventually, pause
from tests.end_to_end.reckoning import invented, reckon, written
from tests.end_to_end.shop import POLICIES, Counter, Shop

KILLS = 5


def killed_replay(counter: Counter, journal: Path, report: Path, percent: int) -> bool:
    """Start a replay and kill it soon after it has come so far; returns whether it was still running."""
    process = counter.start("replay", journal, "--report", report)
    eventually(lambda: f"{percent:3} %" in process.so_far() or not process.runs, f"the replay comes to {percent} %")
    pause(random.random() / 20)
    done = process.kill()
    assert done.status in (-signal.SIGKILL, 0), done.err
    assert not report.exists() or json.loads(report.read_text())
    return done.status != 0


def random_moments() -> list[int]:
    """Return how far, in percent, the replays may come before they are killed: each at least as far as the last."""
    return sorted(random.choices(range(0, 100, 10), k=KILLS))


def test_killed_at_random_moments(shop: Shop) -> None:
    rows = invented(1500, returns=True)
    journal = written(rows, shop.folder / "journal.csv")
    calm, killed = shop.counter("second"), shop.counter("medium")
    calm.ask("replay", journal, "--report", shop.folder / "calm.json")
    report = shop.folder / "killed.json"
    killed_at_once = killed.start("replay", journal, "--report", report)
    pause(random.random() / 5)
    killed_at_once.kill()
    while_running = [killed_replay(killed, journal, report, percent) for percent in random_moments()]
    assert any(while_running), "no kill hit a running replay"
    killed.ask("replay", journal, "--report", report)
    assert report.read_bytes() == (shop.folder / "calm.json").read_bytes()
    document = json.loads(report.read_text())
    expected = reckon(rows, POLICIES["medium"])
    assert document["invoices"] == expected.documents
    assert (document["purchases"], document["refunds"]) == (len(expected.sales), len(expected.refunds))
    stored = expected.sold + expected.returned
    assert (document["rows_read"], document["rows_stored"]) == (expected.rows, stored)
    assert document["rows_reported"] == expected.rows - stored == sum(document["reasons"].values())
    assert killed.ask("verify")["ok"]
    assert killed.ask("sync", "--once")["waiting"] == 0
    assert books.sales(shop.central, shop.vendors["medium"]) == expected.sales
    assert goods_back.refunds(shop.central, shop.vendors["medium"]) == expected.refunds
    assert not goods_back.missing_or_double(shop.central)
    assert books.wallets(shop.central) == +expected.wallets
    assert shop.central.ask("verify")["ok"]


def test_killed_while_points_are_asked_for(shop: Shop) -> None:
    rows = invented(200, customers=12, points=True, returns=True)
    journal = written(rows, shop.folder / "journal.csv")
    report = shop.folder / "report.json"
    counter = shop.counter("medium")
    while_running = [killed_replay(counter, journal, report, percent) for percent in random_moments()]
    assert any(while_running), "no kill hit a running replay"
    counter.ask("replay", journal, "--report", report)
    expected = reckon(rows, POLICIES["medium"])
    assert sum(sale.redeemed for sale in expected.sales) > 0
    assert sum(refund.redeemed for refund in expected.refunds) > 0
    assert json.loads(report.read_text())["invoices"] == expected.documents
    counter.ask("sync", "--once")
    assert goods_back.refunds(shop.central, shop.vendors["medium"]) == expected.refunds
    assert books.sales(shop.central, shop.vendors["medium"]) == expected.sales
    assert books.wallets(shop.central) == +expected.wallets
    assert counter.ask("verify")["ok"]
    assert shop.central.ask("verify")["ok"]


def test_a_copy_of_the_data_folder_is_taken_up_where_it_stood(shop: Shop) -> None:
    """A folder copied off a machine that was killed in the middle is as good as the machine's own."""
    rows = invented(300, returns=True)
    journal = written(rows, shop.folder / "journal.csv")
    report = shop.folder / "report.json"
    killed_replay(shop.counter("medium"), journal, report, 10)
    shutil.move(shop.folder / "medium", shop.folder / "moved")
    moved = shop.counter("moved")
    moved.ask("replay", journal, "--report", report)
    assert json.loads(report.read_text())["invoices"] == reckon(rows, POLICIES["medium"]).documents
    assert moved.ask("verify")["ok"]
