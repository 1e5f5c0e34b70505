"""Journals to replay, and what must come of them, reckoned a second time by fractions.

Shares no line with the package, because a rule copied from what it tests proves nothing. Must never import urs_desktop.
"""

import csv
import gzip
import io
import random
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from tests.end_to_end.shop import Terms

COLUMNS: Final = ("InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID")
POINTS: Final = "Points"

Row = Mapping[str, str]


@dataclass(frozen=True)
class Sale:
    """What one invoice must come to, in minor units and points."""

    invoice: str
    customer: str | None
    gross: int
    earned: int
    redeemed: int

    @property
    def document(self) -> dict[str, Any]:
        """The sale as a replay reports it."""
        return {
            "invoice": self.invoice,
            "customer": self.customer,
            "gross_minor": self.gross,
            "points_earned": self.earned,
            "points_redeemed": self.redeemed,
        }


@dataclass
class Reckoning:
    """What a journal must come to: its rows, its sales in order, and the wallet of every customer after it."""

    rows: int = 0
    sold: int = 0
    sales: list[Sale] = field(default_factory=list)
    wallets: Counter[str] = field(default_factory=Counter)


@dataclass
class _Invoice:
    customer: str | None = None
    gross: int = 0
    points: int = 0
    sold: int = 0


def half_up(amount: Fraction) -> int:
    """Return a positive amount rounded to a whole number, halves up."""
    return int(amount + Fraction(1, 2))


def earned(due: int, terms: Terms) -> int:
    """Return the points for `due` minor units: none unless it exceeds the threshold, else the rate, rounded down."""
    if due <= Fraction(terms.threshold) * 100:
        return 0
    return int(due * Fraction(terms.reward) / 100)


def reckon(rows: Iterable[Row], terms: Terms, wallets: Mapping[str, int] | None = None) -> Reckoning:
    """Return what a journal must come to at a vendor with these terms, when nothing else touches the wallets."""
    result = Reckoning(wallets=Counter(wallets or {}))
    invoices: dict[str, _Invoice] = {}
    for row in rows:
        result.rows += 1
        quantity, price = int(row["Quantity"]), Fraction(row["UnitPrice"])
        invoice = invoices.setdefault(row["InvoiceNo"].strip(), _Invoice())
        if quantity <= 0 or price <= 0:
            continue
        invoice.sold += 1
        invoice.gross += half_up(price * quantity * 100)
        invoice.customer = invoice.customer or row["CustomerID"].strip() or None
        invoice.points = max(invoice.points, int(row.get(POINTS) or 0))
    for number, invoice in invoices.items():
        if invoice.sold:
            result.sold += invoice.sold
            result.sales.append(_settled(number, invoice, terms, result.wallets))
    return result


def _settled(number: str, invoice: _Invoice, terms: Terms, wallets: Counter[str]) -> Sale:
    customer, redeemed, won = invoice.customer, 0, 0
    if customer is not None:
        cap = int(invoice.gross * Fraction(terms.redeemable) / 100)
        redeemed = min(invoice.points, cap, wallets[customer])
        won = earned(invoice.gross - redeemed, terms)
        wallets[customer] += won - redeemed
    return Sale(number, customer, invoice.gross, won, redeemed)


def invented(
    invoices: int, *, prefix: str = "5", seed: int = 1, customers: int = 40, points: bool = False
) -> list[Row]:
    """Return a journal with the traps of the real one: returns, gifts, half pennies, repeats, sales to nobody."""
    chance = random.Random(seed)
    rows: list[Row] = []
    for n in range(invoices):
        number = f"{prefix}{n:05}"
        customer = "" if chance.random() < 0.2 else f"C{chance.randrange(customers):04}"
        wanted = str(chance.choice([0, 0, 5, 60, 100_000])) if points else "0"
        for _ in range(chance.randint(1, 6)):
            rows.append(_row(chance, number, customer, wanted))
            if chance.random() < 0.05:
                rows.append(rows[-1])
    return rows


def _row(chance: random.Random, number: str, customer: str, points: str) -> Row:
    quantity = chance.choice(["-2", "0"]) if chance.random() < 0.04 else str(chance.randint(1, 12))
    price = chance.choice(["0.00", "1.125", "0.0833", "2.55", f"{chance.randrange(1, 3000) / 100:.2f}"])
    stock = f"S{chance.randrange(300):03}"
    cells = (number, stock, f"Thing “{stock}”", quantity, "2010-12-01 08:26:00", price, customer, points)
    return dict(zip((*COLUMNS, POINTS), cells, strict=True))


def written(rows: Iterable[Row], path: Path) -> Path:
    """Write a journal and return its path."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, (*COLUMNS, POINTS), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


def read(path: Path) -> list[Row]:
    """Return the rows of a journal, packed or not."""
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8")
    return list(csv.DictReader(io.StringIO(text, newline="")))
