"""Real grocery baskets through the real programs, against a reckoning that shares no line with the package.

All of them are reckoned, and every third is rung up and sent to two stores: the others would find the same again.
"""

import csv
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from tests.end_to_end import books, grocery
from tests.end_to_end.grocery import Line, Rule, Totals
from tests.end_to_end.processes import Forker
from tests.end_to_end.reckoning import Reckoning
from tests.end_to_end.shop import CentralStore
from tests.end_to_end.twice import Twice, twice
from tests.postgresql.databases import Databases
from tests.shared_data import shared
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
"""Why lines that sell nothing are reported."""

SHARE = 3
"""One of so many baskets is rung up."""


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


def test_every_line_that_sells_nothing_has_a_reason(lines: list[Line]) -> None:
    assert reasons(lines) == REASONS


@pytest.fixture(scope="module")
def some(lines: list[Line]) -> list[Line]:
    """The lines of the baskets that are rung up, in which everything occurs that occurs in all."""
    chosen = set(sorted({line.basket for line in lines})[::SHARE])
    found = [line for line in lines if line.basket in chosen]
    assert reasons(found).keys() == REASONS.keys()
    assert len(chosen) > 5_000
    return found


@pytest.fixture(scope="module")
def journal(some: list[Line], products: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """These baskets as a journal."""
    return grocery.write_journal(some, products, tmp_path_factory.mktemp("grocery") / "grocery.csv")


@pytest.fixture(scope="module")
def baskets(
    prepared: tuple[Path, int],
    forker: Forker,
    postgresql: Databases,
    journal: Path,
) -> Iterator[Twice]:
    """These baskets, rung up once and sent to two stores."""
    with twice(prepared, forker, postgresql, journal.parent, journal) as both:
        yield both


@pytest.fixture(scope="module")
def expected(some: list[Line]) -> Reckoning:
    """What these baskets must come to."""
    return grocery.reckon(some, MEDIUM)


def test_baskets_rung_up(baskets: Twice, expected: Reckoning, some: list[Line]) -> None:
    """Every line is sold or reported with a code, and every point is the one that was reckoned."""
    report = baskets.report
    assert report["invoices"] == [sale.document for sale in expected.sales]
    assert (report["rows_read"], report["rows_stored"]) == (expected.rows, expected.sold)
    assert report["reasons"] == reasons(some)


@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
def test_baskets_in_a_central_store(
    baskets: Twice, expected: Reckoning, some: list[Line], journal: Path, store: str
) -> None:
    central: CentralStore = getattr(baskets, f"on_{store}")
    found = baskets.books(central)
    assert found.sales == expected.sales
    assert found.wallets == +expected.wallets
    assert not books.receipts(central)
    totals = grocery.totals(some, MEDIUM)
    gross, points = totals.gross, totals.points
    popular = most_sold(journal)
    assert found.analytics == {(baskets.vendor_id,): (popular, len(expected.sales), gross, points, gross - points)}
    assert found.totals["allocations"] == [points, 0]
    for card, balance in (+expected.wallets).most_common(2):
        assert central.ask("customer", "show", card)["wallet_balance"] == balance


def test_both_stores_say_the_same(baskets: Twice) -> None:
    """All invoices, wallets, lots, accounts and projections, to the last point."""
    assert baskets.books(baskets.on_sqlite) == baskets.books(baskets.on_postgresql)


def reasons(lines: list[Line]) -> dict[str, int]:
    """Return how many lines are not sold for each reason a replay gives."""
    return Counter(
        "quantity_zero" if not line.quantity else "price_negative" if line.due < 0 else "price_zero"
        for line in lines
        if not line.is_sold
    )


def most_sold(journal: Path) -> str:
    """Return the product of which most pieces are sold, the first in order among equals."""
    pieces: Counter[str] = Counter()
    with journal.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if int(row["Quantity"]) > 0 and Decimal(row["UnitPrice"]) > 0:
                pieces[row["StockCode"]] += int(row["Quantity"])
    return min(pieces.items(), key=lambda item: (-item[1], item[0]))[0]
