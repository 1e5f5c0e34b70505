"""Counter or central store killed in the middle of pushes: afterwards everything has arrived exactly once."""

import random
import signal
from pathlib import Path

import pytest

from tests.end_to_end import books
from tests.end_to_end.processes import Process, eventually
from tests.end_to_end.reckoning import Reckoning, invented, reckon, written
from tests.end_to_end.shop import POLICIES, Shop

INVOICES = 800
KILLS = 3

pytestmark = pytest.mark.parametrize("store", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def expected(shop: Shop) -> Reckoning:
    """Ring a journal up at the counter `medium`, none of it sent yet, and return what must come of it."""
    rows = invented(INVOICES)
    journal = written(rows, shop.folder / "journal.csv")
    shop.counter("medium").ask("replay", journal, "--report", shop.folder / "report.json")
    return reckon(rows, POLICIES["medium"])


def arrived(shop: Shop, expected: Reckoning) -> None:
    """Sync to the end, then compare the central store with what must be."""
    counter = shop.counter("medium")
    assert counter.ask("sync", "--once")["waiting"] == 0
    status = counter.ask("status")
    assert (status["receipts"], status["acknowledged"]) == (len(expected.sales), len(expected.sales))
    assert (status["online"], status["waiting"], status["parked"], status["missing"]) == (True, 0, 0, [])
    assert books.sales(shop.central, shop.vendors["medium"]) == expected.sales
    assert not books.receipts(shop.central)
    assert books.wallets(shop.central) == +expected.wallets
    assert counter.ask("verify")["ok"]
    assert shop.central.ask("verify")["ok"]


def sync_under_way(shop: Shop) -> Process:
    """Start a sync and return it at a random moment, once some operations more have arrived, or it has ended."""
    with books.ledger(shop.central) as database:
        wanted = books.arrived(database) + random.randint(1, 200)
        sync = shop.counter("medium").start("sync", "--once")
        eventually(lambda: books.arrived(database) >= wanted or not sync.runs, "operations arrive")
    return sync


def test_counter_killed(shop: Shop, expected: Reckoning) -> None:
    statuses = [sync_under_way(shop).kill().status for _ in range(KILLS)]
    assert -signal.SIGKILL in statuses, "no kill hit a running sync"
    arrived(shop, expected)


def test_central_store_killed(shop: Shop, expected: Reckoning) -> None:
    cut_off = 0
    for workers in ("1", "2", "2"):
        sync = sync_under_way(shop)
        shop.central.kill()
        done = sync.end()
        if done.status:
            cut_off += 1
            assert "nothing is lost" in done.refusal()
        shop.central.serve("--workers", workers)
    assert cut_off, "no kill hit a running sync"
    arrived(shop, expected)


def test_workers_end_with_the_server_that_was_killed(shop: Shop, expected: Reckoning) -> None:
    """They may still answer for a moment, beside the server that is started again: nothing is taken in twice."""
    shop.central.stop()
    shop.central.serve("--workers", "2")
    sync = sync_under_way(shop)
    old = shop.central.kill_alone()
    shop.central.serve("--workers", "2")
    sync.end()
    eventually(lambda: not old.has_children(), "the end of the old workers")
    arrived(shop, expected)


def test_both_killed_at_once(shop: Shop, expected: Reckoning) -> None:
    with books.ledger(shop.central) as database:
        sync = shop.counter("medium").start("sync", "--once")
        eventually(lambda: books.arrived(database) > 0 or not sync.runs, "operations arrive")
    sync.kill()
    shop.central.kill()
    shop.central.serve()
    arrived(shop, expected)


def test_enrolling_killed(shop: Shop) -> None:
    """Cut off anywhere, the same command with the same code goes on, and one counter is there."""
    counter, code = shop.counter("late"), shop.code()
    before = len(shop.central.ask("counter", "list"))
    for marker in ("counter.key", "counter.sqlite", "counter.sqlite-wal"):
        enrol = counter.start("enrol", "--central", shop.central.url, "--code", code)
        path: Path = counter.folder / marker
        eventually(lambda path=path, enrol=enrol: path.exists() or not enrol.runs, f"{marker} is there")  # type: ignore[misc]
        enrol.kill()
    done = counter.try_to("enrol", "--central", shop.central.url, "--code", code)
    assert done.status == 0 or "enrolled already" in done.refusal()
    assert len(shop.central.ask("counter", "list")) == before + 1
    status = counter.ask("status")
    assert status["enrolled"]
    counter.ask("sync", "--once")
    assert counter.ask("verify")["ok"]
