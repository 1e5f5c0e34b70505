"""The frozen state of the shift room, made whole out of the draft each time.

Must never change the draft, nor put into the state what a blind count must not know.
"""

from collections.abc import Sequence

from urs_desktop.counter.shift_ports import Shift
from urs_desktop.counter.values import Identity
from urs_desktop.domain.money import Money
from urs_desktop.domain.shift import counted_cash
from urs_desktop.ui.presenters.formatting import Formats, plain
from urs_desktop.ui.presenters.shift_draft import ShiftDraft
from urs_desktop.ui.presenters.shift_report import report_view
from urs_desktop.ui.presenters.shift_state import ShiftPhase, ShiftState


def shift_state(draft: ShiftDraft, values: Sequence[int], identity: Identity, formats: Formats) -> ShiftState:
    """Return what the room shows of this draft; `values` are the coins and notes in minor units."""
    own, shift = identity.currency, draft.shift
    pieces = list(zip(values, draft.counts, strict=True))

    def money(minor: int) -> str:
        return formats.money(Money(minor, own))

    shown = draft.report if draft.phase is ShiftPhase.REPORT else None
    return ShiftState(
        phase=draft.phase,
        number=formats.number(shift.number) if shift else "",
        since=formats.moment(shift.opened_at) if shift else "",
        by=plain(shift.opened_by) if shift else "",
        amount=draft.amount,
        reason=draft.reason,
        on_reason=draft.on_reason,
        counts=tuple(
            (money(value), formats.number(n) if n else "", money(value * n) if n else "") for value, n in pieces
        ),
        selected=draft.selected,
        counted=money(counted_cash(dict(pieces))),
        too_far_off=draft.too_far_off,
        report=report_view(shown, identity, formats, draft.as_of, tells=draft.tells) if shown else None,
        shifts=tuple(_row(each, identity, formats) for each in draft.shifts),
        notice=draft.notice,
    )


def _row(shift: Shift, identity: Identity, formats: Formats) -> tuple[str, ...]:
    off = Money(shift.counted - shift.expected, identity.currency)
    closed = formats.moment(shift.closed_at or 0)
    return (formats.number(shift.number), closed, plain(shift.closed_by), formats.money(off))
