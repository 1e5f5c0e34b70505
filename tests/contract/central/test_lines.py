"""Standing leases keep points ready for a counter within the terms, come back when recalled, and settle like any other.

Points taken without a lease are the wallet's as far as the vendor's limit goes, the vendor's beyond it.
"""

import pytest

from tests.contract.central.people import operator
from tests.contract.central.shop import Shop
from tests.contract.central.till import CENTRAL_KEY, NOW, Till
from urs_desktop.central import blocking, feed, lease_terms, lines, merging, origin
from urs_desktop.central.accounts import SessionOverError
from urs_desktop.central.lease_terms import LeaseTerms, VendorLimits
from urs_desktop.central.schema import counters
from urs_desktop.central.schema import leases as lease_rows
from urs_desktop.domain.lease import STANDING_GRANT_MS, STANDING_SETTLE_MS
from urs_desktop.domain.policy import Category
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol import grants
from urs_desktop.protocol.messages import GrantReply, LineRequest
from urs_desktop.protocol.operations import SaleSpend

DAY = 24 * 60 * 60 * 1000


def line(
    shop: Shop,
    want: int = 1000,
    lease_id: str = "S",
    till: Till | None = None,
    now: int = NOW,
    card: str = "C-1",
    epoch: int = 1,
) -> GrantReply:
    counter = till or shop.till
    request = LineRequest(lease_id=lease_id, epoch=epoch, card=card, want=want)
    with shop.database.write() as connection:
        return lines.grant(connection, counter.device_id, request, now, CENTRAL_KEY)


def refused(
    shop: Shop, want: int = 1000, lease_id: str = "S", till: Till | None = None, card: str = "C-1"
) -> RefusalCode:
    before = shop.wallet()
    with pytest.raises(Refusal) as refusal:
        line(shop, want, lease_id, till, card=card)
    assert shop.wallet() == before
    return refusal.value.code


def set_terms(shop: Shop, **terms: int) -> None:
    with shop.database.write() as connection:
        lease_terms.set_terms(connection, LeaseTerms(**terms))


def set_limits(shop: Shop, **limits: int) -> None:
    with shop.database.write() as connection:
        lease_terms.set_limits(connection, shop.vendor_id, VendorLimits(**limits))


def spend(shop: Shop, points: int, *spends: SaleSpend, till: Till | None = None, now: int = NOW) -> str:
    counter = till or shop.till
    counter.sale(max(points * 2, 900), points_paid=points, spends=spends, policy=shop.policy)
    return shop.push(till=counter, now=now).results[-1].code


def recalled(shop: Shop, till: Till) -> list[str]:
    with shop.database.write() as connection:
        page = feed.read(connection, till.device_id, "", 1000, NOW)
    return [item.recall for item in page.items if item.recall is not None]


def test_half_of_the_points_are_kept_ready_and_signed(shop: Shop) -> None:
    shop.earn(301)
    reply = line(shop)
    assert (reply.granted, reply.spend_until, reply.lasts) == (150, NOW + STANDING_GRANT_MS, STANDING_GRANT_MS)
    assert grants.is_authentic(CENTRAL_KEY.public_key, shop.till.device_id, reply)
    assert shop.wallet() == (151, 150)
    assert shop.rows(lease_rows)[0]["settle_by"] == NOW + STANDING_SETTLE_MS
    assert line(shop) == reply
    assert shop.wallet() == (151, 150)
    assert shop.findings() == []


def test_a_top_up_is_one_more_lease_and_the_share_is_of_all_points(shop: Shop) -> None:
    shop.earn(300)
    line(shop, 100)
    assert line(shop, 1000, "T").granted == 50
    assert refused(shop, 1, "U") is RefusalCode.POINTS_NOT_AVAILABLE
    shop.earn(200)
    assert line(shop, 1000, "U").granted == 100
    assert shop.wallet() == (250, 250)


def test_no_more_counters_than_the_terms_say(shop: Shop) -> None:
    set_terms(shop, counters=2, share_percent=100)
    shop.earn(1000)
    for lease_id in ("A", "B"):
        assert line(shop, 100, lease_id, shop.another_till()).granted == 100
    assert refused(shop, 100, "C") is RefusalCode.LINE_NOT_HERE


