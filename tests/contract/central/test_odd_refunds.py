"""A refund is never refused: what does not fit is marked, moves no more than it may, and may wait for its sale."""

from typing import Any

import msgspec
import pytest

from tests.contract.central.refunding import OVERRIDE, refunded, result, sold
from tests.contract.central.shop import Shop
from tests.contract.central.till import Till
from urs_desktop.central import refunds
from urs_desktop.central.schema import refunds as refund_rows
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol.messages import SaleReply, SaleRequest
from urs_desktop.protocol.operations import RefundLine, RefundOverride, SaleSpend, SaleTender


class TestWhatDoesNotFit:
    """A refund is never refused: what does not fit is marked, and moves no more than it may."""

    def test_more_than_was_sold(self, shop: Shop) -> None:
        sale = sold(shop, (2, 3000))
        shop.till.refund(sale, {1: 3}, policy=shop.policy)
        assert result(shop) == ("adjusted", "refund_exceeds_sale")
        assert shop.balances() == (0, 0, 0, 0)
        assert shop.findings() == []

    def test_the_same_line_twice_from_two_counters(self, shop: Shop) -> None:
        sale = sold(shop, (1, 3000), (1, 2000))
        other = shop.another_till()
        refunded(shop, sale, {1: 1})
        other.refund(sale, {1: 1}, policy=shop.policy)
        assert result(shop, other) == ("adjusted", "refund_exceeds_sale")
        assert shop.wallet() == (100, 0)
        assert shop.booked() == {"EARN": 250, "CLAWBACK": 150}
        assert shop.findings() == []

    def test_a_refund_after_one_too_many_is_judged_by_its_own_lines(self, shop: Shop) -> None:
        sale = sold(shop, (1, 3000), (1, 2000))
        shop.till.refund(sale, {1: 2}, policy=shop.policy)
        assert result(shop) == ("adjusted", "refund_exceeds_sale")
        shop.till.refund(sale, {2: 1}, policy=shop.policy, before=[{1: 2}])
        assert result(shop) == ("applied", "")
        assert shop.balances() == (0, 0, 0, 0)
        assert shop.findings() == []

    def test_two_counters_that_did_not_know_of_each_other(self, shop: Shop) -> None:
        """Each promised what it knew; together they come to what the rules give."""
        sale = sold(shop, (1, 1500), (1, 900))
        other = shop.another_till()
        refunded(shop, sale, {1: 1})
        other.refund(sale, {2: 1}, policy=shop.policy)
        assert result(shop, other) == ("adjusted", "refund_differs")
        assert shop.balances() == (0, 0, 0, 0)
        assert shop.findings() == []

    @pytest.mark.parametrize("line", [0, 3, -1, 10**9])
    def test_a_line_the_sale_does_not_have(self, shop: Shop, line: int) -> None:
        sale = sold(shop, (1, 3000), (1, 2000))
        body = shop.till.refund_body(sale, {1: 1}, policy=shop.policy)
        shop.till.make(msgspec.structs.replace(body, lines=(msgspec.structs.replace(body.lines[0], n=line),)))
        assert result(shop) == ("adjusted", "refund_exceeds_sale")
        assert shop.wallet() == (250, 0)
        assert shop.findings() == []

    @pytest.mark.parametrize("changes", [{"points_back": 1}, {"clawed": 0}, {"cash_back": 1}, {"total": 1}])
    def test_promises_the_rules_do_not_give(self, shop: Shop, changes: dict[str, int]) -> None:
        sale = sold(shop, (1, 3000), (1, 2000))
        shop.till.refund(sale, {1: 1}, policy=shop.policy, **changes)
        assert result(shop) == ("adjusted", "refund_differs")
        assert shop.wallet() == (100, 0)
        assert shop.findings() == []

    def test_fewer_than_none_gives_nothing_back(self, shop: Shop) -> None:
        sale = sold(shop, (2, 3000))
        body = shop.till.refund_body(sale, {1: 1}, policy=shop.policy)
        shop.till.make(msgspec.structs.replace(body, lines=(msgspec.structs.replace(body.lines[0], quantity=-1),)))
        assert result(shop) == ("adjusted", "refund_differs")
        assert shop.wallet() == (150, 0)
        shop.till.refund(sale, {1: 2}, policy=shop.policy)
        assert result(shop) == ("applied", "")
        assert shop.balances() == (0, 0, 0, 0)
        assert shop.findings() == []

    @pytest.mark.parametrize("field", ["total", "cash_back", "points_back", "clawed"])
    @pytest.mark.parametrize("figure", [10**15, -(10**15), 2**62])
    def test_figures_no_till_has_are_parked(self, shop: Shop, field: str, figure: int) -> None:
        sale = sold(shop, (1, 3000))
        shop.till.refund(sale, {1: 1}, **{field: figure})
        assert result(shop) == ("parked", "amount_out_of_range")
        assert shop.wallet() == (150, 0)
        assert shop.findings() == []

    @pytest.mark.parametrize(
        "changes",
        [
            {"lines": (RefundLine(1, "SKU0", "Thing 0", 10**15, 1),)},
            {"lines": (RefundLine(10**15, "SKU0", "Thing 0", 1, 1),)},
            {"tenders": (SaleTender("cash", 10**15, 0),)},
        ],
    )
    def test_parts_no_till_has_are_parked(self, shop: Shop, changes: dict[str, Any]) -> None:
        sale = sold(shop, (1, 3000))
        shop.till.refund(sale, {1: 1}, **changes)
        assert result(shop) == ("parked", "amount_out_of_range")
        assert shop.findings() == []

    def test_another_vendors_sale(self, shop: Shop) -> None:
        sale = sold(shop, (1, 3000))
        other = shop.another_till(shop.another_vendor())
        other.refund(sale, {1: 1}, policy=shop.policy)
        assert result(shop, other) == ("adjusted", "sale_of_other_vendor")
        assert shop.booked() == {"EARN": 150}
        refunded(shop, sale, {1: 1})
        assert shop.balances() == (0, 0, 0, 0)
        assert shop.findings() == []

    @pytest.mark.parametrize(
        ("override", "expected"), [(None, ("adjusted", "override_needed")), (OVERRIDE, ("applied", ""))]
    )
    def test_without_a_receipt(self, shop: Shop, override: RefundOverride | None, expected: tuple[str, str]) -> None:
        sale = sold(shop, (1, 3000))
        line = RefundLine(0, "SKU0", "Thing 0", 1, 3000)
        shop.till.refund(sale, {1: 1}, sale=None, lines=(line,), override=override)
        assert result(shop) == expected
        assert shop.booked() == {"EARN": 150}
        assert len(shop.rows(refund_rows)) == 1
        assert shop.findings() == []

    @pytest.mark.parametrize("name", ["", "ff" * 16, "zz" * 16, "ff", "f" * 2000])
    def test_an_unknown_sale(self, shop: Shop, name: str) -> None:
        sale = sold(shop, (1, 3000))
        shop.till.refund(sale, {1: 1}, sale=name)
        assert result(shop) == ("adjusted", "sale_unknown")
        assert shop.booked() == {"EARN": 150}
        assert shop.findings() == []

    @pytest.mark.parametrize("code", ["ZZZ", "", "JPY", "x" * 300])
    def test_a_sale_in_a_currency_that_is_not_the_vendors(self, shop: Shop, code: str) -> None:
        """It earned nothing; it is no reason to refuse its refund, nor the sale itself if that arrives later."""
        shop.earn(100)
        sale = shop.till.sale(policy=shop.policy, currency=code, points_paid=30, sold=[(2, 3000)])
        assert result(shop)[0] == "adjusted"
        shop.till.refund(sale, {1: 1})
        assert result(shop)[0] in {"applied", "adjusted"}
        other = shop.another_till()
        late = shop.till.sale(policy=shop.policy, currency=code, points_paid=30, sold=[(2, 3000)])
        other.refund(late, {1: 2})
        assert result(shop, other) == ("adjusted", "sale_unknown")
        assert result(shop)[0] == "adjusted"
        assert shop.booked() == {"EARN": 100, "LATE": 60, "UNLATE": 45}
        assert shop.findings() == []

    def test_a_refund_of_a_refund_and_of_itself(self, shop: Shop) -> None:
        sale = sold(shop, (2, 3000))
        first = shop.till.refund(sale, {1: 1}, policy=shop.policy)
        shop.till.refund(sale, {1: 1}, sale=first.op_id.hex())
        assert result(shop) == ("adjusted", "sale_unknown")
        assert shop.booked() == {"EARN": 150, "CLAWBACK": 75}
        assert shop.findings() == []


