"""Notes a customer probably hands over, and change too large to be true."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from urs_desktop.domain.currency import currency
from urs_desktop.domain.money import Money
from urs_desktop.ui.presenters.cash import is_plausible, plausible_notes

GBP = currency("GBP")


@pytest.mark.parametrize(
    ("minor", "code", "notes"),
    [
        (1135, "GBP", [1500, 2000, 5000]),
        (2000, "GBP", [5000]),
        (255, "GBP", [500, 1000, 2000, 5000]),
        (0, "GBP", []),
        (-100, "GBP", []),
        (480, "JPY", [1000, 2000, 5000, 10000]),
        (1234, "CHF", [2000, 5000, 10000]),
    ],
)
def test_notes(minor: int, code: str, notes: list[int]) -> None:
    assert [note.minor for note in plausible_notes(Money(minor, currency(code)))] == notes


@given(st.integers(1, 10**14), st.sampled_from(["GBP", "EUR", "USD", "INR", "JPY", "KWD", "CHF"]))
def test_every_note_pays_and_is_plausible(minor: int, code: str) -> None:
    due = Money(minor, currency(code))
    for note in plausible_notes(due):
        assert note.minor > minor
        assert is_plausible(note, due)


@pytest.mark.parametrize("barcode", [5012345678900, 40170725, 85123])
def test_a_barcode_in_the_cash_field_is_not_cash(barcode: int) -> None:
    assert not is_plausible(Money(barcode * 100, GBP), Money(1135, GBP))
