"""Which policy holds when, and the seal over its content.

Must never take the version alone for newer: the day it becomes valid decides first.
"""

import hashlib
import itertools
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import make_policy
from urs_desktop.domain.policy import Category, RewardPolicy, category, in_force
from urs_desktop.domain.refusals import Refusal, RefusalCode

some = st.lists(
    st.builds(
        make_policy,
        vendor_id=st.sampled_from([None, "vendor-1", "vendor-2"]),
        category=st.sampled_from(list(Category)),
        version=st.integers(1, 4),
        valid_from=st.integers(0, 10),
        valid_until=st.none() | st.integers(0, 11),
    ),
    max_size=12,
)


@given(some, st.sampled_from(list(Category)), st.integers(-1, 11))
def test_the_policy_in_force_by_hand(policies: list[RewardPolicy], size: Category, now: int) -> None:
    mine = [p for p in policies if p.category is size and p.valid_from <= now]
    mine = [p for p in mine if p.valid_until is None or now < p.valid_until]
    own = [p for p in mine if p.vendor_id == "vendor-1"]
    candidates = own or [p for p in mine if p.vendor_id is None]
    found = in_force(policies, size, "vendor-1", now)
    if not candidates:
        assert found is None
        return
    assert found in candidates
    newest = max(p.valid_from for p in candidates)
    assert found.valid_from == newest
    assert found.version == max(p.version for p in candidates if p.valid_from == newest)


@given(some, st.integers(0, 10))
def test_the_order_of_the_list_does_not_matter(policies: list[RewardPolicy], now: int) -> None:
    distinct = list({(p.vendor_id, p.category, p.version, p.valid_from): p for p in policies}.values())
    forwards = in_force(distinct, Category.MEDIUM, "vendor-1", now)
    assert in_force(reversed(distinct), Category.MEDIUM, "vendor-1", now) == forwards


def test_the_digest_is_sha_256_over_sorted_json() -> None:
    policy = make_policy(vendor_id=None)
    document = (
        '{"category":"medium","currency":"GBP","policy_id":"policy-1","redeemable_bp":5000,"reward_bp":500,'
        f'"tag":"URS policy 1","threshold":1000,"valid_from":{policy.valid_from},"vendor_id":null,"version":1}}'
    )
    assert policy.digest() == hashlib.sha256(document.encode()).digest()
    assert policy.reference().digest == policy.digest()


def test_every_field_is_under_the_seal() -> None:
    policy = make_policy()
    others = {
        "policy_id": "policy-2",
        "version": 2,
        "category": Category.LARGE,
        "vendor_id": "vendor-1",
        "currency": "EUR",
        "threshold": 1001,
        "reward_bp": 501,
        "redeemable_bp": 5001,
        "valid_from": policy.valid_from + 1,
        "valid_until": policy.valid_from + 1,
        "vests_after": 1,
        "expires_after": 1,
    }
    assert set(others) == {field.name for field in fields(RewardPolicy)}
    digests = [policy.digest(), *(replace(policy, **{name: value}).digest() for name, value in others.items())]  # type: ignore[arg-type]
    assert all(one != other for one, other in itertools.combinations(digests, 2))


def test_the_digest_of_a_version_that_ends_vests_or_expires_has_a_tag_of_its_own() -> None:
    policy = make_policy(valid_until=2_000_000_000_000, vests_after=3, expires_after=365)
    document = (
        '{"category":"medium","currency":"GBP","expires_after":365,"policy_id":"policy-1","redeemable_bp":5000,'
        f'"reward_bp":500,"tag":"URS policy 2","threshold":1000,"valid_from":{policy.valid_from},'
        '"valid_until":2000000000000,"vendor_id":null,"version":1,"vests_after":3}'
    )
    assert policy.digest() == hashlib.sha256(document.encode()).digest()
    ends = make_policy(valid_until=0)
    assert ends.digest() != make_policy().digest()


def test_a_version_holds_from_its_first_moment_until_its_last_excluded() -> None:
    policy = make_policy(valid_from=10, valid_until=20)
    assert [policy.holds_at(now) for now in (9, 10, 19, 20)] == [False, True, True, False]
    assert make_policy(valid_from=10).holds_at(10**15)
    assert in_force([policy], Category.MEDIUM, "vendor-1", 20) is None


def test_the_version_before_holds_again_when_a_later_one_ends() -> None:
    first, second = make_policy(version=1, valid_from=0), make_policy(version=2, valid_from=10, valid_until=20)
    found = [in_force([first, second], Category.MEDIUM, "vendor-1", now) for now in (9, 10, 19, 20)]
    assert found == [first, second, second, first]


def test_points_vest_and_expire_whole_days_after_they_were_earned() -> None:
    policy = make_policy(vests_after=2, expires_after=30)
    assert (policy.vests_at(1000), policy.expires_at(1000)) == (172_801_000, 2_592_001_000)
    assert (make_policy().vests_at(1000), make_policy().expires_at(1000)) == (None, None)


def test_categories_are_read_as_people_write_them() -> None:
    assert category(" Medium ") is Category.MEDIUM
    with pytest.raises(Refusal) as caught:
        category("huge")
    assert caught.value.code is RefusalCode.CATEGORY_UNKNOWN
    assert [size.redeems for size in Category] == [False, True, True]
