"""What a policy may say, and what a category lets its vendors define for themselves."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from urs_desktop.central import policies
from urs_desktop.central.policies import MOST_DAYS, NO_LIMITS, Limits, PolicyError, Terms, Version
from urs_desktop.domain.policy import Category, RewardPolicy

FINE = Terms(1000, 500, 5000, 1000)
rates = st.integers(0, 10_000)


@pytest.mark.parametrize(
    "terms",
    [
        FINE,
        Terms(0, 0, 0, 0),
        Terms(0, 10_000, 10_000, -1),
        replace(FINE, valid_until=1001),
        replace(FINE, vests_after=MOST_DAYS),
        replace(FINE, expires_after=MOST_DAYS, vests_after=MOST_DAYS - 1),
        replace(FINE, expires_after=1),
    ],
)
def test_terms_that_will_do(terms: Terms) -> None:
    policies.check_terms(Category.LARGE, terms)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"threshold": -1}, "threshold"),
        ({"reward_bp": -1}, "percentage"),
        ({"reward_bp": 10_001}, "percentage"),
        ({"redeemable_bp": -1}, "percentage"),
        ({"redeemable_bp": 10_001}, "percentage"),
        ({"valid_until": 1000}, "end after"),
        ({"valid_until": 999}, "end after"),
        ({"vests_after": -1}, "days"),
        ({"expires_after": -1}, "days"),
        ({"vests_after": MOST_DAYS + 1}, "days"),
        ({"expires_after": MOST_DAYS + 1}, "days"),
        ({"vests_after": 30, "expires_after": 30}, "expire after they vest"),
        ({"vests_after": 31, "expires_after": 30}, "expire after they vest"),
    ],
)
def test_terms_that_will_not_do(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(PolicyError, match=words):
        policies.check_terms(Category.LARGE, replace(FINE, **changes))


def test_small_vendors_redeem_nothing() -> None:
    policies.check_terms(Category.SMALL, replace(FINE, redeemable_bp=0))
    with pytest.raises(PolicyError, match="small vendors"):
        policies.check_terms(Category.SMALL, replace(FINE, redeemable_bp=1))


@pytest.mark.parametrize(
    ("category", "limits", "words"),
    [
        (Category.MEDIUM, Limits(max_threshold=-1), "threshold"),
        (Category.MEDIUM, Limits(min_reward_bp=10_001), "percentage"),
        (Category.MEDIUM, Limits(max_reward_bp=-1), "percentage"),
        (Category.MEDIUM, Limits(max_redeemable_bp=10_001), "percentage"),
        (Category.MEDIUM, Limits(min_reward_bp=2, max_reward_bp=1), "above the most"),
        (Category.SMALL, Limits(max_redeemable_bp=1), "small vendors"),
    ],
)
def test_limits_that_will_not_do(category: Category, limits: Limits, words: str) -> None:
    with pytest.raises(PolicyError, match=words):
        policies.check_limits(category, None, limits)


def test_only_a_whole_category_sets_limits() -> None:
    policies.check_limits(Category.MEDIUM, "somebody", NO_LIMITS)
    policies.check_limits(Category.MEDIUM, None, Limits(0, 0, 0, 0))
    policies.check_limits(Category.SMALL, None, Limits(max_redeemable_bp=0))
    with pytest.raises(PolicyError, match="whole category"):
        policies.check_limits(Category.MEDIUM, "somebody", Limits(max_threshold=1))


def wide(limits: Limits, *, valid_from: int = 0, valid_until: int | None = None, number: int = 1) -> Version:
    policy = RewardPolicy("p", number, Category.MEDIUM, None, "GBP", 1000, 500, 5000, valid_from, valid_until)
    return Version(policy, policy.digest(), limits, None, 0)


def said(terms: Terms, *versions: Version, at: int = 1000) -> str | None:
    return policies.outside(terms, versions, Category.MEDIUM, at)


@pytest.mark.parametrize(
    ("limits", "inside", "beyond"),
    [
        (Limits(max_threshold=2000), Terms(2000, 500, 0, 0), Terms(2001, 500, 0, 0)),
        (Limits(max_threshold=0), Terms(0, 500, 0, 0), Terms(1, 500, 0, 0)),
        (Limits(max_reward_bp=0), Terms(0, 0, 0, 0), Terms(0, 1, 0, 0)),
        (Limits(min_reward_bp=300), Terms(0, 300, 0, 0), Terms(0, 299, 0, 0)),
        (Limits(max_reward_bp=300), Terms(0, 300, 0, 0), Terms(0, 301, 0, 0)),
        (Limits(max_redeemable_bp=6000), Terms(0, 0, 6000, 0), Terms(0, 0, 6001, 0)),
        (Limits(max_redeemable_bp=0), Terms(0, 0, 0, 0), Terms(0, 0, 1, 0)),
        (NO_LIMITS, Terms(0, 0, 5000, 0), Terms(0, 0, 5001, 0)),
    ],
)
def test_each_limit_holds_to_the_last_unit(limits: Limits, inside: Terms, beyond: Terms) -> None:
    assert said(inside, wide(limits)) is None
    assert said(beyond, wide(limits)) is not None


@given(st.integers(0, 10**9), rates)
def test_what_is_not_limited_is_free(threshold: int, reward: int) -> None:
    assert said(Terms(threshold, reward, 5000, 0), wide(NO_LIMITS)) is None


def test_the_limits_are_those_of_the_version_in_force() -> None:
    old, new = wide(Limits(max_reward_bp=100)), wide(Limits(max_reward_bp=900), valid_from=2000, number=2)
    assert said(FINE, old, new, at=1999) is not None
    assert said(FINE, old, new, at=2000) is None


def test_without_a_version_in_force_nothing_is_limited() -> None:
    assert said(FINE) is None
    assert said(FINE, wide(Limits(max_reward_bp=0), valid_from=1001)) is None
    assert said(FINE, wide(Limits(max_reward_bp=0), valid_until=1000)) is None
