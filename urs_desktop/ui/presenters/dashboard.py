"""The dashboard's presenter: a time, this counter or all, bar by bar, the receipts behind one, the figures as a file.

An answer that was overtaken by another question is dropped. Must never wait, nor show one counter's figures as the
vendor's.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from urs_desktop.counter.ports import CentralUnavailableError
from urs_desktop.counter.use_cases.dashboard import MOST_RECEIPTS, FoundReceipt, Overview, Span
from urs_desktop.counter.use_cases.till import Till
from urs_desktop.domain.purchase import printed
from urs_desktop.system.clock import Clock
from urs_desktop.ui.presenters.dashboard_state import Bar, BehindBar, DashboardState
from urs_desktop.ui.presenters.dashboard_view import DashboardView
from urs_desktop.ui.presenters.formatting import Formats
from urs_desktop.ui.presenters.navigation import Navigator, Place
from urs_desktop.ui.presenters.notices import Notice, NoticeCode, Severity, notice, of_error
from urs_desktop.ui.presenters.runner import Runner
from urs_desktop.ui.presenters.watched import Watched

_log = logging.getLogger(__name__)

FILE_NAME: Final = "figures"
WriteText = Callable[[str, str], Path]
"""Writes a text under a name (with its ending) and returns the file; raises OSError."""


class DashboardPresenter(Watched[DashboardState]):
    """Presents what was sold."""

    def __init__(
        self,
        till: Till,
        runner: Runner,
        clock: Clock,
        formats: Formats,
        navigator: Navigator,
        write: WriteText,
    ) -> None:
        """Take the counter's use cases, the runner, the clock, the formats, what leads to rooms, what writes files."""
        super().__init__(DashboardState())
        self._till = till
        self._runner = runner
        self._clock = clock
        self._formats = formats
        self._view = DashboardView(till.identity, formats)
        self._navigator = navigator
        self._write = write
        self._span, self._everywhere, self._by_counter = Span.WEEK, False, False
        self._overview: Overview | None = None
        self._bars: tuple[Bar, ...] = ()
        self._selected: int | None = None
        self._behind: tuple[FoundReceipt, ...] | None = None
        self._notice: Notice | None = None
        self._asked = 0
        self._busy = self._looking = False

    def look(self) -> None:
        """Ask for the figures anew."""
        self._asked += 1
        self._busy, self._looking, self._notice = True, True, None
        dashboard, span = self._till.dashboard, self._span
        work = partial(dashboard.everywhere if self._everywhere else dashboard.here, span)
        self._runner.run(work, partial(self._told, self._asked), partial(self._not_told, self._asked))
        self._publish()

    def _told(self, asked: int, overview: Overview) -> None:
        if asked != self._asked:
            return
        same = self._overview is not None and overview.span is self._overview.span
        self._busy = self._looking = False
        self._overview = overview
        self._bars = self._view.bars(self._overview, by_counter=self._by_counter)
        if not same or (self._selected or 0) >= len(self._bars):
            self._selected = None
        self._behind = None
        self._publish()

    def _not_told(self, asked: int, error: Exception) -> None:
        if asked != self._asked:
            return
        if isinstance(error, CentralUnavailableError):
            self._everywhere = self._by_counter = False
            self.look()
            self._notice = notice(NoticeCode.CENTRAL_NEEDED, Severity.WARNING)
            self._publish()
        else:
            self.fail(error)

    def fail(self, error: Exception) -> None:
        """Say what went wrong; the figures shown stay."""
        self._busy = self._looking = False
        self._notice = of_error(error, self._formats, self._till.identity.currency)
        if self._notice.severity is Severity.ERROR:
            _log.error("the dashboard met %s", self._notice.code, exc_info=error)
        self._publish()

    def choose_span(self, span: Span) -> None:
        """Look at another time."""
        self._span, self._selected = span, None
        self.look()

    def choose_scope(self, *, everywhere: bool) -> None:
        """Look at all counters of the vendor, or at this one alone."""
        self._everywhere, self._selected = everywhere, None
        self._by_counter = self._by_counter and everywhere
        self.look()

    def group(self, *, by_counter: bool) -> None:
        """Have a bar for each counter, or for each interval."""
        self._by_counter, self._selected, self._behind = by_counter, None, None
        if by_counter and not self._everywhere:
            self.choose_scope(everywhere=True)
        else:
            self._bars = self._view.bars(self._overview, by_counter=self._by_counter)
            self._publish()

    def select(self, place: int) -> None:
        """Choose a bar."""
        if 0 <= place < len(self._bars) and place != self._selected:
            self._selected, self._behind = place, None
            self._publish()

    def move(self, by: int) -> None:
        """Choose the next bar to the right (1) or to the left (-1); the last one where none is chosen."""
        if self._bars:
            last = len(self._bars) - 1
            self.select(last if self._selected is None else max(0, min(last, self._selected + by)))

    def drill(self) -> None:
        """List the receipts behind the chosen bar."""
        overview, place = self._overview, self._selected
        if overview is None or place is None or self._looking:
            return
        counter = overview.counters[place][0] if self._by_counter else 0
        start, end = _times(overview, place, by_counter=self._by_counter)
        self._asked += 1
        self._busy, self._notice = True, None
        self._runner.run(
            partial(self._till.dashboard.receipts, start, end, everywhere=overview.everywhere, counter=counter),
            partial(self._drilled, self._asked, place),
            partial(self._not_told, self._asked),
        )
        self._publish()

    def _drilled(self, asked: int, place: int, found: tuple[FoundReceipt, ...]) -> None:
        if asked == self._asked:
            self._busy = False
            if place == self._selected:
                self._behind = found
            self._publish()

    def back(self) -> bool:
        """Put the list of receipts away; returns False where none is shown."""
        if self._behind is None:
            return False
        self._behind = None
        self._publish()
        return True

    def open_receipt(self, place: int) -> None:
        """Go to a receipt of this counter; those of others are at their counters."""
        found = self._behind or ()
        if 0 <= place < len(found) and found[place].counter == self._till.identity.number:
            self._navigator.go(Place.RECEIPTS, printed(found[place].counter, found[place].figures.receipt))

    def save(self) -> None:
        """Write the figures as CSV."""
        if self._overview is not None:
            self.save_by(partial(self._write, f"{FILE_NAME}.csv", self._view.as_csv(self._overview)))

    def save_by(self, work: Callable[[], Path]) -> None:
        """Have something written, and say where it is."""
        self._runner.run(work, self._saved, self._not_saved)

    def _saved(self, path: Path) -> None:
        self._notice = notice(NoticeCode.FILE_SAVED, Severity.SUCCESS, path=str(path))
        self._publish()

    def _not_saved(self, error: Exception) -> None:
        _log.error("a file of the dashboard could not be written", exc_info=error)
        self._notice = notice(NoticeCode.FILE_NOT_SAVED, Severity.ERROR, kind=type(error).__name__)
        self._publish()

    def _publish(self) -> None:
        overview = self._overview
        behind = None
        if self._behind is not None and self._selected is not None:
            rows = tuple(self._view.receipt(each) for each in self._behind)
            behind = BehindBar(self._bars[self._selected].row[0], rows, len(rows) >= MOST_RECEIPTS)
        self._show(
            replace(
                self._view.state(overview),
                span=self._span,
                everywhere=self._everywhere,
                by_counter=self._by_counter,
                bars=self._bars,
                selected=self._selected,
                behind=behind,
                age=self._formats.age(overview.as_of if overview else None, self._clock.now()),
                busy=self._busy,
                notice=self._notice,
            )
        )


def _times(overview: Overview, place: int, *, by_counter: bool) -> tuple[int, int]:
    """Return from when until when a bar reaches, in milliseconds."""
    if by_counter:
        return overview.intervals[0].start, overview.intervals[-1].end
    return overview.intervals[place].start, overview.intervals[place].end
