"""Why a sale earned what it did: every step there, and the steps come to what the rules posted.

Must never explain by another arithmetic than the one that was used.
"""

from collections import Counter

from hypothesis import given

from tests.builders import make_policy, pounds
from tests.unit.domain.test_refund import sales, splits
from urs_desktop.domain.explanation import earning, explain
from urs_desktop.domain.points import NO_POINTS, Points
from urs_desktop.domain.refund import Sold, SoldLine, pieces_of, refund_state


def test_the_steps_of_a_sale_and_of_its_refunds_by_hand() -> None:
    policy = make_policy(threshold=1000)
    sold = Sold((SoldLine(3, 6000), SoldLine(1, 499)), pounds(6499), Points(1000), Points(274), policy)
    explained = explain(sold, [{1: 1}, {1: 2}])
    first = explained.earning
    assert (first.base, first.exceeds, first.product, first.scale, first.points) == (
        pounds(5499),
        True,
        5499 * 500,
        10_000,
        274,
    )
    assert explained.shares == (253, 21)
    one, two = explained.refunds
    assert (one.adds.value, one.adds.points_back, one.adds.cash_back, one.adds.clawed) == (2000, 307, 1693, 84)
    assert (one.points_product, one.rest.base, one.rest.points) == (1000 * 2000, pounds(3806), 190)
    assert (two.adds.value, two.adds.points_back, two.adds.cash_back, two.adds.clawed) == (4000, 616, 3384, 190)
    assert (two.rest.base, two.rest.exceeds, two.rest.points) == (pounds(422), False, 0)
    assert (two.pieces, two.before) == ({1: 2}, one.after)


def test_at_the_threshold_and_without_a_policy() -> None:
    at = earning(pounds(1000), make_policy(threshold=1000))
    assert (at.exceeds, at.points, at.product) == (False, 0, 500_000)
    assert earning(pounds(1001), make_policy(threshold=1000)).exceeds
    none = earning(pounds(5000), None)
    assert (none.exceeds, none.points, none.product, none.policy) == (False, 0, 0, None)


@given(sales())
def test_the_shares_add_up_to_what_was_earned(sold: Sold) -> None:
    explained = explain(sold, [])
    assert sum(explained.shares) == sold.earned
    assert explained.refunds == ()
    assert sold.earned in (explained.earning.points, NO_POINTS)


@given(splits())
def test_the_steps_come_to_what_is_posted(case: tuple[Sold, list[Counter[int]]]) -> None:
    sold, refunds = case
    explained = explain(sold, refunds)
    assert len(explained.refunds) == len(refunds)
    for count, step in enumerate(explained.refunds, 1):
        assert step.after == refund_state(sold, pieces_of(refunds[:count]))
        assert step.before == refund_state(sold, pieces_of(refunds[: count - 1]))
        assert step.rest.base.minor == explained.earning.base.minor - step.after.cash_back
        if sold.earned and step.after.cash_back:
            assert step.after.clawed == sold.earned - step.rest.points
        if sold.total.minor:
            assert step.after.points_back == step.points_product // sold.total.minor
