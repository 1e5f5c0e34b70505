"""What a vendor wants as its own policy is only a wish until the programme agrees, within the limits of then."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from tests.contract.central.people import operator
from tests.contract.central.shop import Shop
from tests.contract.central.till import NOW
from urs_desktop.central import feed, policies, proposals, vendors
from urs_desktop.central.policies import Limits, PolicyError, Terms
from urs_desktop.central.proposals import Proposal
from urs_desktop.central.schema import policy_decisions, reward_policies
from urs_desktop.central.vendors import Changes
from urs_desktop.domain.policy import DAY_MS, Category, RewardPolicy
from urs_desktop.domain.refusals import Refusal, RefusalCode

WANTED = Terms(500, 700, 4000, NOW)
LATER = NOW + 5000


def propose(shop: Shop, terms: Terms = WANTED, vendor_id: str | None = None) -> str:
    with shop.database.write() as connection:
        return proposals.propose(connection, vendor_id or shop.vendor_id, terms, "Bob", NOW, shop.randomness)


def approve(shop: Shop, proposal_id: str, now: int = LATER) -> RewardPolicy:
    ann = operator(shop)
    with shop.database.write() as connection:
        return proposals.approve(connection, proposal_id, ann, now, shop.randomness)


def reject(shop: Shop, proposal_id: str) -> None:
    ann = operator(shop)
    with shop.database.write() as connection:
        proposals.reject(connection, proposal_id, ann, LATER)


def listed(shop: Shop) -> list[Proposal]:
    with shop.database.read() as connection:
        return proposals.every(connection)


def told(shop: Shop) -> list[str]:
    with shop.database.write() as connection:
        items = feed.read(connection, shop.till.device_id, "", 100, NOW).items
    return [item.policy.policy_id for item in items if item.policy]


def test_nobody_hears_of_a_proposal(shop: Shop) -> None:
    proposal_id = propose(shop)
    assert told(shop) == [shop.policy.policy_id]
    assert len(shop.rows(reward_policies)) == 1
    assert listed(shop) == [
        Proposal(proposal_id, Category.MEDIUM, shop.vendor_id, "GBP", WANTED, "Bob", NOW, None),
    ]


def test_an_approval_makes_a_version_that_begins_now(shop: Shop) -> None:
    ann = operator(shop)
    proposal_id = propose(shop)
    policy = approve(shop, proposal_id)
    assert (policy.vendor_id, policy.version, policy.threshold, policy.reward_bp) == (shop.vendor_id, 1, 500, 700)
    assert policy.valid_from == LATER
    assert policy.policy_id in told(shop)
    with shop.database.read() as connection:
        assert [version.approved_by for version in policies.versions(connection)] == [None, ann.operator_id]
    decision = listed(shop)[0].decision
    assert decision is not None
    assert (decision.decision, decision.decided_by, decision.decided_at) == (proposals.APPROVED, "Ann", LATER)
    assert (decision.policy_id, decision.version) == (policy.policy_id, 1)
    assert shop.findings() == []


def test_a_beginning_in_the_future_stays(shop: Shop) -> None:
    terms = replace(WANTED, valid_from=NOW + DAY_MS, valid_until=NOW + 2 * DAY_MS, vests_after=1, expires_after=9)
    policy = approve(shop, propose(shop, terms))
    assert (policy.valid_from, policy.valid_until) == (NOW + DAY_MS, NOW + 2 * DAY_MS)
    assert (policy.vests_after, policy.expires_after) == (1, 9)
    assert shop.findings() == []


def test_a_rejection_makes_nothing(shop: Shop) -> None:
    proposal_id = propose(shop)
    reject(shop, proposal_id)
    assert len(shop.rows(reward_policies)) == 1
    decision = listed(shop)[0].decision
    assert decision is not None
    assert (decision.decision, decision.policy_id) == (proposals.REJECTED, None)
    assert shop.findings() == []


@pytest.mark.parametrize("first", [approve, reject])
@pytest.mark.parametrize("second", [approve, reject])
def test_a_proposal_is_decided_once(shop: Shop, first: object, second: object) -> None:
    proposal_id = propose(shop)
    first(shop, proposal_id)  # type: ignore[operator]
    with pytest.raises(PolicyError, match="before"):
        second(shop, proposal_id)  # type: ignore[operator]
    assert len(shop.rows(policy_decisions)) == 1
    assert len(shop.rows(reward_policies)) == (2 if first is approve else 1)


def test_what_could_not_be_approved_is_not_proposed(shop: Shop) -> None:
    for terms in (
        replace(WANTED, redeemable_bp=5001),
        replace(WANTED, threshold=-1),
        replace(WANTED, valid_from=NOW - 2, valid_until=NOW),
        replace(WANTED, limits=Limits(max_threshold=1)),
    ):
        with pytest.raises(PolicyError):
            propose(shop, terms)
    with pytest.raises(Refusal) as refusal:
        propose(shop, vendor_id="nobody")
    assert refusal.value.code is RefusalCode.VENDOR_UNKNOWN
    assert listed(shop) == []


def test_the_limits_are_those_of_the_moment_of_approval(shop: Shop) -> None:
    proposal_id = propose(shop)
    with shop.database.write() as connection:
        terms = Terms(1000, 500, 5000, NOW, limits=Limits(max_reward_bp=699))
        policies.add_version(connection, Category.MEDIUM, None, "GBP", terms, NOW, shop.randomness)
    with pytest.raises(PolicyError, match="reward percentage"):
        approve(shop, proposal_id)
    assert listed(shop)[0].decision is None
    reject(shop, proposal_id)
    assert shop.findings() == []


def test_a_proposal_that_is_over_can_only_be_rejected(shop: Shop) -> None:
    proposal_id = propose(shop, replace(WANTED, valid_until=LATER))
    with pytest.raises(PolicyError, match="over"):
        approve(shop, proposal_id)
    assert approve(shop, proposal_id, LATER - 1).valid_until == LATER


def test_a_proposal_for_a_category_the_vendor_has_left(shop: Shop) -> None:
    proposal_id = propose(shop)
    with shop.database.write() as connection:
        vendors.change(connection, shop.vendor_id, Changes(category=Category.LARGE), NOW)
    with pytest.raises(PolicyError, match="large"):
        approve(shop, proposal_id)


def test_an_unknown_proposal(shop: Shop) -> None:
    with pytest.raises(PolicyError, match="no proposal"):
        approve(shop, "none")
    with pytest.raises(PolicyError, match="no proposal"):
        reject(shop, "none")


def test_the_database_refuses_a_second_decision(shop: Shop) -> None:
    proposal_id = propose(shop)
    reject(shop, proposal_id)
    row = {**shop.rows(policy_decisions)[0], "decided_at": 0}
    with pytest.raises(sa.exc.DatabaseError), shop.database.write() as connection:
        connection.execute(sa.insert(policy_decisions), row)