class TestBeforeItsSale:
    """A refund that overtakes its sale waits for it."""

    def test_it_is_posted_when_the_sale_arrives(self, shop: Shop) -> None:
        other = shop.another_till()
        sale = shop.till.sale(policy=shop.policy, sold=[(1, 3000), (1, 2000)])
        other.refund(sale, {1: 1}, policy=shop.policy)
        assert result(shop, other) == ("adjusted", "sale_unknown")
        assert (shop.booked(), shop.findings()) == ({}, [])
        assert result(shop) == ("applied", "")
        assert shop.wallet() == (100, 0)
        assert shop.booked() == {"EARN": 250, "CLAWBACK": 150}
        assert shop.findings() == []
        shop.till.refund(sale, {2: 1}, policy=shop.policy, before=[{1: 1}])
        assert result(shop) == ("applied", "")
        assert shop.balances() == (0, 0, 0, 0)
        assert shop.findings() == []

    def test_many_of_them(self, shop: Shop) -> None:
        others = [shop.another_till() for _ in range(3)]
        shop.earn(300)
        grant = shop.grant(200)
        spend = SaleSpend(grant.lease_id, 200, 0)
        sale = shop.till.sale(policy=shop.policy, points_paid=200, spends=(spend,), sold=[(3, 3000)])
        for till in others:
            till.refund(sale, {1: 1}, policy=shop.policy)
            shop.push(till=till)
        assert result(shop) == ("applied", "")
        assert shop.balances() == (0, 300, 0, 0)
        assert shop.findings() == []

    def test_in_the_same_push(self, shop: Shop) -> None:
        """No till does that; a sale finds its refund all the same."""
        first = shop.till.sale(policy=shop.policy, sold=[(1, 3000)])
        shop.till.operations.clear()
        shop.till.refund(first, {1: 1}, policy=shop.policy)
        shop.till.make_raw(first.kind, first.schema, first.body, first.op_id)
        shop.push()
        assert shop.balances() == (0, 0, 0, 0)
        assert shop.booked() == {"EARN": 150, "CLAWBACK": 150}
        assert shop.findings() == []

    def test_not_by_another_vendor(self, shop: Shop) -> None:
        other = shop.another_till(shop.another_vendor())
        sale = shop.till.sale(policy=shop.policy, sold=[(1, 3000)])
        other.refund(sale, {1: 1}, policy=shop.policy)
        shop.push(till=other)
        assert result(shop) == ("applied", "")
        assert shop.wallet() == (150, 0)
        assert shop.findings() == []

    def test_the_answer_that_was_lost_changes_nothing(self, shop: Shop) -> None:
        sale = sold(shop, (2, 3000))
        shop.till.refund(sale, {1: 1}, policy=shop.policy)
        for _ in range(3):
            assert result(shop) == ("applied", "")
        assert shop.booked() == {"EARN": 150, "CLAWBACK": 75}


