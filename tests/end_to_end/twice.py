"""One counter's journal in two central stores: rung up once, then sent to a store on SQLite and to one on PostgreSQL.

Both stores know the same vendors, policies and keys, and both get the very same signed operations, so all that may
differ is what a store makes up itself: its times and the ids of its customers. Ringing a journal up and sending it are
done when they are first asked for, so that no test waits for more than it needs. Must never serve both at once:
counters find them at the same address.
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from tests.end_to_end import books, ledgers
from tests.end_to_end.moving import move
from tests.end_to_end.processes import Forker, Processes
from tests.end_to_end.reckoning import Sale
from tests.end_to_end.shop import CentralStore, Shop, copied
from tests.end_to_end.shop import Counter as Till
from tests.postgresql.databases import Databases
from urs_desktop.database.engine import Database

LONGEST: Final = 600
"""No command on a whole journal may take longer (seconds)."""

_LOTS: Final = """
SELECT card_code, COUNT(*), SUM(granted), SUM(lots.pending), SUM(lots.available), SUM(lots.held)
FROM lots JOIN customers ON customers.customer_id = lots.customer_id GROUP BY card_code
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
    """What a central store has after a journal, without its own times and ids; tables by their keys."""

    sales: list[Sale]
    wallets: dict[str, int]
    lots: dict[Any, Any]
    accounts: dict[Any, Any]
    allocations: dict[Any, Any]
    analytics: dict[Any, Any]
    totals: dict[str, Any]


class Twice:
    """A journal at the counter `medium` of a shop, and the two central stores it is sent to."""

    def __init__(self, shop: Shop, journal: Path, database: Database) -> None:
        """Take a shop whose central store is not served, and a PostgreSQL database with all tables and no rows."""
        self.shop = shop
        self.vendor_id = shop.vendors["medium"]
        self._database = database
        self._journal = journal

    @cached_property
    def report(self) -> Any:  # noqa: ANN401 - JSON
        """What the replay reports."""
        report = self.shop.folder / "report.json"
        counter = self.shop.counter("medium")
        counter.start("replay", self._journal, "--report", report).end(LONGEST).expect()
        return json.loads(report.read_text())

    @cached_property
    def on_sqlite(self) -> CentralStore:
        """The store on SQLite, stopped, after it has taken everything in."""
        return self._taken(self.shop.central, _copy(self._counter))

    @cached_property
    def on_postgresql(self) -> CentralStore:
        """The store on PostgreSQL, stopped, after it has taken everything in."""
        central = CentralStore(self._untouched, self.shop.central.port, self.shop.processes)
        move(central.folder, self._database)
        return self._taken(central, _copy(self._counter))

    def books(self, central: CentralStore) -> Books:
        """Return what a store has."""
        with books.ledger(central) as database:
            return Books(
                sales=books.sales(central, self.vendor_id),
                wallets=dict(books.wallets(central)),
                lots=_table(database, _LOTS, 1),
                accounts=_table(database, _ACCOUNTS, 3),
                allocations=_table(database, _ALLOCATIONS, 2),
                analytics=_table(database, _ANALYTICS, 1),
                totals=ledgers.totals(database),
            )

    @cached_property
    def _untouched(self) -> Path:
        """A copy of the store from before anything arrived."""
        return _copy(self.shop.central.folder)

    @cached_property
    def _counter(self) -> Path:
        """The counter's folder with the journal rung up and nothing sent; its copies send."""
        assert self.report
        assert self._untouched.exists()
        return self.shop.counter("medium").folder

    def _taken(self, central: CentralStore, counter: Path) -> CentralStore:
        """Let a store take in everything a counter has, and prove both ends."""
        till = Till(counter, self.shop.passphrase, self.shop.processes)
        central.serve()
        till.start("sync", "--once").end(LONGEST).expect()
        status = till.ask("status")
        assert (status["waiting"], status["parked"], status["missing"]) == (0, 0, [])
        assert status["receipts"] == status["acknowledged"]
        central.stop()
        both = (till.command("verify", "--json"), central.command("verify", "--json"))
        for done in self.shop.processes.together(*both, seconds=LONGEST):
            assert done.expect().document["ok"]
        return central


@contextmanager
def twice(
    prepared: tuple[Path, int], forker: Forker, databases: Databases, folder: Path, journal: Path
) -> Iterator[Twice]:
    """Give a journal that several tests share, in a copy of the prepared shop of its own."""
    with ExitStack() as end:
        database = end.enter_context(databases.ready())
        processes = Processes(folder / "said", forker)
        end.callback(processes.close)
        yield Twice(Shop(copied(prepared[0], folder / "shop"), prepared[1], processes), journal, database)


def _copy(folder: Path) -> Path:
    copies = (folder.with_name(f"{folder.name}-{n}") for n in range(1, 9))
    return shutil.copytree(folder, next(copy for copy in copies if not copy.exists()))


def _table(database: Database, statement: str, keys: int) -> dict[Any, Any]:
    found = {tuple(row[:keys]): tuple(row[keys:]) for row in ledgers.rows(database, statement)}
    assert found, f"nothing was found by {statement}"
    return found
