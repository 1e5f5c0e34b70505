"""A counter's records put back from a backup, and a counter that is lost: with the programs as they are installed."""

from collections import Counter as Count
from pathlib import Path

import pytest

from tests.end_to_end import books
from tests.end_to_end.reckoning import invented, reckon, written
from tests.end_to_end.shop import POLICIES, Counter, Shop


def replay(shop: Shop, counter: Counter, prefix: str, seed: int) -> Count[str]:
    """Ring up a journal and return the points it earns, by card."""
    rows = invented(40, prefix=prefix, seed=seed, customers=4)
    counter.ask("replay", written(rows, shop.folder / f"{prefix}.csv"), "--report", shop.folder / f"{prefix}.json")
    return reckon(rows, POLICIES["medium"]).wallets


def epoch(shop: Shop, counter: Counter) -> int:
    return int(str(row_of(shop, counter)["epoch"]))


def row_of(shop: Shop, counter: Counter) -> dict[str, object]:
    """Return what the central store lists of a counter."""
    vendor = counter.ask("status")
    rows = [row for row in shop.central.ask("counter", "list") if row["number"] == vendor["counter"]]
    found: dict[str, object] = next(row for row in rows if row["vendor"] == vendor["vendor"])
    return found


@pytest.mark.parametrize("store", ["sqlite", "postgresql"], indirect=True)
def test_a_backup_is_put_back(shop: Shop) -> None:
    counter = shop.counter("medium")
    wallets = replay(shop, counter, "a", 1)
    counter.ask("sync", "--once")
    backup = Path(counter.ask("backup", shop.folder / "backups")["file"])
    wallets += replay(shop, counter, "b", 2)
    counter.ask("sync", "--once")
    lost = counter.ask("status")["receipts"]
    restored = counter.ask("restore", backup)
    assert Path(restored["replaced"]).exists()
    assert counter.ask("status")["fenced"]
    wallets += replay(shop, counter, "c", 3)
    counter.ask("sync", "--once")
    status = counter.ask("status")
    assert (status["fenced"], status["waiting"], status["missing"]) == (False, 0, [])
    assert epoch(shop, counter) == 2
    counter.ask("why", str(lost + 1))
    assert books.wallets(shop.central) == +wallets
    assert counter.ask("verify")["ok"]
    assert shop.central.ask("verify")["ok"]
    counter.ask("sync", "--once")
    assert epoch(shop, counter) == 2


def test_what_is_no_backup_is_refused_in_one_sentence(shop: Shop) -> None:
    counter, other = shop.counter("medium"), shop.counter("second")
    replay(shop, counter, "a", 1)
    before = counter.ask("status")
    foreign = other.ask("backup", shop.folder / "backups")["file"]
    for file in (foreign, shop.file("text", "hello"), shop.folder / "none", counter.folder / "counter.sqlite"):
        assert "nothing was changed" in counter.try_to("restore", file).refusal()
    assert counter.ask("status") == before
    assert counter.ask("verify")["ok"]


def test_a_lost_counter(shop: Shop) -> None:
    """It is let in no more, and what it still sends is kept and moves no point."""
    counter = shop.counter("medium")
    wallets = replay(shop, counter, "a", 1)
    counter.ask("sync", "--once")
    report = shop.central.ask("counter", "lost", str(row_of(shop, counter)["device"]))
    assert (report["state"], report["points_reclaimed"], report["points_late_at_most"]) == ("revoked", 0, 0)
    replay(shop, counter, "b", 2)
    assert "out of service" in counter.try_to("sync", "--once").refusal()
    assert counter.ask("status")["parked"] >= 40
    assert books.wallets(shop.central) == +wallets
    assert shop.central.ask("verify")["ok"]
    assert counter.ask("verify")["ok"]
