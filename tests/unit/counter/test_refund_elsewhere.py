"""Refunds that take more than this counter alone: sales of others, refunds made elsewhere, goods without a receipt.

Must never let a counter guess what it was not told.
"""

from collections.abc import Iterator

import msgspec
import pytest

from tests.builders import COUNTER_KEY, GBP, JPY, Counter, make_basket, make_counter, make_line, make_policy
from tests.unit.counter.faults import content
from tests.unit.counter.test_refund import BOSS, bodies, code_of, not_found, refund, sell
from urs_desktop.counter.store.book import SqlStore, store_in_memory
from urs_desktop.counter.use_cases.refund import Override, Refunding, RefundOrder
from urs_desktop.counter.use_cases.refundable import Refundable
from urs_desktop.counter.use_cases.verification import verify
from urs_desktop.domain.basket import Basket
from urs_desktop.domain.refusals import RefusalCode
from urs_desktop.protocol.operations import RefundLine, RefundOverride


@pytest.fixture
def store() -> Iterator[SqlStore]:
    opened = store_in_memory()
    yield opened
    opened.close()


@pytest.fixture
def counter(store: SqlStore) -> Counter:
    return make_counter(store)


def test_refunds_at_other_counters_count_and_are_remembered_offline(counter: Counter) -> None:
    sell(counter, points=1000)
    counter.central.sync(counter.store)
    sale = counter.read(lambda book: book.sales.by_receipt(1))
    assert sale is not None
    counter.central.refunded_elsewhere(sale.op_id, b"e" * 16, RefundLine(1, "MUG", "", 1, 2000))
    counter.central.refunded_elsewhere(sale.op_id, b"f" * 16, RefundLine(1, "MUG", "", 1, 2000))
    found = counter.refunding.find("1")
    assert (found.remaining, found.confirmed, len(found.refunds)) == ((1, 1), True, 2)
    assert code_of(counter, RefundOrder(found, {1: 2})) is RefusalCode.REFUND_EXCEEDS_SALE
    first = refund(counter, pieces={2: 1}).refund
    # 4000 came back before: floor(1000 * 4499 / 6499) - floor(1000 * 4000 / 6499) = 692 - 615
    assert (first.total, first.points_back, first.cash_back) == (499, 77, 422)
    counter.central.online = False
    offline = counter.refunding.find("1")
    assert (offline.remaining, offline.confirmed, len(offline.refunds)) == ((1, 0), False, 3)
    last = refund(counter).refund
    assert first.points_back + last.points_back + 615 == 1000
    assert verify(counter.store, COUNTER_KEY.public_key) == []


def test_a_line_that_two_counters_refunded_accuses_no_later_refund_of_another_line(counter: Counter) -> None:
    """Without a connection both may take the same goods back; what comes after that is sound all the same."""
    sell(counter, points=1000)
    counter.central.sync(counter.store)
    sale = counter.read(lambda book: book.sales.by_receipt(1))
    assert sale is not None
    counter.central.online = False
    refund(counter, pieces={1: 2})
    counter.central.refunded_elsewhere(sale.op_id, b"e" * 16, RefundLine(1, "MUG", "", 2, 4000))
    counter.central.online = True
    assert counter.refunding.find("1").remaining == (0, 1)
    refund(counter, pieces={2: 1})
    assert verify(counter.store, COUNTER_KEY.public_key) == []


def elsewhere(counter: Counter) -> Refundable:
    """Give counter 2 a sale like ours, and find it from here."""
    other = make_counter(store_in_memory())
    sell(other, points=1000)
    sale = other.read(lambda book: book.sales.by_receipt(1))
    assert sale is not None
    counter.central.sold_elsewhere(2, b"s" * 16, msgspec.structs.replace(sale.body, receipt=8))
    return counter.refunding.find("2-000008")


def test_a_sale_of_another_counter_is_refunded_here(counter: Counter) -> None:
    found = elsewhere(counter)
    assert (found.number, found.confirmed, found.remaining) == ("2-000008", True, (3, 1))
    receipt = counter.refunding.complete(RefundOrder(found, {1: 1}))
    assert (receipt.number, receipt.sale_number) == ("1-000001", "2-000008")
    body = receipt.refund
    assert (body.sale, body.total, body.points_back, body.clawed) == ((b"s" * 16).hex(), 2000, 307, 84)
    assert code_of(counter, RefundOrder(found, {1: 3})) is RefusalCode.REFUND_EXCEEDS_SALE
    again = counter.refunding.find("2-8")
    assert again.remaining == (2, 1)
    counter.refunding.complete(RefundOrder(again))
    assert sum(body.points_back for body in bodies(counter)) == 1000
    assert verify(counter.store, COUNTER_KEY.public_key) == []
    counter.central.online = False
    assert not_found(counter, "2-000008") is RefusalCode.RECEIPT_NEEDS_CONNECTION


def test_what_waits_here_counts_though_the_centre_has_not_heard_of_it(counter: Counter) -> None:
    counter.refunding.complete(RefundOrder(elsewhere(counter), {1: 1}))
    unsent = Refunding(counter.store, counter.recorder, counter.central)
    assert unsent.find("2-000008").remaining == (2, 1)
    sell(counter)
    assert unsent.find("1-000002").confirmed
    counter.central.online = False
    assert not unsent.find("1-000002").confirmed


