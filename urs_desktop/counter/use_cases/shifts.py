"""Shifts: opened with a float, cash paid in and out, an X report, closed by a blind count, and the Z report for ever.

Each step is a signed operation in the transaction that keeps it. Must never tell what should be in the drawer before it
was counted, nor lose a shift to a crash.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from urs_desktop.counter.ports import Book, Store
from urs_desktop.counter.shift_ports import Shift
from urs_desktop.counter.use_cases.events import EventKind
from urs_desktop.counter.use_cases.recording import Recorder, Stamp
from urs_desktop.counter.use_cases.refund import Override
from urs_desktop.counter.use_cases.ring_up import identity_of
from urs_desktop.domain.money import MAX_MINOR, Money
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.domain.shift import ShiftTotals, Tax, by_kind, counted_cash
from urs_desktop.domain.text import clean_text
from urs_desktop.protocol.operations import (
    Body,
    Denomination,
    EventBody,
    PricedLine,
    PricedSaleBody,
    RefundBody,
    RefundOverride,
    SaleBody,
    ShiftBody,
    ShiftFigure,
)

MAX_REASON: Final = 200
LISTED: Final = 60
ALLOWED_DIFFERENCE: Final = 500
"""More minor units over or short than this, and somebody who may has to allow the closing."""

_OPEN, _IN, _OUT, _CLOSE = "open", "pay_in", "pay_out", "close"
_SIGNED: Final = (
    *("sales", "refunds", "gross", "discount", "total", "refunded", "rounding", "earned", "redeemed", "points_back"),
    *("clawed", "paid_in", "paid_out", "drawer", "voids"),
)
"""The figures of a Z report by name."""

_DRAWER: Final = frozenset({EventKind.DRAWER_OPENED.value})
_VOIDS: Final = frozenset({EventKind.LINE_VOIDED.value, EventKind.SALE_VOIDED.value})


@dataclass(frozen=True, slots=True)
class Movement:
    """Cash paid in (or out, below zero) during a shift, in minor units, and why."""

    amount: int
    reason: str


@dataclass(frozen=True, slots=True)
class ShiftReport:
    """An X report of an open shift or the Z report of a closed one.

    `waiting` are the receipt numbers the central store has not acknowledged, `confirmed_at` when it last answered, in
    milliseconds, or None.
    """

    shift: Shift
    totals: ShiftTotals
    movements: tuple[Movement, ...]
    expected: int
    waiting: tuple[int, ...]
    now: int

    @property
    def difference(self) -> int:
        """What was counted less what should have been there; over is above zero."""
        return self.shift.counted - self.expected


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
        seq, stamp = self._sign(book, number, _OPEN, opening.minor)
        shift = Shift(number, seq, stamp.now, self._recorder.session.operator or "", opening.minor)
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
            action = _IN if amount.minor > 0 else _OUT
            self._sign(book, shift.number, action, abs(amount.minor), reason=why, override=_signed(override))
            return Movement(amount.minor, why)

        return self._store.write(work)

    def report(self, number: int | None = None) -> ShiftReport:
        """Return the X report of the open shift, or the report of the one with this number.

        Raises Refusal(SHIFT_CLOSED) where there is none.
        """
        return self._store.read(
            lambda book: self._report(book, _needed(book) if number is None else _known(book, number))
        )

    def _report(self, book: Book, shift: Shift) -> ShiftReport:
        bodies = list(book.shifts.bodies(shift))
        totals = totals_of(bodies)
        waiting = tuple(n for n in book.operations.receipts_waiting() if totals.first <= n <= totals.last)
        expected = totals.cash(shift.opening)
        return ShiftReport(shift, totals, _movements(bodies), expected, waiting, self._recorder.now())

    def close(self, counted: Mapping[int, int], override: Override | None = None) -> ShiftReport:
        """Close the open shift with the coins and notes that were counted, value to pieces; returns its Z report.

        Raises Refusal(SHIFT_CLOSED), QUANTITY_OUT_OF_RANGE, or DIFFERENCE_TOO_LARGE without an override where the cash
        is further off than ALLOWED_DIFFERENCE: nothing is kept then, and how far off is not said.
        """
        return self._store.write(lambda book: self._close(book, counted, override))

    def _close(self, book: Book, counted: Mapping[int, int], override: Override | None) -> ShiftReport:
        shift, cash = _needed(book), counted_cash(counted)
        report = self._report(book, shift)
        if abs(cash - report.expected) > ALLOWED_DIFFERENCE and override is None:
            raise Refusal(RefusalCode.DIFFERENCE_TOO_LARGE)
        pieces = tuple(Denomination(value, count) for value, count in sorted(counted.items(), reverse=True) if count)
        seq, stamp = self._sign(
            book,
            shift.number,
            _CLOSE,
            cash,
            expected=report.expected,
            counted=pieces,
            figures=_figures(report.totals),
            override=_signed(override),
        )
        by = self._recorder.session.operator or ""
        closed = replace(
            shift, closed_seq=seq, closed_at=stamp.now, closed_by=by, expected=report.expected, counted=cash
        )
        book.shifts.put(closed)
        return self._report(book, closed)

    def _sign(self, book: Book, number: int, action: str, amount: int, **more: object) -> tuple[int, Stamp]:
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
        return self._recorder.append(book, body).seq, stamp


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
        raise Refusal(RefusalCode.SHIFT_CLOSED)
    return shift


def _check(amount: int, least: int = 0) -> None:
    if not least <= amount < MAX_MINOR:
        raise Refusal(RefusalCode.AMOUNT_OUT_OF_RANGE, maximum=MAX_MINOR - 1)


def _signed(override: Override | None) -> RefundOverride | None:
    return None if override is None else RefundOverride(override.operator, override.reason)


def totals_of(bodies: Iterable[Body]) -> ShiftTotals:
    """Return what these signed operations took and gave, in one pass."""
    sales: list[SaleBody] = []
    refunds: list[RefundBody] = []
    moved = {_IN: 0, _OUT: 0}
    happened: list[str] = []
    for body in bodies:
        if isinstance(body, SaleBody):
            sales.append(body)
        elif isinstance(body, RefundBody):
            refunds.append(body)
        elif isinstance(body, ShiftBody) and body.action in moved:
            moved[body.action] += body.amount
        elif isinstance(body, EventBody):
            happened.append(body.what)
    numbers = [*(sale.receipt for sale in sales), *(refund.receipt for refund in refunds)]
    priced = [line for sale in sales for line in sale.lines if isinstance(line, PricedLine)]
    discount = sum(line.discount for line in priced)
    added = sum(line.tax for line in priced if not line.tax_included)
    total = sum(sale.total for sale in sales)
    return ShiftTotals(
        first=min(numbers, default=0),
        last=max(numbers, default=0),
        sales=len(sales),
        refunds=len(refunds),
        gross=total + discount - added,
        discount=discount,
        total=total,
        refunded=sum(body.total for body in refunds),
        rounding=sum(sale.rounding for sale in sales if isinstance(sale, PricedSaleBody)),
        earned=sum(sale.earned for sale in sales),
        redeemed=sum(sale.points_paid for sale in sales),
        points_back=sum(body.points_back for body in refunds),
        clawed=sum(body.clawed for body in refunds),
        paid_in=moved[_IN],
        paid_out=moved[_OUT],
        drawer=sum(what in _DRAWER for what in happened),
        voids=sum(what in _VOIDS for what in happened),
        tenders=by_kind((tender.kind, tender.amount) for sale in sales for tender in sale.tenders),
        refund_tenders=by_kind((tender.kind, tender.amount) for body in refunds for tender in body.tenders),
        taxes=_taxes(priced),
    )


def _taxes(lines: Sequence[PricedLine]) -> tuple[Tax, ...]:
    rates = sorted({(line.tax_rate, line.tax_included) for line in lines if line.tax_rate})
    taxes = []
    for rate, included in rates:
        of_rate = [line for line in lines if (line.tax_rate, line.tax_included) == (rate, included)]
        tax = sum(line.tax for line in of_rate)
        taxes.append(Tax(rate, included, sum(line.total for line in of_rate) - tax, tax))
    return tuple(taxes)


def _movements(bodies: Iterable[Body]) -> tuple[Movement, ...]:
    steps = [body for body in bodies if isinstance(body, ShiftBody) and body.action in (_IN, _OUT)]
    return tuple(Movement(body.amount if body.action == _IN else -body.amount, body.reason) for body in steps)


def _figures(totals: ShiftTotals) -> tuple[ShiftFigure, ...]:
    """Return the figures of a Z report that are signed with it."""
    figures = [ShiftFigure(name, getattr(totals, name)) for name in _SIGNED]
    figures += [ShiftFigure(f"tender.{kind}", amount) for kind, amount in totals.tenders]
    figures += [ShiftFigure(f"refund.{kind}", amount) for kind, amount in totals.refund_tenders]
    figures += [ShiftFigure(f"tax.{tax.rate}.{'in' if tax.included else 'on'}", tax.tax) for tax in totals.taxes]
    return tuple(figures)
