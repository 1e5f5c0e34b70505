"""Grants set aside what is there and allowed, once; what is not spent comes back."""

from typing import Any

import pytest

from tests.contract.central.shop import Shop
from tests.contract.central.till import CENTRAL_KEY, NOW
from urs_desktop.central import leases, policies
from urs_desktop.central.accounts import SessionOverError
from urs_desktop.central.policies import GRACE_MS, Terms
from urs_desktop.central.schema import counters, entries
from urs_desktop.central.schema import leases as lease_rows
from urs_desktop.domain.lease import EXACT_GRANT_MS, EXACT_SETTLE_MS
from urs_desktop.domain.policy import Category, RewardPolicy
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol import grants
from urs_desktop.protocol.operations import SaleSpend

LATER = NOW + EXACT_SETTLE_MS + 1


def refused(shop: Shop, want: int = 100, **changes: Any) -> RefusalCode:  # noqa: ANN401 - any field of a message
    before = len(shop.rows(entries)), [row["lease_id"] for row in shop.rows(lease_rows)]
    with pytest.raises(Refusal) as refusal:
        shop.grant(want, **changes)
    assert (len(shop.rows(entries)), [row["lease_id"] for row in shop.rows(lease_rows)]) == before
    return refusal.value.code


def newer_policy(shop: Shop, terms: Terms) -> RewardPolicy:
    with shop.database.write() as connection:
        return policies.add_version(connection, Category.MEDIUM, None, "GBP", terms, NOW, shop.randomness)


def test_a_grant_sets_aside_and_is_signed(shop: Shop) -> None:
    shop.earn(300)
    grant = shop.grant(200)
    assert (grant.granted, grant.spend_until, grant.epoch) == (200, NOW + EXACT_GRANT_MS, 1)
    assert grants.is_authentic(CENTRAL_KEY.public_key, shop.till.device_id, grant)
    assert not grants.is_authentic(CENTRAL_KEY.public_key, shop.another_till().device_id, grant)
    assert shop.wallet() == (100, 200)
    assert shop.findings() == []


def test_a_grant_gives_what_is_there(shop: Shop) -> None:
    shop.earn(300)
    assert shop.grant(5000).granted == 300
    assert refused(shop, 1) is RefusalCode.POINTS_NOT_AVAILABLE


def test_asking_again_gives_the_same_answer(shop: Shop) -> None:
    shop.earn(300)
    first = shop.grant(200, lease_id="L")
    assert shop.grant(200, lease_id="L", now=NOW + 1000) == first
    assert shop.grant(50, lease_id="L") == first
    assert shop.wallet() == (100, 200)


def test_a_lease_id_is_one_counters_and_one_customers(shop: Shop) -> None:
    shop.earn(300)
    shop.earn(300, "C-2")
    shop.grant(200, lease_id="L")
    assert refused(shop, lease_id="L", till=shop.another_till()) is RefusalCode.GRANT_OVER
    assert refused(shop, lease_id="L", card="C-2") is RefusalCode.GRANT_OVER


@pytest.mark.parametrize(("want", "allowed"), [(5000, True), (5001, False), (0, False), (-1, False)])
def test_the_cap_is_the_policys_share_of_the_total(shop: Shop, want: int, allowed: bool) -> None:
    shop.earn(6000)
    if allowed:
        assert shop.grant(want).granted == want
    else:
        assert refused(shop, want) is RefusalCode.POINTS_OVER_CAP


@pytest.mark.parametrize("total", [0, -1, 10**15])
def test_a_total_that_cannot_be_one(shop: Shop, total: int) -> None:
    shop.earn(300)
    assert refused(shop, total=total) is RefusalCode.AMOUNT_OUT_OF_RANGE


def test_small_vendors_never_redeem(shop: Shop) -> None:
    till = shop.another_till(shop.another_vendor(Category.SMALL))
    shop.earn(300)
    assert refused(shop, till=till) is RefusalCode.POINTS_NOT_REDEEMED_HERE


def test_an_unknown_customer(shop: Shop) -> None:
    assert refused(shop) is RefusalCode.CUSTOMER_UNKNOWN
    assert refused(shop, card="") is RefusalCode.CARD_MALFORMED


@pytest.mark.parametrize("changes", [{"policy_version": 2}, {"policy_id": "?"}])
def test_an_unknown_policy(shop: Shop, changes: dict[str, Any]) -> None:
    shop.earn(300)
    assert refused(shop, **changes) is RefusalCode.POLICY_UNKNOWN


def test_a_policy_of_another_category(shop: Shop) -> None:
    shop.earn(300)
    with shop.database.write() as connection:
        terms = Terms(0, 0, 10_000, NOW - 1)
        large = policies.add_version(connection, Category.LARGE, None, "GBP", terms, NOW, shop.randomness)
    assert refused(shop, policy_id=large.policy_id) is RefusalCode.POLICY_UNKNOWN


def test_a_replaced_policy_counts_for_its_grace(shop: Shop) -> None:
    shop.earn(300)
    newer = newer_policy(shop, Terms(1000, 500, 100, NOW))
    assert shop.grant(10, now=NOW + GRACE_MS - 1).granted == 10
    assert refused(shop, 10, now=NOW + GRACE_MS) is RefusalCode.POLICY_UNKNOWN
    assert shop.grant(10, now=NOW + GRACE_MS, policy_version=newer.version).granted == 10


def test_a_policy_to_come_does_not_count_yet(shop: Shop) -> None:
    shop.earn(300)
    newer = newer_policy(shop, Terms(0, 0, 10_000, NOW + 1000))
    assert refused(shop, policy_version=newer.version) is RefusalCode.POLICY_UNKNOWN
    assert shop.grant(100, policy_version=newer.version, now=NOW + 1000).granted == 100


