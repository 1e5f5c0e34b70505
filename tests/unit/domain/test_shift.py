"""The money of a shift: what should be in the drawer, coins and notes, and nothing counted twice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import GBP
from urs_desktop.domain.currency import CURRENCIES, cash_step
from urs_desktop.domain.refusals import Refusal
from urs_desktop.domain.shift import MAX_PIECES, ShiftTotals, by_kind, counted_cash, denominations

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


@given(st.lists(st.tuples(st.sampled_from(["cash", "card"]), amounts)))
def test_sums_by_kind(given_amounts: list[tuple[str, int]]) -> None:
    sums = dict(by_kind(given_amounts))
    assert sum(sums.values()) == sum(amount for _, amount in given_amounts)
    assert list(sums) == sorted(sums)
