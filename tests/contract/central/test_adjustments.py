"""Points given or taken by hand move when another person agrees, once, and never below nothing."""

import pytest
import sqlalchemy as sa

from tests.contract.central.people import operator
from tests.contract.central.shop import Shop
from tests.contract.central.till import NOW
from urs_desktop.central import adjustments, policies
from urs_desktop.central.adjustments import Adjustment, AdjustmentError
from urs_desktop.central.policies import Terms
from urs_desktop.central.schema import adjustment_decisions, entries, lots, postings
from urs_desktop.central.schema import adjustments as rows
from urs_desktop.domain.lease import EXACT_SETTLE_MS
from urs_desktop.domain.ledger import PROGRAMME
from urs_desktop.domain.policy import DAY_MS, Category
from urs_desktop.domain.refusals import Refusal, RefusalCode

LATER = NOW + 1000


def propose(shop: Shop, points: int, customer: str = "C-1", reason: str = "gone wrong at the till") -> str:
    ann = operator(shop)
    with shop.database.write() as connection:
        return adjustments.propose(connection, customer, points, reason, ann, NOW, shop.randomness)


def approve(shop: Shop, adjustment_id: str, name: str = "Bob", now: int = LATER) -> Adjustment:
    checker = operator(shop, name)
    with shop.database.write() as connection:
        return adjustments.approve(connection, adjustment_id, checker, now)


def reject(shop: Shop, adjustment_id: str, name: str = "Bob") -> Adjustment:
    checker = operator(shop, name)
    with shop.database.write() as connection:
        return adjustments.reject(connection, adjustment_id, checker, LATER)


def booked(shop: Shop) -> list[tuple[object, object]]:
    return [(row["kind"], row["points"]) for row in shop.rows(entries) if row["op_id"] is None]


def test_nothing_moves_before_another_person_agrees(shop: Shop) -> None:
    shop.earn(100)
    adjustment_id = propose(shop, 40)
    assert shop.wallet() == (100, 0)
    approve(shop, adjustment_id)
    assert shop.wallet() == (140, 0)
    assert booked(shop) == [("ADJUST", 40)]
    issued = [row["amount"] for row in shop.rows(postings) if (row["account"], row["owner"]) == ("ISSUE", PROGRAMME)]
    assert issued == [-40]
    lot = next(row for row in shop.rows(lots) if row["vendor_id"] is None)
    assert (lot["granted"], lot["vests_at"], lot["expires_at"]) == (40, None, None)
    assert shop.findings() == []


def test_points_are_taken_from_the_lots(shop: Shop) -> None:
    shop.earn(100)
    shop.earn(60)
    approve(shop, propose(shop, -130))
    assert shop.wallet() == (30, 0)
    assert [row["available"] for row in shop.rows(lots)] == [0, 30]
    assert shop.findings() == []


def test_all_is_taken_and_no_more(shop: Shop) -> None:
    shop.earn(100)
    too_many, all_of_them = propose(shop, -101), propose(shop, -100)
    with pytest.raises(AdjustmentError, match="100 points available: 101 cannot"):
        approve(shop, too_many)
    assert shop.rows(adjustment_decisions) == []
    assert shop.wallet() == (100, 0)
    approve(shop, all_of_them)
    assert shop.wallet() == (0, 0)
    reject(shop, too_many)
    assert shop.findings() == []


def test_held_points_are_not_taken_until_their_time_is_over(shop: Shop) -> None:
    shop.earn(100)
    shop.grant(80)
    adjustment_id = propose(shop, -50)
    with pytest.raises(AdjustmentError):
        approve(shop, adjustment_id)
    approve(shop, adjustment_id, now=NOW + EXACT_SETTLE_MS + 1)
    assert shop.wallet() == (50, 0)
    assert shop.findings() == []


