"""Drives a counter's window by a script, as a cashier would through its presenter: for the demo without a display.

The script is a generator that does something and yields what it waits for. Must never reach round the presenter.
"""

import time
from collections.abc import Callable, Iterator
from typing import Final

from PySide6.QtCore import QObject, Qt, QTimer, Slot

from urs_desktop.ui.main_window import MainWindow

Until = Callable[[], bool]
"""What a script waits for: called again and again until it returns True."""

_TICK_MS: Final = 5
_PATIENCE_NS: Final = 60_000_000_000


class TourError(Exception):
    """The script could not go on; `str` says where."""


class Tour(QObject):
    """Runs a script step by step on the window's thread and closes the window at its end."""

    def __init__(self, window: MainWindow, script: Iterator[Until]) -> None:
        """Take the window and its script; `start` begins it."""
        super().__init__()
        self._window = window
        self._script = script
        self._until: Until | None = None
        self._since = 0
        self._steps = 0
        self.error: Exception | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        # Queued, for a hand's press comes as an event of its own, not within another timer's turn of the loop.
        self._timer.timeout.connect(self._tick, Qt.ConnectionType.QueuedConnection)

    def start(self) -> None:
        """Begin as soon as the application runs."""
        self._timer.start()

    @Slot()
    def _tick(self) -> None:
        try:
            if self._until is None or self._until():
                self._advance()
            else:
                self._lose_patience()
        except StopIteration:
            self._end()
        except Exception as error:  # noqa: BLE001 - handed to whoever started the tour
            self.error = error
            self._end()

    def _lose_patience(self) -> None:
        if time.monotonic_ns() - self._since > _PATIENCE_NS:
            raise TourError(f"step {self._steps} of the demo did not come to its end")

    def _advance(self) -> None:
        self._until = next(self._script)
        self._since = time.monotonic_ns()
        self._steps += 1

    def _end(self) -> None:
        self._timer.stop()
        self._window.end()
