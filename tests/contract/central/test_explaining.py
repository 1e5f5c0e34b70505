"""Why a sale earned what it did: what was signed, each step, each refund, and what was booked."""

import msgspec
import pytest

from tests.contract.central.shop import Shop
from urs_desktop.central import explaining
from urs_desktop.central.explaining import Explained
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol.operations import SalePolicy, SaleSpend


def by_receipt(shop: Shop, receipt: int, number: int = 1, vendor_id: str | None = None) -> Explained:
    with shop.database.read() as connection:
        return explaining.by_receipt(connection, vendor_id or shop.vendor_id, number, receipt)


def by_operation(shop: Shop, op_id: bytes) -> Explained:
    with shop.database.read() as connection:
        return explaining.by_operation(connection, op_id)


def test_inputs_and_arithmetic_of_a_sale(shop: Shop) -> None:
    sale = shop.till.sale(2599, policy=shop.policy)
    shop.push()
    found = by_receipt(shop, 1)
    assert found == by_operation(shop, sale.op_id)
    assert found.signed.policy == SalePolicy(shop.policy.policy_id, 1, shop.policy.digest().hex())
    assert found.policy == shop.policy
    assert (found.signed.total, found.signed.points_paid, found.signed.earned, found.posted) == (2599, 0, 129, 129)
    earning = found.explanation.earning
    assert (earning.base.minor, earning.exceeds, earning.product, earning.points) == (2599, True, 2599 * 500, 129)
    assert sum(found.explanation.shares) == 129
    assert [(entry.kind, entry.points, entry.op_id) for entry in found.entries] == [("EARN", 129, sale.op_id)]
    assert [p.amount for p in found.entries[0].postings] == [-129, 129, -129, 129]
    assert (found.vendor, found.card, found.receipt.counter, found.receipt.code) == ("Shop", "C-1", 1, "")


def test_every_refund_in_its_order(shop: Shop) -> None:
    shop.earn(300)
    grant = shop.grant(200)
    spends = (SaleSpend(grant.lease_id, 200, 0),)
    sale = shop.till.sale(3000, points_paid=200, spends=spends, policy=shop.policy)
    first = shop.till.refund(sale, {2: 1}, policy=shop.policy)
    second = shop.till.refund(sale, {1: 1}, policy=shop.policy, before=[{2: 1}])
    shop.push()
    found = by_operation(shop, sale.op_id)
    assert [receipt.op_id for receipt in found.refunds] == [first.op_id, second.op_id]
    steps = found.explanation.refunds
    assert [(step.adds.value, step.adds.points_back, step.adds.cash_back) for step in steps] == [
        (1000, 66, 934),
        (2000, 134, 1866),
    ]
    assert [step.adds.clawed for step in steps] == [47, 93]
    assert found.posted == 140
    kinds = [(entry.kind, entry.points) for entry in found.entries]
    assert sorted(kinds) == sorted(
        [("EARN", 140), ("REDEEM", 200), ("UNREDEEM", 66), ("CLAWBACK", 47), ("UNREDEEM", 134), ("CLAWBACK", 93)]
    )


def test_a_refund_leads_to_its_sale(shop: Shop) -> None:
    sale = shop.till.sale(2500, policy=shop.policy)
    back = shop.till.refund(sale, {1: 1}, policy=shop.policy)
    shop.push()
    assert by_operation(shop, back.op_id) == by_receipt(shop, 2) == by_receipt(shop, 1)


def test_what_was_promised_and_what_was_booked_stand_side_by_side(shop: Shop) -> None:
    shop.push(shop.till.sale(2500, earned=7))
    body = shop.till.sale_body(2500, policy=shop.policy)
    shop.push(shop.till.make(msgspec.structs.replace(body, earned=7)))
    nothing, too_few = by_receipt(shop, 1), by_receipt(shop, 2)
    assert (nothing.signed.earned, nothing.posted, nothing.policy) == (7, 0, None)
    assert (nothing.explanation.earning.points, nothing.entries) == (0, ())
    assert (too_few.signed.earned, too_few.posted, too_few.receipt.code) == (7, 125, "points_differ")
    assert (too_few.explanation.sold.earned, sum(too_few.explanation.shares)) == (125, 125)


def test_what_is_not_there(shop: Shop) -> None:
    shop.push(shop.till.sale())
    elsewhere = shop.another_vendor()
    for receipt, number, vendor_id in ((2, 1, None), (1, 2, None), (1, 1, elsewhere), (10**30, 1, None)):
        with pytest.raises(Refusal) as refusal:
            by_receipt(shop, receipt, number, vendor_id)
        assert refusal.value.code is RefusalCode.RECEIPT_UNKNOWN
    enrolment = shop.till.enrolment("C-9")
    shop.push()
    for op_id in (enrolment.op_id, b"", b"\x00" * 16):
        with pytest.raises(Refusal):
            by_operation(shop, op_id)
