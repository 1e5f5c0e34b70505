"""A policy changes only by a new version, within what the programme allows."""

from dataclasses import replace

import pytest

from tests.contract.central.shop import Shop
from tests.contract.central.till import NOW
from urs_desktop.central import feed, policies
from urs_desktop.central.policies import GRACE_MS, NO_LIMITS, Limits, PolicyError, Terms
from urs_desktop.central.schema import entries, lots, reward_policies
from urs_desktop.domain.policy import DAY_MS, Category, RewardPolicy
from urs_desktop.domain.refusals import Refusal, RefusalCode


def put(
    shop: Shop, terms: Terms, category: Category = Category.MEDIUM, vendor: str | None = None, currency: str = "GBP"
) -> RewardPolicy:
    with shop.database.write() as connection:
        return policies.add_version(connection, category, vendor, currency, terms, NOW, shop.randomness)


def test_versions_count_within_category_vendor_and_currency(shop: Shop) -> None:
    terms = Terms(0, 100, 5000, NOW)
    second = put(shop, terms)
    euro = put(shop, terms, currency="EUR")
    own = put(shop, terms, vendor=shop.vendor_id)
    own_second = put(shop, terms, vendor=shop.vendor_id)
    assert (second.policy_id, second.version) == (shop.policy.policy_id, 2)
    assert (euro.version, own.version, own_second.version) == (1, 1, 2)
    assert len({second.policy_id, euro.policy_id, own.policy_id}) == 3
    assert own.policy_id == own_second.policy_id


def test_what_is_stored_is_what_is_hashed(shop: Shop) -> None:
    with shop.database.read() as connection:
        assert policies.named(connection, shop.policy.policy_id, 1) == shop.policy
        assert policies.named(connection, shop.policy.policy_id, 2) is None
    assert shop.rows(reward_policies)[0]["digest"] == shop.policy.digest()


@pytest.mark.parametrize(
    ("terms", "category"),
    [(Terms(-1, 0, 0, NOW), Category.MEDIUM), (Terms(0, 0, 1, NOW), Category.SMALL)],
)
def test_terms_outside_the_programme(shop: Shop, terms: Terms, category: Category) -> None:
    with pytest.raises(PolicyError):
        put(shop, terms, category)
    assert len(shop.rows(reward_policies)) == 1


def test_a_vendors_policy_stays_within_its_category(shop: Shop) -> None:
    with pytest.raises(PolicyError):
        put(shop, Terms(0, 0, 5001, NOW), vendor=shop.vendor_id)
    with pytest.raises(PolicyError):
        put(shop, Terms(0, 0, 0, NOW), Category.LARGE, vendor=shop.vendor_id)
    with pytest.raises(Refusal) as refusal:
        put(shop, Terms(0, 0, 0, NOW), vendor="nobody")
    assert refusal.value.code is RefusalCode.VENDOR_UNKNOWN
    assert put(shop, Terms(0, 0, 5000, NOW), vendor=shop.vendor_id).redeemable_bp == 5000


DATED = Terms(0, 100, 5000, NOW, valid_until=NOW + DAY_MS, vests_after=1, expires_after=30)


def test_a_dated_version_is_stored_hashed_and_told_whole(shop: Shop) -> None:
    dated = put(shop, DATED)
    with shop.database.write() as connection:
        assert policies.named(connection, dated.policy_id, 2) == dated
        items = [item.policy for item in feed.read(connection, shop.till.device_id, "", 100, NOW).items]
    assert policies.as_message(dated) in items
    assert (dated.valid_until, dated.vests_after, dated.expires_after) == (NOW + DAY_MS, 1, 30)
    assert shop.rows(reward_policies)[1]["digest"] == dated.digest()
    assert shop.findings() == []


def test_points_vest_and_expire_as_the_version_says(shop: Shop) -> None:
    dated = put(shop, DATED)
    shop.push(shop.till.sale(10_000, policy=dated))
    lot = shop.rows(lots)[0]
    assert (lot["vests_at"], lot["expires_at"]) == (NOW + DAY_MS, NOW + 30 * DAY_MS)
    assert shop.wallet() == (0, 0)
    entry = shop.rows(entries)[0]
    assert (entry["policy_id"], entry["policy_version"], entry["policy_digest"]) == (
        dated.policy_id,
        2,
        dated.digest(),
    )
    assert shop.findings() == []


def test_the_time_of_a_version_never_goes_back(shop: Shop) -> None:
    put(shop, replace(DATED, valid_until=None))
    with shop.database.write() as connection:
        policies.add_version(connection, Category.LARGE, None, "GBP", DATED, NOW - 5, shop.randomness)
    assert [row["created_at"] for row in shop.rows(reward_policies)] == [NOW - 1000, NOW, NOW]


def may_redeem(shop: Shop, policy: RewardPolicy, now: int) -> bool:
    """Ask for a point of a sale reckoned with this version."""
    try:
        return shop.grant(1, now=now, policy_id=policy.policy_id, policy_version=policy.version).granted == 1
    except Refusal as refusal:
        if refusal.code is not RefusalCode.POLICY_UNKNOWN:
            raise
        return False


