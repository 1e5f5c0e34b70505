"""What was posted otherwise than promised is stored once, and said on the customer's next receipt, once."""

from typing import Any

import msgspec
import pytest

from tests.builders import CARD, Counter, make_basket, make_counter, make_line
from urs_desktop.counter.use_cases.explaining import Explained, Explaining
from urs_desktop.counter.use_cases.outcomes import parked_in, take_in
from urs_desktop.counter.use_cases.parked import Resolving
from urs_desktop.counter.use_cases.receipts import Adjustment, PointsMoved, Receipt, RefundReceipt
from urs_desktop.counter.use_cases.refund import RefundOrder
from urs_desktop.counter.use_cases.reporting import Reporting
from urs_desktop.counter.use_cases.ring_up import SaleOrder
from urs_desktop.counter.values import ParkedOperation
from urs_desktop.protocol.messages import Became, PushResult


@pytest.fixture
def counter() -> Counter:
    return make_counter()


def buy(counter: Counter, pounds: str = "20.00", card: str | None = CARD) -> Receipt:
    return counter.ring_up.complete(SaleOrder(make_basket(make_line(pounds)), card=card))


def seq_of(counter: Counter, receipt: int) -> int:
    return counter.read(lambda book: book.sales.by_receipt(receipt) or book.refunds.by_receipt(receipt)).seq  # type: ignore[union-attr]


def answered(counter: Counter, receipt: int, result: str = "adjusted", **became: Any) -> None:  # noqa: ANN401
    """Take in what the central store says of a receipt."""
    seq = seq_of(counter, receipt)
    told = PushResult(seq=seq, result=result, now=Became(**{"result": "adjusted", **became}))
    counter.store.write(lambda book: take_in(book, [told]))


LESS = Adjustment("1-000001", is_refund=False, promised=PointsMoved(100), posted=PointsMoved(35), late=0, code="why")


def test_the_next_receipt_of_the_customer_tells_of_it_once(counter: Counter) -> None:
    buy(counter)
    answered(counter, 1, code="why", earned=35)
    assert buy(counter, card="C-other").notes == ()
    assert buy(counter, card=None).notes == ()
    assert buy(counter).notes == (LESS,)
    assert buy(counter).notes == ()
    reporting = Reporting(counter.store, counter.clock)
    assert reporting.receipt(4).notes == (LESS,), "a receipt looked at again says what it said"
    assert (reporting.receipt(1).adjusted, reporting.receipt(2).adjusted) == (LESS, None)
    assert reporting.status().adjusted == (LESS,)


def test_who_was_erased_is_not_known_again_from_a_late_sale(counter: Counter) -> None:
    buy(counter)
    buy(counter, card="C-other")
    answered(counter, 1, code="customer_erased", earned=0)
    assert counter.read(lambda book: book.customers.by_card(CARD)) is None
    assert counter.read(lambda book: book.customers.by_card("C-other")) is not None


def test_a_sale_that_is_not_kept_tells_nobody(counter: Counter) -> None:
    buy(counter)
    answered(counter, 1, code="why", earned=35)

    def fail(book: Any) -> None:  # noqa: ANN401
        counter.ring_up.complete_in(book, SaleOrder(make_basket(), card=CARD))
        raise OSError

    with pytest.raises(OSError):  # noqa: PT011 - it is this one
        counter.store.write(fail)
    assert buy(counter).notes == (LESS,)


def test_points_the_shop_pays_for_are_not_the_customers_business(counter: Counter) -> None:
    buy(counter)
    answered(counter, 1, code="points_late", earned=100, late=7)
    assert buy(counter).notes == ()
    [adjusted] = Reporting(counter.store, counter.clock).status().adjusted
    assert (adjusted.promised.net, adjusted.posted.net, adjusted.late) == (100, 100, 7)


def test_a_copy_says_it_like_the_original_and_the_first_answer_stays(counter: Counter) -> None:
    buy(counter)
    answered(counter, 1, result="duplicate", code="why", earned=35)
    answered(counter, 1, code="other", earned=99)
    assert Reporting(counter.store, counter.clock).status().adjusted == (LESS,)