def test_no_more_points_at_one_counter_than_the_terms_say(shop: Shop) -> None:
    set_terms(shop, most_points=120, share_percent=100)
    shop.earn(1000)
    assert line(shop, 1000, "A").granted == 120
    assert refused(shop, 1, "B") is RefusalCode.POINTS_NOT_AVAILABLE
    assert line(shop, 1000, "B", shop.another_till()).granted == 120


def test_a_vendors_counters_hold_no_more_than_its_cap(shop: Shop) -> None:
    set_limits(shop, lease_cap=130)
    shop.earn(1000)
    assert line(shop, 100, "A").granted == 100
    assert line(shop, 100, "B", shop.another_till()).granted == 30
    assert refused(shop, 1, "C") is RefusalCode.POINTS_NOT_AVAILABLE


def test_only_a_vendors_own_customers_have_a_line(shop: Shop) -> None:
    shop.earn(300)
    stranger = shop.another_till(shop.another_vendor())
    assert refused(shop, till=stranger) is RefusalCode.CUSTOMER_UNKNOWN
    assert refused(shop, card="C-9") is RefusalCode.CUSTOMER_UNKNOWN


def test_small_vendors_and_revoked_counters_have_none(shop: Shop) -> None:
    shop.earn(300)
    small = shop.another_till(shop.another_vendor(Category.SMALL))
    assert refused(shop, till=small) is RefusalCode.POINTS_NOT_REDEEMED_HERE
    with pytest.raises(SessionOverError):
        line(shop, epoch=2)
    with shop.database.write() as connection:
        connection.execute(counters.update().values(state="revoked"))
    assert refused(shop) is RefusalCode.COUNTER_REVOKED


def test_a_line_serves_many_sales(shop: Shop) -> None:
    shop.earn(300)
    line(shop)
    assert spend(shop, 40, SaleSpend("S", 40, 0)) == ""
    assert spend(shop, 60, SaleSpend("S", 60, 0)) == ""
    assert shop.wallet() == (150, 50)
    assert spend(shop, 60, SaleSpend("S", 60, 0)) == "points_late"
    assert shop.wallet() == (150, 0)
    assert shop.booked()["LATE"] == 10
    assert shop.findings() == []


def test_a_sale_may_spend_a_line_and_an_exact_grant(shop: Shop) -> None:
    shop.earn(300)
    line(shop, 100)
    exact = shop.grant(150)
    assert spend(shop, 220, SaleSpend(exact.lease_id, 150, 0), SaleSpend("S", 70, 0)) == ""
    assert shop.wallet() == (50, 30)
    assert shop.findings() == []


def test_a_line_is_reclaimed_after_its_time_and_a_later_spend_is_the_vendors(shop: Shop) -> None:
    shop.earn(300)
    line(shop)
    shop.tidy(NOW + STANDING_SETTLE_MS)
    assert shop.wallet() == (150, 150)
    shop.tidy(NOW + STANDING_SETTLE_MS + 1)
    assert shop.wallet() == (300, 0)
    assert spend(shop, 40, SaleSpend("S", 40, 0), now=NOW + STANDING_SETTLE_MS + 2) == "points_late"
    assert shop.wallet() == (300, 0)
    assert shop.findings() == []


def test_points_that_expire_are_promised_no_longer_than_they_live(shop: Shop) -> None:
    shop.change_policy(expires_after=1)
    shop.earn(300)
    reply = line(shop)
    assert (reply.spend_until, reply.lasts) == (NOW + DAY, DAY)


def test_an_exact_grant_that_falls_short_recalls_the_lines_of_other_counters(shop: Shop) -> None:
    shop.earn(300)
    other = shop.another_till()
    line(shop, 100, "HERE")
    line(shop, 50, "THERE", other)
    assert shop.grant(200).granted == 150
    assert (recalled(shop, other), recalled(shop, shop.till)) == (["THERE"], [])
    other.give_back("THERE", 50)
    shop.push(till=other)
    assert recalled(shop, other) == []
    assert shop.wallet() == (50, 250)
    assert shop.findings() == []


