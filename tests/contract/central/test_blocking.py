"""Who is blocked is granted nothing more; what was granted before is spent, and earning goes on."""

import pytest

from tests.contract.central.shop import Shop
from tests.contract.central.till import NOW
from urs_desktop.central import blocking, customers, feed
from urs_desktop.central.schema import dirty_customers
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol.messages import CustomerReply, CustomerRequest, FeedItem
from urs_desktop.protocol.operations import SaleSpend
from urs_desktop.protocol.tombstones import mark


def block(shop: Shop, card: str = "C-1") -> bool:
    with shop.database.write() as connection:
        return blocking.block(connection, card, NOW)


def unblock(shop: Shop, card: str = "C-1") -> bool:
    with shop.database.write() as connection:
        return blocking.unblock(connection, card)


def told(shop: Shop) -> list[FeedItem]:
    """Return what the vendor's counters read of customers from the beginning."""
    with shop.database.write() as connection:
        items = feed.read(connection, shop.till.device_id, "", 100, NOW).items
    return [item for item in items if item.customer or item.gone]


def test_nothing_is_granted_until_unblocked(shop: Shop) -> None:
    shop.earn(300)
    assert block(shop)
    with pytest.raises(Refusal) as refusal:
        shop.grant(100)
    assert refusal.value.code is RefusalCode.CUSTOMER_BLOCKED
    assert shop.wallet() == (300, 0)
    assert unblock(shop)
    assert shop.grant(100).granted == 100


def test_what_was_granted_before_is_spent_and_earning_goes_on(shop: Shop) -> None:
    shop.earn(300)
    grant = shop.grant(100)
    block(shop)
    assert shop.grant(100, lease_id=grant.lease_id) == grant, "asked again it is the same answer"
    shop.till.sale(10_000, policy=shop.policy, points_paid=60, spends=(SaleSpend(grant.lease_id, 60, 40),))
    assert shop.push().results[-1].result == "applied"
    assert shop.wallet() == (300 - 60 + 497, 0)
    assert shop.findings() == []


def test_it_is_said_once_and_only_of_somebody(shop: Shop) -> None:
    shop.earn(300)
    told(shop)
    assert [block(shop), block(shop), unblock(shop), unblock(shop)] == [True, False, True, False]
    assert len(shop.rows(dirty_customers)) == 1
    for change in (block, unblock):
        with pytest.raises(Refusal) as refusal:
            change(shop, "C-9")
        assert refusal.value.code is RefusalCode.CUSTOMER_UNKNOWN


def test_counters_learn_of_it(shop: Shop) -> None:
    shop.earn(300)
    shop.agree()
    block(shop)
    [item] = told(shop)
    assert item.customer
    assert item.customer.blocked
    unblock(shop)
    [item] = told(shop)
    assert item.customer
    assert not item.customer.blocked


def test_counters_learn_of_who_never_agreed_without_a_name(shop: Shop) -> None:
    shop.earn(300)
    assert told(shop) == []
    block(shop)
    bare = CustomerReply(card="C-1", name="", phone="", email="", available=300, as_of=NOW, blocked=True)
    assert told(shop) == [FeedItem(customer=bare, gone=mark("C-1"))]
    unblock(shop)
    assert told(shop) == [FeedItem(gone=mark("C-1"))]


def test_a_look_up_says_so(shop: Shop) -> None:
    shop.earn(300)
    block(shop)
    with shop.database.read() as connection:
        found = customers.look_up(connection, shop.till.device_id, CustomerRequest(card="C-1"), NOW)
    assert found.blocked
