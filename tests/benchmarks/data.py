"""The counter most figures are measured on: products and customers from a fixed seed, made once and kept.

What is kept lies in `.benchmarks` and is made anew when the schema changes. Must never be sold from: figures share it.
"""

import random
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from tests.unit.counter.tls import authority
from urs_desktop.counter.store import schema
from urs_desktop.counter.store.book import MIGRATIONS, SqlStore
from urs_desktop.counter.values import Identity
from urs_desktop.domain.currency import currency
from urs_desktop.domain.policy import Category, RewardPolicy
from urs_desktop.protocol.tombstones import mark
from urs_desktop.wiring import OpenCounter, open_counter

SEED: Final = 20_260
GBP: Final = currency("GBP")
_BATCH: Final = 10_000
KEPT: Final = Path(".benchmarks")
"""What benchmarks keep, and where they work: git passes over it."""

_CATEGORIES: Final = 40
_LOOKS = ("Red", "White", "Small", "Large", "Vintage", "Green", "Organic", "Wooden", "Paper", "Glass", "Blue", "Iron")
_KINDS = ("Candle", "Lantern", "Mug", "Bag", "Clock", "Frame", "Tea", "Soap", "Towel", "Lamp", "Box", "Jar", "Plate")
_SYLLABLES = ("an", "ber", "co", "dal", "el", "fin", "gra", "hol", "in", "jo", "kar", "lin", "mo", "ner", "ol", "pe")


def workplace() -> "tempfile.TemporaryDirectory[str]":
    """Return a folder for one measurement, on the disk of the checkout; it is removed afterwards."""
    KEPT.mkdir(exist_ok=True)
    return tempfile.TemporaryDirectory(dir=KEPT.absolute(), prefix="at-work-")


@dataclass(frozen=True, slots=True)
class Size:
    """How many products and customers."""

    products: int
    customers: int


WHOLE: Final = Size(200_000, 1_000_000)
QUICK: Final = Size(5_000, 20_000)


@dataclass(frozen=True, slots=True)
class Till:
    """A counter's data folder with what opens it; nobody serves its central store."""

    folder: Path
    passphrase: Path
    size: Size

    def opened(self) -> OpenCounter:
        """Return it opened; whoever opens it closes its store."""
        return open_counter(self.folder, self.passphrase)


def barcode(number: int) -> str:
    """Return the GTIN-13 of a product, with its check digit."""
    digits = f"50{number:010}"
    weighed = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-weighed % 10}"


def card(number: int) -> str:
    """Return the card of a customer."""
    return f"C{number:09}"


def phone(number: int) -> str:
    """Return the phone number of a customer."""
    return f"+447{number:09}"


def till(size: Size) -> Till:
    """Return the counter of this size, made on first use."""
    newest = max(script.stem for script in MIGRATIONS.joinpath("versions").glob("0*.py"))
    folder = KEPT.absolute() / f"counter-{size.products}-{size.customers}-{newest}"
    made = Till(folder / "data", folder / "passphrase", size)
    if not folder.exists():
        for older in KEPT.glob(f"counter-{size.products}-{size.customers}-*"):
            shutil.rmtree(older)
        fresh = folder.with_name(f"{folder.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        (fresh / "data").mkdir(parents=True)
        (fresh / "passphrase").write_text("benchmark")
        counter = open_counter(fresh / "data", fresh / "passphrase")
        enrol(counter.store)
        fill(counter.store, size)
        counter.store.close()
        fresh.rename(folder)
    return made


def enrol(store: SqlStore) -> None:
    """Make the counter one of a vendor's whose central store does not answer, with a policy."""
    identity = Identity(
        *(b"d" * 16, 1, 1, b"n" * 32, "vendor", "Bench & Sons", Category.MEDIUM, GBP, "", "https://127.0.0.1:9"),
        *(b"c" * 32, authority("bench").der),
    )
    store.write(lambda book: book.settings.put_identity(identity))
    policy = RewardPolicy("policy", 1, Category.MEDIUM, None, "GBP", 1000, 500, 5000, 0)
    store.write(lambda book: book.policies.put(policy))


def fill(store: SqlStore, size: Size) -> None:
    """Add the products and customers, by the table and not one by one: this is no figure."""
    chance = random.Random(SEED)
    with store.database.write() as connection:
        for table, rows in (
            (schema.products, _products(chance, size.products)),
            (schema.customers, _customers(chance, size.customers)),
        ):
            while batch := list(islice(rows, _BATCH)):
                connection.execute(sa.insert(table), batch)


def _products(chance: random.Random, count: int) -> Iterator[dict[str, Any]]:
    for number in range(count):
        description = f"{chance.choice(_LOOKS)} {_name(chance, 2)} {chance.choice(_KINDS)} {chance.randrange(1, 1000)}"
        yield {
            "sku": f"S{number:06}",
            "sku_folded": f"s{number:06}",
            "description": description,
            "price": chance.randrange(50, 20_000),
            "scale": 2,
            "barcode": barcode(number),
            "category": f"Category {number % _CATEGORIES}",
            "hlc": 1,
        }


def _customers(chance: random.Random, count: int) -> Iterator[dict[str, Any]]:
    for number in range(count):
        name = f"{_name(chance, 2)} {_name(chance, 3)}"
        yield {
            "card": card(number),
            "name": name,
            "phone": phone(number),
            "email": f"{name.replace(' ', '.').lower()}{number}@example.com",
            "available": chance.randrange(5_000),
            "as_of": 1,
            "blocked": 0,
            "mark": mark(card(number)),
        }


def _name(chance: random.Random, syllables: int) -> str:
    return "".join(chance.choice(_SYLLABLES) for _ in range(syllables)).title()
