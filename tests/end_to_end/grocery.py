"""Real grocery baskets (Complete Journey, 84.51°) as a journal, and what they must come to, reckoned by itself.

`python -m tests.end_to_end.grocery LINES.parquet PRODUCTS.parquet OUT.csv` writes the journal and prints the totals.
Must never import urs_desktop, because a rule copied from what it tests proves nothing, nor lose, mend or invent a line.

In this data set `sales_value` is what the retailer receives: the loyalty discount (`retail_disc`) and the retailer's
match of a coupon (`coupon_match_disc`) are taken off already, the manufacturer's coupon (`coupon_disc`) is not, because
the manufacturer pays it back. The customer pays `sales_value - coupon_disc`. Where a coupon is worth more than its
line, or hangs on a line of its own with no pieces, that is below zero: such a line stays in the journal as it is, for
whoever reads it to report. Source: https://bradleyboehmke.github.io/completejourney/reference/transactions.html.
"""

import argparse
import csv
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from tests.end_to_end.reckoning import COLUMNS, Reckoning, Sale

LINES: Final = ("grocery", "completejourney_transactions_weeks_1-6.parquet")
PRODUCTS: Final = ("grocery", "completejourney_products.parquet")
"""Where the shared data keeps them."""

_MOST_DECIMALS: Final = 9
"""A journal's unit price may have at most so many."""

_NAMES: Final = ("product_type", "product_category", "department")
"""What tells best what a product is, in this order; the table has no names."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a basket: `due` is what the customer pays for it after all discounts, in cents."""

    basket: str
    product: str
    quantity: int
    due: int
    when: str
    household: str

    @property
    def is_sold(self) -> bool:
        """Whether something is sold for money here; what is not, a replay reports."""
        return self.quantity > 0 and self.due > 0


@dataclass(frozen=True, slots=True)
class Rule:
    """A reward policy in whole numbers: `rate` basis points of the whole basket if it exceeds `threshold` cents."""

    threshold: int
    rate: int

    def points(self, due: int) -> int:
        """Return the points for a basket of `due` cents."""
        return due * self.rate // 10_000 if due > self.threshold else 0


@dataclass(frozen=True, slots=True)
class Totals:
    """What all baskets come to: `gross` in cents, `unsold` lines with the sum of what they say in cents."""

    lines: int
    sold: int
    baskets: int
    gross: int
    unsold: int
    points: int


def read_lines(path: Path) -> list[Line]:
    """Return the lines of a file in its order; raises ValueError for an amount that is not in whole cents."""
    columns = ("basket_id", "product_id", "quantity", "household_id", "transaction_timestamp")
    table = pq.read_table(path)
    values = zip(
        *(table[name].to_pylist() for name in columns),
        _cents(table["sales_value"]),
        _cents(table["coupon_disc"]),
        strict=True,
    )
    return [
        Line(str(basket), str(product), quantity, received - coupon, f"{when:%Y-%m-%d %H:%M:%S}", str(household))
        for basket, product, quantity, household, when, received, coupon in values
    ]


def read_products(path: Path) -> dict[str, str]:
    """Return what each product is, by its id; products about which nothing is known are left out."""
    table = pq.read_table(path, columns=["product_id", *_NAMES])
    described: dict[str, str] = {}
    for product, *names in zip(*(table[name].to_pylist() for name in ("product_id", *_NAMES)), strict=True):
        name = next((name for name in names if name), None)
        if name is not None:
            described[str(product)] = name
    return described


def rows(lines: Iterable[Line], products: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Yield the rows of the journal, one for each line; a product nobody describes is called by its id."""
    for line in lines:
        quantity, price = _priced(line.quantity, line.due)
        description = products.get(line.product, line.product)
        cells = (line.basket, line.product, description, str(quantity), line.when, price, line.household)
        yield dict(zip(COLUMNS, cells, strict=True))


def write_journal(lines: Iterable[Line], products: Mapping[str, str], path: Path) -> Path:
    """Write the journal and return its path."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows(lines, products))
    return path


def reckon(lines: Iterable[Line], rule: Rule) -> Reckoning:
    """Return what a replay of the journal must come to at a vendor with this rule, in whole cents and points."""
    result = Reckoning()
    baskets: dict[str, tuple[str, int]] = {}
    for line in lines:
        result.rows += 1
        if line.is_sold:
            result.sold += 1
            household, due = baskets.get(line.basket, (line.household, 0))
            baskets[line.basket] = (household, due + line.due)
    for basket, (household, due) in baskets.items():
        points = rule.points(due)
        result.sales.append(Sale(basket, household, due, points, 0))
        result.wallets[household] += points
    return result


def totals(lines: Sequence[Line], rule: Rule) -> Totals:
    """Return what all lines come to under a rule."""
    reckoned = reckon(lines, rule)
    return Totals(
        lines=reckoned.rows,
        sold=reckoned.sold,
        baskets=len(reckoned.sales),
        gross=sum(sale.gross for sale in reckoned.sales),
        unsold=sum(line.due for line in lines if not line.is_sold),
        points=sum(sale.earned for sale in reckoned.sales),
    )


def _cents(column: pa.ChunkedArray) -> list[int]:
    """Return amounts in cents: the file has binary fractions, of which the shortest decimal is what was meant."""
    cents = [Decimal(text) * 100 for text in column.cast(pa.string()).to_pylist()]
    odd = next((amount for amount in cents if amount != int(amount)), None)
    if odd is not None:
        raise ValueError(f"{odd} is no whole number of cents")
    return [int(amount) for amount in cents]


def _priced(quantity: int, due: int) -> tuple[int, str]:
    """Return quantity and unit price that multiply to exactly `due` cents, if need be one piece for all of it.

    Not every quantity counts pieces (fuel), and not every amount can be divided by it. A quantity of 0 stays, with the
    amount beside it.
    """
    for decimals in range(2, _MOST_DECIMALS + 1):
        scaled = due * 10 ** (decimals - 2)
        if quantity > 0 and scaled % quantity == 0:
            return quantity, _decimal(scaled // quantity, decimals)
    return min(quantity, 1), _decimal(due, 2)


def _decimal(units: int, decimals: int) -> str:
    whole, fraction = divmod(abs(units), 10**decimals)
    return f"{'-' if units < 0 else ''}{whole}.{fraction:0{decimals}}"


def main(arguments: Sequence[str]) -> int:
    """Write a journal from two files and print what it comes to under two policies."""
    parser = argparse.ArgumentParser("grocery", description="Turn Complete Journey baskets into a journal.")
    parser.add_argument("lines", type=Path)
    parser.add_argument("products", type=Path)
    parser.add_argument("journal", type=Path)
    options = parser.parse_args(arguments)
    lines = read_lines(options.lines)
    write_journal(lines, read_products(options.products), options.journal)
    for rule in (Rule(threshold=1000, rate=500), Rule(threshold=2000, rate=250)):
        sys.stdout.write(f"{rule}: {totals(lines, rule)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
