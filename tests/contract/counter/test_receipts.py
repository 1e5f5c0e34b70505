"""What every store of the counter promises of sales and refunds, which share one numbering.

Must never know which store it runs against.
"""

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from tests.builders import CARD, make_basket, make_line, make_policy
from tests.fakes.shop import NOON
from urs_desktop.counter.ports import Book, Store
from urs_desktop.counter.use_cases.recording import Recorder
from urs_desktop.counter.use_cases.ring_up import RingUp, SaleOrder
from urs_desktop.counter.values import KnownRefund, ReplayedReturns, StoredRefund, StoredSale
from urs_desktop.protocol.operations import (
    RefundBody,
    RefundLine,
    RefundOverride,
    SaleSource,
    SaleTender,
)


class TestSales:
    @pytest.fixture
    def sale(self, store: Store, recorder: Recorder) -> StoredSale:
        """A sale replayed from a journal, rung up by the code that ships."""
        store.write(lambda book: book.policies.put(make_policy()))
        source = SaleSource("journal", "536365", "ab")
        order = SaleOrder(make_basket(make_line("20.00")), card=CARD, source=source, happened_at=-5)
        RingUp(store, recorder).complete(order)
        stored = store.read(lambda book: book.sales.by_receipt(1))
        assert stored is not None
        return stored

    def test_it_is_found_by_receipt_and_by_source(self, store: Store, sale: StoredSale) -> None:
        assert (sale.body.total, sale.body.earned, sale.body.happened_at) == (2000, 100, -5)
        assert store.read(lambda book: book.sales.by_source("journal", "536365")) == sale
        assert store.read(lambda book: book.sales.by_source("journal", "536366")) is None
        assert store.read(lambda book: book.sales.by_source("other", "536365")) is None
        assert store.read(lambda book: book.sales.by_receipt(2)) is None
        operation = store.read(lambda book: book.operations.at(sale.seq))
        assert operation is not None
        assert (operation.op_id, operation.kind) == (sale.op_id, "sale")
        assert store.read(lambda book: book.sales.agrees(sale))

    def test_it_is_stored_once(self, store: Store, sale: StoredSale) -> None:
        with pytest.raises(Exception, match=r"(?i)unique|already"):
            store.write(lambda book: book.sales.put(sale))

    def test_the_newest_come_first(self, store: Store, recorder: Recorder, sale: StoredSale) -> None:
        for _ in range(3):
            RingUp(store, recorder).complete(SaleOrder(make_basket()))
        assert [each.receipt for each in store.read(lambda book: book.sales.latest(3))] == [4, 3, 2]
        assert store.read(lambda book: book.sales.latest(9))[-1] == sale

    def test_receipts_wait_until_their_operation_is_acknowledged(
        self, store: Store, recorder: Recorder, sale: StoredSale
    ) -> None:
        RingUp(store, recorder).complete(SaleOrder(make_basket()))
        assert list(store.read(lambda book: book.operations.receipts_waiting())) == [1, 2]
        store.write(lambda book: book.operations.acknowledge(sale.seq, ()))
        assert list(store.read(lambda book: book.operations.receipts_waiting())) == [2]

    def test_it_is_found_by_its_operation(self, store: Store, sale: StoredSale) -> None:
        assert store.read(lambda book: book.sales.by_operation(sale.op_id)) == sale
        assert store.read(lambda book: book.sales.by_operation(b"x" * 16)) is None
        assert store.read(lambda book: book.sales.count()) == 1

    def test_a_customers_purchases_of_a_product_come_oldest_first(self, store: Store, recorder: Recorder) -> None:
        ring_up = RingUp(store, recorder)

        def sell(card: str | None, happened_at: int, *skus: str) -> None:
            basket = make_basket(*(make_line(sku=sku) for sku in skus))
            ring_up.complete(SaleOrder(basket, card=card, happened_at=happened_at))

        sell(CARD, 30, "A", "B")
        sell(CARD, 10, "B", "A")
        sell("C-2", 5, "A")
        sell(None, 6, "A")
        sell(CARD, 10, "A")
        sell(CARD, 7, "a")

        def found(sku: str, until: int) -> list[int]:
            return [s.receipt for s in store.read(lambda book: book.sales.of_customer(CARD, sku, until))]

        assert found("A", 30) == [2, 5, 1]
        assert found("A", 29) == [2, 5]
        assert found("A", 10) == [2, 5]
        assert found("A", 9) == []
        assert found("a", 99) == [6]
        assert found("C", 99) == []