def test_the_policy_of_another_counters_sale_may_come_with_it(counter: Counter) -> None:
    strange = make_policy(policy_id="policy-7", reward_bp=1000)
    other = make_counter(store_in_memory(), policy=strange)
    sell(other)
    sale = other.read(lambda book: book.sales.by_receipt(1))
    assert sale is not None
    counter.central.sold_elsewhere(2, b"s" * 16, sale.body)
    assert not_found(counter, "2-000001") is RefusalCode.POLICY_UNKNOWN
    counter.central.policies.append(make_policy(policy_id="policy-7", reward_bp=1001))
    assert not_found(counter, "2-000001") is RefusalCode.POLICY_UNKNOWN
    counter.central.policies[-1] = strange
    receipt = counter.refunding.complete(RefundOrder(counter.refunding.find("2-000001")))
    assert (receipt.refund.clawed, receipt.refund.total) == (649, 6499)


def test_a_sale_in_another_currency_is_not_refunded(counter: Counter) -> None:
    sell(counter)
    sale = counter.read(lambda book: book.sales.by_receipt(1))
    assert sale is not None
    counter.central.sold_elsewhere(2, b"s" * 16, msgspec.structs.replace(sale.body, currency="JPY"))
    assert not_found(counter, "2-000001") is RefusalCode.CURRENCIES_MIXED


def test_an_answer_about_another_receipt_is_none(counter: Counter) -> None:
    sell(counter)
    sale = counter.read(lambda book: book.sales.by_receipt(1))
    assert sale is not None
    counter.central.sold_elsewhere(2, b"s" * 16, sale.body)
    counter.central._sales[2, 7] = counter.central._sales[2, 1]
    assert not_found(counter, "2-000007") is RefusalCode.RECEIPT_NEEDS_CONNECTION


class TestWithoutAReceipt:
    GOODS = make_basket(make_line("2.55", 3), make_line("0.0833", 2, sku="C"))

    def test_only_cash_goes_back_and_it_is_said_who_allowed_it(self, counter: Counter, store: SqlStore) -> None:
        order = RefundOrder(goods=self.GOODS, override=Override(" boss ", " broken "), operator="anna")
        receipt = counter.refunding.complete(order)
        body = receipt.refund
        assert (body.sale, body.card, body.policy, body.points_back, body.clawed) == (None, None, None, 0, 0)
        assert (body.total, body.cash_back, receipt.sale_number, receipt.balance) == (782, 782, "", None)
        assert body.lines == (
            RefundLine(0, "MUG", "White metal mug", 3, 765),
            RefundLine(0, "C", "White metal mug", 2, 17),
        )
        assert (body.override, body.operator) == (RefundOverride("boss", "broken"), "anna")
        assert content(store)["refunds"][0][-4:] == ("boss", "broken", None, None)
        assert verify(store, COUNTER_KEY.public_key) == []

    @pytest.mark.parametrize(
        ("override", "operator", "code"),
        [
            (None, None, RefusalCode.OVERRIDE_NEEDED),
            (None, "anna", RefusalCode.OVERRIDE_NEEDED),
            (Override("", "why"), None, RefusalCode.OVERRIDE_NEEDED),
            (Override(" ", "why"), None, RefusalCode.OVERRIDE_NEEDED),
            (Override("boss", " "), None, RefusalCode.OVERRIDE_NEEDED),
            (Override("anna", "why"), "anna", RefusalCode.OVERRIDE_BY_SAME_PERSON),
            (Override(" Anna", "why"), "anna ", RefusalCode.OVERRIDE_BY_SAME_PERSON),
            (Override("boss", "two\nlines"), None, RefusalCode.TEXT_MALFORMED),
            (Override("boss", "x" * 201), None, RefusalCode.TEXT_MALFORMED),
            (Override("x" * 65, "why"), None, RefusalCode.TEXT_MALFORMED),
            (BOSS, "\x07", RefusalCode.TEXT_MALFORMED),
        ],
        ids=str,
    )
    def test_it_takes_another_persons_permission(
        self, counter: Counter, override: Override | None, operator: str | None, code: RefusalCode
    ) -> None:
        assert code_of(counter, RefundOrder(goods=self.GOODS, override=override, operator=operator)) is code

    @pytest.mark.parametrize("operator", [None, "", " ", "anna"])
    def test_a_cashier_nobody_named_is_another_person(self, counter: Counter, operator: str | None) -> None:
        body = counter.refunding.complete(RefundOrder(goods=self.GOODS, override=BOSS, operator=operator)).refund
        assert body.operator == ("anna" if operator == "anna" else None)

    def test_there_must_be_goods_in_the_counters_currency(self, counter: Counter) -> None:
        assert code_of(counter, RefundOrder(override=BOSS)) is RefusalCode.REFUND_EMPTY
        assert code_of(counter, RefundOrder(goods=Basket(GBP), override=BOSS)) is RefusalCode.REFUND_EMPTY
        yen = Basket(JPY, self.GOODS.lines)
        assert code_of(counter, RefundOrder(goods=yen, override=BOSS)) is RefusalCode.CURRENCIES_MIXED

    def test_with_a_receipt_a_permission_is_written_down_all_the_same(self, counter: Counter) -> None:
        sell(counter)
        order = RefundOrder(counter.refunding.find("1"), {1: 1}, override=BOSS, operator="anna")
        body = counter.refunding.complete(order).refund
        assert body.override == RefundOverride(BOSS.operator, BOSS.reason)
        same = RefundOrder(counter.refunding.find("1"), {1: 1}, override=BOSS, operator="boss")
        assert code_of(counter, same) is RefusalCode.OVERRIDE_BY_SAME_PERSON