def test_points_that_have_expired_are_not_there_to_be_taken(shop: Shop) -> None:
    with shop.database.write() as connection:
        terms = Terms(0, 500, 0, NOW, expires_after=1)
        short = policies.add_version(connection, Category.MEDIUM, None, "GBP", terms, NOW, shop.randomness)
    shop.push(shop.till.sale(2000, policy=short))
    assert shop.wallet() == (100, 0)
    with pytest.raises(AdjustmentError, match="0 points available"):
        approve(shop, propose(shop, -1), now=NOW + DAY_MS)
    assert shop.wallet() == (100, 0)
    assert shop.findings() == []


def test_what_is_given_first_repays_a_debt(shop: Shop) -> None:
    shop.earn(100)
    sale = shop.till.operations[-1]
    approve(shop, propose(shop, -80))
    shop.push(shop.till.refund(sale, {1: 1, 2: 1}, policy=shop.policy))
    assert shop.wallet() == (0, 0)
    approve(shop, propose(shop, 100))
    assert shop.wallet() == (20, 0)
    assert shop.findings() == []


def test_one_person_is_not_two(shop: Shop) -> None:
    shop.earn(100)
    adjustment_id = propose(shop, 10)
    for decide in (approve, reject):
        with pytest.raises(AdjustmentError, match="another person"):
            decide(shop, adjustment_id, "Ann")
    assert shop.rows(adjustment_decisions) == []
    ann = operator(shop)
    row = {
        "adjustment_id": adjustment_id,
        "made_by": ann.operator_id,
        "decision": "approved",
        "checked_by": ann.operator_id,
        "checked_at": NOW,
        "seal": b"",
    }
    with pytest.raises(sa.exc.IntegrityError), shop.database.write() as connection:
        connection.execute(sa.insert(adjustment_decisions), row)
    disguised = {**row, "made_by": operator(shop, "Bob").operator_id}
    with pytest.raises(sa.exc.IntegrityError), shop.database.write() as connection:
        connection.execute(sa.insert(adjustment_decisions), disguised)


@pytest.mark.parametrize("first", [approve, reject])
@pytest.mark.parametrize("second", [approve, reject])
def test_it_is_decided_once(shop: Shop, first: object, second: object) -> None:
    shop.earn(100)
    adjustment_id = propose(shop, 10)
    first(shop, adjustment_id)  # type: ignore[operator]
    with pytest.raises(AdjustmentError, match="before"):
        second(shop, adjustment_id, "Cid")  # type: ignore[operator]
    assert len(shop.rows(adjustment_decisions)) == 1
    assert shop.wallet() == (110 if first is approve else 100, 0)
    assert shop.findings() == []


def test_a_rejection_moves_nothing(shop: Shop) -> None:
    shop.earn(100)
    reject(shop, propose(shop, 10))
    assert booked(shop) == []
    assert shop.findings() == []


def test_what_cannot_be_asked_for(shop: Shop) -> None:
    shop.earn(100)
    for points, reason in ((0, "why"), (10**15, "why"), (-(10**15), "why"), (1, " ")):
        with pytest.raises(AdjustmentError):
            propose(shop, points, reason=reason)
    with pytest.raises(Refusal) as refusal:
        propose(shop, 1, "nobody")
    assert refusal.value.code is RefusalCode.CUSTOMER_UNKNOWN
    with pytest.raises(AdjustmentError, match="no adjustment"):
        approve(shop, "none")
    assert shop.rows(rows) == []


def test_the_list_says_who_and_when(shop: Shop) -> None:
    shop.earn(100)
    first, second = propose(shop, 10), propose(shop, -10)
    approve(shop, first)
    with shop.database.read() as connection:
        listed = adjustments.every(connection)
    told = [(a.adjustment_id, a.card, a.points, a.maker, a.decision, a.checker, a.checked_at) for a in listed]
    assert told == [
        (first, "C-1", 10, "Ann", "approved", "Bob", LATER),
        (second, "C-1", -10, "Ann", "", "", None),
    ]
