"""Enrolling customers at the counter by card code, online or not: an upsert, so two counters may both do it.

Must never put a personal field into the operation.
"""

from urs_desktop.counter.ports import Book
from urs_desktop.counter.use_cases.recording import Recorder
from urs_desktop.counter.values import Customer
from urs_desktop.protocol.operations import EnrolBody


def enrol_card(book: Book, recorder: Recorder, card: str) -> Customer:
    """Enrol the customer with this card inside the caller's transaction; a known one is returned as is."""
    known = book.customers.by_card(card)
    if known is not None:
        return known
    stamp = recorder.stamp(book)
    recorder.append(
        book,
        EnrolBody(hlc=stamp.hlc, recorded_at=stamp.now, card=card, customer_id=recorder.new_id()),
    )
    customer = Customer(card)
    book.customers.put(customer)
    return customer
