"""Figures as text: exact at any size, the domain's decimals, foreign text made harmless."""

from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from urs_desktop.domain.currency import CURRENCIES, currency
from urs_desktop.domain.money import MAX_MINOR, Money, UnitPrice, parse_amount
from urs_desktop.ui.presenters.formatting import Formats, plain

ENGLISH = Formats("en_GB", UTC)


@pytest.mark.parametrize(
    ("minor", "code", "shown"),
    [
        (0, "GBP", "£0.00"),
        (5, "GBP", "£0.05"),
        (-250, "GBP", "-£2.50"),
        (2**31 + 7, "GBP", "£21,474,836.55"),
        (MAX_MINOR - 1, "GBP", "£9,999,999,999,999.99"),
        (1234, "JPY", "JP¥1,234"),
        (1234, "KWD", "KWD\u00a01.234"),
        (123456, "CLF", "CLF\u00a012.3456"),
        (150, "UGX", "UGX\u00a0150"),
    ],
)
def test_money_has_its_iso_decimals_at_any_size(minor: int, code: str, shown: str) -> None:
    assert ENGLISH.money(Money(minor, currency(code))) == shown


@given(st.integers(0, MAX_MINOR - 1), st.sampled_from(sorted(CURRENCIES)))
def test_what_a_note_types_reads_back_as_itself(minor: int, code: str) -> None:
    money = Money(minor, currency(code))
    assert parse_amount(ENGLISH.plain_amount(money), money.currency) == money


@given(st.integers(-MAX_MINOR + 1, MAX_MINOR - 1))
def test_no_digit_of_an_amount_is_lost(minor: int) -> None:
    shown = ENGLISH.money(Money(minor, currency("EUR")))
    assert int("".join(c for c in shown if c.isdigit())) == abs(minor)
    assert shown.startswith("-") == (minor < 0)


@pytest.mark.parametrize(
    ("units", "scale", "shown"), [(255, 2, "£2.55"), (833, 4, "£0.0833"), (2, 0, "£2.00"), (25000, 4, "£2.50")]
)
def test_a_unit_price_shows_every_decimal_it_has(units: int, scale: int, shown: str) -> None:
    assert ENGLISH.unit_price(UnitPrice(units, scale, currency("GBP"))) == shown


def test_other_locales_group_and_place_the_currency_their_way() -> None:
    amount = Money(123456789, currency("INR"))
    assert Formats("hi_IN").money(amount) == "₹12,34,567.89"
    assert Formats("fr_FR").money(Money(250, currency("EUR"))) == "2,50\u00a0€"


@pytest.mark.parametrize(("points", "shown"), [(500, "5\u00a0%"), (250, "2.5\u00a0%"), (1, "0.01\u00a0%")])
def test_rates(points: int, shown: str) -> None:
    assert ENGLISH.percentage(points) == shown


def test_ages() -> None:
    now = 1_800_000_000_000
    assert not ENGLISH.age(None, now).known
    assert ENGLISH.age(now - 59_000, now).recent
    assert ENGLISH.age(now + 5_000, now).recent
    assert ENGLISH.age(now - 180_000, now).text == "3 minutes ago"
    assert ENGLISH.age(now - 7_200_000, now).text == "2 hours ago"


def test_moments_are_exact_to_the_second() -> None:
    assert ENGLISH.moment(1_800_000_000_999) == "15 Jan 2027, 08:00:00"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("  two\nlines\t", "two lines"),
        ("abc\u202edef", "abcdef"),
        ("nul\x00l", "nul l"),
        ("\ud800", ""),
        ("<b>bold</b> & co", "<b>bold</b> & co"),
        ("x" * 500, "x" * 199 + "…"),
    ],
)
def test_foreign_text_is_one_harmless_line(text: str, shown: str) -> None:
    assert plain(text) == shown


@given(st.text())
def test_any_text_becomes_one_line(text: str) -> None:
    shown = plain(text)
    assert len(shown) <= 200
    assert "\n" not in shown
    shown.encode()
