"""The real retail journal through the domain, against a reference that knows only decimals.

Must never import the journal reader: this is about sums, not about files.
"""

import csv
import gzip
from collections import defaultdict
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

from tests.builders import GBP, make_policy
from tests.shared_data import RETAIL, shared
from urs_desktop.domain.basket import LineItem, basket_of, parse_quantity
from urs_desktop.domain.money import parse_unit_price
from urs_desktop.domain.policy import Category
from urs_desktop.domain.purchase import settle

PENNY = Decimal("0.01")


def test_totals_and_points_of_three_months_of_trade() -> None:
    lines: dict[str, list[LineItem]] = defaultdict(list)
    gross: dict[str, Decimal] = defaultdict(Decimal)
    with gzip.open(shared(*RETAIL), "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            quantity, price = Decimal(row["Quantity"]), Decimal(row["UnitPrice"])
            if quantity <= 0 or price <= 0:
                continue
            invoice = row["InvoiceNo"]
            gross[invoice] += (quantity * price).quantize(PENNY, ROUND_HALF_UP)
            lines[invoice].append(
                LineItem(
                    row["StockCode"],
                    row["Description"],
                    parse_quantity(row["Quantity"]),
                    parse_unit_price(row["UnitPrice"], GBP),
                )
            )
    assert len(lines) > 3000
    policy = make_policy(threshold=1000, reward_bp=500)
    for invoice, items in lines.items():
        purchase = settle(basket_of(GBP, tuple(items)), category=Category.MEDIUM, policy=policy, has_customer=True)
        assert purchase.total.minor == gross[invoice] * 100
        points = (gross[invoice] * 5).to_integral_value(ROUND_FLOOR) if gross[invoice] > 10 else 0
        assert purchase.earned == points
        assert sum(purchase.shares) == points
