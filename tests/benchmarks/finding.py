"""Figures 3 and 4: finding one product or customer, and finding customers by a part of their name.

Ours goes through the counter's own ports, transaction included; the reference is the bare statement on the driver's
connection to the same encrypted file. Must never ask both for different things.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from tests.benchmarks import data
from tests.benchmarks.figures import NS_PER_MS, Figure, Series
from urs_desktop.counter.store.book import SqlStore

_ROUNDS: Final = 20
_BLOCK: Final = 100
_FIRST: Final = 20
_TIMES: Final = 10
_P50_MS: Final = 2
_P99_MS: Final = 10
_LEAST_GAIN: Final = 50
_SHORTEST, _LONGEST = 3, 9

_PRODUCT: Final = "SELECT sku, description, price, scale, barcode, category, hlc FROM products WHERE barcode = ?"
_CUSTOMER: Final = "SELECT card, name, phone, email, available, as_of, blocked FROM customers WHERE {} = ?"
_PART: Final = "SELECT card, name FROM customers WHERE name LIKE ? ORDER BY name LIMIT 20"


@contextmanager
def _opened(till: data.Till) -> Iterator[tuple[SqlStore, Any]]:
    """Open a counter's store, and its driver's connection beside it."""
    counter = till.opened()
    try:
        with counter.store.database.read() as connection:
            yield counter.store, connection.connection.driver_connection
    finally:
        counter.store.close()


def look_ups(till: data.Till, *, rounds: int = _ROUNDS) -> Iterator[Figure]:
    """Measure figure 3 once for each way to find something."""
    chance = random.Random(data.SEED)
    with _opened(till) as (store, driver):
        ways: tuple[tuple[str, str, Callable[[str], object], Callable[[], str]], ...] = (
            (
                "barcode",
                _PRODUCT,
                lambda code: store.read(lambda book: book.catalogue.find(code)),
                lambda: data.barcode(chance.randrange(till.size.products)),
            ),
            (
                "phone",
                _CUSTOMER.format("phone"),
                lambda phone: store.read(lambda book: book.customers.by_phone(phone)),
                lambda: data.phone(chance.randrange(till.size.customers)),
            ),
            (
                "card",
                _CUSTOMER.format("card"),
                lambda card: store.read(lambda book: book.customers.by_card(card)),
                lambda: data.card(chance.randrange(till.size.customers)),
            ),
        )
        for name, statement, find, draw in ways:
            ours, theirs = Series(), Series()
            for _ in range(rounds):
                keys = [draw() for _ in range(_BLOCK)]
                for key in keys:  # pages that nobody has read yet are no property of either
                    driver.execute(statement, (key,)).fetchone()
                    find(key)
                for key in keys:
                    with ours.timed():
                        found = find(key)
                    assert found is not None, key
                for key in keys:
                    with theirs.timed():
                        driver.execute(statement, (key,)).fetchone()
            what = f"look-up by {name}: {till.size.products} products, {till.size.customers} customers"
            yield Figure(3, what, "the bare statement", ours, theirs, "p50 <= 10x", _within_ten_times)


def _within_ten_times(ours: Series, theirs: Series) -> bool:
    return ours.percentile(50) <= _TIMES * theirs.percentile(50)


def searches(till: data.Till, *, rounds: int = _ROUNDS) -> Figure:
    """Measure figure 4."""
    chance = random.Random(data.SEED)
    ours, theirs = Series(), Series()
    with _opened(till) as (store, driver):
        names = [row[0] for row in driver.execute("SELECT name FROM customers LIMIT 5000")]
        for _ in range(rounds):
            parts = [_part(chance, names) for _ in range(_BLOCK)]
            for part in parts:
                with ours.timed():
                    found = store.read(lambda book, part=part: book.customers.search(part, _FIRST))  # type: ignore[misc]
                assert found, part
                assert all(part.lower() in customer.name.lower() + customer.email for customer in found), part
            with theirs.timed():
                driver.execute(_PART, (f"%{parts[0]}%",)).fetchall()
    what = f"customers by a part of their name, first {_FIRST} of {till.size.customers}"
    goal = f"p50 <= {_P50_MS} ms, p99 <= {_P99_MS} ms, >= {_LEAST_GAIN}x as fast"
    return Figure(4, what, "LIKE '%part%' ORDER BY name LIMIT 20", ours, theirs, goal, _is_found_at_once)


def _is_found_at_once(ours: Series, theirs: Series) -> bool:
    fast = ours.percentile(50) <= _P50_MS * NS_PER_MS and ours.percentile(99) <= _P99_MS * NS_PER_MS
    return fast and _LEAST_GAIN * ours.percentile(50) <= theirs.percentile(50)


def _part(chance: random.Random, names: list[str]) -> str:
    name = chance.choice(names)
    length = min(len(name), chance.randrange(_SHORTEST, _LONGEST))
    start = chance.randrange(len(name) - length + 1)
    part = name[start : start + length]
    return part if len(part.strip()) == length else name[:length].strip()
