"""X and Z reports: read, shown, printed.

Must never show the report of a shift that is being counted.
"""

from collections.abc import Sequence
from functools import partial
from typing import Final

from urs_desktop.counter.use_cases.shift_reports import ShiftReport
from urs_desktop.domain.permissions import Permission
from urs_desktop.system.clock import Clock
from urs_desktop.ui.presenters.notices import NoticeCode
from urs_desktop.ui.presenters.shift_draft import ShiftDesk
from urs_desktop.ui.presenters.shift_state import ShiftPhase

STAYS_MS: Final = 600
"""A key does not put a Z report away this soon: it was meant for closing the shift."""


class ReportDesk:
    """Shows reports of shifts."""

    def __init__(self, desk: ShiftDesk, clock: Clock) -> None:
        """Take the desk the parts share and the clock."""
        self._desk = desk
        self._clock = clock
        self._asking = False

    def show_x(self) -> None:
        """Show the X report of the open shift."""
        if self._desk.draft.phase is ShiftPhase.OPEN:
            self._desk.gate.demand(Permission.X_REPORT, "shift", lambda _: self._read(None))

    def show(self, row: int) -> None:
        """Show the Z report of a closed shift by its place in the list."""
        draft = self._desk.draft
        if draft.phase in (ShiftPhase.OPEN, ShiftPhase.CLOSED) and 0 <= row < len(draft.shifts):
            number = draft.shifts[row].number
            self._desk.gate.demand(Permission.X_REPORT, "shift", lambda _: self._read(number))

    def _read(self, number: int | None) -> None:
        if self._desk.draft.phase in (ShiftPhase.OPEN, ShiftPhase.CLOSED):
            self._desk.do(partial(self._desk.till.shifts.report, number), self._take)

    def _take(self, report: ShiftReport) -> None:
        draft = self._desk.draft
        draft.report, draft.shown_at, draft.phase = report, 0, ShiftPhase.REPORT
        session = self._desk.till.session
        # Blind is the count for all but those who could close with any difference and are known to be who they are.
        draft.tells = session.person is not None and session.may(Permission.CLOSE_WITH_DIFFERENCE)
        draft.as_of = self._desk.formats.age(report.synced_at, self._clock.now())

    def take_closed(self, report: ShiftReport) -> None:
        """Put the Z report of a shift that was closed just now on the screen; the caller publishes."""
        self._take(report)
        self._desk.draft.shown_at = self._clock.now()

    def may_put_away(self) -> bool:
        """Return whether a key may put the report away: not one that was still meant for closing the shift."""
        return self._clock.now() - self._desk.draft.shown_at >= STAYS_MS

    def refresh(self) -> None:
        """Ask anew which receipts the central store has acknowledged, while a report that lacks some is shown."""
        report = self._desk.draft.report
        if self._desk.draft.phase is ShiftPhase.REPORT and report is not None and report.waiting and not self._asking:
            self._asking = True
            self._desk.ask(partial(self._desk.till.shifts.acknowledged, report), self._asked, self._not_asked)

    def _asked(self, report: ShiftReport) -> None:
        self._asking = False
        draft = self._desk.draft
        if draft.phase is ShiftPhase.REPORT and draft.report is not None and draft.report.shift == report.shift:
            draft.report = report
            draft.as_of = self._desk.formats.age(report.synced_at, self._clock.now())
            self._desk.publish()

    def _not_asked(self, _: Exception) -> None:
        self._asking = False

    def print_lines(self, title: str, lines: Sequence[tuple[str, str]]) -> None:
        """Print the report in these words."""
        if self._desk.draft.phase is ShiftPhase.REPORT:
            self._desk.do(partial(self._desk.till.printing.print_lines, title, lines), self._printing)

    def _printing(self, _: object) -> None:
        self._desk.draft.phase = ShiftPhase.REPORT
        self._desk.say(NoticeCode.REPORT_PRINTING)
