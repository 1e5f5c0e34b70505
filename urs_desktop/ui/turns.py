"""Does what the screens have waiting one piece a turn of the loop, so that keys and scans are heard in between.

A result from the pool is one piece, painting the window another. Qt would do whatever has arrived, and then paint, in
one go. Must never change their order, nor drop a piece before the screens are closed.
"""

from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer, Slot
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

_T = TypeVar("_T")


class Turns(QObject):
    """The pieces that wait for a turn of the loop."""

    def __init__(self) -> None:
        """Begin with nothing to do."""
        super().__init__()
        self._waiting: deque[Callable[[], None]] = deque()
        self._is_used = self._is_closed = False
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        # Queued, so that no other timer's work comes into the same turn.
        self._timer.timeout.connect(self._turn, Qt.ConnectionType.QueuedConnection)

    @Slot(object)
    def wait(self, piece: Callable[[], None]) -> None:
        """Have a piece of work wait for its turn."""
        if not self._is_closed:
            self._waiting.append(piece)
            self._timer.start()

    def use(self) -> None:
        """Have this turn count as used, by whatever was done in it: what waits comes no sooner than in the next."""
        self._is_used = True

    def finish(self) -> None:
        """Do now whatever waits: somebody wants a picture of how things stand."""
        while self._waiting:
            self._waiting.popleft()()
        self._timer.stop()

    def close(self) -> None:
        """Do nothing any more: the screens are closed."""
        self._is_closed = True
        self._waiting.clear()
        self._timer.stop()

    @Slot()
    def _turn(self) -> None:
        if self._is_used or not self._waiting:
            self._is_used = False
            return
        piece = self._waiting.popleft()
        if not self._waiting:
            self._timer.stop()
        piece()
        self._is_used = True


class Latest(Generic[_T]):
    """Shows what it was given last, in a turn of its own; what was given before that turn came is never shown."""

    def __init__(self, turns: Turns, show: Callable[[_T], None]) -> None:
        """Take the turns and what shows a value."""
        self._turns = turns
        self._show = show
        self._given: list[_T] = []

    def give(self, value: _T) -> None:
        """Have this shown instead of what waits."""
        if not self._given:
            self._turns.wait(self._take)
        self._given = [value]

    def _take(self) -> None:
        (value,), self._given = self._given, []
        self._show(value)


class PaintTurns(QObject):
    """Has a window painted in a turn of its own, not in the one that changed what it shows.

    Nothing is filtered while it paints: each time painting asks Python for something it may wait for another thread.
    """

    def __init__(self, window: QWidget, turns: Turns) -> None:
        """Take the window, whose child this becomes, and the turns."""
        super().__init__(window)
        self._window = window
        self._turns = turns
        self._waits = False
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        del watched
        if event.type() is not QEvent.Type.UpdateRequest or self._waits:
            return False
        self._waits = True
        self._turns.wait(self._paint)
        return True

    def _paint(self) -> None:
        if isValid(self._window):
            self._window.removeEventFilter(self)
            QCoreApplication.sendEvent(self._window, QEvent(QEvent.Type.UpdateRequest))
            self._window.installEventFilter(self)
        self._waits = False
