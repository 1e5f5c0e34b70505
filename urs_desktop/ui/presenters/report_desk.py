"""X and Z reports: read, shown, printed.

Must never show the report of a shift that is being counted.
"""

from collections.abc import Sequence
from functools import partial

from urs_desktop.counter.use_cases.shifts import ShiftReport
from urs_desktop.domain.permissions import Permission
from urs_desktop.system.clock import Clock
from urs_desktop.ui.presenters.notices import NoticeCode
from urs_desktop.ui.presenters.shift_draft import ShiftDesk
from urs_desktop.ui.presenters.shift_state import ShiftPhase

_Answer = tuple[ShiftReport, int | None]


class ReportDesk:
    """Shows reports of shifts."""

    def __init__(self, desk: ShiftDesk, clock: Clock) -> None:
        """Take the desk the parts share and the clock."""
        self._desk = desk
        self._clock = clock

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
            self._desk.do(partial(self._work, number), self.take)

    def _work(self, number: int | None) -> _Answer:
        till = self._desk.till
        return till.shifts.report(number), till.reporting.connection().last_sync

    def take(self, answer: _Answer) -> None:
        """Put a report on the screen; the caller publishes."""
        draft = self._desk.draft
        draft.report, synced = answer
        draft.as_of = self._desk.formats.age(synced, self._clock.now())
        draft.phase = ShiftPhase.REPORT

    def print_lines(self, title: str, lines: Sequence[tuple[str, str]]) -> None:
        """Print the report in these words."""
        if self._desk.draft.phase is ShiftPhase.REPORT:
            self._desk.do(partial(self._desk.till.printing.print_lines, title, lines), self._printing)

    def _printing(self, _: object) -> None:
        self._desk.draft.phase = ShiftPhase.REPORT
        self._desk.say(NoticeCode.REPORT_PRINTING)
