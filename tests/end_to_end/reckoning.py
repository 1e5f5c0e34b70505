"""Journals to replay, and what must come of them, reckoned a second time by fractions.

Shares no line with the package, because a rule copied from what it tests proves nothing. Must never import urs_desktop.
"""

import csv
import gzip
import io
import random
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
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
    """What a journal must come to: its rows, what was sold, what came back, and every customer's points after it.

    `sales` are the purchases in order; `entries` what each invoice comes to, less what came back with it; `sold` the
    rows of the former, `returned` the rows that came back whole, `reasons` the returns that did not, by code. What a
    customer owes counts against `wallets`.
    """

    rows: int = 0
    sold: int = 0
    returned: int = 0
    sales: list[Sale] = field(default_factory=list)
    entries: list[Sale] = field(default_factory=list)
    refunds: list[Sale] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    wallets: Counter[str] = field(default_factory=Counter)

    @property
    def documents(self) -> list[dict[str, Any]]:
        """What a replay reports of every invoice."""
        return [entry.document for entry in self.entries]


@dataclass
class _Line:
    sku: str
    quantity: int
    total: int
    back: int = 0


@dataclass
class _Return:
    sku: str
    quantity: int
    when: str
    customer: str | None


@dataclass
class _Invoice:
    number: str
    customer: str | None = None
    when: str = ""
    points: int = 0
    lines: list[_Line] = field(default_factory=list)
    returns: list[_Return] = field(default_factory=list)


@dataclass
class _Purchase:
    """A sale and how much of it came back: cash, points and points taken, over all its refunds."""

    sale: Sale
    when: str
    lines: list[_Line]
    cash: int = 0
    points: int = 0
    clawed: int = 0

    def refund(self, terms: Terms) -> Sale:
        """Return what a refund adds, now that more of the lines came back."""
        sale = self.sale
        value = sum(int(Fraction(line.total * line.back, line.quantity)) for line in self.lines)
        points = int(Fraction(sale.redeemed * value, sale.gross)) if sale.gross else 0
        cash = value - points
        still = min(sale.earned, earned(sale.gross - sale.redeemed - cash, terms))
        clawed = sale.earned - still if cash else 0
        gross, taken = value - self.cash - self.points, clawed - self.clawed
        adds = Sale(sale.invoice, sale.customer, gross, taken, points - self.points)
        self.cash, self.points, self.clawed = cash, points, clawed
        return adds


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
        number = row["InvoiceNo"].strip()
        _take(invoices.setdefault(number, _Invoice(number)), row)
    purchases: list[_Purchase] = []
    for invoice in invoices.values():
        entry = Sale(invoice.number, None, 0, 0, 0)
        if invoice.lines:
            entry = _settled(invoice, terms, result.wallets)
            result.sold += len(invoice.lines)
            result.sales.append(entry)
            purchases.append(_Purchase(entry, invoice.when, invoice.lines))
        for back in _came_back(invoice, purchases, result, terms):
            entry = Sale(
                invoice.number,
                entry.customer if invoice.lines else entry.customer or back.customer,
                entry.gross - back.gross,
                entry.earned - back.earned,
                entry.redeemed - back.redeemed,
            )
            result.refunds.append(replace(back, invoice=invoice.number))
        if entry != Sale(invoice.number, None, 0, 0, 0) or invoice.lines:
            result.entries.append(entry)
    return result


def _take(invoice: _Invoice, row: Row) -> None:
    quantity, price = int(row["Quantity"]), Fraction(row["UnitPrice"])
    sku, when, customer = row["StockCode"].strip(), row["InvoiceDate"], row["CustomerID"].strip() or None
    if quantity < 0 and (price > 0 or invoice.number[:1] in "Cc"):
        invoice.returns.append(_Return(sku, -quantity, when, customer))
    elif quantity > 0 and price > 0:
        invoice.when = invoice.when or when
        invoice.customer = invoice.customer or customer
        invoice.points = max(invoice.points, int(row.get(POINTS) or 0))
        invoice.lines.append(_Line(sku, quantity, half_up(price * quantity * 100)))


