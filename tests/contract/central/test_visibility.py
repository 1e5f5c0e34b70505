"""Which customers leave for a vendor's counters: its own, with consent, seen of late; and how they are taken back."""

import pytest
import sqlalchemy as sa

from tests.contract.central.shop import Shop
from tests.contract.central.till import NOW, Till
from urs_desktop.central import blocking, customers, feed, visibility
from urs_desktop.central.schema import customer_records, customer_vendors, feed_items
from urs_desktop.central.visibility import DEFAULT_DAYS, WindowError
from urs_desktop.protocol.codec import encode
from urs_desktop.protocol.messages import CustomerRequest, FeedItem, FeedReply
from urs_desktop.protocol.tombstones import mark

DAY = 24 * 60 * 60 * 1000
WINDOW = DEFAULT_DAYS * DAY


def name(shop: Shop, card: str, text: str) -> None:
    with shop.database.write() as connection:
        its = sa.update(customer_records).where(customer_records.c.card_code == card)
        connection.execute(its.values(name=text, phone="0113 4960000", email=f"{text}@example.org"))


def upkeep(shop: Shop, now: int) -> None:
    with shop.database.write() as connection:
        feed.mark_unseen(connection, now)
        feed.fan_out(connection, now)


def pages(shop: Shop, now: int = NOW, cursor: str = "", till: Till | None = None) -> tuple[list[FeedItem], str]:
    """Return what a counter reads of customers after the cursor, in pages of two, and the cursor after it."""
    found: list[FeedItem] = []
    more = True
    while more:
        with shop.database.write() as connection:
            reply = feed.read(connection, (till or shop.till).device_id, cursor, 2, now)
        found += [item for item in reply.items if item.customer or item.gone]
        cursor, more = reply.cursor, reply.more
    return found, cursor


def cards(items: list[FeedItem]) -> list[str]:
    return [item.customer.card for item in items if item.customer]


def test_who_was_not_seen_for_long_is_forgotten_and_comes_back(shop: Shop) -> None:
    shop.earn(300)
    shop.agree()
    items, cursor = pages(shop)
    assert cards(items) == ["C-1"]
    upkeep(shop, NOW + WINDOW)
    assert pages(shop, NOW + WINDOW, cursor) == ([], cursor)
    upkeep(shop, NOW + WINDOW + 1)
    items, cursor = pages(shop, NOW + WINDOW + 1, cursor)
    assert items == [FeedItem(gone=mark("C-1"))]
    upkeep(shop, NOW + WINDOW + DAY)
    assert pages(shop, NOW + WINDOW + DAY, cursor) == ([], cursor), "it is said once"
    shop.push(shop.till.sale(900), now=NOW + WINDOW + DAY)
    assert cards(pages(shop, NOW + WINDOW + DAY, cursor)[0]) == ["C-1"]


def test_a_purchase_keeps_one_in_sight_and_writes_a_day_once(shop: Shop) -> None:
    shop.earn(300)
    shop.push(shop.till.sale(900), now=NOW + DAY - 1)
    assert [row["seen_at"] for row in shop.rows(customer_vendors)] == [NOW]
    shop.push(shop.till.sale(900), now=NOW + DAY)
    assert [(row["since"], row["seen_at"]) for row in shop.rows(customer_vendors)] == [(NOW, NOW + DAY)]
    shop.push(shop.till.enrolment("C-1"), now=NOW + 5 * DAY)
    assert [row["seen_at"] for row in shop.rows(customer_vendors)] == [NOW + 5 * DAY]
    shop.push(shop.till.sale(900), now=NOW)
    assert [row["seen_at"] for row in shop.rows(customer_vendors)] == [NOW + 5 * DAY], "a clock that was put back"


