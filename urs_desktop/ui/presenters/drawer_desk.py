"""Cash that goes into the drawer and out of it beside sales: the float, what is paid in and out, each with its reason.

Must never move cash at a second press, nor without a reason.
"""

from functools import partial

from urs_desktop.counter.shift_ports import Shift
from urs_desktop.counter.use_cases.refund import Override
from urs_desktop.domain.money import Money
from urs_desktop.domain.permissions import Permission
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.ui.presenters.cash_moving import Moved, move_cash
from urs_desktop.ui.presenters.formatting import plain
from urs_desktop.ui.presenters.notices import NoticeCode, Severity
from urs_desktop.ui.presenters.shift_draft import ShiftDesk
from urs_desktop.ui.presenters.shift_state import ShiftPhase

PAYING = (ShiftPhase.PAYING_IN, ShiftPhase.PAYING_OUT)


class DrawerDesk:
    """Opens shifts and moves cash."""

    def __init__(self, desk: ShiftDesk) -> None:
        """Take the desk the parts share."""
        self._desk = desk

    def open(self) -> None:
        """Open a shift with the float that was typed; a key pressed once too often, with nothing typed, opens none."""
        if self._desk.draft.phase is not ShiftPhase.CLOSED:
            return
        if not self._desk.draft.amount.strip():
            self._desk.refuse(Refusal(RefusalCode.FLOAT_NEEDED))
            self._desk.publish()
            return
        amount = self._desk.amount(least=0)
        if amount is None:
            self._desk.publish()
            return
        self._desk.gate.demand(Permission.OPEN_SHIFT, "shift", lambda _: self._open(amount))

    def _open(self, amount: Money) -> None:
        if self._desk.draft.phase is ShiftPhase.CLOSED:
            self._desk.do(partial(self._desk.till.shifts.open, amount), self._opened)

    def _opened(self, shift: Shift) -> None:
        draft = self._desk.draft
        draft.phase, draft.shift, draft.amount = ShiftPhase.OPEN, shift, ""
        self._desk.open_drawer()
        draft.counts, draft.too_far_off = [0] * len(self._desk.values), False
        self._desk.say(NoticeCode.SHIFT_OPENED, Severity.SUCCESS, number=self._desk.formats.number(shift.number))

    def start(self, *, out: bool) -> None:
        """Ask how much cash is paid in or out, and why."""
        draft = self._desk.draft
        if draft.phase in (ShiftPhase.OPEN, *PAYING):
            draft.phase = ShiftPhase.PAYING_OUT if out else ShiftPhase.PAYING_IN
            draft.amount = draft.reason = ""
            draft.on_reason, draft.notice = False, None
        self._desk.publish()

    def pay(self) -> None:
        """Move the cash that was typed, once somebody who may says so."""
        draft = self._desk.draft
        phase = draft.phase
        amount = self._desk.amount(least=1) if phase in PAYING else None
        if amount is None:
            draft.on_reason = False
            self._desk.publish()
            return
        if not draft.reason.strip():
            self._desk.refuse(Refusal(RefusalCode.REASON_NEEDED))
            self._desk.publish()
            return
        signed = Money(-amount.minor if phase is ShiftPhase.PAYING_OUT else amount.minor, amount.currency)
        self._desk.gate.demand(Permission.PAY_IN_OUT, "shift", partial(self._pay, phase, signed, draft.reason))

    def _pay(self, phase: ShiftPhase, amount: Money, reason: str, override: Override | None) -> None:
        draft = self._desk.draft
        if draft.phase is phase:
            work = partial(move_cash, self._desk.till.shifts, amount, reason, override, draft.moved_before)
            self._desk.do(work, self._paid)

    def _paid(self, moved: Moved) -> None:
        draft = self._desk.draft
        draft.phase, draft.amount, draft.reason, draft.moved_before = ShiftPhase.OPEN, "", "", None
        self._desk.open_drawer()
        if moved.after_all:
            amount = self._desk.formats.money(Money(moved.movement.amount, self._desk.till.identity.currency))
            reason = plain(moved.movement.reason)
            self._desk.say(NoticeCode.CASH_MOVED_AFTER_ALL, Severity.WARNING, amount=amount, reason=reason)
        else:
            self._desk.say(NoticeCode.CASH_MOVED, Severity.SUCCESS)
