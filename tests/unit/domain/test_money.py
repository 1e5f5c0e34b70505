"""Amounts and prices: what is read, what is refused, and that nothing is lost in between.

Must never compare with a float.
"""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import BHD, CLF, GBP, JPY, pounds
from urs_desktop.domain import money
from urs_desktop.domain.basket import parse_quantity
from urs_desktop.domain.currency import Currency
from urs_desktop.domain.money import (
    MAX_MINOR,
    MAX_PRICE_SCALE,
    MAX_PRICE_UNITS,
    Money,
    UnitPrice,
    parse_amount,
    parse_percentage,
    parse_unit_price,
)
from urs_desktop.domain.points import parse_points, value_of
from urs_desktop.domain.refusals import Refusal, RefusalCode

currencies = st.sampled_from([GBP, JPY, BHD, CLF])

NOT_NUMBERS = [
    *(
        "1,50",
        "1e3",
        "\uff11\uff12",
        "٣",
        "",
        " ",
        "+1",
        "1.",
        ".5",
        "1.2.3",
        "--1",
        "1 000",
        "1_000",
        "0x1F",
        "NaN",
        "inf",
    ),
    *("£1", "1\u00a0000", "1\x00", "²", "½", "1\n2", "9" * 16, "9" * 5000, "\u22121"),
]


def refusal(read: object, *arguments: object) -> RefusalCode:
    """Return the code with which a reader refuses its arguments."""
    assert callable(read)
    with pytest.raises(Refusal) as caught:
        read(*arguments)
    assert str(caught.value).startswith(caught.value.code.value)
    assert all(len(str(detail)) < 200 for detail in caught.value.details.values())
    return caught.value.code


@pytest.mark.parametrize("text", NOT_NUMBERS)
def test_what_is_no_plain_number_is_refused_everywhere(text: str) -> None:
    assert refusal(parse_unit_price, text, GBP) is RefusalCode.PRICE_MALFORMED
    assert refusal(parse_amount, text, GBP) is RefusalCode.AMOUNT_MALFORMED
    assert refusal(parse_percentage, text) is RefusalCode.PERCENTAGE_MALFORMED
    assert refusal(parse_quantity, text) is RefusalCode.QUANTITY_MALFORMED
    assert refusal(parse_points, text) is RefusalCode.POINTS_MALFORMED


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    for read in (
        lambda t: parse_unit_price(t, GBP),
        lambda t: parse_amount(t, GBP),
        parse_percentage,
        parse_quantity,
        parse_points,
    ):
        try:
            read(text)
        except Refusal:
            continue
        plain = text.strip().removesuffix("%").strip()
        assert plain.isascii()
        Decimal(plain)


def test_minus_nothing_is_nothing() -> None:
    assert parse_unit_price("-0", GBP).units == 0
    assert parse_amount("-0.00", GBP) == pounds(0)
    assert parse_quantity("-0") == 0
    assert refusal(parse_percentage, "-0") is RefusalCode.PERCENTAGE_MALFORMED
    assert refusal(parse_points, "-0") is RefusalCode.POINTS_MALFORMED


@given(st.integers(-(MAX_MINOR - 1), MAX_MINOR - 1), currencies)
def test_an_amount_reads_back_exactly(minor: int, currency: Currency) -> None:
    text = f"{Decimal(minor).scaleb(-currency.digits):f}"
    if len(text.lstrip("-").partition(".")[0]) > 15:
        return
    assert parse_amount(text, currency) == Money(minor, currency)
    assert parse_amount(f"  {text} ", currency) == Money(minor, currency)


def test_decimals_a_currency_does_not_have_are_refused_unless_they_are_noughts() -> None:
    assert refusal(parse_amount, "1.005", GBP) is RefusalCode.AMOUNT_TOO_PRECISE
    assert refusal(parse_amount, "1.5", JPY) is RefusalCode.AMOUNT_TOO_PRECISE
    assert parse_amount("1.500", GBP) == pounds(150)
    assert parse_amount("1.005", BHD).minor == 1005


def test_the_largest_amount_and_the_first_beyond_it() -> None:
    assert parse_amount("9999999999999.99", GBP).minor == MAX_MINOR - 1
    assert refusal(parse_amount, "10000000000000.00", GBP) is RefusalCode.AMOUNT_OUT_OF_RANGE
    assert refusal(parse_amount, "-10000000000000", GBP) is RefusalCode.AMOUNT_OUT_OF_RANGE
    assert parse_amount("999999999999999", JPY).minor == MAX_MINOR - 1


