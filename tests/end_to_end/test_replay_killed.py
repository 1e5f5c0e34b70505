"""A replay that is killed again and again ends where an undisturbed one does, and every receipt is there once."""

import json
import random
import shutil
import signal
from pathlib import Path

from tests.end_to_end import books
from tests.end_to_end.processes import eventually, pause
from tests.end_to_end.reckoning import invented, reckon, written
from tests.end_to_end.shop import POLICIES, Counter, Shop

KILLS = 4
RUN_SECONDS = 1.5
"""About as long as what is killed runs once it has started."""


def killed_replay(counter: Counter, journal: Path, report: Path, after: str, seconds: float) -> bool:
    """Start a replay and kill it some seconds after it has said `after`; returns whether it was still running."""
    process = counter.start("replay", journal, "--report", report)
    eventually(lambda: after in process.so_far() or not process.runs, f"the replay says {after!r}")
    pause(seconds)
    ran = process.runs
    done = process.kill()
    assert done.status == (-signal.SIGKILL if ran else 0), done.err
    assert not report.exists() or json.loads(report.read_text())
    return ran


def test_killed_at_random_moments(shop: Shop) -> None:
    rows = invented(1500)
    journal = written(rows, shop.folder / "journal.csv")
    calm, killed = shop.counter("second"), shop.counter("medium")
    calm.ask("replay", journal, "--report", shop.folder / "calm.json")
    report = shop.folder / "killed.json"
    moments = [random.random() * RUN_SECONDS for _ in range(KILLS)]
    while_running = [killed_replay(killed, journal, report, "", moments[0])]
    while_running += [killed_replay(killed, journal, report, "[", moment) for moment in moments[1:]]
    assert any(while_running), "no kill hit a running replay"
    killed.ask("replay", journal, "--report", report)
    assert report.read_bytes() == (shop.folder / "calm.json").read_bytes()
    document = json.loads(report.read_text())
    expected = reckon(rows, POLICIES["medium"])
    assert document["invoices"] == [sale.document for sale in expected.sales]
    assert (document["rows_read"], document["rows_stored"]) == (expected.rows, expected.sold)
    assert document["rows_reported"] == expected.rows - expected.sold == sum(document["reasons"].values())
    assert killed.ask("verify")["ok"]
    assert killed.ask("sync", "--once")["waiting"] == 0
    assert books.sales(shop.central, shop.vendors["medium"]) == expected.sales
    assert not books.receipts(shop.central)
    assert books.wallets(shop.central) == +expected.wallets
    assert shop.central.ask("verify")["ok"]


def test_killed_while_points_are_asked_for(shop: Shop) -> None:
    rows = invented(150, customers=12, points=True)
    journal = written(rows, shop.folder / "journal.csv")
    report = shop.folder / "report.json"
    counter = shop.counter("medium")
    for _ in range(KILLS):
        killed_replay(counter, journal, report, "[", random.random() * RUN_SECONDS)
    counter.ask("replay", journal, "--report", report)
    expected = reckon(rows, POLICIES["medium"])
    assert sum(sale.redeemed for sale in expected.sales) > 0
    assert json.loads(report.read_text())["invoices"] == [sale.document for sale in expected.sales]
    counter.ask("sync", "--once")
    assert books.sales(shop.central, shop.vendors["medium"]) == expected.sales
    assert books.wallets(shop.central) == +expected.wallets
    assert counter.ask("verify")["ok"]
    assert shop.central.ask("verify")["ok"]


def test_a_copy_of_the_data_folder_is_taken_up_where_it_stood(shop: Shop) -> None:
    """A folder copied off a machine that was killed in the middle is as good as the machine's own."""
    rows = invented(300)
    journal = written(rows, shop.folder / "journal.csv")
    report = shop.folder / "report.json"
    killed_replay(shop.counter("medium"), journal, report, "[", random.random() / 4)
    shutil.move(shop.folder / "medium", shop.folder / "moved")
    moved = shop.counter("moved")
    moved.ask("replay", journal, "--report", report)
    assert json.loads(report.read_text())["invoices"] == [s.document for s in reckon(rows, POLICIES["medium"]).sales]
    assert moved.ask("verify")["ok"]