class TestRefunds:
    @pytest.fixture
    def sale(self, store: Store, recorder: Recorder) -> StoredSale:
        """A sale of three mugs and a bag, rung up by the code that ships."""
        store.write(lambda book: book.policies.put(make_policy()))
        RingUp(store, recorder).complete(SaleOrder(make_basket(make_line("20.00", 3), make_line(sku="B")), card=CARD))
        stored = store.read(lambda book: book.sales.by_receipt(1))
        assert stored is not None
        return stored

    def body(self, of: StoredSale, receipt: int, **changed: Any) -> RefundBody:  # noqa: ANN401 - any field of a body
        line = RefundLine(1, "MUG", "White metal mug", 1, 2000)
        fields: dict[str, Any] = {
            "hlc": NOON + receipt,
            "recorded_at": NOON,
            "receipt": receipt,
            "happened_at": -7,
            "currency": "GBP",
            "sale": of.op_id.hex(),
            "total": 2000,
            "cash_back": 2000,
            "points_back": 0,
            "clawed": 100,
            "lines": (line,),
            "tenders": (SaleTender("cash", 2000, 2000),),
            "card": CARD,
            "policy": of.body.policy,
            "engine": 1,
        }
        return RefundBody(**{**fields, **changed})

    def put(
        self, store: Store, recorder: Recorder, body: RefundBody, others: tuple[KnownRefund, ...] = ()
    ) -> StoredRefund:
        def work(book: Book) -> StoredRefund:
            operation = recorder.append(book, body)
            stored = StoredRefund(body.receipt, operation.op_id, operation.seq, body, others)
            book.refunds.put(stored)
            return stored

        return store.write(work)

    def test_it_is_found_by_receipt_sale_and_source(self, store: Store, recorder: Recorder, sale: StoredSale) -> None:
        others = (KnownRefund(b"a" * 16, {1: 1, 2: 1}), KnownRefund(b"b" * 16, {1: 1}))
        first = self.put(store, recorder, self.body(sale, 2), others)
        source = SaleSource("journal", "C1", "ab")
        second = self.put(store, recorder, self.body(sale, 3, source=source))
        third = self.put(store, recorder, self.body(sale, 4, source=source, override=RefundOverride("boss", "why")))
        loose = self.put(store, recorder, self.body(sale, 5, sale=None, card=None, policy=None))
        assert store.read(lambda book: book.refunds.by_receipt(2)) == first
        assert store.read(lambda book: book.refunds.by_receipt(5)) == loose
        assert store.read(lambda book: book.refunds.by_receipt(1)) is None
        assert store.read(lambda book: book.refunds.by_receipt(6)) is None
        assert list(store.read(lambda book: book.refunds.of_sale(sale.op_id))) == [first, second, third]
        assert not store.read(lambda book: book.refunds.of_sale(b"x" * 16))
        assert list(store.read(lambda book: book.refunds.by_source("journal", "C1"))) == [second, third]
        assert not store.read(lambda book: book.refunds.by_source("journal", "C2"))
        assert not store.read(lambda book: book.refunds.by_source("other", "C1"))
        assert store.read(lambda book: book.refunds.count()) == 4
        assert store.read(lambda book: book.sales.count()) == 1
        for refund in (first, second, third, loose):
            assert store.read(lambda book, refund=refund: book.refunds.agrees(refund))  # type: ignore[misc]
            changed = replace(refund, body=msgspec.structs.replace(refund.body, cash_back=1))
            assert not store.read(lambda book, changed=changed: book.refunds.agrees(changed))  # type: ignore[misc]

    def test_it_is_stored_once(self, store: Store, recorder: Recorder, sale: StoredSale) -> None:
        refund = self.put(store, recorder, self.body(sale, 2))
        with pytest.raises(Exception, match=r"(?i)unique|already"):
            store.write(lambda book: book.refunds.put(refund))

    def test_its_receipt_is_one_of_the_counters(self, store: Store, recorder: Recorder, sale: StoredSale) -> None:
        self.put(store, recorder, self.body(sale, 2))
        RingUp(store, recorder).complete(SaleOrder(make_basket()))
        assert store.read(lambda book: book.operations.head()).receipt == 3
        assert list(store.read(lambda book: book.operations.receipts_waiting())) == [1, 2, 3]
        store.write(lambda book: book.operations.acknowledge(sale.seq, ()))
        assert list(store.read(lambda book: book.operations.receipts_waiting())) == [2, 3]
        store.write(lambda book: book.operations.acknowledge(sale.seq + 1, ()))
        assert list(store.read(lambda book: book.operations.receipts_waiting())) == [3]
        assert store.read(lambda book: book.sales.by_receipt(2)) is None

    def test_what_a_failed_transaction_refunded_is_not_there(
        self, store: Store, recorder: Recorder, sale: StoredSale
    ) -> None:
        def fail(book: Book) -> None:
            body = self.body(sale, 2)
            operation = recorder.append(book, body)
            book.refunds.put(StoredRefund(2, operation.op_id, operation.seq, body))
            book.refunds.put_returns(ReplayedReturns("journal", "C1", "ab", 1, 2, 3))
            raise KeyError("anything")

        with pytest.raises(KeyError):
            store.write(fail)
        assert store.read(lambda book: book.refunds.by_receipt(2)) is None
        assert store.read(lambda book: book.refunds.returns_of("journal", "C1")) is None
        assert store.read(lambda book: book.operations.head()).receipt == 1

    def test_returns_of_an_invoice_are_dealt_with_once(self, store: Store) -> None:
        returns = ReplayedReturns("journal", "C1", "ab", 1, 2, 3)
        store.write(lambda book: book.refunds.put_returns(returns))
        assert store.read(lambda book: book.refunds.returns_of("journal", "C1")) == returns
        assert store.read(lambda book: book.refunds.returns_of("journal", "C2")) is None
        assert store.read(lambda book: book.refunds.returns_of("other", "C1")) is None
        with pytest.raises(Exception, match=r"(?i)unique|already"):
            store.write(lambda book: book.refunds.put_returns(replace(returns, digest="cd")))
