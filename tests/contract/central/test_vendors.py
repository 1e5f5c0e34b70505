"""A vendor that changes: its counters learn of it, and what they reckoned before still counts for a while."""

import pytest

from tests.contract.central.shop import Shop
from tests.contract.central.till import NOW
from urs_desktop.central import accounts, feed, policies, vendors
from urs_desktop.central.accounts import SessionOverError
from urs_desktop.central.feed_items import Key, contents, policy_key
from urs_desktop.central.origin import counter
from urs_desktop.central.policies import GRACE_MS, PolicyError, Terms
from urs_desktop.central.schema import former_categories, transactions
from urs_desktop.central.vendors import Changes
from urs_desktop.domain.policy import Category, RewardPolicy
from urs_desktop.domain.refusals import Refusal, RefusalCode

LATER = NOW + 1000


def change(shop: Shop, changes: Changes, now: int = LATER, vendor_id: str | None = None) -> vendors.VendorRecord:
    with shop.database.write() as connection:
        return vendors.change(connection, vendor_id or shop.vendor_id, changes, now)


def put(shop: Shop, category: Category, vendor_id: str | None = None, reward_bp: int = 100) -> RewardPolicy:
    terms = Terms(0, reward_bp, 5000 if category.redeems else 0, NOW)
    with shop.database.write() as connection:
        return policies.add_version(connection, category, vendor_id, "GBP", terms, NOW, shop.randomness)


def told(shop: Shop, cursor: str = "") -> tuple[list[tuple[str, int]], str]:
    """Return the versions the counter gets after a cursor, and the cursor after them."""
    with shop.database.write() as connection:
        reply = feed.read(connection, shop.till.device_id, cursor, 100, NOW)
    return [(item.policy.policy_id, item.policy.version) for item in reply.items if item.policy], reply.cursor


def key(policy: RewardPolicy) -> tuple[str, int]:
    return policy.policy_id, policy.version


def test_a_policy_is_told_by_the_category_of_the_moment(shop: Shop) -> None:
    """A feed that read its counter before the vendor changed must not pass the new category's policies over."""
    large = put(shop, Category.LARGE)
    with shop.database.read() as connection:
        before = counter(connection, shop.till.device_id)
    change(shop, Changes(category=Category.LARGE))
    wanted = Key("policy", policy_key(*key(large)))
    with shop.database.read() as connection:
        assert wanted in contents(connection, before, [wanted], NOW)


def test_only_what_is_named_changes(shop: Shop) -> None:
    before = vendors.VendorRecord(shop.vendor_id, "Shop", Category.MEDIUM, "GBP", "Leeds")
    assert change(shop, Changes()) == before
    after = change(shop, Changes(name=" Corner ", location=""))
    assert (after.name, after.category, after.location) == ("Corner", Category.MEDIUM, "")
    with shop.database.read() as connection:
        assert vendors.every(connection) == [after]
    assert shop.rows(former_categories) == []


def test_what_cannot_be(shop: Shop) -> None:
    with pytest.raises(Refusal) as refusal:
        change(shop, Changes(name=" "))
    assert refusal.value.code is RefusalCode.TEXT_MALFORMED
    with pytest.raises(Refusal) as refusal:
        change(shop, Changes(name="x"), vendor_id="nobody")
    assert refusal.value.code is RefusalCode.VENDOR_UNKNOWN


def test_counters_say_hello_again_and_learn_it(shop: Shop) -> None:
    other = shop.another_till(shop.another_vendor())
    with shop.database.write() as connection:
        token = shop.till.hello(connection).token
        elsewhere = other.hello(connection).token
    change(shop, Changes(category=Category.LARGE, name="Big"))
    with shop.database.write() as connection:
        with pytest.raises(SessionOverError):
            accounts.check_session(connection, shop.till.device_id, token, NOW)
        accounts.check_session(connection, other.device_id, elsewhere, NOW)
        vendor = shop.till.hello(connection).vendor
    assert (vendor.name, vendor.category) == ("Big", "large")


def test_counters_get_the_policies_of_the_new_category(shop: Shop) -> None:
    first, second = put(shop, Category.LARGE), put(shop, Category.LARGE)
    put(shop, Category.LARGE, shop.another_vendor(Category.LARGE))
    before, cursor = told(shop)
    assert before == [key(shop.policy)]
    change(shop, Changes(category=Category.LARGE))
    after, cursor = told(shop, cursor)
    assert after == [key(first), key(second)]
    assert told(shop, cursor)[0] == []
    newest = put(shop, Category.LARGE)
    assert told(shop, cursor)[0] == [key(newest)]


def test_a_vendor_that_comes_back_gets_its_own_policies_again(shop: Shop) -> None:
    own = put(shop, Category.MEDIUM, shop.vendor_id)
    change(shop, Changes(category=Category.SMALL))
    _, cursor = told(shop)
    change(shop, Changes(category=Category.MEDIUM))
    assert sorted(told(shop, cursor)[0]) == sorted([key(shop.policy), key(own)])
    assert [row["left_at"] for row in shop.rows(former_categories)] == [LATER, LATER + 1]
    assert shop.findings() == []


def test_its_own_policy_is_one_for_the_new_category(shop: Shop) -> None:
    put(shop, Category.MEDIUM, shop.vendor_id)
    change(shop, Changes(category=Category.LARGE))
    with pytest.raises(PolicyError):
        put(shop, Category.MEDIUM, shop.vendor_id)
    put(shop, Category.LARGE, shop.vendor_id)
    assert shop.findings() == []


def reckoned(shop: Shop, policy: RewardPolicy, recorded_at: int) -> object:
    """Push a sale reckoned with a policy and recorded at a time; return the points it was given."""
    shop.push(shop.till.sale(10_000, policy=policy, recorded_at=recorded_at), now=LATER + 10 * GRACE_MS)
    return shop.rows(transactions)[-1]["points_posted"]


def test_receipts_of_the_category_before_count_for_the_grace(shop: Shop) -> None:
    change(shop, Changes(category=Category.LARGE))
    assert reckoned(shop, shop.policy, LATER - GRACE_MS) == 500
    assert reckoned(shop, shop.policy, LATER) == 500
    assert reckoned(shop, shop.policy, LATER + GRACE_MS) == 500
    assert reckoned(shop, shop.policy, LATER + GRACE_MS + 1) == 0
    assert shop.findings() == []


def test_receipts_of_a_category_it_never_had_do_not_count(shop: Shop) -> None:
    foreign = put(shop, Category.SMALL)
    change(shop, Changes(category=Category.LARGE))
    assert reckoned(shop, foreign, NOW) == 0


def test_receipts_under_its_own_policy_of_before_count_and_another_vendors_do_not(shop: Shop) -> None:
    own = put(shop, Category.MEDIUM, shop.vendor_id, 300)
    other = put(shop, Category.MEDIUM, shop.another_vendor(), 300)
    change(shop, Changes(category=Category.LARGE))
    assert reckoned(shop, own, LATER) == 300
    assert reckoned(shop, other, LATER) == 0


def test_a_former_category_redeems_nothing_any_more(shop: Shop) -> None:
    """The counter is refused once, says hello and learns why."""
    shop.earn(100)
    change(shop, Changes(category=Category.SMALL))
    with pytest.raises(Refusal) as refusal:
        shop.grant(1)
    assert refusal.value.code is RefusalCode.POINTS_NOT_REDEEMED_HERE
