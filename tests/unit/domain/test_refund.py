"""Refunds: split in any way they come to the same, and nobody gains or loses a point by how goods come back.

Must never take a figure from the module it tests where a fraction can say it.
"""

from collections import Counter
from fractions import Fraction
from itertools import pairwise
from math import floor
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import make_policy, pounds
from urs_desktop.domain.money import Money
from urs_desktop.domain.points import NO_POINTS, Points
from urs_desktop.domain.policy import RewardPolicy
from urs_desktop.domain.refund import (
    RefundState,
    Sold,
    SoldLine,
    TaxedLine,
    TaxRate,
    pieces_of,
    refund_state,
    taxes_within,
)
from urs_desktop.domain.refusals import Refusal, RefusalCode

policies = st.builds(make_policy, threshold=st.integers(0, 30_000), reward_bp=st.integers(0, 10_000))
lines = st.lists(st.builds(SoldLine, st.integers(1, 12), st.integers(0, 10_000)), min_size=1, max_size=6)


@st.composite
def sales(draw: st.DrawFn) -> Sold:
    """A sale as a till rings it up: points pay up to its total, and a customer earns on the rest or nobody does."""
    sold, policy = tuple(draw(lines)), draw(st.none() | policies)
    total = sum(line.total for line in sold)
    paid = draw(st.integers(0, total))
    earned = policy.earn(pounds(total - paid)) if policy is not None and draw(st.booleans()) else NO_POINTS
    return Sold(sold, pounds(total), Points(paid), earned, policy)


@st.composite
def splits(draw: st.DrawFn) -> tuple[Sold, list[Counter[int]]]:
    """A sale whose pieces come back in some order, in refunds of one piece or more."""
    sold = draw(sales())
    pieces = draw(st.permutations([n for n, line in enumerate(sold.lines, 1) for _ in range(line.quantity)]))
    begins = draw(st.lists(st.booleans(), min_size=len(pieces), max_size=len(pieces)))
    refunds: list[Counter[int]] = [Counter()]
    for piece, begin in zip(pieces, begins, strict=True):
        if refunds[-1] and begin:
            refunds.append(Counter())
        refunds[-1][piece] += 1
    return sold, refunds


def whole(sold: Sold) -> Counter[int]:
    return Counter({n: line.quantity for n, line in enumerate(sold.lines, 1)})


def states(sold: Sold, refunds: list[Counter[int]]) -> list[RefundState]:
    """Return where the sale stands before the first refund and after each."""
    return [refund_state(sold, pieces_of(refunds[:count])) for count in range(len(refunds) + 1)]


def earned_by_hand(policy: RewardPolicy | None, base: int) -> int:
    if policy is None or base <= policy.threshold:
        return 0
    return floor(Fraction(base * policy.reward_bp, 10_000))


@given(splits())
def test_split_in_any_way_refunds_come_to_the_same(case: tuple[Sold, list[Counter[int]]]) -> None:
    sold, refunds = case
    steps = states(sold, refunds)
    assert steps[0] == RefundState(0, NO_POINTS, 0, NO_POINTS)
    assert steps[-1] == refund_state(sold, whole(sold))
    adds = [after.since(before) for before, after in pairwise(steps)]
    assert sum(each.value for each in adds) == steps[-1].value
    assert sum(each.points_back for each in adds) == steps[-1].points_back
    assert sum(each.cash_back for each in adds) == steps[-1].cash_back
    assert sum(each.clawed for each in adds) == steps[-1].clawed
    for each in adds:
        assert each.value == each.cash_back + each.points_back
        assert min(each.value, each.cash_back, each.points_back, each.clawed) >= 0


@given(splits())
def test_at_no_step_more_goes_back_than_was_paid_or_earned(case: tuple[Sold, list[Counter[int]]]) -> None:
    sold, refunds = case
    for state in states(sold, refunds):
        assert 0 <= state.value <= sold.total.minor
        assert 0 <= state.cash_back <= sold.total.minor - sold.points_paid
        assert 0 <= state.points_back <= sold.points_paid
        assert 0 <= state.clawed <= sold.earned


@given(sales())
def test_a_whole_refund_gives_everything_back_and_takes_everything(sold: Sold) -> None:
    state = refund_state(sold, whole(sold))
    assert state == RefundState(sold.total.minor, sold.points_paid, sold.total.minor - sold.points_paid, sold.earned)
    assert sum(sold.values(whole(sold))) == sold.total.minor
    assert not any(sold.remaining(whole(sold)))