@given(st.integers(0, MAX_PRICE_UNITS), st.integers(0, MAX_PRICE_SCALE), currencies)
def test_a_price_keeps_every_decimal_it_was_given(units: int, scale: int, currency: Currency) -> None:
    text = f"{Decimal(units).scaleb(-scale):f}"
    if Fraction(units, 10**scale) * 10**currency.digits >= MAX_MINOR:
        assert refusal(parse_unit_price, text, currency) in (
            RefusalCode.PRICE_OUT_OF_RANGE,
            RefusalCode.PRICE_MALFORMED,
        )
        return
    price = parse_unit_price(text, currency)
    assert Fraction(price.units, 10**price.scale) == Fraction(units, 10**scale)


@pytest.mark.parametrize(
    "text", ["0.0000000001", "10000000000000.00", "9007199.254740992", "9999999999999.999999999", "999999999999999"]
)
def test_a_price_no_store_could_keep_is_refused(text: str) -> None:
    assert refusal(parse_unit_price, text, GBP) is RefusalCode.PRICE_OUT_OF_RANGE


@given(st.integers(0, MAX_PRICE_UNITS), st.integers(0, MAX_PRICE_SCALE), st.integers(-999_999, 999_999), currencies)
def test_a_line_is_multiplied_exactly_and_rounded_once(
    units: int, scale: int, quantity: int, currency: Currency
) -> None:
    exact = Fraction(units, 10**scale) * quantity * 10**currency.digits
    nearest = (abs(exact) + Fraction(1, 2)).__floor__() * (-1 if exact < 0 else 1)
    price = UnitPrice(units, scale, currency)
    if abs(nearest) >= MAX_MINOR:
        assert refusal(price.times, quantity) is RefusalCode.AMOUNT_OUT_OF_RANGE
    else:
        assert price.times(quantity) == Money(nearest, currency)


def test_prices_finer_than_a_penny() -> None:
    assert parse_unit_price("0.0833", GBP).times(12) == pounds(100)
    assert parse_unit_price("0.005", GBP).times(1) == pounds(1)
    assert parse_unit_price("0.005", GBP).times(-1) == pounds(-1)
    assert parse_unit_price("0.0049", GBP).times(1) == pounds(0)
    assert parse_unit_price("999999.99", GBP).times(999_999) == pounds(99999899000001)


@pytest.mark.parametrize(
    ("text", "basis_points"),
    [("0", 0), ("5", 500), ("5%", 500), (" 5.5 % ", 550), ("0.01", 1), ("100", 10000), ("100.00", 10000), ("007", 700)],
)
def test_percentages(text: str, basis_points: int) -> None:
    assert parse_percentage(text) == basis_points


@pytest.mark.parametrize("text", ["100.01", "101", "-1", "5.555", "5%%", "%", "5 5"])
def test_what_is_no_percentage(text: str) -> None:
    assert refusal(parse_percentage, text) is RefusalCode.PERCENTAGE_MALFORMED


@given(st.lists(st.integers(-(10**15), 10**15)))
def test_totals_are_sums(amounts: list[int]) -> None:
    assert money.total([pounds(amount) for amount in amounts], GBP) == pounds(sum(amounts))


def test_two_currencies_never_mix() -> None:
    yen = Money(1, JPY)
    assert refusal(pounds(1).__add__, yen) is RefusalCode.CURRENCIES_MIXED
    assert refusal(pounds(1).__sub__, yen) is RefusalCode.CURRENCIES_MIXED
    assert refusal(money.total, [yen], GBP) is RefusalCode.CURRENCIES_MIXED
    assert pounds(1) != yen
    with pytest.raises(TypeError):
        _ = pounds(1) < Money(2, JPY)  # type: ignore[operator]


@given(st.integers(0, 999_999_999_999_999))
def test_a_point_is_a_minor_unit_in_every_currency(points: int) -> None:
    assert value_of(parse_points(str(points)), JPY) == Money(points, JPY)
    assert value_of(parse_points(f"{points:015d}"), GBP) == pounds(points)


@pytest.mark.parametrize(("text", "expected"), [("999999", 999_999), ("-999999", -999_999), (" 12 ", 12), ("007", 7)])
def test_quantities(text: str, expected: int) -> None:
    assert parse_quantity(text) == expected


@pytest.mark.parametrize("text", ["10000000", "1000000", "-1000000", "999999999999"])
def test_quantities_beyond_any_line(text: str) -> None:
    assert refusal(parse_quantity, text) is RefusalCode.QUANTITY_OUT_OF_RANGE
