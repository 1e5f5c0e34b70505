"""What happens at a counter beside sales and refunds, signed into its journal: drawer openings, voids, overrides.

Must never name a customer, nor hold up what it is about: who writes an event does so beside or after the deed.
"""

from enum import StrEnum

from urs_desktop.counter.ports import Book, Store
from urs_desktop.counter.use_cases.recording import Recorder
from urs_desktop.domain.text import MAX_CODE, clean_text
from urs_desktop.protocol.operations import EventBody, Operation, RefundOverride

MAX_SUBJECT = MAX_CODE


class EventKind(StrEnum):
    """What happened; signed for ever, so a name keeps its meaning."""

    SIGNED_IN = "signed_in"
    SIGNED_OUT = "signed_out"
    LOCKED = "locked"
    SIGN_IN_REFUSED = "sign_in_refused"
    OVERRIDE = "override"
    STAFF_ADDED = "staff_added"
    STAFF_CHANGED = "staff_changed"
    DRAWER_OPENED = "drawer_opened"
    REFUNDED_BY_CARD = "refunded_by_card"
    RECEIPT_REPRINTED = "receipt_reprinted"
    LINE_VOIDED = "line_voided"
    SALE_VOIDED = "sale_voided"
    SETTINGS_CHANGED = "settings_changed"
    COUNT_REFUSED = "count_refused"


class Events:
    """Writes events into the journal of one counter."""

    def __init__(self, store: Store, recorder: Recorder) -> None:
        """Take the counter's store and the recorder of its operations."""
        self._store = store
        self._recorder = recorder

    def note(
        self, what: EventKind, subject: str = "", *, amount: int = 0, override: RefundOverride | None = None
    ) -> None:
        """Sign that something happened; on disk when this returns. See `note_in`."""
        self._store.write(lambda book: note_in(book, self._recorder, what, subject, amount=amount, override=override))


def note_in(
    book: Book,
    recorder: Recorder,
    what: EventKind,
    subject: str = "",
    *,
    amount: int = 0,
    override: RefundOverride | None = None,
    operator: str | None = None,
) -> Operation:
    """Sign an event inside the caller's transaction, as the deed of `operator` or else of who is signed in.

    `subject` is what it is about (a receipt number, an SKU, a member of staff), never a customer; `amount` minor units.
    Raises Refusal(NOT_ENROLLED).
    """
    stamp = recorder.stamp(book)
    body = EventBody(
        hlc=stamp.hlc,
        recorded_at=stamp.now,
        operator=operator,
        what=what.value,
        subject=clean_text(subject[:MAX_SUBJECT], MAX_SUBJECT),
        amount=amount,
        override=override,
    )
    return recorder.append(book, body)
