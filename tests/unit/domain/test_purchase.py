"""The rules of ledger.md, one property each: earning, redeeming, tenders and shares.

Must never compute the expected figure with the code it checks.
"""

from fractions import Fraction
from math import floor

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.builders import GBP, JPY, make_basket, make_line, make_policy, pounds
from urs_desktop.domain.basket import Basket, LineItem, basket_of
from urs_desktop.domain.money import Money, UnitPrice
from urs_desktop.domain.points import NO_POINTS, Points
from urs_desktop.domain.policy import Category, RewardPolicy
from urs_desktop.domain.purchase import (
    CardPayment,
    Purchase,
    TenderKind,
    check_redemption,
    redemption_cap,
    round_cash,
    settle,
)
from urs_desktop.domain.refusals import Refusal, RefusalCode

totals = st.integers(0, 10**14)
rates = st.integers(0, 10_000)
policies = st.builds(
    make_policy,
    threshold=st.integers(0, 10**6),
    reward_bp=rates,
    redeemable_bp=rates,
    category=st.sampled_from([Category.MEDIUM, Category.LARGE]),
)
baskets = st.lists(
    st.tuples(st.integers(0, 10**7), st.integers(0, 5), st.integers(1, 200)), min_size=1, max_size=12
).map(
    lambda rows: basket_of(
        GBP, tuple(LineItem(f"S{n}", "x", q, UnitPrice(u, s, GBP)) for n, (u, s, q) in enumerate(rows))
    )
)


def settled(basket: Basket, policy: RewardPolicy | None, points: int = 0, **more: object) -> Purchase:
    """Settle for a customer at a vendor of the policy's category."""
    category = policy.category if policy else Category.MEDIUM
    tendered = more.get("cash_tendered")
    assert tendered is None or isinstance(tendered, Money)
    return settle(
        basket,
        category=category,
        policy=policy,
        has_customer=bool(more.get("has_customer", True)),
        points=Points(points),
        cash_tendered=tendered,
    )


def code_of(change: object) -> RefusalCode:
    assert callable(change)
    with pytest.raises(Refusal) as caught:
        change()
    return caught.value.code


@given(policies, totals)
def test_earning_is_nothing_up_to_the_threshold_and_one_floor_above(policy: RewardPolicy, base: int) -> None:
    expected = 0 if base <= policy.threshold else floor(Fraction(base * policy.reward_bp, 10_000))
    assert policy.earn(pounds(base)) == expected


@given(policies)
def test_exceeds_is_strict(policy: RewardPolicy) -> None:
    assert policy.earn(pounds(policy.threshold)) == 0
    above = policy.threshold + 1
    assert policy.earn(pounds(above)) == above * policy.reward_bp // 10_000


@pytest.mark.parametrize(("base", "points"), [(1000, 0), (1001, 50), (1019, 50), (1020, 51), (0, 0), (-500, 0)])
def test_five_per_cent_above_ten_pounds(base: int, points: int) -> None:
    assert make_policy(threshold=1000, reward_bp=500).earn(pounds(base)) == points


def test_a_threshold_of_nothing_still_earns_nothing_on_nothing() -> None:
    assert make_policy(threshold=0, reward_bp=10_000).earn(pounds(0)) == 0


@given(policies, totals, st.integers(0, 10**14))
def test_the_cap_is_the_smaller_of_the_wallet_and_the_policys_share(
    policy: RewardPolicy, total: int, spendable: int
) -> None:
    share = floor(Fraction(total * policy.redeemable_bp, 10_000))
    cap = redemption_cap(pounds(total), policy.category, policy, Points(spendable))
    assert cap == min(spendable, share) <= total
    if cap:
        check_redemption(cap, pounds(total), policy.category, policy)
    over = Points(share + 1)
    assert (
        code_of(lambda: check_redemption(over, pounds(total), policy.category, policy)) is RefusalCode.POINTS_OVER_CAP
    )


@given(policies, totals, st.integers(1, 10**14))
def test_small_vendors_never_redeem_whatever_their_policy_says(policy: RewardPolicy, total: int, points: int) -> None:
    assert redemption_cap(pounds(total), Category.SMALL, policy, Points(points)) == 0
    small = make_policy(category=Category.SMALL, redeemable_bp=10_000)
    assert small.redeemable(pounds(total)) == 0
    for held in (policy, small, None):
        code = code_of(lambda held=held: check_redemption(Points(points), pounds(total), Category.SMALL, held))
        assert code is RefusalCode.POINTS_NOT_REDEEMED_HERE


def test_no_policy_no_points() -> None:
    assert redemption_cap(pounds(5000), Category.LARGE, None, Points(50)) == 0
    purchase = settled(make_basket(make_line("50.00")), None)
    assert (purchase.earned, purchase.policy) == (0, None)