def test_who_is_blocked_gets_no_line_and_those_there_are_recalled(shop: Shop) -> None:
    shop.earn(300)
    line(shop, 100)
    with shop.database.write() as connection:
        blocking.block(connection, "C-1", NOW)
    assert recalled(shop, shop.till) == ["S"]
    assert refused(shop, 10, "T") is RefusalCode.CUSTOMER_BLOCKED
    assert spend(shop, 40, SaleSpend("S", 40, 0)) == ""
    assert shop.findings() == []


def test_a_line_of_a_customer_who_was_merged_still_pays(shop: Shop) -> None:
    shop.earn(300)
    shop.earn(100, "C-2")
    line(shop, 100)
    by = operator(shop)
    with shop.database.write() as connection:
        merging.merge(connection, "C-1", "C-2", by, "enrolled twice", NOW)
    assert spend(shop, 40, SaleSpend("S", 40, 0)) == ""
    assert line(shop, 1000, "T", card="C-1").granted > 0
    assert shop.findings() == []


class TestFloor:
    """What was taken without a lease."""

    def test_within_the_limit_the_wallet_pays_what_it_has(self, shop: Shop) -> None:
        set_limits(shop, floor_customer=200, floor_counter=5000)
        shop.earn(300)
        assert spend(shop, 120, SaleSpend("", 120, 0)) == ""
        assert shop.wallet() == (180, 0)
        assert shop.booked()["REDEEM"] == 120
        assert shop.findings() == []

    def test_the_vendor_bears_the_rest(self, shop: Shop) -> None:
        set_limits(shop, floor_customer=200, floor_counter=5000)
        shop.earn(60)
        assert spend(shop, 120, SaleSpend("", 120, 0)) == "points_late"
        assert shop.wallet() == (0, 0)
        assert (shop.booked()["REDEEM"], shop.booked()["LATE"]) == (60, 60)
        assert shop.findings() == []

    def test_beyond_the_limit_the_wallet_is_not_touched(self, shop: Shop) -> None:
        set_limits(shop, floor_customer=100, floor_counter=5000)
        shop.earn(300)
        assert spend(shop, 120, SaleSpend("", 120, 0)) == "points_late"
        assert shop.wallet() == (200, 0)

    def test_a_vendor_that_takes_no_risk_has_no_limit(self, shop: Shop) -> None:
        shop.earn(300)
        assert spend(shop, 120, SaleSpend("", 120, 0)) == "points_late"
        assert shop.wallet() == (300, 0)
        assert shop.findings() == []

    def test_a_push_sent_twice_takes_once(self, shop: Shop) -> None:
        set_limits(shop, floor_customer=200, floor_counter=5000)
        shop.earn(300)
        spend(shop, 120, SaleSpend("", 120, 0))
        shop.push()
        assert shop.wallet() == (180, 0)

    def test_the_counter_is_told_at_its_hello(self, shop: Shop) -> None:
        set_limits(shop, floor_customer=200, floor_counter=5000)
        with shop.database.write() as connection:
            vendor = origin.counter(connection, shop.till.device_id).vendor
        assert (vendor.floor_customer, vendor.floor_counter) == (200, 5000)


@pytest.mark.parametrize(
    "terms", [{"share_percent": 101}, {"spend_hours": 0}, {"settle_days": 1, "spend_hours": 48}, {"counters": -1}]
)
def test_terms_that_cannot_be(shop: Shop, terms: dict[str, int]) -> None:
    with pytest.raises(Refusal) as refusal:
        set_terms(shop, **terms)
    assert refusal.value.code is RefusalCode.AMOUNT_OUT_OF_RANGE


def test_limits_of_nobody(shop: Shop) -> None:
    with pytest.raises(Refusal) as refusal, shop.database.write() as connection:
        lease_terms.set_limits(connection, "?", VendorLimits())
    assert refusal.value.code is RefusalCode.VENDOR_UNKNOWN