@given(splits(), st.data())
def test_every_figure_by_fractions(case: tuple[Sold, list[Counter[int]]], data: st.DataObject) -> None:
    sold, refunds = case
    pieces = pieces_of(refunds[: data.draw(st.integers(0, len(refunds)))])
    value = sum(floor(Fraction(line.total * pieces[n], line.quantity)) for n, line in enumerate(sold.lines, 1))
    back = floor(Fraction(sold.points_paid * value, sold.total.minor)) if sold.total.minor else 0
    left = sold.total.minor - sold.points_paid - (value - back)
    still = earned_by_hand(sold.policy, left) if sold.earned else 0
    clawed = sold.earned - still if value - back else 0
    assert refund_state(sold, pieces) == RefundState(value, Points(back), value - back, Points(clawed))


@given(sales(), st.data())
def test_at_or_below_the_threshold_nothing_stays_earned(sold: Sold, data: st.DataObject) -> None:
    pieces = {n: data.draw(st.integers(0, line.quantity)) for n, line in enumerate(sold.lines, 1)}
    state = refund_state(sold, pieces)
    left = sold.total.minor - sold.points_paid - state.cash_back
    if sold.policy is not None and left <= sold.policy.threshold:
        assert state.clawed == (sold.earned if state.cash_back else 0)


def test_a_refund_by_hand() -> None:
    """64.99 of which 10.00 paid with points, 5 % above 10.00: 2.74 earned; one of three at 20.00 comes back."""
    sold = Sold(
        (SoldLine(3, 6000), SoldLine(1, 499)), pounds(6499), Points(1000), Points(274), make_policy(threshold=1000)
    )
    one = refund_state(sold, {1: 1})
    # 1000 * 2000 / 6499 = 307.73; 5499 - (2000 - 307) = 3806, of which 5 % are 190.3
    assert one == RefundState(2000, Points(307), 1693, Points(84))
    three = refund_state(sold, {1: 3})
    # 1000 * 6000 / 6499 = 923.21; 5499 - 5077 = 422, which does not exceed 10.00
    assert three == RefundState(6000, Points(923), 5077, Points(274))
    assert three.since(one) == RefundState(4000, Points(616), 3384, Points(190))


def test_a_line_that_does_not_divide_is_refunded_to_the_penny_in_the_end() -> None:
    sold = Sold((SoldLine(3, 100),), pounds(100), NO_POINTS, NO_POINTS, None)
    assert [sold.value({1: back}).minor for back in range(5)] == [0, 33, 66, 100, 100]


def test_exceeding_the_threshold_by_a_penny_and_falling_to_it() -> None:
    sold = Sold((SoldLine(2, 2), SoldLine(1, 999)), pounds(1001), NO_POINTS, Points(50), make_policy(threshold=1000))
    assert refund_state(sold, {1: 1}).clawed == 50
    assert refund_state(sold, {}).clawed == 0


def test_points_alone_that_paid_earned_nothing_to_take() -> None:
    sold = Sold((SoldLine(2, 2000),), pounds(2000), Points(2000), NO_POINTS, make_policy(threshold=0))
    assert refund_state(sold, {1: 1}) == RefundState(1000, Points(1000), 0, NO_POINTS)


@given(
    st.lists(st.builds(SoldLine, st.integers(-3, 5), st.integers(-500, 500)), max_size=4),
    st.integers(-1000, 1000),
    st.integers(-1000, 3000),
    st.integers(-50, 3000),
    st.none() | policies,
    st.lists(st.dictionaries(st.integers(-1, 6), st.integers(-3, 9), max_size=5), max_size=5),
)
def test_hostile_figures_neither_crash_nor_give_more_than_the_total(
    sold_lines: list[SoldLine],
    total: int,
    paid: int,
    earned: int,
    policy: RewardPolicy | None,
    refunds: list[dict[int, int]],
) -> None:
    sold = Sold(tuple(sold_lines), pounds(total), Points(paid), Points(earned), policy)
    assert sum(sold.shares()) == max(0, total) or not sold_lines
    before = refund_state(sold, {})
    pieces: Counter[int] = Counter()
    for refund in refunds:
        pieces.update({n: max(0, quantity) for n, quantity in refund.items()})
        state = refund_state(sold, pieces)
        assert 0 <= state.points_back <= state.value <= max(0, total)
        assert 0 <= state.clawed <= max(0, earned)
        adds = state.since(before)
        assert min(adds.value, adds.points_back, adds.cash_back, adds.clawed) >= 0
        before = state


