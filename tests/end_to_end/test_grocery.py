"""All real grocery baskets through the real programs, against a reckoning that shares no line with the package."""

import csv
import json
from collections import Counter
from decimal import Decimal

import pytest

from tests.end_to_end import books, grocery, twice
from tests.end_to_end.grocery import Line, Rule, Totals
from tests.end_to_end.shop import Shop
from tests.shared_data import shared
from urs_desktop.database.engine import Database
from urs_desktop.domain.currency import currency
from urs_desktop.domain.money import Money, parse_unit_price
from urs_desktop.domain.policy import Category, RewardPolicy

MEDIUM = Rule(threshold=1000, rate=500)
"""What the medium vendor of the prepared shop gives: 5 % above 10.00."""

LARGE = Rule(threshold=2000, rate=250)

EXPECTED = {
    MEDIUM: Totals(148_193, 147_128, 15_043, gross=44_490_659, unsold=-60_254, points=2_094_903),
    LARGE: Totals(148_193, 147_128, 15_043, gross=44_490_659, unsold=-60_254, points=929_976),
}
REASONS = {"price_negative": 51, "price_zero": 322, "quantity_zero": 692}


@pytest.fixture(scope="module")
def lines() -> list[Line]:
    """The lines of six weeks."""
    return grocery.read_lines(shared(*grocery.LINES))


@pytest.fixture(scope="module")
def products() -> dict[str, str]:
    """What each product is."""
    return grocery.read_products(shared(*grocery.PRODUCTS))


def test_lines_multiply_to_what_was_paid(lines: list[Line], products: dict[str, str]) -> None:
    """To the cent, with every basket, product and household, also of lines that sell nothing."""
    dollars = currency("USD")
    whole = 0
    for line, row in zip(lines, grocery.rows(lines, products), strict=True):
        quantity = int(row["Quantity"])
        price = parse_unit_price(row["UnitPrice"], dollars)
        if quantity:
            assert (price.units * quantity * 100) % 10**price.scale == 0
            assert price.times(quantity).minor == line.due
        assert (quantity > 0) is (line.quantity > 0)
        assert (row["InvoiceNo"], row["StockCode"], row["CustomerID"]) == (line.basket, line.product, line.household)
        assert row["Description"] == products.get(line.product, line.product)
        whole += quantity == line.quantity
    assert whole > 140_000, "nearly every quantity is one of pieces"
    assert len({line.basket for line in lines}) == 15_098


@pytest.mark.parametrize("rule", [MEDIUM, LARGE])
def test_totals_by_the_package_s_own_policy(lines: list[Line], rule: Rule) -> None:
    """Two reckonings that know nothing of each other agree, basket by basket."""
    policy = RewardPolicy("p", 1, Category.LARGE, None, "USD", rule.threshold, rule.rate, 0, valid_from=0)
    assert grocery.totals(lines, rule) == EXPECTED[rule]
    for sale in grocery.reckon(lines, rule).sales:
        assert policy.earn(Money(sale.gross, currency("USD"))) == sale.earned


def test_all_baskets_on_both_databases(
    closed_shop: Shop, postgresql_database: Database, lines: list[Line], products: dict[str, str]
) -> None:
    """Rung up once and sent to two stores, which then say the same to the last point."""
    journal = grocery.write_journal(lines, products, closed_shop.folder / "grocery.csv")
    report = closed_shop.folder / "report.json"
    expected = grocery.reckon(lines, MEDIUM)
    twice.replayed(closed_shop, journal, report)
    document = json.loads(report.read_text())
    assert document["invoices"] == [sale.document for sale in expected.sales]
    assert (document["rows_read"], document["rows_stored"]) == (expected.rows, expected.sold)
    assert document["reasons"] == REASONS
    pieces = pieces_sold(journal.read_text(encoding="utf-8"))
    popular = min(pieces.items(), key=lambda item: (-item[1], item[0]))[0]
    both = []
    for site in twice.sites(closed_shop, postgresql_database):
        site.take()
        found = site.books()
        assert found.sales == expected.sales
        assert found.wallets == +expected.wallets
        assert not books.receipts(site.central)
        gross, points = EXPECTED[MEDIUM].gross, EXPECTED[MEDIUM].points
        assert found.analytics == {(site.vendor_id,): (popular, len(expected.sales), gross, points, gross - points)}
        assert found.totals["allocations"] == [points, 0]
        for card, balance in (+expected.wallets).most_common(2):
            assert site.central.ask("customer", "show", card)["wallet_balance"] == balance
        both.append(found)
    on_sqlite, on_postgresql = both
    assert on_sqlite == on_postgresql


def pieces_sold(journal: str) -> Counter[str]:
    """Return the pieces of each product that a journal sells."""
    pieces: Counter[str] = Counter()
    for row in csv.DictReader(journal.splitlines()):
        if int(row["Quantity"]) > 0 and Decimal(row["UnitPrice"]) > 0:
            pieces[row["StockCode"]] += int(row["Quantity"])
    return pieces
