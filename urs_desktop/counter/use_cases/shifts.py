"""Shifts: opened with a float, cash paid in and out, an X report, closed by a blind count, and the Z report for ever.

Each step is a signed operation in the transaction that keeps it. Must never tell what should be in the drawer to who
counts it, nor lose a shift to a crash.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from urs_desktop.counter.ports import Book, Store
from urs_desktop.counter.shift_ports import Shift
from urs_desktop.counter.use_cases.events import EventKind, note_in
from urs_desktop.counter.use_cases.recording import Recorder
from urs_desktop.counter.use_cases.refund import MAX_REASON, Override, allowed
from urs_desktop.counter.use_cases.ring_up import identity_of
from urs_desktop.counter.use_cases.shift_reports import (
    CLOSE,
    OPEN,
    PAY_IN,
    PAY_OUT,
    Movement,
    Reckoned,
    ShiftReport,
    closing_of,
    figures_of,
    reckon_in,
)
from urs_desktop.counter.use_cases.timekeeping import last_contact
from urs_desktop.domain.money import MAX_MINOR, Money
from urs_desktop.domain.permissions import Permission
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.domain.shift import MOST_COUNTS, closes_alone, counted_cash
from urs_desktop.domain.text import MAX_CODE, clean_text
from urs_desktop.protocol.codec import decode_body
from urs_desktop.protocol.operations import Denomination, RefundBody, RefundOverride, SaleBody, ShiftBody

LISTED: Final = 60
NOBODY: Final = "counter"
"""Who is signed as having allowed a difference where nobody signs in."""

_RECEIPTS: Final = ("sale", "refund")


class Shifts:
    """Opens, works on and closes the shifts of one counter."""

    def __init__(self, store: Store, recorder: Recorder) -> None:
        """Take the counter's store and the recorder of its operations."""
        self._store = store
        self._recorder = recorder

    def current(self) -> Shift | None:
        """Return the shift that is open, or None."""
        return self._store.read(_current)

    def latest(self, limit: int = LISTED) -> Sequence[Shift]:
        """Return up to `limit` of the newest shifts, newest first."""
        return self._store.read(lambda book: book.shifts.latest(limit))

    def open(self, opening: Money) -> Shift:
        """Open a shift with `opening` in the drawer; on disk when this returns.

        Raises Refusal(SHIFT_OPEN) while one is open, AMOUNT_OUT_OF_RANGE below nothing.
        """
        return self._store.write(lambda book: self._open(book, opening))

    def _open(self, book: Book, opening: Money) -> Shift:
        if _current(book) is not None:
            raise Refusal(RefusalCode.SHIFT_OPEN)
        _check(opening.minor)
        newest = book.shifts.latest(1)
        number = newest[0].number + 1 if newest else 1
        seq, body = self._sign(book, number, OPEN, opening.minor)
        shift = Shift(number, seq, body.recorded_at, self._recorder.session.operator or "", opening.minor)
        book.shifts.put(shift)
        return shift

    def pay(self, amount: Money, reason: str, override: Override | None = None) -> Movement:
        """Pay cash into the drawer, or out of it below zero, with a reason; on disk when this returns.

        Raises Refusal(SHIFT_CLOSED), REASON_NEEDED, TEXT_MALFORMED, AMOUNT_OUT_OF_RANGE for nothing.
        """

        def work(book: Book) -> Movement:
            shift, why = _needed(book), clean_text(reason, MAX_REASON)
            _check(abs(amount.minor), least=1)
            if not why:
                raise Refusal(RefusalCode.REASON_NEEDED)
            action = PAY_IN if amount.minor > 0 else PAY_OUT
            self._sign(book, shift.number, action, abs(amount.minor), reason=why, override=_signed(override))
            return Movement(amount.minor, why)

        return self._store.write(work)

    def report(self, number: int | None = None) -> ShiftReport:
        """Return the X report of the open shift, or the report of the one with this number.

        Raises Refusal(SHIFT_CLOSED) where none is open, SHIFT_UNKNOWN for a number that none has.
        """

        def read(book: Book) -> ShiftReport:
            shift = _needed(book) if number is None else _known(book, number)
            return _report(book, shift, reckon_in(book, shift))

        return self._store.read(read)

    def acknowledged(self, report: ShiftReport) -> ShiftReport:
        """Return a report with what the central store has acknowledged by now; its figures stay as they are."""
        return self._store.read(lambda book: _with_acknowledgement(book, report))

    def close(self, counted: Mapping[int, int], override: Override | None = None) -> ShiftReport:
        """Close the open shift with the coins and notes that were counted, value to pieces; returns its Z report.

        Cash that is too far off (domain.shift.closes_alone) takes the permission to close with a difference, or the
        `override` of another person who has it. Raises Refusal(SHIFT_CLOSED), QUANTITY_OUT_OF_RANGE,
        OVERRIDE_BY_SAME_PERSON, TEXT_MALFORMED with nothing kept, and DIFFERENCE_TOO_LARGE or COUNTED_TOO_OFTEN, of
        which it is kept alone that the drawer was counted; how far off it was is not said.
        """
        done = self._store.write(lambda book: self._close(book, counted, override))
        if isinstance(done, Refusal):
            raise done
        return done

    def _close(self, book: Book, counted: Mapping[int, int], override: Override | None) -> ShiftReport | Refusal:
        shift, cash = _needed(book), counted_cash(counted)
        reckoned = reckon_in(book, shift)
        expected = reckoned.totals.cash(shift.opening)
        by: RefundOverride | None = None
        refused = reckoned.totals.miscounts
        if not closes_alone(cash, expected, refused, identity_of(book).currency):
            if override is None:
                note_in(book, self._recorder, EventKind.COUNT_REFUSED, str(shift.number), amount=cash)
                if refused + 1 < MOST_COUNTS:
                    return Refusal(RefusalCode.DIFFERENCE_TOO_LARGE)
                return Refusal(RefusalCode.COUNTED_TOO_OFTEN, count=refused + 1)
            by = self._allowed(override)
        pieces = tuple(Denomination(value, count) for value, count in sorted(counted.items(), reverse=True) if count)
        figures = figures_of(reckoned.totals)
        seq, body = self._sign(
            book, shift.number, CLOSE, cash, expected=expected, counted=pieces, figures=figures, override=by
        )
        closed = replace(
            shift,
            closed_seq=seq,
            closed_at=body.recorded_at,
            closed_by=self._recorder.session.operator or "",
            expected=expected,
            counted=cash,
        )
        book.shifts.put(closed)
        return _report(book, closed, replace(reckoned, closing=closing_of(body)))

    def _allowed(self, override: Override) -> RefundOverride:
        """Return who allowed a difference: somebody else, or the person who counted where their role lets them."""
        session = self._recorder.session
        alone = session.may(Permission.CLOSE_WITH_DIFFERENCE)
        return allowed(override, None if alone else session.operator)

    def _sign(self, book: Book, number: int, action: str, amount: int, **more: object) -> tuple[int, ShiftBody]:
        """Sign a step of a shift and return the seq of its operation and its body."""
        stamp = self._recorder.stamp(book)
        body = ShiftBody(
            hlc=stamp.hlc,
            recorded_at=stamp.now,
            shift=number,
            action=action,
            currency=identity_of(book).currency.code,
            amount=amount,
            last_receipt=book.operations.head().receipt,
            **more,  # type: ignore[arg-type]
        )
        return self._recorder.append(book, body).seq, body