def test_lines_that_do_not_add_up_share_the_total() -> None:
    sold = Sold((SoldLine(1, 100), SoldLine(1, 200)), pounds(150), NO_POINTS, NO_POINTS, None)
    assert sold.shares() == (50, 100)
    odd = Sold((SoldLine(1, 150), SoldLine(1, -50)), pounds(100), NO_POINTS, NO_POINTS, None)
    assert odd.shares() == (100, 0)


def code_of(sold: Sold, pieces: dict[int, int], before: dict[int, int] | None = None) -> RefusalCode | None:
    try:
        sold.check(pieces, before or {})
    except Refusal as refusal:
        return refusal.code
    return None


@pytest.mark.parametrize(
    ("pieces", "before", "code"),
    [
        ({1: 2, 2: 1}, {}, None),
        ({1: 1}, {1: 1}, None),
        ({}, {}, RefusalCode.REFUND_EMPTY),
        ({0: 1}, {}, RefusalCode.LINE_UNKNOWN),
        ({3: 1}, {}, RefusalCode.LINE_UNKNOWN),
        ({-1: 1}, {}, RefusalCode.LINE_UNKNOWN),
        ({1: 0}, {}, RefusalCode.QUANTITY_OUT_OF_RANGE),
        ({1: -1}, {}, RefusalCode.QUANTITY_OUT_OF_RANGE),
        ({1: 3}, {}, RefusalCode.REFUND_EXCEEDS_SALE),
        ({1: 2}, {1: 1}, RefusalCode.REFUND_EXCEEDS_SALE),
        ({2: 1}, {2: 1}, RefusalCode.REFUND_EXCEEDS_SALE),
        ({1: 1, 2: 1}, {2: 7}, RefusalCode.REFUND_EXCEEDS_SALE),
    ],
)
def test_what_can_be_refunded(pieces: dict[int, int], before: dict[int, int], code: RefusalCode | None) -> None:
    sold = Sold((SoldLine(2, 200), SoldLine(1, 50)), pounds(250), NO_POINTS, NO_POINTS, None)
    assert code_of(sold, pieces, before) is code


def test_what_is_left_is_told_with_the_refusal() -> None:
    sold = Sold((SoldLine(5, 500),), Money(500, pounds(0).currency), NO_POINTS, NO_POINTS, None)
    with pytest.raises(Refusal) as caught:
        sold.check({1: 4}, {1: 3})
    assert caught.value.details == {"line": 1, "quantity": 4, "remaining": 2}
    assert sold.remaining({1: 3}) == (2,)
    assert sold.remaining({1: 9}) == (0,)


RATES = ((2000, True), (700, False), (0, True))


@given(
    st.lists(
        st.builds(TaxedLine, st.sampled_from(RATES), st.integers(0, 10_000), st.integers(1, 9)), min_size=1, max_size=6
    ),
    st.randoms(use_true_random=False),
)
def test_tax_comes_back_whole_however_it_is_split(lines: list[TaxedLine], chance: Random) -> None:
    everything = {n: line.quantity for n, line in enumerate(lines, 1)}
    whole = taxes_within(lines, everything)
    assert whole == Counter({rate: sum(line.tax for line in lines if line.rate == rate) for rate in RATES})
    assert taxes_within(lines, {}) == Counter()
    single = [n for n, quantity in everything.items() for _ in range(quantity)]
    chance.shuffle(single)
    back: Counter[int] = Counter()
    figures = [Counter[TaxRate]()]
    for n in single:
        back[n] += 1
        figures.append(taxes_within(lines, back))
        assert figures[-2] <= figures[-1], "no piece takes tax back again"
    assert figures[-1] == whole


def test_tax_is_rounded_once_over_each_rate() -> None:
    lines = [TaxedLine((2000, True), 1, 2), TaxedLine((2000, True), 1, 2), TaxedLine((700, True), 1, 2)]
    assert taxes_within(lines, {1: 1, 2: 1}) == {(2000, True): 1}, "two halves are one, not two"
    assert taxes_within(lines, {1: 1, 3: 1}) == {(2000, True): 1, (700, True): 1}, "each rate by itself"
    assert taxes_within([TaxedLine((2000, True), 10, 3)], {1: 9}) == {(2000, True): 10}, "at most what was sold counts"
