"""Proving the counter's shifts from what was signed: their rows, their order, and every figure of their Z reports.

Must never repair anything: it names what is wrong.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from urs_desktop.counter.ports import Book
from urs_desktop.counter.shift_ports import Shift
from urs_desktop.counter.use_cases.shift_reports import CLOSE, OPEN, SIGNED, figures_of, reckon_in
from urs_desktop.domain.shift import counted_cash
from urs_desktop.protocol.codec import MalformedError
from urs_desktop.protocol.operations import Body, Operation, ShiftBody

Steps = Sequence[tuple[Operation, Body | None]]
"""The operations of kind `shift` with their bodies, None for one that cannot be read."""


def shift_findings(book: Book, steps: Steps) -> Iterator[str]:
    """Yield one sentence for everything about the shifts that does not fit what was signed."""
    signed: list[Shift] = []
    for operation, body in steps:
        if not isinstance(body, ShiftBody):
            yield f"The step of a shift in operation {operation.seq} cannot be read."
            continue
        current = signed[-1] if signed and signed[-1].closed_seq is None else None
        if body.action == OPEN:
            if current is not None or body.shift != len(signed) + 1:
                yield f"Shift {body.shift} was opened out of order (operation {operation.seq})."
            signed.append(Shift(body.shift, operation.seq, body.recorded_at, body.operator or "", body.amount))
        elif current is None or current.number != body.shift:
            yield f"Operation {operation.seq} is a step of shift {body.shift}, which was not open then."
        elif body.action == CLOSE:
            signed[-1] = _closed(current, operation, body)
            yield from _figures(book, signed[-1], body)
    stored = {shift.number: shift for shift in book.shifts.latest(len(signed) + 1)}
    for shift in signed:
        if stored.pop(shift.number, None) != shift:
            yield f"Shift {shift.number} among the shifts is not the one that was signed."
    for number in stored:
        yield f"Shift {number} was never signed."


def _closed(shift: Shift, operation: Operation, body: ShiftBody) -> Shift:
    return replace(
        shift,
        closed_seq=operation.seq,
        closed_at=body.recorded_at,
        closed_by=body.operator or "",
        expected=body.expected,
        counted=body.amount,
    )


def _figures(book: Book, shift: Shift, body: ShiftBody) -> Iterator[str]:
    """Reckon a Z report anew from the operations of its shift."""
    try:
        totals = reckon_in(book, shift).totals
    except MalformedError:
        yield f"The report of shift {shift.number} cannot be reckoned: an operation of it cannot be read."
        return
    reckoned = {figure.what: figure.amount for figure in figures_of(totals)}
    signed = {figure.what: figure.amount for figure in body.figures}
    fits = set(SIGNED) <= set(signed) and all(reckoned.get(what) == amount for what, amount in signed.items())
    if totals.cash(shift.opening) != body.expected or not fits:
        yield f"The report of shift {shift.number} does not say what its operations come to."
    if counted_cash({each.value: each.count for each in body.counted}) != body.amount:
        yield f"The coins and notes counted in shift {shift.number} do not add up."