def test_a_copy_of_what_was_parked_is_parked(counter: Counter) -> None:
    buy(counter)
    seq = seq_of(counter, 1)
    results = [
        PushResult(seq=seq, result="duplicate", now=Became(result="parked", code="constraint")),
        PushResult(seq=99, result="parked", code="never_sent"),
        PushResult(seq=1, result="duplicate", now=Became(result="applied")),
    ]
    assert counter.read(lambda book: parked_in(book, results)) == [ParkedOperation(seq, "sale", "constraint")]


def refund(counter: Counter, receipt: str = "1") -> RefundReceipt:
    refunding = counter.refunding
    return refunding.complete(RefundOrder(refunding.find(receipt)))


def test_a_refund_is_told_of_too_unless_it_waits_for_its_sale(counter: Counter) -> None:
    buy(counter)
    refund(counter)
    answered(counter, 2, code="sale_unknown")
    assert buy(counter).notes == ()
    buy(counter)
    refund(counter, "4")
    answered(counter, 5, code="refund_differs", clawed=60)
    moved = Adjustment("1-000005", True, PointsMoved(clawed=100), PointsMoved(clawed=60), 0, "refund_differs")
    assert buy(counter).notes == (moved,)
    assert Reporting(counter.store, counter.clock).refund_receipt(5).adjusted == moved


def test_why_says_it_of_the_sale_and_of_its_refunds(counter: Counter) -> None:
    buy(counter)
    refund(counter)
    answered(counter, 1, code="why", earned=35)
    answered(counter, 2, code="refund_differs", clawed=35)
    for text in ("1", "2"):
        explained = Explaining(counter.store, counter.refunding).receipt(text)
        assert isinstance(explained, Explained)
        assert [each.number for each in explained.adjusted] == ["1-000001", "1-000002"]
        assert explained.adjusted[0] == LESS


def test_what_is_no_receipt_is_left_alone(counter: Counter) -> None:
    counter.ring_up.complete(SaleOrder(make_basket(), card="C-new"))
    enrolment = next(operation for operation in counter.operations() if operation.kind == "enrol")
    told = PushResult(seq=enrolment.seq, result="adjusted", now=Became(result="adjusted", code="x"))
    counter.store.write(lambda book: take_in(book, [told]))
    assert Reporting(counter.store, counter.clock).status().adjusted == ()


def test_a_decision_that_is_parked_itself_is_listed_itself(counter: Counter) -> None:
    """As by a central store that is older than this counter."""
    buy(counter)
    seq = seq_of(counter, 1)
    counter.store.write(lambda book: book.operations.acknowledge(seq, [ParkedOperation(seq, "sale", "internal")]))
    Resolving(counter.store, counter.recorder).retry(seq)
    became = Became(result="parked", code="kind_unknown")
    result = PushResult(seq=seq + 1, result="parked", code="kind_unknown", now=became)
    listed = counter.read(lambda book: parked_in(book, [result]))
    assert listed == [ParkedOperation(seq + 1, "parked.resolve", "kind_unknown")]
    counter.store.write(lambda book: take_in(book, [result]))
    assert [each.seq for each in Resolving(counter.store, counter.recorder).every()] == [seq]


@pytest.mark.parametrize(
    ("answer", "left"),
    [
        (PushResult(seq=3, result="applied"), 0),
        (PushResult(seq=3, result="adjusted", code="x", now=Became(result="adjusted", code="x", earned=1)), 0),
        (PushResult(seq=3, result="duplicate", now=Became(result="written_off")), 0),
        (PushResult(seq=3, result="adjusted", code="internal", now=Became(result="parked", code="internal")), 1),
        (PushResult(seq=3, result="adjusted", code="not_parked"), 1),
    ],
)
def test_what_the_centre_says_of_a_decision_is_about_the_parked_one(
    counter: Counter, answer: PushResult, left: int
) -> None:
    buy(counter)
    buy(counter)
    first = seq_of(counter, 1)
    counter.store.write(lambda book: book.operations.acknowledge(2, [ParkedOperation(first, "sale", "internal")]))
    Resolving(counter.store, counter.recorder).retry(first)
    answer = msgspec.structs.replace(answer, seq=counter.operations()[-1].seq)
    assert counter.read(lambda book: parked_in(book, [answer])) == []
    counter.store.write(lambda book: take_in(book, [answer]))
    assert len(Resolving(counter.store, counter.recorder).every()) == left
    adjusted = Reporting(counter.store, counter.clock).status().adjusted
    assert [(each.number, each.posted.earned) for each in adjusted] == [("1-000001", 1)] * (answer.code == "x")
