"""Whoever reads the feed to its end knows what there is, misses nothing and sees nothing of others."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contract.central.shop import Shop, empty_shop, open_shop
from tests.contract.central.till import NOW, Till
from urs_desktop.central import customers, feed, policies
from urs_desktop.central.policies import Terms
from urs_desktop.central.schema import customer_records, dirty_customers, feed_items, streams
from urs_desktop.database.engine import Database, sqlite_engine
from urs_desktop.domain.policy import Category
from urs_desktop.protocol.codec import MalformedError
from urs_desktop.protocol.messages import CustomerReply, FeedItem, FeedReply
from urs_desktop.protocol.operations import ProductItem


def read(shop: Shop, cursor: str = "", limit: int = 1000, till: Till | None = None) -> FeedReply:
    with shop.database.write() as connection:
        return feed.read(connection, (till or shop.till).device_id, cursor, limit, NOW)


def everything(shop: Shop, cursor: str = "", limit: int = 1000, till: Till | None = None) -> tuple[list[FeedItem], str]:
    items: list[FeedItem] = []
    for _ in range(1000):
        reply = read(shop, cursor, limit, till)
        assert len(reply.items) <= limit
        items.extend(reply.items)
        cursor = reply.cursor
        if not reply.more:
            return items, cursor
    raise AssertionError("the feed never ends")


def names(items: list[FeedItem]) -> list[str]:
    found = []
    for item in items:
        if item.gone:
            found.append(f"gone {item.gone}")
        elif item.policy:
            found.append(f"policy {item.policy.version}")
        elif item.product:
            found.append(f"product {item.product.item.sku}")
        else:
            assert item.customer
            found.append(f"customer {item.customer.card}")
    return found


def new(shop: Shop, cursor: str, till: Till | None = None) -> bool:
    with shop.database.read() as connection:
        return feed.something_new(connection, (till or shop.till).device_id, cursor)


def test_a_new_counter_gets_all_there_is(shop: Shop) -> None:
    shop.till.products(ProductItem("A", "a", 1, 2), ProductItem("B", "b", 1, 2))
    shop.till.sale(50_000, policy=shop.policy)
    shop.push()
    shop.agree()
    items, cursor = everything(shop)
    assert names(items) == ["policy 1", "product A", "product B", "customer C-1"]
    assert items[-1].customer == CustomerReply(card="C-1", name="", phone="", email="", available=2500, as_of=NOW)
    assert everything(shop, cursor) == ([], cursor)
    assert not new(shop, cursor)


def test_a_change_comes_once_more_and_only_it(shop: Shop) -> None:
    shop.till.products(ProductItem("A", "a", 1, 2), ProductItem("B", "b", 1, 2))
    shop.push()
    _, cursor = everything(shop)
    shop.till.products(ProductItem("A", "a", 9, 2), hlc=NOW + 1)
    shop.push()
    assert new(shop, cursor)
    [item] = everything(shop, cursor)[0]
    assert item.product
    assert (item.product.item.price, item.product.hlc) == (9, NOW + 1)
    assert len(shop.rows(feed_items)) == 3


def test_a_place_in_a_history_that_was_lost_is_read_from_the_beginning(shop: Shop) -> None:
    """A store restored from a backup gives other things the places that a counter has read already."""
    shop.till.products(ProductItem("A", "a", 1, 2))
    shop.push()
    _, cursor = everything(shop)
    everyone, vendor, device = cursor.split(".")
    lost = f"{everyone}.{int(vendor) + 2}.{device}"
    with shop.database.write() as connection:
        feed.begin(connection, NOW)
    shop.till.products(*(ProductItem(sku, "b", 1, 2) for sku in "BCD"))
    shop.push()
    assert names(everything(shop, lost)[0]) == ["product A", "product B", "product C", "product D"]
    items, cursor = everything(shop, cursor)
    assert names(items) == ["product B", "product C", "product D"]
    assert not new(shop, cursor)


def test_a_store_that_starts_again_goes_on_in_its_feed(shop: Shop) -> None:
    cursor = ""
    for number, sku in enumerate("ABC"):
        with shop.database.write() as connection:
            feed.begin(connection, NOW + number // 2)  # the clock may stand still, or be set back
        shop.till.products(ProductItem(sku, "a", 1, 2), hlc=NOW + number)
        shop.push()
        items, cursor = everything(shop, cursor)
        assert names(items)[-1:] == [f"product {sku}"]
        assert len(items) == (2 if sku == "A" else 1)
        assert everything(shop, cursor) == ([], cursor)


def test_a_sale_touches_no_stream_in_its_own_transaction(shop: Shop) -> None:
    before = shop.rows(streams)
    shop.till.sale(50_000, policy=shop.policy)
    shop.push()
    assert shop.rows(streams) == before
    assert len(shop.rows(dirty_customers)) == 1
    assert new(shop, "1.0.0")
    read(shop)
    assert shop.rows(dirty_customers) == []


def test_balances_follow_grants(shop: Shop) -> None:
    shop.earn(300)
    shop.agree()
    _, cursor = everything(shop)
    shop.grant(100)
    [item] = everything(shop, cursor)[0]
    assert item.customer
    assert item.customer.available == 200


def test_a_customer_comes_to_every_vendor_that_is_his_and_to_no_other(shop: Shop) -> None:
    second, third = shop.another_vendor(), shop.another_vendor()
    other, stranger = shop.another_till(second), shop.another_till(third)
    shop.earn(300)
    other.sale(900)
    shop.push(till=other)
    shop.agree()
    assert "customer C-1" in names(everything(shop)[0])
    assert "customer C-1" in names(everything(shop, till=other)[0])
    assert names(everything(shop, till=stranger)[0]) == ["policy 1"]


def test_products_are_the_vendors_alone(shop: Shop) -> None:
    other = shop.another_till(shop.another_vendor())
    shop.till.products(ProductItem("A", "a", 1, 2))
    shop.push()
    assert names(everything(shop, till=other)[0]) == ["policy 1"]
    assert names(everything(shop, till=shop.another_till())[0]) == ["policy 1", "product A"]


@pytest.mark.parametrize(("category", "currency"), [(Category.LARGE, "GBP"), (Category.MEDIUM, "EUR")])
def test_policies_of_another_category_or_currency_stay_away(shop: Shop, category: Category, currency: str) -> None:
    with shop.database.write() as connection:
        policies.add_version(connection, category, None, currency, Terms(0, 1, 0, NOW), NOW, shop.randomness)
    assert names(everything(shop)[0]) == ["policy 1"]


def test_a_vendors_own_policy_is_the_vendors_alone(shop: Shop) -> None:
    other = shop.another_vendor()
    with shop.database.write() as connection:
        terms = Terms(0, 1, 0, NOW)
        policies.add_version(connection, Category.MEDIUM, other, "GBP", terms, NOW, shop.randomness)
    assert len(everything(shop)[0]) == 1
    assert len(everything(shop, till=shop.another_till(other))[0]) == 2


def test_without_consent_nobody_leaves(shop: Shop) -> None:
    shop.earn(300)
    with shop.database.write() as connection:
        connection.execute(customer_records.update().values(name="Ann", phone="123", email="a@b"))
        feed.mark_customers(
            connection, [str(row["customer_id"]) for row in connection.execute(customer_records.select()).mappings()]
        )
    assert names(everything(shop)[0]) == ["policy 1"]
    shop.agree()
    assert everything(shop)[0][-1].customer == CustomerReply(
        card="C-1", name="Ann", phone="123", email="a@b", available=300, as_of=NOW
    )


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
def test_small_pages_bring_the_same(shop: Shop, limit: int) -> None:
    shop.till.products(*(ProductItem(f"P{n}", "p", n, 2) for n in range(10)))
    for n in range(5):
        shop.till.sale(900, f"C-{n}")
    shop.push()
    shop.agree()
    whole, end = everything(shop)
    assert everything(shop, limit=limit) == (whole, end)


@pytest.mark.parametrize("limit", [-1, 0, 10**9])
def test_a_limit_is_brought_into_range(shop: Shop, limit: int) -> None:
    assert len(read(shop, limit=limit).items) == 1


@pytest.mark.parametrize(
    "cursor",
    ["x", "1.2", "1.2.3.4", "1.2.x", "-1.0.0", "1..2", " 1.0.0", "1.0.0\n", "9" * 30 + ".0.0", "\u0661.0.0", "1.5.e"],
)
def test_a_cursor_that_is_none(shop: Shop, cursor: str) -> None:
    with pytest.raises(MalformedError):
        read(shop, cursor)


def test_a_position_never_reached_starts_the_stream_anew(shop: Shop) -> None:
    """The store was restored from a backup: what came after it has to be sent once more."""
    shop.till.products(ProductItem("A", "a", 1, 2))
    shop.push()
    assert new(shop, "99.99.99")
    items, cursor = everything(shop, "99.99.99")
    assert names(items) == ["policy 1", "product A"]
    assert cursor == everything(shop)[1]


def test_many_marks_are_moved_in_turns(shop: Shop) -> None:
    with shop.database.write() as connection:
        for n in range(25):
            customer_id = customers.add(connection, f"C-{n:02}", f"id-{n:02}", NOW)
            customers.link(connection, customer_id, shop.vendor_id, NOW)
        connection.execute(customer_records.update().values(consent_at=NOW))
        assert feed.fan_out(connection, NOW, 10) == 10
        assert feed.fan_out(connection, NOW, 10) == 10
        assert feed.fan_out(connection, NOW, 10) == 5
        assert feed.fan_out(connection, NOW, 10) == 0
    assert len(everything(shop)[0]) == 26


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(
    steps=st.lists(
        st.one_of(
            st.tuples(st.just("sale"), st.integers(0, 4)),
            st.tuples(st.just("product"), st.integers(0, 4)),
            st.tuples(st.just("policy"), st.just(0)),
            st.tuples(st.just("read"), st.integers(1, 4)),
        ),
        max_size=25,
    )
)
def test_a_reader_of_pages_ends_with_what_there_is(steps: list[tuple[str, int]]) -> None:
    """However reads and writes alternate, the reader's copy is the store's state at the end."""
    database = Database(sqlite_engine(None))
    try:
        empty_shop(database)
        shop = open_shop(database)
        copy: dict[str, FeedItem] = {}
        cursor = ""
        for n, (kind, number) in enumerate(steps):
            if kind == "sale":
                shop.till.sale(5000, f"C-{number}", policy=shop.policy)
                shop.push()
                shop.agree()
            elif kind == "product":
                shop.till.products(ProductItem(f"P{number}", "p", n, 2), hlc=NOW + n)
                shop.push()
            elif kind == "policy":
                with database.write() as connection:
                    terms = Terms(1000, 500, 5000, NOW + n)
                    policies.add_version(connection, Category.MEDIUM, None, "GBP", terms, NOW, shop.randomness)
            else:
                reply = read(shop, cursor, number)
                cursor = reply.cursor
                copy.update(zip(names(list(reply.items)), reply.items, strict=True))
        rest, _ = everything(shop, cursor)
        copy.update(zip(names(rest), rest, strict=True))
        whole, _ = everything(shop)
        assert copy == dict(zip(names(whole), whole, strict=True))
    finally:
        database.close()