def _current(book: Book) -> Shift | None:
    newest = book.shifts.latest(1)
    return newest[0] if newest and newest[0].closed_seq is None else None


def _needed(book: Book) -> Shift:
    shift = _current(book)
    if shift is None:
        raise Refusal(RefusalCode.SHIFT_CLOSED)
    return shift


def _known(book: Book, number: int) -> Shift:
    shift = book.shifts.get(number)
    if shift is None:
        raise Refusal(RefusalCode.SHIFT_UNKNOWN, number=number)
    return shift


def _check(amount: int, least: int = 0) -> None:
    if not least <= amount < MAX_MINOR:
        raise Refusal(RefusalCode.AMOUNT_OUT_OF_RANGE, maximum=MAX_MINOR - 1)


def _signed(override: Override | None) -> RefundOverride | None:
    if override is None:
        return None
    return RefundOverride(clean_text(override.operator, MAX_CODE), clean_text(override.reason, MAX_REASON))


def _report(book: Book, shift: Shift, reckoned: Reckoned) -> ShiftReport:
    report = ShiftReport(
        shift=shift,
        totals=reckoned.totals,
        movements=reckoned.movements,
        expected=reckoned.totals.cash(shift.opening),
        closing=reckoned.closing,
    )
    return _with_acknowledgement(book, report)


def _with_acknowledgement(book: Book, report: ShiftReport) -> ShiftReport:
    first, last = report.totals.first, report.totals.last
    return replace(
        report,
        waiting=tuple(n for n in book.operations.receipts_waiting() if first <= n <= last),
        set_aside=tuple(_set_aside(book, report.shift)),
        synced_at=last_contact(book),
    )


def _set_aside(book: Book, shift: Shift) -> Iterator[int]:
    """Yield the receipts of a shift that the central store keeps and could not apply."""
    for parked in book.operations.parked():
        within = parked.seq > shift.opened_seq and (shift.closed_seq is None or parked.seq < shift.closed_seq)
        operation = book.operations.at(parked.seq) if within and parked.kind in _RECEIPTS else None
        body = decode_body(operation.kind, operation.schema, operation.body) if operation else None
        if isinstance(body, SaleBody | RefundBody):
            yield body.receipt
