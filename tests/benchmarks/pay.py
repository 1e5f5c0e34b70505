"""Figure 5: Pay until everything of a sale is durable, against the same rows committed on plain SQLite.

Both on files in the same folder, in turns within one run, WAL and synchronous=FULL on both. Must never share a
connection between the two.
"""

import sqlite3
import time
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import event

from tests.benchmarks.figures import NS_PER_MS, Figure, Series
from urs_desktop.counter.store import schema
from urs_desktop.counter.store.book import SqlStore, open_store
from urs_desktop.counter.use_cases.recording import Recorder
from urs_desktop.counter.use_cases.ring_up import RingUp, SaleOrder
from urs_desktop.counter.values import Identity, Product
from urs_desktop.database.engine import Database, sqlite_engine
from urs_desktop.domain.basket import Basket, LineItem
from urs_desktop.domain.currency import currency
from urs_desktop.domain.money import UnitPrice
from urs_desktop.domain.policy import Category, RewardPolicy
from urs_desktop.protocol.signatures import SigningKey
from urs_desktop.system.clock import SystemClock
from urs_desktop.system.ids import SystemRandomness

GBP: Final = currency("GBP")
_LINES: Final = 8
_BLOCK: Final = 25
_KEY: Final = b"k" * 32

Statements = list[tuple[str, Any]]


def measure(folder: Path, *, sales: int) -> Figure:
    """Ring up `sales` sales of eight lines with a customer, and commit the rows of each on plain SQLite."""
    store = counter(folder)
    recorder = Recorder(SigningKey(b"s" * 32), SystemClock(), SystemRandomness())
    ring_up = RingUp(store, recorder)
    plain = _plain(folder)
    ours, theirs = Series(), Series()
    written: Statements = []
    event.listen(store.database.engine, "before_cursor_execute", _keeper(written))
    for start in range(0, sales, _BLOCK):
        block: list[Statements] = []
        for number in range(start, start + _BLOCK):
            written.clear()
            wanted = order(number)
            with ours.timed():
                ring_up.complete(wanted)
            block.append(list(written))
        for statements in block:
            with theirs.timed():
                _commit(plain, statements)
    plain.close()
    store.close()
    return Figure(
        5,
        "Pay -> sale, points, outbox, chain head durable (SQLCipher, WAL, FULL)",
        "the same rows committed on plain SQLite (WAL, FULL)",
        ours,
        theirs,
        "rate >= 0.3x, p99 <= 10 ms",
        _is_fast_enough,
    )


def _is_fast_enough(ours: Series, theirs: Series) -> bool:
    return 10 * ours.rate >= 3 * theirs.rate and ours.percentile(99) <= 10 * NS_PER_MS


def counter(folder: Path) -> SqlStore:
    """Return the store of a new counter in a folder, with a policy and a few products."""
    store = open_store(folder, _KEY)
    identity = Identity(b"d" * 16, 1, 1, b"n" * 32, "vendor", "Bench", Category.MEDIUM, GBP, "", "", b"c" * 32, b"")
    policy = RewardPolicy("policy", 1, Category.MEDIUM, None, "GBP", 1000, 500, 5000, 0)
    store.write(lambda book: book.settings.put_identity(identity))
    store.write(lambda book: book.policies.put(policy))
    for number in range(_LINES):
        product = Product(f"SKU{number}", f"Article {number}", UnitPrice(199 + number, 2, GBP))
        store.write(lambda book, product=product: book.catalogue.put(product))  # type: ignore[misc]
    return store


def _plain(folder: Path) -> sqlite3.Connection:
    """Return a plain SQLite file with the same tables, opened by the interpreter's own driver."""
    path = folder / "plain.sqlite"
    database = Database(sqlite_engine(path))
    with database.write() as connection:
        schema.create_all(connection)
        connection.exec_driver_sql(
            "INSERT INTO chain VALUES (1, 0, x'00', 0, 0, 0, 'open')",
        )
    database.close()
    plain = sqlite3.connect(path, isolation_level=None)
    plain.execute("PRAGMA journal_mode = WAL")
    plain.execute("PRAGMA synchronous = FULL")
    return plain


def _keeper(written: Statements) -> Any:  # noqa: ANN401 - SQLAlchemy's listener
    def keep(
        connection: sa.Connection,
        cursor: object,
        statement: str,
        parameters: Any,  # noqa: ANN401 - tuples or a list of them
        context: object,
        many: bool,
    ) -> None:
        del connection, cursor, context, many
        if statement.startswith(("INSERT", "UPDATE")):
            written.append((statement, parameters))

    return keep


def _commit(connection: sqlite3.Connection, statements: Statements) -> None:
    connection.execute("BEGIN IMMEDIATE")
    for statement, parameters in statements:
        if isinstance(parameters, list):
            connection.executemany(statement, parameters)
        else:
            connection.execute(statement, parameters)
    connection.execute("COMMIT")


def order(number: int) -> SaleOrder:
    """Return a sale of eight lines with a customer."""
    basket = Basket(GBP)
    for line in range(_LINES):
        price = UnitPrice(199 + line, 2, GBP)
        basket = basket.add(LineItem(f"SKU{line}", f"Article {line}", 1 + number % 3, price))
    return SaleOrder(basket, card=f"CARD{number % 500}", happened_at=time.time_ns() // 1_000_000)
