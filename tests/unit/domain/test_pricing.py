"""Discounts, taxes and what a line comes to: nothing is lost, nothing is taken off twice, tax is what the rate says.

Must never reckon with the code under test: figures are multiplied out by hand or by fractions.
"""

import json
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import GBP, make_line, pounds
from tests.shared_data import shared
from urs_desktop.domain.basket import Basket, LineItem, basket_of
from urs_desktop.domain.currency import CURRENCIES, cash_step
from urs_desktop.domain.money import UnitPrice, parse_unit_price
from urs_desktop.domain.pricing import Discount, PriceChange, TaxRate, parse_discount, price, tax_rate
from urs_desktop.domain.refusals import Refusal, RefusalCode

rates = st.builds(TaxRate, st.integers(0, 10_000), st.booleans())
discounts = st.one_of(
    st.none(),
    st.builds(Discount, basis_points=st.integers(1, 10_000)),
    st.builds(Discount, minor=st.integers(0, 1_000_000)),
)
lines = st.builds(
    LineItem,
    sku=st.sampled_from(["A", "B"]),
    description=st.just("x"),
    quantity=st.integers(1, 50),
    unit_price=st.builds(UnitPrice, st.integers(0, 100_000), st.integers(0, 4), st.just(GBP)),
    tax=rates,
    discount=discounts,
)
baskets = st.builds(
    lambda rows, whole: basket_of(GBP, tuple(rows), whole), st.lists(lines, min_size=1, max_size=8), discounts
)


def half_up(value: Fraction) -> int:
    return floor(value + Fraction(1, 2))


@given(st.integers(0, 10**12), st.integers(0, 10_000))
def test_included_tax_is_the_rate_of_the_net_price(amount: int, rate: int) -> None:
    tax = TaxRate(rate, included=True).of(amount)
    assert tax == half_up(Fraction(amount * rate, 10_000 + rate))
    worked = price(amount, 0, TaxRate(rate, included=True))
    assert worked.total == amount, "a tax that is in the price changes no price"


@given(st.integers(0, 10**12), st.integers(0, 10_000))
def test_added_tax_is_the_rate_of_the_price(amount: int, rate: int) -> None:
    worked = price(amount, 0, TaxRate(rate, included=False))
    assert worked.tax == half_up(Fraction(amount * rate, 10_000))
    assert worked.total == amount + worked.tax


@pytest.mark.parametrize(
    ("gross", "off", "rate", "included", "expected"),
    [
        (1200, 0, 2000, True, (200, 1200)),  # 20 % VAT in 12.00 is 2.00
        (1000, 0, 2000, False, (200, 1200)),
        (999, 0, 500, True, (48, 999)),  # 9.99 / 1.05 = 9.514..., 0.4757 of tax
        (1000, 250, 700, False, (53, 803)),  # half of a cent goes up
        (0, 0, 2000, False, (0, 0)),
    ],
)
def test_by_hand(gross: int, off: int, rate: int, included: bool, expected: tuple[int, int]) -> None:
    worked = price(gross, off, TaxRate(rate, included=included))
    assert (worked.tax, worked.total) == expected


@given(baskets)
def test_a_basket_adds_up_and_no_discount_exceeds_its_line(basket: Basket) -> None:
    priced = basket.priced()
    assert basket.total.minor == sum(each.total for each in priced)
    for each, line in zip(priced, basket.lines, strict=True):
        assert 0 <= each.discount <= each.gross == line.gross.minor
        assert each.total == each.gross - each.discount + (0 if line.tax.included else each.tax)
        assert each.tax == line.tax.of(each.gross - each.discount)


@given(baskets)
def test_a_receipt_discount_is_shared_out_to_the_penny(basket: Basket) -> None:
    own = sum(line.own_discount() for line in basket.lines)
    left = sum(line.gross.minor for line in basket.lines) - own
    assert basket.before_discount.minor == left
    whole = basket.discount.off(left) if basket.discount else 0
    assert sum(each.discount for each in basket.priced()) == own + whole


@given(baskets, st.integers(0, 7))
def test_taking_the_discounts_away_again_brings_the_price_back(basket: Basket, place: int) -> None:
    bare = basket_of(GBP, tuple(LineItem(x.sku, x.description, x.quantity, x.unit_price, x.tax) for x in basket.lines))
    again = basket.with_discount(None)
    for index, line in enumerate(basket.lines):
        again = again.with_line(index, LineItem(line.sku, line.description, line.quantity, line.unit_price, line.tax))
    assert again == bare
    assert basket.total.minor <= bare.total.minor


def test_a_line_worked_on_is_not_joined_to_one_that_is_not() -> None:
    plain = make_line("2.00", sku="A")
    less = LineItem("A", plain.description, 1, plain.unit_price, discount=Discount(basis_points=1000))
    dearer = LineItem("A", plain.description, 1, plain.unit_price, price_change=PriceChange(plain.unit_price, "x"))
    basket = Basket(GBP).add(plain).add(less).add(dearer).add(plain)
    assert [line.quantity for line in basket.lines] == [2, 1, 1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10%", Discount(basis_points=1000)),
        (" 12.5 % ", Discount(basis_points=1250)),
        ("2.50", Discount(minor=250)),
        ("0", Discount()),
        ("100%", Discount(basis_points=10_000)),
        ("10.00", Discount(minor=1000)),
    ],
)
def test_a_discount_is_read(text: str, expected: Discount) -> None:
    assert parse_discount(text, pounds(1000)) == expected


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("101%", RefusalCode.PERCENTAGE_MALFORMED),
        ("-5%", RefusalCode.PERCENTAGE_MALFORMED),
        ("%", RefusalCode.PERCENTAGE_MALFORMED),
        ("10.01", RefusalCode.DISCOUNT_TOO_LARGE),
        ("-1", RefusalCode.DISCOUNT_TOO_LARGE),
        ("1.234", RefusalCode.AMOUNT_TOO_PRECISE),
        ("ten", RefusalCode.AMOUNT_MALFORMED),
        ("", RefusalCode.AMOUNT_MALFORMED),
    ],
)
def test_what_is_no_discount_is_refused(text: str, code: RefusalCode) -> None:
    with pytest.raises(Refusal) as refused:
        parse_discount(text, pounds(1000))
    assert refused.value.code is code


@pytest.mark.parametrize("rate", [-1, 10_001])
def test_a_tax_is_from_nothing_to_all(rate: int) -> None:
    with pytest.raises(Refusal):
        tax_rate(rate, included=True)


def test_a_price_with_many_decimals_is_rounded_once_for_the_line() -> None:
    line = LineItem("A", "x", 3, parse_unit_price("0.3333", GBP), TaxRate(2000, included=False))
    assert (line.gross.minor, line.total.minor) == (100, 120)


def test_the_smallest_coins_are_those_published() -> None:
    file = shared("locale", "cldr48_currencyData.json")
    fractions = json.loads(file.read_text("utf-8"))["supplemental"]["currencyData"]["fractions"]
    for code, facts in fractions.items():
        if code in CURRENCIES and ("_cashRounding" in facts or "_cashDigits" in facts):
            digits = int(facts.get("_cashDigits", facts["_digits"]))
            step = max(1, int(facts.get("_cashRounding", 0))) * 10 ** (CURRENCIES[code].digits - digits)
            assert cash_step(CURRENCIES[code]) == step, code
    assert cash_step(GBP) == 1
