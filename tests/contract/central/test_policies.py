"""A policy changes only by a new version, within what the programme allows."""

import pytest

from tests.contract.central.shop import Shop
from tests.contract.central.till import NOW
from urs_desktop.central import policies
from urs_desktop.central.policies import PolicyError, Terms
from urs_desktop.central.schema import reward_policies
from urs_desktop.domain.policy import Category, RewardPolicy
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
