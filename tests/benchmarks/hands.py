"""A counter's real window and threads, worked by a script, and what a watch on its thread sees meanwhile.

Must never show a window on a screen: a benchmark runs beside other work.
"""

import faulthandler
import re
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Slot
from PySide6.QtWidgets import QTableView

from tests.benchmarks.figures import NS_PER_MS, Series
from tests.keys import press_key, type_text
from urs_desktop.ui.app import make_application, messages_logged, open_window, run
from urs_desktop.ui.main_window import MainWindow
from urs_desktop.ui.presenters.sell import SellPresenter
from urs_desktop.ui.presenters.sell_state import Phase
from urs_desktop.ui.tour import Tour, Until
from urs_desktop.wiring import OpenCounter, RunningCounter, running

_BEAT_MS: Final = 1
_LONG_NS: Final = 30 * NS_PER_MS
_LOOK_SECONDS: Final = 0.005
_DEEPEST: Final = 3


class PaintWatch(QObject):
    """Times from a moment until a table has painted a wanted number of rows."""

    def __init__(self, table: QTableView) -> None:
        """Take the table."""
        super().__init__()
        self._table = table
        self._rows = 0
        self._begun = 0
        self.took: int | None = None

    def begin(self, rows: int) -> None:
        """Start the clock; it stops when so many rows have been painted."""
        self._table.viewport().installEventFilter(self)  # only now: each painting would wait for Python's lock
        self._rows, self.took, self._begun = rows, None, time.perf_counter_ns()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """See a painting come; it is over when the loop goes on."""
        del watched
        if event.type() is QEvent.Type.Paint and self._begun and self._table.model().rowCount() >= self._rows:
            QTimer.singleShot(0, self, self._painted)
        return False

    @Slot()
    def _painted(self) -> None:
        if self.took is None and self._begun:
            self.took = time.perf_counter_ns() - self._begun
            self._table.viewport().removeEventFilter(self)


class Heart(QObject):
    """Beats every millisecond on the window's thread; a beat that comes late tells how long the thread was blocked.

    `gaps` holds that, `worked` the processor time the thread used meanwhile: where other programs have the processors
    the first is theirs too. `long` says where the thread was in the middle of a long gap.
    """

    def __init__(self) -> None:
        """Begin with `start`."""
        super().__init__()
        self.gaps = Series()
        self.long: list[str] = []
        self.worked = Series()
        self._last = time.perf_counter_ns()
        self._used = time.thread_time_ns()
        self._thread = threading.get_ident()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_BEAT_MS)
        self._timer.timeout.connect(self._beat)
        self._stopped = threading.Event()
        self._looker = threading.Thread(target=self._look, name="heart", daemon=True)

    def start(self) -> None:
        """Beat from now on."""
        self._last, self._used = time.perf_counter_ns(), time.thread_time_ns()
        self._timer.start()
        self._looker.start()

    def stop(self) -> None:
        """Beat no more."""
        self._timer.stop()
        self._stopped.set()
        self._looker.join()

    @Slot()
    def _beat(self) -> None:
        now, used = time.perf_counter_ns(), time.thread_time_ns()
        self.gaps.wall.append(max(0, now - self._last - _BEAT_MS * NS_PER_MS))
        self.gaps.processor += used - self._used
        self.worked.wall.append(used - self._used)
        self._last, self._used = now, used

    def _look(self) -> None:
        """Note once for each long gap where the thread is in the middle of it."""
        noted = 0
        with tempfile.TemporaryFile("w+") as file:
            while not self._stopped.wait(_LOOK_SECONDS):
                last = self._last
                if time.perf_counter_ns() - last > _LONG_NS and last != noted:
                    noted = last
                    file.seek(0)
                    file.truncate()
                    # Not by the frames themselves: who holds one keeps its painter alive, on the wrong thread.
                    faulthandler.dump_traceback(file)
                    file.seek(0)
                    self.long.append(_where(file.read(), self._thread))


def _where(dump: str, thread: int) -> str:
    """Return the innermost places of a thread in what faulthandler wrote about all."""
    own = dump.partition(f"{thread:016x} ")[2].partition("\n\n")[0]
    places = re.findall(r'File "(?:.*/)?([^/"]+)", line (\d+)', own)
    return " < ".join(f"{file}:{line}" for file, line in places[:_DEEPEST])


class Hands:
    """Types at one window, as the script it is made for says."""

    def __init__(self, window: MainWindow, at_work: RunningCounter) -> None:
        """Take the window and what it stands on."""
        self.window = window
        self.at_work = at_work
        cart = window.findChild(QTableView, "cart_table")
        assert isinstance(cart, QTableView)
        self.watch = PaintWatch(cart)

    @property
    def presenter(self) -> SellPresenter:
        """The sell screen's presenter, to see how things stand."""
        return self.window.presenter

    def type(self, text: str) -> None:
        """Type into whatever has the focus."""
        type_text(self.window, text)

    def enter(self) -> None:
        """Press Enter."""
        press_key(self.window, Qt.Key.Key_Return)

    def scan(self, code: str) -> Iterator[Until]:
        """Scan a product and wait until its row is painted."""
        self.type(code)
        self.watch.begin(len(self.presenter.state.lines) + 1)
        self.enter()
        yield lambda: self.watch.took is not None

    def seconds(self, count: float) -> Until:
        """Return what waits so long from now."""
        until = time.monotonic() + count
        return lambda: time.monotonic() >= until

    def is_in(self, phase: Phase) -> Until:
        """Return what waits for a phase of the sale."""
        return lambda: self.presenter.state.phase is phase


@contextmanager
def at_window(counter: OpenCounter) -> Iterator[Callable[[Callable[[Hands], Iterator[Until]]], None]]:
    """Open a counter's window; the function it gives runs a script in it, once, and closes it."""
    with running(counter) as at_work, messages_logged():
        app = make_application(sys.argv[:1])
        window = open_window(at_work.till, at_work.pool)

        def work(script: Callable[[Hands], Iterator[Until]]) -> None:
            hands = Hands(window, at_work)
            tour = Tour(window, script(hands))
            tour.start()
            run(app, window)
            if tour.error is not None:
                raise tour.error

        yield work
        window.deleteLater()