class TestEnds:
    """A version whose end is over holds no more, but for the time in which counters learn of it."""

    def test_the_vendors_own_first_then_the_categorys(self, shop: Shop) -> None:
        shop.earn(100)
        own = put(shop, replace(DATED, vests_after=0, expires_after=0), vendor=shop.vendor_id)
        over = NOW + DAY_MS
        assert may_redeem(shop, own, over - 1)
        assert may_redeem(shop, shop.policy, over)
        assert may_redeem(shop, own, over + GRACE_MS - 1)
        assert not may_redeem(shop, own, over + GRACE_MS)

    def test_a_version_is_in_force_again_after_a_later_one_ended(self, shop: Shop) -> None:
        shop.earn(100)
        short = put(shop, replace(DATED, valid_until=NOW + 1, vests_after=0))
        assert may_redeem(shop, shop.policy, NOW + 10 * GRACE_MS)
        assert not may_redeem(shop, short, NOW + 10 * GRACE_MS)

    def test_one_that_held_only_between_two_others_may_be_used_in_the_grace(self, shop: Shop) -> None:
        """The first version held for a moment between the end of the second and the beginning of the third."""
        shop.earn(100)
        put(shop, Terms(0, 0, 5000, NOW - 500, valid_until=NOW + 10))
        put(shop, Terms(0, 0, 5000, NOW + 20))
        first = shop.policy
        assert may_redeem(shop, first, NOW + 10 + GRACE_MS - 1)
        assert may_redeem(shop, first, NOW + 19 + GRACE_MS)
        assert not may_redeem(shop, first, NOW + 20 + GRACE_MS)

    def test_in_a_gap_no_policy_holds(self, shop: Shop) -> None:
        vendor_id = shop.another_vendor(Category.LARGE)
        till = shop.another_till(vendor_id)
        ended = put(shop, Terms(0, 500, 5000, NOW, valid_until=NOW + 1), Category.LARGE)
        shop.push(till.sale(10_000, policy=ended), till=till)
        named = {"policy_id": ended.policy_id, "policy_version": ended.version, "till": till}
        with pytest.raises(Refusal) as refusal:
            shop.grant(1, now=NOW + GRACE_MS + 1, **named)  # type: ignore[arg-type]
        assert refusal.value.code is RefusalCode.POLICY_UNKNOWN
        assert shop.grant(1, now=NOW + GRACE_MS, **named).granted == 1  # type: ignore[arg-type]


class TestLimits:
    """What a category's policy lets its vendors define, held against their own policies."""

    LIMITS = Limits(max_threshold=2000, min_reward_bp=100, max_reward_bp=1000, max_redeemable_bp=6000)

    def test_limits_are_stored_with_the_version(self, shop: Shop) -> None:
        put(shop, Terms(1000, 500, 5000, NOW, limits=self.LIMITS))
        with shop.database.read() as connection:
            assert [version.limits for version in policies.versions(connection)] == [NO_LIMITS, self.LIMITS]

    def test_a_vendors_policy_stays_within_them(self, shop: Shop) -> None:
        put(shop, Terms(1000, 500, 5000, NOW, limits=self.LIMITS))
        for terms in (Terms(2001, 500, 0, NOW), Terms(0, 99, 0, NOW), Terms(0, 1001, 0, NOW), Terms(0, 100, 6001, NOW)):
            with pytest.raises(PolicyError):
                put(shop, terms, vendor=shop.vendor_id)
        assert put(shop, Terms(2000, 1000, 6000, NOW), vendor=shop.vendor_id).version == 1
        assert shop.findings() == []

    def test_a_beginning_in_the_past_walks_round_no_limit(self, shop: Shop) -> None:
        with pytest.raises(PolicyError):
            put(shop, Terms(0, 0, 5001, NOW - DAY_MS), vendor=shop.vendor_id)

    def test_a_later_beginning_is_held_against_the_limits_then(self, shop: Shop) -> None:
        put(shop, Terms(1000, 500, 9000, NOW + 10))
        with pytest.raises(PolicyError):
            put(shop, Terms(0, 0, 9000, NOW + 9), vendor=shop.vendor_id)
        assert put(shop, Terms(0, 0, 9000, NOW + 10), vendor=shop.vendor_id).version == 1
        assert shop.findings() == []

    def test_a_vendor_sets_none(self, shop: Shop) -> None:
        with pytest.raises(PolicyError, match="whole category"):
            put(shop, Terms(0, 0, 0, NOW, limits=self.LIMITS), vendor=shop.vendor_id)

    def test_tighter_limits_leave_what_holds_already(self, shop: Shop) -> None:
        put(shop, Terms(0, 5000, 5000, NOW), vendor=shop.vendor_id)
        with shop.database.write() as connection:
            for since in (NOW + 5, NOW - 500):
                terms = Terms(1000, 500, 100, since, limits=Limits(max_reward_bp=10))
                policies.add_version(connection, Category.MEDIUM, None, "GBP", terms, NOW + 5, shop.randomness)
        assert shop.findings() == []
