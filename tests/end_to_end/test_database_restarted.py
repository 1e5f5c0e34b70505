"""The database server behind a central store is restarted or crashes in the middle: nothing is doubled, nothing lost.

The central store itself runs on and answers that it is unavailable; counters keep what they have and try again.
"""

import contextlib
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.end_to_end import books
from tests.end_to_end.cashier import WANT, Cashier
from tests.end_to_end.moving import move
from tests.end_to_end.processes import Processes, eventually
from tests.end_to_end.reckoning import invented, reckon, written
from tests.end_to_end.shop import POLICIES, Shop, copied
from tests.postgresql.databases import Databases
from tests.postgresql.server import Server, running

INVOICES = 400
CLOSE_MS = 3000


@pytest.fixture(scope="module")
def databases(postgresql: Databases) -> Iterator[Databases]:
    """Databases on a server that may be killed; what it has committed outlives a crash of its own."""
    assert postgresql.server is not None, "where none can run, this one is not tried either"
    with running(synchronous_commit="on") as server:
        yield Databases(server)


@pytest.fixture
def server(databases: Databases) -> Server:
    """The server behind the shop."""
    return databases.server


@pytest.fixture
def shop(prepared: tuple[Path, int], tmp_path: Path, processes: Processes, databases: Databases) -> Iterator[Shop]:
    """A shop whose central store keeps its data on that server, and answers."""
    shop = Shop(copied(prepared[0], tmp_path / "shop"), prepared[1], processes)
    with databases.ready() as database:
        move(shop.central.folder, database)
        shop.central.serve("--workers", "2")
        yield shop


def stop(server: Server, number: signal.Signals) -> None:
    """End a server: SIGINT as for a restart, SIGKILL as by a crash."""
    if server._connection is not None:
        server._connection.close()
    server.process.send_signal(number)
    server.process.wait()


def start(server: Server) -> None:
    """Start the server again where it was, and wait until it lets somebody in."""

    def answers() -> bool:
        if server.process.poll() is not None:  # what a crash left of the last one keeps it from starting for a moment
            command: list[str] = server.process.args  # type: ignore[assignment]
            with (server.folder / "log").open("ab") as log:
                server.process = subprocess.Popen(
                    command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
                )
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(server.socket_url().render_as_string(hide_password=False)).close()
            return True
        return False

    eventually(answers, "the database server is back")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=["restarted", "crashed"])
def test_during_pushes(shop: Shop, server: Server, number: signal.Signals) -> None:
    rows = invented(INVOICES)
    counter = shop.counter("medium")
    counter.ask("replay", written(rows, shop.folder / "journal.csv"), "--report", shop.folder / "report.json")
    expected = reckon(rows, POLICIES["medium"])
    with books.ledger(shop.central) as database:
        sync = counter.start("sync", "--once")
        eventually(lambda: books.arrived(database) > 20 or not sync.runs, "operations arrive")
    stop(server, number)
    done = sync.end()
    if done.status:
        assert "nothing is lost" in done.refusal()
    assert "nothing is lost" in shop.counter("small").try_to("sync", "--once").refusal()
    start(server)
    assert counter.ask("sync", "--once")["waiting"] == 0
    assert books.sales(shop.central, shop.vendors["medium"]) == expected.sales
    assert books.wallets(shop.central) == +expected.wallets
    assert counter.ask("status")["parked"] == 0
    assert counter.ask("verify")["ok"]
    assert shop.central.ask("verify")["ok"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=["restarted", "crashed"])
def test_while_a_cashier_sells(shop: Shop, server: Server, number: signal.Signals) -> None:
    """Selling goes on at its usual speed; points are refused until the server is back, and then paid with again."""
    cashier = Cashier(shop)
    cashier.sell(10)
    cashier.until_recovered()
    assert cashier.pay_with_points()["points_paid"] == WANT
    stop(server, number)
    cashier.sell()
    cashier.until("offline", online=False)
    assert cashier.pay_with_points()["refused"] == "unavailable"
    start(server)
    cashier.until_recovered()
    cashier.compare()
    assert cashier.pay_with_points()["points_paid"] == WANT
    assert cashier.close() < CLOSE_MS
    cashier.settle()
