"""Reading what both ends have stored, straight from their databases, for what no command shows at once.

The tests' own view of the tables. Must never change a row, except in `altered`, which stands for a damaged world.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import sqlalchemy as sa

from tests.end_to_end.reckoning import Sale
from tests.end_to_end.shop import CentralStore
from tests.end_to_end.shop import Counter as Till
from urs_desktop.central.databases import kept_url
from urs_desktop.central.keys import open_keys
from urs_desktop.counter.secrets import open_secrets
from urs_desktop.database.engine import Database, postgresql_engine, sqlite_engine


@contextmanager
def opened(path: Path, key: bytes | None = None) -> Iterator[Database]:
    """Open a SQLite file and close it after."""
    database = Database(sqlite_engine(path, key))
    try:
        yield database
    finally:
        database.close()


@contextmanager
def ledger(central: CentralStore) -> Iterator[Database]:
    """Open a central store's database, wherever it is, and close it after."""
    url = kept_url(open_keys(central.folder, None))
    database = Database(sqlite_engine(central.database) if url is None else postgresql_engine(url))
    try:
        yield database
    finally:
        database.close()


def rows(database: Database, statement: str) -> list[tuple[object, ...]]:
    """Return all rows of a query."""
    with database.read() as connection:
        return [tuple(row) for row in connection.execute(sa.text(statement))]


def wallets(central: CentralStore) -> Counter[str]:
    """Return the points of every customer, by card; none may be held. Customers without points are left out."""
    with ledger(central) as database:
        found = rows(
            database,
            "SELECT card_code, available, held FROM customer_records JOIN wallets USING (customer_id)",
        )
    held = {card: points for card, _, points in found if points}
    assert not held, f"points are locked: {held}"
    return Counter({str(card): int(str(points)) for card, points, _ in found if points})


def sales(central: CentralStore, vendor_id: str) -> list[Sale]:
    """Return every replayed sale the central store has of a vendor, in the order it came, doubles and all."""
    with ledger(central) as database, database.read() as connection:
        found = connection.execute(
            sa.text(
                "SELECT invoice, card_code, total, points_posted, points_paid FROM transactions "
                "LEFT JOIN customer_records USING (customer_id) WHERE vendor_id = :vendor ORDER BY device_id, receipt"
            ),
            {"vendor": vendor_id},
        ).all()
    return [Sale(*row) for row in found]


def operations(central: CentralStore) -> int:
    """Return how many operations have arrived."""
    with ledger(central) as database:
        return arrived(database)


def arrived(database: Database) -> int:
    """Return how many operations have arrived in an open database, for those who ask again and again."""
    ((count,),) = rows(database, "SELECT count(*) FROM operations")
    return int(str(count))


def receipts(central: CentralStore) -> list[tuple[object, ...]]:
    """Return (counter, receipt, how many times it is there) where a receipt is missing or there twice."""
    with ledger(central) as database:
        found = rows(database, "SELECT device_id, receipt, count(*) FROM transactions GROUP BY device_id, receipt")
        there = {(device, receipt): count for device, receipt, count in found}
    last: Counter[object] = Counter()
    for device, receipt in there:
        last[device] = max(last[device], int(str(receipt)))
    wanted = [(device, n) for device, newest in last.items() for n in range(1, newest + 1)]
    return [(*key, there.get(key, 0)) for key in wanted if there.get(key, 0) != 1]


def contents(counter: Till) -> str:
    """Return a digest over every row of every table of a counter: the same means nothing was changed."""
    key = open_secrets(counter.folder, counter.passphrase).database_key()
    with opened(counter.folder / "counter.sqlite", key) as database:
        return _digest(database)


def central_contents(central: CentralStore, *but: str) -> str:
    """Return a digest over every row of every table of a central store but the named ones."""
    with ledger(central) as database:
        return _digest(database, *but)


def _digest(database: Database, *but: str) -> str:
    digest = sha256()
    names = rows(database, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    for (name,) in names:
        if name not in but:
            digest.update(repr((name, rows(database, f'SELECT * FROM "{name}"'))).encode())
    return digest.hexdigest()


def altered(path: Path, statement: str, key: bytes | None = None) -> None:
    """Change a database behind its program's back."""
    with opened(path, key) as database, database.write() as connection:
        connection.execute(sa.text(statement))


def customers(central: CentralStore) -> set[str]:
    """Return the card codes of all customers."""
    with ledger(central) as database:
        return {str(card) for (card,) in rows(database, "SELECT card_code FROM customer_records")}
