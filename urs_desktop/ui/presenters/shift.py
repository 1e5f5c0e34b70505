"""The shift room's presenter: float, cash in and out, X report, the blind count and the Z report.

Its parts share one desk: `drawer` (cash), `counting`, `reports`. Must never show what should be in the drawer before it
was counted.
"""

from collections.abc import Sequence
from typing import Final

from urs_desktop.counter.shift_ports import Shift
from urs_desktop.counter.use_cases.refund import MAX_REASON
from urs_desktop.counter.use_cases.till import Till
from urs_desktop.system.clock import Clock
from urs_desktop.ui.presenters.count_desk import CountDesk
from urs_desktop.ui.presenters.drawer_desk import PAYING, DrawerDesk
from urs_desktop.ui.presenters.formatting import Formats
from urs_desktop.ui.presenters.gate import Gate
from urs_desktop.ui.presenters.report_desk import ReportDesk
from urs_desktop.ui.presenters.runner import Runner
from urs_desktop.ui.presenters.shift_draft import ShiftDesk
from urs_desktop.ui.presenters.shift_state import ShiftPhase, ShiftState
from urs_desktop.ui.presenters.shift_view import shift_state
from urs_desktop.ui.presenters.watched import Watched

_LONGEST: Final = 24


class ShiftPresenter(Watched[ShiftState]):
    """Presents the shift room of one counter."""

    def __init__(self, till: Till, runner: Runner, clock: Clock, formats: Formats, gate: Gate) -> None:
        """Take the counter's use cases, the runner, the clock, the formats, and who knows what is allowed."""
        super().__init__(ShiftState())
        self._till = till
        self._desk = ShiftDesk(till, runner, formats, gate, self._publish)
        self.drawer = DrawerDesk(self._desk)
        self.reports = ReportDesk(self._desk, clock)
        self.counting = CountDesk(self._desk, self.reports)

    def _publish(self) -> None:
        self._show(shift_state(self._desk.draft, self._desk.values, self._till.identity, self._desk.formats))

    def begin(self) -> None:
        """Learn whether a shift is open; a count that is under way goes on."""
        draft = self._desk.draft
        if draft.phase is not ShiftPhase.COUNTING:
            draft.amount = draft.reason = ""
            draft.report, draft.on_reason = None, False
            shifts = self._till.shifts
            self._desk.do(lambda: (shifts.current(), shifts.latest()), self._known)

    def _known(self, answer: tuple[Shift | None, Sequence[Shift]]) -> None:
        draft = self._desk.draft
        draft.shift, shifts = answer
        draft.shifts = [each for each in shifts if each.closed_seq is not None]
        draft.phase = ShiftPhase.CLOSED if draft.shift is None else ShiftPhase.OPEN

    def edit(self, *, amount: str | None = None, reason: str | None = None) -> None:
        """Take over what is in a field; the one that is typed in takes the digits of the pad."""
        draft = self._desk.draft
        if amount is not None:
            draft.amount, draft.on_reason = amount[:_LONGEST], False
        if reason is not None:
            draft.reason, draft.on_reason = reason[:MAX_REASON], True

    def press(self, key: str) -> None:
        """Take a key of the pad, for the amount or for the pieces of the chosen coin or note; `back` deletes."""
        draft = self._desk.draft
        if draft.phase is ShiftPhase.COUNTING:
            self.counting.press(key)
        elif draft.phase is ShiftPhase.CLOSED or (draft.phase in PAYING and not draft.on_reason):
            draft.amount = draft.amount[:-1] if key == "back" else (draft.amount + key)[:_LONGEST]
            self._publish()

    def submit(self) -> None:
        """Do what Enter does: open the shift, go on to the reason, pay, count the next coin, put a report away."""
        draft = self._desk.draft
        if draft.phase is ShiftPhase.CLOSED:
            self.drawer.open()
        elif draft.phase in PAYING and not draft.reason.strip() and not draft.on_reason:
            draft.on_reason = self._desk.amount(least=1) is not None
            self._publish()
        elif draft.phase in PAYING:
            self.drawer.pay()
        elif draft.phase is ShiftPhase.COUNTING:
            self.counting.accept()
        elif draft.phase is ShiftPhase.REPORT and self.reports.may_put_away():
            self.begin()

    def back(self) -> bool:
        """Go a step back; False where there is none left. What was counted is kept for when one comes back."""
        draft = self._desk.draft
        if draft.phase in (*PAYING, ShiftPhase.REPORT, ShiftPhase.COUNTING):
            draft.phase = ShiftPhase.OPEN if draft.phase is ShiftPhase.COUNTING else draft.phase
            self.begin()
            return True
        return False