def test_being_seen_at_one_vendor_is_not_being_seen_at_another(shop: Shop) -> None:
    other = shop.another_till(shop.another_vendor())
    shop.earn(300)
    shop.push(other.sale(900), till=other, now=NOW + 100 * DAY)
    shop.agree()
    upkeep(shop, NOW + WINDOW + 1)
    assert cards(pages(shop, NOW + WINDOW + 1)[0]) == []
    assert cards(pages(shop, NOW + WINDOW + 1, till=other)[0]) == ["C-1"]


def test_who_takes_consent_back_is_forgotten(shop: Shop) -> None:
    shop.earn(300)
    shop.agree()
    _, cursor = pages(shop)
    shop.agree("C-1", at=None)
    assert pages(shop, cursor=cursor)[0] == [FeedItem(gone=mark("C-1"))]


def test_who_was_never_shown_is_in_no_stream(shop: Shop) -> None:
    shop.earn(300)
    shop.earn(300, "C-2")
    shop.agree("C-2")
    pages(shop)
    assert [row["key"] for row in shop.rows(feed_items) if row["kind"] == "customer"] == [
        row["customer_id"] for row in shop.rows(customer_records) if row["card_code"] == "C-2"
    ]


def test_who_is_blocked_and_out_of_sight_keeps_no_name(shop: Shop) -> None:
    shop.earn(300)
    name(shop, "C-1", "Ann")
    shop.agree()
    with shop.database.write() as connection:
        blocking.block(connection, "C-1", NOW)
    [item], cursor = pages(shop)
    assert item.customer
    assert (item.gone, item.customer.name, item.customer.blocked) == ("", "Ann", True)
    upkeep(shop, NOW + WINDOW + 1)
    [item], cursor = pages(shop, NOW + WINDOW + 1, cursor)
    assert item.customer
    assert (item.gone, item.customer.name, item.customer.phone) == (mark("C-1"), "", "")
    assert item.customer.blocked
    upkeep(shop, NOW + WINDOW + DAY)
    assert pages(shop, NOW + WINDOW + DAY, cursor)[0] == []


@pytest.mark.parametrize("count", [0, -1, 3651])
def test_a_window_that_cannot_be(shop: Shop, count: int) -> None:
    with shop.database.write() as connection, pytest.raises(WindowError):
        visibility.set_days(connection, count)


def test_the_window_can_be_set(shop: Shop) -> None:
    shop.earn(300)
    shop.agree()
    with shop.database.write() as connection:
        visibility.set_days(connection, 30)
        assert visibility.days(connection) == 30
    upkeep(shop, NOW + 30 * DAY + 1)
    assert pages(shop, NOW + 30 * DAY + 1)[0] == []


def test_no_page_says_anything_of_another_vendors_customer(shop: Shop) -> None:
    """Not the card, not a name, not a mark: whatever happens to them, and also to a counter that begins anew."""
    other = shop.another_till(shop.another_vendor())
    shop.push(other.sale(50_000, "FOREIGN-7", policy=shop.policy), till=other)
    name(shop, "FOREIGN-7", "Zebedee")
    shop.earn(300)
    shop.agree()
    with shop.database.read() as connection:
        request = CustomerRequest(card="FOREIGN-7")
        found = customers.look_up(connection, shop.till.device_id, request, NOW)
    assert (found.name, found.phone, found.email) == ("Zebedee", "", "")
    cursor = ""
    for step in range(4):
        if step == 1:
            with shop.database.write() as connection:
                blocking.block(connection, "FOREIGN-7", NOW)
        if step == 2:
            shop.agree("FOREIGN-7", at=None)
        if step == 3:
            shop.grant(100)
        for start in ("", cursor):
            items, cursor = pages(shop, cursor=start)
            said = encode(FeedReply(items=tuple(items), cursor="", more=False))
            for secret in ("FOREIGN-7", "Zebedee", "4960000", mark("FOREIGN-7")):
                assert secret.encode() not in said
        assert "FOREIGN-7" in cards(pages(shop, till=other)[0]) or step > 1
