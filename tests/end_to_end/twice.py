"""One counter's journal in two central stores: rung up once, then sent to a store on SQLite and to one on PostgreSQL.

Both stores know the same vendors, policies and keys, and both get the very same signed operations, so all that may
differ is what a store makes up itself: its times and the ids of its customers. Must never serve both at once: counters
find them at the same address.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.end_to_end import books, ledgers
from tests.end_to_end.moving import move
from tests.end_to_end.processes import Processes
from tests.end_to_end.reckoning import Sale
from tests.end_to_end.shop import CentralStore, Shop
from tests.end_to_end.shop import Counter as Till
from urs_desktop.database.engine import Database

LONGEST: Final = 300
"""No command on a whole journal may take longer (seconds)."""

_LOTS: Final = """
SELECT card_code, COUNT(*), SUM(granted), SUM(lots.pending), SUM(lots.available), SUM(lots.held)
FROM lots JOIN customers USING (customer_id) GROUP BY card_code
"""
_ACCOUNTS: Final = """
SELECT account, COALESCE(card_code, owner), unit, SUM(amount)
FROM postings LEFT JOIN customers ON customers.customer_id = postings.owner
GROUP BY account, COALESCE(card_code, owner), unit
"""
_ALLOCATIONS: Final = """
SELECT device_id, receipt, card_code, reward_points, redeemed_points FROM reward_allocations AS a
JOIN transactions AS t ON t.op_id = a.transaction_id JOIN customers AS c ON c.customer_id = a.customer_id
"""
_ANALYTICS: Final = (
    "SELECT vendor_id, popular_product, total_transactions, total_revenue, total_rewards, profitability FROM analytics"
)


@dataclass(frozen=True, slots=True)
class Books:
    """What a central store has after a journal, without its own times and ids."""

    sales: list[Sale]
    wallets: dict[str, int]
    lots: dict[Any, Any]
    accounts: dict[Any, Any]
    allocations: dict[Any, Any]
    analytics: dict[Any, Any]
    totals: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Site:
    """A central store and the counter whose operations it gets."""

    central: CentralStore
    counter: Till
    vendor_id: str
    processes: Processes

    def take(self) -> None:
        """Take in everything the counter has, and prove both ends."""
        self.central.serve()
        self.counter.start("sync", "--once").end(LONGEST).expect()
        status = self.counter.ask("status")
        assert (status["waiting"], status["parked"], status["missing"]) == (0, 0, [])
        assert status["receipts"] == status["acknowledged"]
        self.central.stop()
        both = (self.counter.command("verify", "--json"), self.central.command("verify", "--json"))
        for done in self.processes.together(*both, seconds=LONGEST):
            assert done.expect().document["ok"]

    def books(self) -> Books:
        """Return what the store has."""
        with books.ledger(self.central) as database:
            return Books(
                sales=books.sales(self.central, self.vendor_id),
                wallets=dict(books.wallets(self.central)),
                lots=_table(database, _LOTS, 1),
                accounts=_table(database, _ACCOUNTS, 3),
                allocations=_table(database, _ALLOCATIONS, 2),
                analytics=_table(database, _ANALYTICS, 1),
                totals=ledgers.totals(database),
            )


def replayed(shop: Shop, journal: Path, report: Path) -> None:
    """Replay a journal at the counter `medium` of a shop whose central store is not served."""
    shop.counter("medium").start("replay", journal, "--report", report).end(LONGEST).expect()


def sites(shop: Shop, database: Database) -> tuple[Site, Site]:
    """Return the shop as it is, and a copy of it moved to a PostgreSQL database; neither is served."""
    counter, vendor_id, processes = shop.counter("medium"), shop.vendors["medium"], shop.processes
    central = CentralStore(_copy(shop.central.folder), shop.central.port, processes)
    move(central.folder, database)
    again = Till(_copy(counter.folder), shop.passphrase, processes)
    return Site(shop.central, counter, vendor_id, processes), Site(central, again, vendor_id, processes)


def _copy(folder: Path) -> Path:
    return shutil.copytree(folder, folder.with_name(f"{folder.name}-again"))


def _table(database: Database, statement: str, keys: int) -> dict[Any, Any]:
    found = {tuple(row[:keys]): tuple(row[keys:]) for row in ledgers.rows(database, statement)}
    assert found, f"nothing was found by {statement}"
    return found
