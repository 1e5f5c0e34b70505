"""What `status` says in sentences: acknowledged or missing, posted otherwise, set aside."""

from typing import Any

from tests.builders import CARD, Counter, make_basket, make_counter, make_line
from urs_desktop.counter.use_cases.reporting import Reporting, Status
from urs_desktop.counter.use_cases.ring_up import SaleOrder
from urs_desktop.counter.values import AdjustedReceipt, ParkedOperation
from urs_desktop.status_commands import adjusted_documents, parked_documents, status_words


def made(receipts: int, acknowledged: int = 0, **more: Any) -> Counter:  # noqa: ANN401
    """Return a counter with so many sales, of which the first operations are acknowledged."""
    counter = make_counter()
    for _ in range(receipts):
        counter.ring_up.complete(SaleOrder(make_basket(make_line("20.00")), card=CARD))
    counter.store.write(lambda book: book.operations.acknowledge(acknowledged, more.get("parked", ())))
    return counter


def status(counter: Counter) -> Status:
    return Reporting(counter.store, counter.clock).status()


def test_all_some_or_none_are_acknowledged() -> None:
    assert list(status_words(status(made(0)))) == ["No receipt has been made yet."]
    assert list(status_words(status(made(1, 1)))) == ["The 1 receipt acknowledged."]
    assert list(status_words(status(made(12, 12)))) == ["All 12 receipts acknowledged."]
    missing = ["Receipts the central store has not acknowledged: 3-5."]
    assert list(status_words(status(made(5, 2)))) == missing


def test_what_was_posted_otherwise_and_set_aside() -> None:
    counter = made(2, 2, parked=[ParkedOperation(2, "sale", "constraint")])
    counter.store.write(lambda book: book.outcomes.put(AdjustedReceipt(1, 1, "points_differ", CARD, earned=35)))
    said = status(counter)
    assert list(status_words(said))[1:] == [
        "Receipt 1-000001 promised 100 points; 35 were posted: the rules give other points than the receipt promises.",
        "Operation 2 (sale) was set aside: it contradicts something the central store has already.",
    ]
    assert adjusted_documents(said.adjusted) == [
        {
            "receipt": "1-000001",
            "promised": 100,
            "posted": 35,
            "late": 0,
            "code": "points_differ",
            "reason": "the rules give other points than the receipt promises.",
        }
    ]
    reason = "it contradicts something the central store has already."
    assert parked_documents(said) == [{"seq": 2, "kind": "sale", "code": "constraint", "reason": reason}]


def test_long_lists_are_cut() -> None:
    counter = made(25, 25)
    for receipt in range(1, 26):
        adjusted = AdjustedReceipt(receipt, receipt, "points_differ", CARD, earned=35)
        counter.store.write(lambda book, adjusted=adjusted: book.outcomes.put(adjusted))  # type: ignore[misc]
    said = list(status_words(status(counter)))
    assert len(said) == 22
    assert said[1].startswith("Receipt 1-000025 ")
    assert said[-1] == "and 5 more"