class TestLookUp:
    """A counter finds a sale of its own vendor with all its refunds; of another's it learns nothing."""

    def find(self, shop: Shop, receipt: int, counter: int = 1, till: Till | None = None) -> SaleReply:
        with shop.database.read() as connection:
            device = (till or shop.till).device_id
            return refunds.find(connection, device, SaleRequest(counter=counter, receipt=receipt))

    def test_a_sale_with_policy_and_refunds(self, shop: Shop) -> None:
        sale = sold(shop, (1, 3000), (2, 2000))
        first = shop.till.refund(sale, {2: 1}, policy=shop.policy)
        other = shop.another_till()
        second = other.refund(sale, {1: 1}, policy=shop.policy, before=[{2: 1}])
        shop.push()
        shop.push(till=other)
        for till in (shop.till, other):
            reply = self.find(shop, 1, till=till)
            assert (reply.op_id, reply.sale.total) == (sale.op_id, 5000)
            assert reply.policy is not None
            assert (reply.policy.policy_id, reply.policy.version) == (shop.policy.policy_id, 1)
            found = {refund.op_id: [(line.n, line.quantity) for line in refund.lines] for refund in reply.refunds}
            assert found == {first.op_id: [(2, 1)], second.op_id: [(1, 1)]}

    def test_a_sale_without_policy(self, shop: Shop) -> None:
        shop.till.sale(500, card=None)
        shop.push()
        assert self.find(shop, 1).policy is None

    @pytest.mark.parametrize(("counter", "receipt"), [(1, 2), (2, 1), (0, 0), (1, 10**15), (-(10**18), 1)])
    def test_a_receipt_that_is_none(self, shop: Shop, counter: int, receipt: int) -> None:
        sold(shop, (1, 3000))
        with pytest.raises(Refusal) as refusal:
            self.find(shop, receipt, counter)
        assert refusal.value.code is RefusalCode.RECEIPT_UNKNOWN

    def test_another_vendors_receipt(self, shop: Shop) -> None:
        sold(shop, (1, 3000))
        stranger = shop.another_till(shop.another_vendor())
        with pytest.raises(Refusal) as refusal:
            self.find(shop, 1, till=stranger)
        assert refusal.value.code is RefusalCode.RECEIPT_UNKNOWN

    def test_another_vendors_refunds_are_not_told(self, shop: Shop) -> None:
        sale = sold(shop, (1, 3000))
        stranger = shop.another_till(shop.another_vendor())
        stranger.refund(sale, {1: 1})
        shop.push(till=stranger)
        assert self.find(shop, 1).refunds == ()

    def test_a_refund_is_no_sale(self, shop: Shop) -> None:
        sale = sold(shop, (1, 3000))
        refunded(shop, sale, {1: 1})
        with pytest.raises(Refusal):
            self.find(shop, 2)
