"""32 counters at one central store on PostgreSQL at once: nobody waits for ever, nothing fails, not a point is off.

More rounds than here: set URS_CROWD_ROUNDS.
"""

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from tests.contract.central.till import NOW
from tests.end_to_end import books, crowd, ledgers, receipts
from tests.end_to_end.crowd import Direct, House, Member, Remote
from tests.end_to_end.processes import Processes
from tests.end_to_end.shop import ADMIN_PASSWORD, CentralStore, free_port
from tests.end_to_end.tallies import Sold
from tests.integration.central.server import Client
from tests.postgresql.databases import Databases
from urs_desktop.central.verification import verify
from urs_desktop.database.engine import Database

COUNTERS = 32
CARDS = 20
ROUNDS = int(os.environ.get("URS_CROWD_ROUNDS", "4"))


def check(database: Database, houses: list[House]) -> None:
    """Compare the store with what was sold and refunded, and prove it."""
    tally = crowd.tally(houses).vendors()
    shown = ledgers.vendors(database)
    for vendor, expected in tally.items():
        found = shown[vendor]
        assert (found.transactions, found.revenue, found.rewards) == (
            expected.transactions,
            expected.revenue,
            expected.rewards,
        )
        assert found.redeemed + found.exposure == expected.redeemed + expected.exposure
    assert sum(found.transactions for found in shown.values()) == len(crowd.tally(houses).sales)
    with database.read() as connection:
        assert verify(connection) == []


def deadlocks(databases: Databases, database: Database) -> int:
    """Return how many deadlocks the server has ended in a database; its backends say so when they end."""
    database.close()
    [(count,)] = databases.server.execute(
        "SELECT deadlocks FROM pg_stat_database WHERE datname = %s", values=(database.engine.url.database,)
    )
    return int(count)


@pytest.fixture
def central(tmp_path: Path, processes: Processes, postgresql_url: str) -> CentralStore:
    """A central store that was set up on PostgreSQL by its own command."""
    password = tmp_path / "password"
    password.write_text(ADMIN_PASSWORD)
    central = CentralStore(tmp_path / "central", free_port(), processes)
    admin = ("--admin", "boss", "--admin-password-file", password)
    processes.run(*central.command("init", "--database-url", postgresql_url, *admin)).expect()
    return central


def test_over_https(central: CentralStore, postgresql: Databases) -> None:
    with books.ledger(central) as database:
        houses = crowd.open_houses(database, 2)
        enrolled = crowd.enrol(database, houses, COUNTERS)
    central.serve("--workers", "2")
    clients = [Client(central.url, central.folder / "keys" / "ca.pem") for _ in enrolled]
    try:
        members = [
            Member(house, till, Remote(till, client), CARDS)
            for (house, till), client in zip(enrolled, clients, strict=True)
        ]
        results = crowd.at_once(members, ROUNDS)
    finally:
        for client in clients:
            client.close()
    central.stop()
    logs = "".join(path.read_text() for path in central.folder.glob("*.log*"))
    for trouble in ("the database failed", "incident", "parked", "pushed what does not fit"):
        assert trouble not in logs
    with books.ledger(central) as database:
        check(database, houses)
        assert sum(results.values()) == sum(len(till.operations) for _, till in enrolled) == books.operations(central)
        assert deadlocks(postgresql, database) == 0
    assert central.ask("verify")["ok"]


def test_in_one_process(postgresql: Databases, postgresql_database: Database) -> None:
    """Without the network between them they meet more often, and upkeep takes every lease away as soon as it can."""
    houses = crowd.open_houses(postgresql_database, 1)
    enrolled = crowd.enrol(postgresql_database, houses, COUNTERS - 2)
    members = [Member(house, till, Direct(till, postgresql_database), CARDS) for house, till in enrolled]
    results = crowd.at_once(members, ROUNDS, [partial(crowd.upkeep, postgresql_database)] * 2)
    check(postgresql_database, houses)
    assert sum(results.values()) == sum(len(till.operations) for _, till in enrolled)
    assert deadlocks(postgresql, postgresql_database) == 0


@pytest.mark.parametrize("sale_first", [True, False])
def test_a_refund_crosses_its_sale(postgresql_database: Database, sale_first: bool) -> None:
    """Two counters push them at once and neither transaction sees the other: what the refund moves is posted once."""
    house = crowd.open_houses(postgresql_database, 1)[0]
    (_, seller), (_, taker) = crowd.enrol(postgresql_database, [house], 2)
    sold = Sold(house.vendor_id, "C-1", house.rule, ((2, 5000),))
    sale = receipts.sell(seller, sold, house.policy, NOW)
    back = receipts.refund(taker, sold, sale, {1: 1}, house.policy, NOW)
    first, second = [(seller, sale), (taker, back)][:: 1 if sale_first else -1]
    through = threading.Event()

    def follow() -> None:
        Direct(second[0], postgresql_database).push([second[1]])
        through.set()

    with ThreadPoolExecutor(1) as pool:
        with postgresql_database.write() as connection:
            first[0].push(connection, first[1])
            following = pool.submit(follow)
            through.wait(0.3)
        following.result()
    with postgresql_database.read() as connection:
        assert verify(connection) == []
    assert ledgers.wallets(postgresql_database)["C-1"] == house.rule.earn(5000) - sold.standing.clawed