def _came_back(invoice: _Invoice, purchases: list[_Purchase], result: Reckoning, terms: Terms) -> list[Sale]:
    """Return the refunds of an invoice: its rows matched with the customer's oldest purchases first."""
    touched: list[_Purchase] = []
    for back in invoice.returns:
        customer = back.customer or invoice.customer
        found = [
            purchase
            for purchase in sorted(purchases, key=lambda purchase: purchase.when)
            if customer is not None
            and purchase.sale.customer == customer
            and purchase.when <= back.when
            and any(line.sku == back.sku for line in purchase.lines)
        ]
        missing = back.quantity
        for purchase in found:
            for line in purchase.lines:
                taken = min(missing, line.quantity - line.back) if line.sku == back.sku else 0
                line.back += taken
                missing -= taken
                if taken and purchase not in touched:
                    touched.append(purchase)
        if found and not missing:
            result.returned += 1
        else:
            result.reasons["return_exceeds_sale" if found else "return_without_sale"] += 1
    order = sorted(touched, key=lambda purchase: (purchase.when, purchases.index(purchase)))
    refunds = [purchase.refund(terms) for purchase in order]
    for refund in refunds:
        if refund.customer is not None:
            result.wallets[refund.customer] += refund.redeemed - refund.earned
    return refunds


def _settled(invoice: _Invoice, terms: Terms, wallets: Counter[str]) -> Sale:
    customer, redeemed, won = invoice.customer, 0, 0
    gross = sum(line.total for line in invoice.lines)
    if customer is not None:
        cap = int(gross * Fraction(terms.redeemable) / 100)
        redeemed = max(0, min(invoice.points, cap, wallets[customer]))
        won = earned(gross - redeemed, terms)
        wallets[customer] += won - redeemed
    return Sale(invoice.number, customer, gross, won, redeemed)


def invented(
    invoices: int,
    *,
    prefix: str = "5",
    seed: int = 1,
    customers: int = 40,
    points: bool = False,
    returns: bool = False,
) -> list[Row]:
    """Return a journal with the traps of the real one: gifts, half pennies, repeats, sales to nobody.

    With `returns` goods come back too, on invoices of their own and among what is sold, some that were never bought.
    """
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
        if returns and chance.random() < 0.3:
            rows += _returned(chance, f"C{prefix}{n:05}" if chance.random() < 0.8 else number, rows)
    return rows


def _returned(chance: random.Random, number: str, rows: list[Row]) -> list[Row]:
    """Return rows that bring some of what was bought back: most of them as the customer bought it."""
    bought = [row for row in rows[-200:] if int(row["Quantity"]) > 0]
    chosen = chance.sample(bought, min(len(bought), chance.randint(1, 4)))
    customer = chosen[0]["CustomerID"]
    return [
        {
            **row,
            "InvoiceNo": number,
            "CustomerID": customer if chance.random() < 0.5 else row["CustomerID"],
            "Quantity": str(-chance.choice([1, 1, 2, int(row["Quantity"]), 13])),
            "UnitPrice": chance.choice([row["UnitPrice"], "0.01"]),
            "InvoiceDate": chance.choice(["2010-12-01 08:26:00", "2010-12-02 10:00:00", "2010-11-30 23:59:59"]),
            POINTS: "0",
        }
        for row in chosen
    ]


def _row(chance: random.Random, number: str, customer: str, points: str) -> Row:
    quantity = chance.choice(["-2", "0"]) if chance.random() < 0.04 else str(chance.randint(1, 12))
    price = (
        "0.00"
        if quantity == "-2"
        else chance.choice(["0.00", "1.125", "0.0833", "2.55", f"{chance.randrange(1, 3000) / 100:.2f}"])
    )
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