@given(baskets, policies, st.integers(0, 10**9), st.integers(0, 10**9))
def test_a_settled_purchase_adds_up(basket: Basket, policy: RewardPolicy, wish: int, extra: int) -> None:
    cap = redemption_cap(basket.total, policy.category, policy, Points(wish))
    due = basket.total.minor - cap
    purchase = settled(basket, policy, cap, cash_tendered=pounds(due + extra))
    assert purchase.total == basket.total
    assert purchase.points_paid + purchase.cash_paid.minor == purchase.total.minor
    assert sum(tender.amount.minor for tender in purchase.tenders) == purchase.total.minor
    assert sum(purchase.shares) == purchase.earned
    assert len(purchase.shares) == len(basket.lines)
    assert purchase.change == pounds(extra)
    expected = 0 if due <= policy.threshold else due * policy.reward_bp // 10_000
    assert purchase.earned == expected
    by_points = [tender for tender in purchase.tenders if tender.kind is TenderKind.POINTS]
    assert [tender.amount.minor for tender in by_points] == ([cap] if cap else [])
    assert all(tender.tendered == tender.amount for tender in by_points)


@given(baskets, policies)
def test_points_never_earn_points(basket: Basket, policy: RewardPolicy) -> None:
    cap = redemption_cap(basket.total, policy.category, policy, Points(10**15))
    with_points, without = settled(basket, policy, cap), settled(basket, policy)
    assert with_points.earned <= without.earned
    assert with_points.earned == policy.earn(pounds(basket.total.minor - cap))


@given(baskets, policies)
def test_without_a_customer_nobody_earns(basket: Basket, policy: RewardPolicy) -> None:
    assert settled(basket, policy, has_customer=False).earned == 0


@given(baskets, st.integers(1, 10**12))
def test_cash_that_is_short_is_refused_with_what_is_missing(basket: Basket, short: int) -> None:
    assume(basket.total.minor > 0)
    handed = basket.total.minor - min(short, basket.total.minor)
    with pytest.raises(Refusal) as caught:
        settled(basket, None, cash_tendered=pounds(handed))
    assert caught.value.code is RefusalCode.PAYMENT_SHORT
    assert caught.value.details == {"missing": basket.total.minor - handed}


def test_points_a_shop_may_not_take_are_refused() -> None:
    basket, policy = make_basket(make_line("20.00")), make_policy(redeemable_bp=5000)
    assert code_of(lambda: settled(basket, policy, 1001)) is RefusalCode.POINTS_OVER_CAP
    assert code_of(lambda: settled(basket, policy, -1)) is RefusalCode.POINTS_OVER_CAP
    assert code_of(lambda: settled(basket, policy, 1, has_customer=False)) is RefusalCode.POINTS_WITHOUT_CUSTOMER
    assert code_of(lambda: settled(basket, None, 1)) is RefusalCode.POINTS_NOT_REDEEMED_HERE
    assert settled(basket, policy, 1000).cash_paid == pounds(1000)


def test_an_empty_basket_and_foreign_money_are_refused() -> None:
    assert code_of(lambda: settled(Basket(GBP), None)) is RefusalCode.BASKET_EMPTY
    assert (
        code_of(lambda: settled(make_basket(), None, cash_tendered=Money(99_999, JPY))) is RefusalCode.CURRENCIES_MIXED
    )


def test_a_gift_has_no_tender_and_a_full_redemption_no_cash() -> None:
    assert settled(make_basket(make_line("0.00")), make_policy()).tenders == ()
    full = settled(make_basket(make_line("5.00")), make_policy(redeemable_bp=10_000), 500)
    assert [tender.kind for tender in full.tenders] == [TenderKind.POINTS]
    assert (full.cash_paid, full.earned) == (pounds(0), NO_POINTS)


@given(baskets, st.lists(st.integers(1, 5000), max_size=3), st.sampled_from([1, 5, 10, 50, 100]), st.integers(0, 10**6))
def test_a_split_payment_adds_up_whatever_the_smallest_coin(
    basket: Basket, by_card: list[int], step: int, extra: int
) -> None:
    left, cards = basket.total.minor, []
    for amount in by_card:
        if amount <= left:
            cards.append(CardPayment(pounds(amount), "T-1"))
            left -= amount
    rounded = round_cash(pounds(left), step).minor
    assert rounded % step == 0
    assert abs(rounded - left) * 2 <= step
    purchase = settle(
        basket,
        category=Category.MEDIUM,
        policy=None,
        has_customer=False,
        cards=tuple(cards),
        cash_tendered=pounds(rounded + extra),
        cash_step=step,
    )
    assert sum(tender.amount.minor for tender in purchase.tenders) == purchase.total.minor
    assert purchase.rounding == rounded - left
    assert purchase.change == pounds(extra)
    assert [t.reference for t in purchase.tenders if t.kind is TenderKind.CARD] == ["T-1"] * len(cards)


@pytest.mark.parametrize("amount", [0, -1, 1001])
def test_a_card_pays_no_more_than_is_left(amount: int) -> None:
    basket = make_basket(make_line("10.00"))
    cards = (CardPayment(pounds(amount)),)
    code = code_of(lambda: settle(basket, category=Category.SMALL, policy=None, has_customer=False, cards=cards))
    assert code is RefusalCode.PAYMENT_OVER
