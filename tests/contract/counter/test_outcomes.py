"""What every store of the counter promises of receipts that were posted otherwise than they promised.

Must never know which store it runs against.
"""

import pytest

from tests.builders import CARD, make_basket
from urs_desktop.counter.ports import Store
from urs_desktop.counter.use_cases.recording import Recorder
from urs_desktop.counter.use_cases.ring_up import RingUp, SaleOrder
from urs_desktop.counter.values import AdjustedReceipt

FIRST = AdjustedReceipt(1, 1, "points_differ", CARD, earned=35)
SECOND = AdjustedReceipt(2, 2, "points_late", earned=4, late=300)
THIRD = AdjustedReceipt(3, 3, "refund_differs", CARD, back=7, clawed=9)


@pytest.fixture(autouse=True)
def _three_receipts(store: Store, recorder: Recorder) -> None:
    """Four receipts of sales, of which the first three were posted otherwise."""
    for _ in range(4):
        RingUp(store, recorder).complete(SaleOrder(make_basket()))
    for adjusted in (THIRD, FIRST, SECOND):
        store.write(lambda book, adjusted=adjusted: book.outcomes.put(adjusted))  # type: ignore[misc]


def test_they_are_kept_in_the_order_of_their_receipts(store: Store) -> None:
    assert list(store.read(lambda book: book.outcomes.all())) == [FIRST, SECOND, THIRD]
    assert store.read(lambda book: book.outcomes.of_receipt(2)) == SECOND
    assert store.read(lambda book: book.outcomes.of_receipt(4)) is None


def test_the_first_answer_stays(store: Store) -> None:
    store.write(lambda book: book.outcomes.put(AdjustedReceipt(1, 1, "other", None, earned=99)))
    assert store.read(lambda book: book.outcomes.of_receipt(1)) == FIRST


def test_a_customer_is_told_of_each_once(store: Store) -> None:
    assert list(store.read(lambda book: book.outcomes.untold(CARD))) == [FIRST, THIRD]
    assert not store.read(lambda book: book.outcomes.untold("C-9"))
    store.write(lambda book: book.outcomes.tell(1, 4))
    assert list(store.read(lambda book: book.outcomes.untold(CARD))) == [THIRD]
    assert list(store.read(lambda book: book.outcomes.told_on(4))) == [FIRST]
    assert not store.read(lambda book: book.outcomes.told_on(1))
    with pytest.raises(Exception, match=r"(?i)append-only|unique|already"):
        store.write(lambda book: book.outcomes.tell(1, 3))
    assert list(store.read(lambda book: book.outcomes.told_on(3))) == []


def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises(Exception, match=r"(?i)readonly|read-only|reading"):
        store.read(lambda book: book.outcomes.put(AdjustedReceipt(4, 4, "late")))
    with pytest.raises(Exception, match=r"(?i)readonly|read-only|reading"):
        store.read(lambda book: book.outcomes.tell(3, 4))