def test_another_epoch_has_no_session(shop: Shop) -> None:
    shop.earn(300)
    with pytest.raises(SessionOverError):
        shop.grant(100, epoch=2)


@pytest.mark.parametrize("state", ["revoked", "quarantined"])
def test_a_revoked_or_quarantined_counter_gets_nothing(shop: Shop, state: str) -> None:
    shop.earn(300)
    with shop.database.write() as connection:
        connection.execute(counters.update().values(state=state))
    assert refused(shop) is RefusalCode(f"counter_{state}")


class TestReturns:
    """A lease given back is closed for ever."""

    def test_a_return_frees_the_points(self, shop: Shop) -> None:
        shop.earn(300)
        grant = shop.grant(200)
        shop.till.give_back(grant.lease_id, 200)
        shop.push()
        assert shop.wallet() == (300, 0)
        assert refused(shop, lease_id=grant.lease_id) is RefusalCode.GRANT_OVER
        assert shop.findings() == []

    def test_a_return_of_nothing_closes_a_grant_whose_answer_was_lost(self, shop: Shop) -> None:
        shop.earn(300)
        grant = shop.grant(200)
        shop.till.give_back(grant.lease_id, 0)
        shop.push()
        assert shop.wallet() == (300, 0)
        assert shop.findings() == []

    def test_a_return_before_its_grant_keeps_the_grant_out(self, shop: Shop) -> None:
        shop.earn(300)
        shop.till.give_back("L", 0)
        assert shop.push().results[-1].result == "applied"
        assert refused(shop, lease_id="L") is RefusalCode.GRANT_OVER
        assert shop.wallet() == (300, 0)
        assert shop.findings() == []

    def test_a_return_of_more_than_is_held_frees_what_is_held(self, shop: Shop) -> None:
        shop.earn(300)
        grant = shop.grant(200)
        shop.till.give_back(grant.lease_id, 10**6)
        shop.push()
        assert shop.wallet() == (300, 0)
        assert shop.findings() == []

    def test_a_return_frees_all_that_is_held_whatever_its_number(self, shop: Shop) -> None:
        shop.earn(300)
        grant = shop.grant(200)
        shop.till.give_back(grant.lease_id, 50)
        shop.push()
        assert shop.wallet() == (300, 0)
        assert refused(shop, lease_id=grant.lease_id) is RefusalCode.GRANT_OVER
        assert shop.findings() == []

    def test_another_counter_gives_nothing_back(self, shop: Shop) -> None:
        shop.earn(300)
        grant = shop.grant(200)
        other = shop.another_till()
        other.give_back(grant.lease_id, 200)
        assert shop.push(till=other).results[-1].code == "grant_over"
        assert shop.wallet() == (100, 200)

    def test_a_return_twice(self, shop: Shop) -> None:
        shop.earn(300)
        grant = shop.grant(200)
        shop.till.give_back(grant.lease_id, 200)
        shop.till.give_back(grant.lease_id, 200)
        shop.push()
        assert shop.wallet() == (300, 0)
        assert shop.findings() == []


class TestReclaim:
    """Only the centre's clock brings points back, and a late spend never reaches the wallet."""

    def reclaim(self, shop: Shop, now: int = LATER) -> int:
        with shop.database.write() as connection:
            return leases.reclaim_due(connection, now)

    def test_a_lease_whose_time_is_over_comes_back(self, shop: Shop) -> None:
        shop.earn(300)
        shop.grant(200)
        assert self.reclaim(shop, LATER - 1) == 0
        assert self.reclaim(shop) == 1
        assert self.reclaim(shop) == 0
        assert shop.wallet() == (300, 0)
        assert shop.findings() == []

    def test_a_spend_after_the_reclaim_is_the_vendors(self, shop: Shop) -> None:
        shop.earn(300)
        grant = shop.grant(200)
        self.reclaim(shop)
        shop.till.sale(900, points_paid=200, spends=(SaleSpend(grant.lease_id, 200, 0),), policy=shop.policy)
        assert shop.push().results[-1].code == "points_late"
        assert shop.wallet() == (300, 0)
        assert shop.findings() == []

    def test_a_spend_before_the_reclaim_but_after_its_time_counts(self, shop: Shop) -> None:
        """The counter's clock decides when to spend, the centre's only when to take back: nobody loses points."""
        shop.earn(300)
        grant = shop.grant(200)
        shop.till.sale(900, points_paid=200, spends=(SaleSpend(grant.lease_id, 200, 0),), policy=shop.policy)
        assert shop.push(now=NOW + EXACT_SETTLE_MS - 1).results[-1].result == "applied"
        assert shop.wallet() == (100, 0)

    def test_a_grant_reclaims_first(self, shop: Shop) -> None:
        shop.earn(300)
        shop.grant(300)
        assert shop.grant(300, now=LATER).granted == 300
        assert shop.findings() == []

    def test_one_customers_alone(self, shop: Shop) -> None:
        shop.earn(300)
        shop.earn(300, "C-2")
        shop.grant(100)
        shop.grant(100, card="C-2")
        customer = next(row["customer_id"] for row in shop.rows("customers") if row["card_code"] == "C-2")
        with shop.database.write() as connection:
            assert leases.reclaim_due(connection, LATER, str(customer)) == 1
        assert (shop.wallet(), shop.wallet("C-2")) == ((200, 100), (300, 0))

    def test_a_reclaimed_lease_stays_closed(self, shop: Shop) -> None:
        shop.earn(300)
        grant = shop.grant(200)
        self.reclaim(shop)
        assert refused(shop, lease_id=grant.lease_id, now=LATER) is RefusalCode.GRANT_OVER
