"""Verify is silent about what people agreed on and names every planted fault in it."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from tests.contract.central.people import operator
from tests.contract.central.shop import Shop
from tests.contract.central.tampering import Tampering
from tests.contract.central.till import NOW
from urs_desktop.central import adjustments, due, policies, proposals, records, settlement, vendors
from urs_desktop.central.causes import Cause, entry_ids
from urs_desktop.central.points import adjust
from urs_desktop.central.policies import Limits, Terms
from urs_desktop.central.schema import (
    adjustment_decisions,
    entries,
    former_categories,
    operators,
    policy_decisions,
    policy_proposals,
    reward_policies,
)
from urs_desktop.central.schema import adjustments as adjustment_rows
from urs_desktop.central.vendors import Changes
from urs_desktop.domain.policy import DAY_MS, Category

WIDE = Terms(1000, 500, 5000, NOW, expires_after=1, limits=Limits(max_threshold=3000, min_reward_bp=100))
OWN = Terms(2000, 400, 4000, NOW)


@pytest.fixture
def agreed(shop: Shop) -> Shop:
    """A store in which people proposed, approved and rejected everything there is, and booked by hand."""
    ann, bob = operator(shop), operator(shop, "Bob")
    with shop.database.write() as connection:
        wide = policies.add_version(connection, Category.MEDIUM, None, "GBP", WIDE, NOW, shop.randomness)
        first = proposals.propose(connection, shop.vendor_id, OWN, "Shop", NOW, shop.randomness)
        second = proposals.propose(connection, shop.vendor_id, OWN, "Shop", NOW, shop.randomness)
        proposals.propose(connection, shop.vendor_id, OWN, "Shop", NOW, shop.randomness)
    shop.push(shop.till.sale(10_000, policy=wide))
    with shop.database.write() as connection:
        proposals.approve(connection, first, ann, NOW + 1, shop.randomness)
        proposals.reject(connection, second, ann, NOW + 1)
        for points in (30, -20, 7, 9):
            adjustments.propose(connection, "C-1", points, f"by {points}", ann, NOW, shop.randomness)
        given, taken, refused, _ = [found.adjustment_id for found in adjustments.every(connection)]
        adjustments.approve(connection, given, bob, NOW + 2)
        adjustments.approve(connection, taken, bob, NOW + 2)
        adjustments.reject(connection, refused, bob, NOW + 2)
        due.everybody(connection, NOW + DAY_MS)
        settlement.fee(connection, shop.vendor_id, 500, NOW + DAY_MS, shop.randomness)
        settlement.share(connection, shop.vendor_id, 480, NOW + DAY_MS, shop.randomness)
        settlement.settle(connection, shop.vendor_id, -20, NOW + DAY_MS, shop.randomness)
        vendors.change(connection, shop.vendor_id, Changes(category=Category.LARGE), NOW + DAY_MS)
    assert shop.findings() == []
    return shop


OWN_ROWS = reward_policies.c.vendor_id.is_not(None)
APPROVED = policy_decisions.c.decision == "approved"
REJECTED = policy_decisions.c.decision == "rejected"
AGREED = adjustment_decisions.c.decision == "approved"
REFUSED = adjustment_decisions.c.decision == "rejected"
GIVEN = adjustment_rows.c.points == 30
SECOND = sa.and_(reward_policies.c.version == 2, reward_policies.c.vendor_id.is_(None))
SOMEBODY = sa.select(operators.c.operator_id).where(operators.c.name == "Bob").scalar_subquery()
UNCHECKED = {
    "sqlite": "PRAGMA ignore_check_constraints = ON",
    "postgresql": "ALTER TABLE adjustment_decisions DROP CONSTRAINT ck_adjustment_decisions_two_people",
}

FAULTS: dict[str, tuple[sa.Update | sa.Delete, str]] = {
    "a policy over its category's threshold": (
        reward_policies.update().where(OWN_ROWS).values(threshold=3001),
        "outside its category's limits when it was made: The threshold",
    ),
    "a policy below its category's least rate": (
        reward_policies.update().where(OWN_ROWS).values(reward_percentage=99),
        "outside its category's limits when it was made: The reward",
    ),
    "a policy over its category's share": (
        reward_policies.update().where(OWN_ROWS).values(redeemable_percentage=5001),
        "outside its category's limits when it was made: A vendor's own",
    ),
    "a policy outside the programme": (
        reward_policies.update().where(OWN_ROWS).values(vests_after=3, expires_after=2),
        "outside the programme: Points must expire",
    ),
    "a vendor's policy with limits": (
        reward_policies.update().where(OWN_ROWS).values(max_threshold=0),
        "a vendor's own and sets limits",
    ),
    "a policy for a category the vendor was not of": (
        reward_policies.update().where(OWN_ROWS).values(category="large"),
        "for large vendors, which vendor",
    ),
    "a category the vendor never left": (former_categories.delete(), "for medium vendors, which vendor"),
    "a version gone": (
        reward_policies.delete().where(reward_policies.c.version == 1, reward_policies.c.vendor_id.is_(None)),
        "follows a version that is not there",
    ),
    "the approved policy gone": (reward_policies.delete().where(OWN_ROWS), "approves it and there is no such policy"),
    "a policy that approved itself": (
        reward_policies.update().where(SECOND).values(approved_by=SOMEBODY),
        "says it was approved and no decision",
    ),
    "an approval taken back": (
        reward_policies.update().where(OWN_ROWS).values(approved_by=None),
        "approves it and there is no such policy",
    ),
    "another rate than was proposed": (
        reward_policies.update().where(OWN_ROWS).values(reward_percentage=401),
        "not what was proposed",
    ),
    "a beginning before the approval": (
        reward_policies.update().where(OWN_ROWS).values(valid_from=NOW),
        "not what was proposed",
    ),
    "made before it was decided": (
        reward_policies.update().where(OWN_ROWS).values(created_at=NOW),
        "not what was proposed",
    ),
    "a proposal changed": (policy_proposals.update().values(expires_after=3), "not what was proposed"),
    "a proposal gone": (policy_proposals.delete(), "decides on a proposal that is not there"),
    "a decision gone": (policy_decisions.delete().where(APPROVED), "says it was approved and no decision"),
    "a decision turned round": (
        policy_decisions.update().where(APPROVED).values(decision="rejected"),
        "rejects it and names a policy",
    ),
    "a rejection turned round": (
        policy_decisions.update().where(REJECTED).values(decision="approved"),
        "approves it and there is no such policy",
    ),
    "a decision by nobody": (
        policy_decisions.update().where(REJECTED).values(decided_by="nobody"),
        "the decision on proposal",
    ),
    "another approver": (
        policy_decisions.update().where(APPROVED).values(decided_by=SOMEBODY),
        "not what was proposed",
    ),
    "an adjustment gone": (adjustment_rows.delete().where(GIVEN), "was decided and is not there"),
    "an adjustment raised": (
        adjustment_rows.update().where(GIVEN).values(points=31),
        "of 31 points was booked otherwise",
    ),
    "an adjustment turned round": (
        adjustment_rows.update().where(GIVEN).values(points=-30),
        "of -30 points was booked otherwise",
    ),
    "an adjustment asked for by nobody": (adjustment_rows.update().values(made_by="nobody"), "asked for by nobody"),
    "one person for two": (
        adjustment_decisions.update().where(REFUSED).values(checked_by=adjustment_decisions.c.made_by),
        "not decided by another person",
    ),
    "another person asked": (
        adjustment_decisions.update().where(REFUSED).values(made_by="nobody"),
        "not decided by another person",
    ),
    "an adjustment decided by nobody": (
        adjustment_decisions.update().values(checked_by="nobody"),
        "decided by nobody who is known",
    ),
    "an agreement gone": (adjustment_decisions.delete().where(AGREED), "adjusts points and nobody agreed to it"),
    "an agreement turned round": (
        adjustment_decisions.update().where(AGREED).values(decision="rejected"),
        "was rejected and booked",
    ),
    "a refusal turned round": (
        adjustment_decisions.update().where(REFUSED).values(decision="approved"),
        "was approved and never booked",
    ),
    "an agreement of another time": (
        adjustment_decisions.update().where(AGREED).values(checked_at=NOW),
        "was booked otherwise",
    ),
    "an id that is none": (
        adjustment_decisions.update().where(REFUSED).values(adjustment_id="x"),
        "adjustment x was decided and is not there",
    ),
    "an adjustment for nobody": (
        entries.update().where(entries.c.kind == "ADJUST").values(customer_id=None),
        "was booked otherwise",
    ),
    "a fee of two vendors": (
        entries.update().where(entries.c.kind == "FEE").values(vendor_id=None),
        "concerns more than one vendor's account",
    ),
    "a payment by a lease": (
        entries.update().where(entries.c.kind == "SETTLE").values(lease_id="lease"),
        "concerns more than one vendor's account",
    ),
    "an id no booking gives": (
        entries.update().where(entries.c.kind == "SHARE").values(entry_id=b"share/" + b"\x00" * 15 + b"\x00\x01"),
        "has an id that no booking gives",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_named(agreed: Shop, tampering: Tampering, fault: str) -> None:
    statement, words = FAULTS[fault]
    with tampering() as connection:
        connection.exec_driver_sql(UNCHECKED[connection.dialect.name])
        assert connection.execute(statement).rowcount > 0
    findings = agreed.findings()
    assert any(words in finding for finding in findings), findings


def by_the_back_door(shop: Shop, write: Callable[[sa.Connection], object]) -> list[str]:
    """Return what is found after something was booked past the rules, with seals and postings as they should be."""
    with shop.database.write() as connection:
        write(connection)
    findings = shop.findings()
    assert not any("as it was written" in finding for finding in findings)
    return findings


def test_points_adjusted_without_an_adjustment(agreed: Shop) -> None:
    def write(connection: sa.Connection) -> None:
        customer = connection.execute(sa.select(adjustment_rows.c.customer_id)).scalars().first()
        adjust(connection, Cause(entry_ids(b"adjust/" + b"\x01" * 16), None, customer, NOW), 5)

    assert any("nobody agreed to it" in finding for finding in by_the_back_door(agreed, write))


def test_a_policy_stored_past_its_category(agreed: Shop) -> None:
    own = next(row for row in agreed.rows(reward_policies) if row["vendor_id"] is not None)

    def write(connection: sa.Connection) -> None:
        records.write(connection, reward_policies, [{**own, "version": 2, "redeemable_percentage": 9000}])

    assert any("outside its category's limits" in finding for finding in by_the_back_door(agreed, write))


def test_more_breakage_shared_than_there_is(agreed: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settlement, "breakage", lambda _: 10_000)
    with agreed.database.write() as connection:
        settlement.share(connection, agreed.vendor_id, 31, NOW + DAY_MS, agreed.randomness)
    monkeypatch.undo()
    assert "more breakage was shared than there is: -31" in agreed.findings()
