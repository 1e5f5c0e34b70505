"""The blind count: coins and notes by their number, then the shift is closed and only then is the difference shown.

Must never tell what should be in the drawer before, nor close a shift twice.
"""

from functools import partial

from urs_desktop.counter.use_cases.refund import Override
from urs_desktop.counter.use_cases.shift_reports import ShiftReport
from urs_desktop.counter.use_cases.shifts import NOBODY
from urs_desktop.domain.permissions import Permission
from urs_desktop.domain.shift import MAX_PIECES
from urs_desktop.ui.presenters.notices import NoticeCode, Severity
from urs_desktop.ui.presenters.report_desk import ReportDesk
from urs_desktop.ui.presenters.shift_draft import ShiftDesk
from urs_desktop.ui.presenters.shift_state import ShiftPhase

_COUNT = "count"
"""What the drawer is opened for, as it is signed."""

_DIFFERENCE = "difference"
"""The reason that is signed where who counted may close with a difference by themselves."""


class CountDesk:
    """Counts the drawer and closes the shift."""

    def __init__(self, desk: ShiftDesk, reports: ReportDesk) -> None:
        """Take the desk the parts share and the part that shows reports."""
        self._desk = desk
        self._reports = reports

    def start(self) -> None:
        """Begin to count, or go on with a count that was left; the drawer opens for it."""
        if self._desk.draft.phase is ShiftPhase.OPEN:
            self._desk.gate.demand(Permission.CLOSE_SHIFT, "shift", lambda _: self._start())

    def _start(self) -> None:
        draft = self._desk.draft
        if draft.phase is ShiftPhase.OPEN:
            draft.phase, draft.notice, draft.selected = ShiftPhase.COUNTING, None, 0
            self._desk.open_drawer(_COUNT)
            self._desk.publish()

    def select(self, place: int) -> None:
        """Choose the coin or note whose pieces are counted next."""
        draft = self._desk.draft
        if draft.phase is ShiftPhase.COUNTING and 0 <= place < len(self._desk.values):
            draft.selected = place
            self._desk.publish()

    def press(self, key: str) -> None:
        """Take a digit for the pieces of the chosen coin or note; `back` deletes one."""
        draft = self._desk.draft
        typed = str(draft.counts[draft.selected] or "")
        self.count(draft.selected, typed[:-1] if key == "back" else typed + key.strip("."))

    def count(self, place: int, text: str) -> None:
        """Take over how many pieces of a coin or note there are; what is no number of pieces changes nothing."""
        draft = self._desk.draft
        fits = not text or (text.isascii() and text.isdecimal() and int(text) <= MAX_PIECES)
        if draft.phase is ShiftPhase.COUNTING and 0 <= place < len(self._desk.values) and fits:
            draft.selected, draft.counts[place] = place, int(text or "0")
            self._desk.publish()

    def clear(self) -> None:
        """Count anew: nothing is counted yet."""
        draft = self._desk.draft
        if draft.phase is ShiftPhase.COUNTING:
            draft.counts, draft.selected, draft.notice = [0] * len(self._desk.values), 0, None
            self._desk.publish()

    def accept(self) -> None:
        """Go on to the next coin or note, and from the last one close the shift."""
        if self._desk.draft.selected < len(self._desk.values) - 1:
            self.select(self._desk.draft.selected + 1)
        else:
            self.close()

    def close(self) -> None:
        """Close the shift with what was counted; too far off, nothing happens before somebody else allows it."""
        if self._desk.draft.phase is ShiftPhase.COUNTING:
            self._desk.gate.demand(Permission.CLOSE_SHIFT, "shift", lambda _: self._close(None))

    def allow_difference(self) -> None:
        """Have somebody who may allow the closing although the cash does not fit."""
        if self._desk.draft.phase is ShiftPhase.COUNTING:
            self._desk.gate.demand(Permission.CLOSE_WITH_DIFFERENCE, "shift", self._allowed)

    def _allowed(self, override: Override | None) -> None:
        operator = self._desk.till.session.operator or NOBODY
        self._close(override or Override(operator, _DIFFERENCE))

    def _close(self, override: Override | None) -> None:
        if self._desk.draft.phase is ShiftPhase.COUNTING:
            counted = dict(zip(self._desk.values, self._desk.draft.counts, strict=True))
            self._desk.do(partial(self._desk.till.shifts.close, counted, override), self._closed)

    def _closed(self, report: ShiftReport) -> None:
        self._reports.take_closed(report)
        number = self._desk.formats.number(report.shift.number)
        self._desk.say(NoticeCode.SHIFT_CLOSED_NOW, Severity.SUCCESS, number=number)
