"""The money of a shift: what should be in the drawer, coins and notes, and nothing counted twice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import GBP
from urs_desktop.domain.currency import CURRENCIES, cash_step
from urs_desktop.domain.refusals import Refusal
from urs_desktop.domain.shift import (
    MAX_PIECES,
    MOST_COUNTS,
    ShiftTotals,
    closes_alone,
    counted_cash,
    denominations,
    difference_limit,
)

amounts = st.integers(0, 10**9)


@given(amounts, amounts, amounts, amounts, amounts, st.integers(-500, 500), amounts)
def test_the_drawer_holds_what_went_in_less_what_went_out(
    opening: int, cash: int, card: int, back: int, paid_in: int, rounding: int, paid_out: int
) -> None:
    totals = ShiftTotals(
        tenders=(("card", card), ("cash", cash)),
        refund_tenders=(("cash", back), ("points", 7)),
        paid_in=paid_in,
        paid_out=paid_out,
        rounding=rounding,
    )
    assert totals.cash(opening) == opening + cash + rounding - back + paid_in - paid_out


@given(st.dictionaries(st.sampled_from(denominations(GBP)), st.integers(0, MAX_PIECES)))
def test_coins_and_notes_add_up(counted: dict[int, int]) -> None:
    assert counted_cash(counted) == sum(value * pieces for value, pieces in counted.items())


@pytest.mark.parametrize("pieces", [-1, MAX_PIECES + 1])
def test_nobody_has_so_many(pieces: int) -> None:
    with pytest.raises(Refusal):
        counted_cash({100: pieces})


@pytest.mark.parametrize("code", sorted(CURRENCIES))
def test_every_currency_can_be_counted_to_its_smallest_coin(code: str) -> None:
    values = denominations(CURRENCIES[code])
    assert values, code
    assert list(values) == sorted(set(values), reverse=True)
    assert cash_step(CURRENCIES[code]) % values[-1] == 0, "what cash is rounded to can be counted"


@pytest.mark.parametrize("code", sorted(CURRENCIES))
@given(amount=st.integers(0, 10**7))
def test_any_amount_of_cash_can_be_counted(code: str, amount: int) -> None:
    """What lies in a drawer is a multiple of the smallest coin; largest first, nothing is left over."""
    of = CURRENCIES[code]
    left = amount - amount % cash_step(of)
    for value in denominations(of):
        left %= value
    assert left == 0


@pytest.mark.parametrize(
    ("code", "largest"), [("KRW", 50_000), ("COP", 10_000_000), ("IDR", 10_000_000), ("JPY", 10_000), ("KWD", 20_000)]
)
def test_the_largest_note(code: str, largest: int) -> None:
    assert denominations(CURRENCIES[code])[0] == largest


@pytest.mark.parametrize(
    ("code", "limit"), [("GBP", 500), ("EUR", 500), ("USD", 500), ("JPY", 250), ("INR", 1000), ("SEK", 2500)]
)
def test_how_far_off_a_cashier_may_be(code: str, limit: int) -> None:
    assert difference_limit(CURRENCIES[code]) == limit


@given(amounts, st.integers(-2000, 2000), st.integers(0, MOST_COUNTS + 1))
def test_who_may_close_alone(expected: int, off: int, refused: int) -> None:
    alone = closes_alone(expected + off, expected, refused, GBP)
    assert alone == (abs(off) <= difference_limit(GBP) and refused < MOST_COUNTS)
    assert not closes_alone(expected, expected, MOST_COUNTS, GBP), "a count is not tried until it fits"
