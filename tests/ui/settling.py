"""Lets everything arrive that was posted to the screens, and what that posts in turn."""

from PySide6.QtCore import QObject, Qt, Signal
from pytestqt.qtbot import QtBot

_ROUNDS = 4
"""Work brings an answer, an answer another piece of work: no step of a screen takes more."""


class Settling(QObject):
    """A word sent through the same queue, which arrives behind everything that was in it."""

    sent = Signal()
    arrived = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.sent.connect(self.arrived, Qt.ConnectionType.QueuedConnection)


def settle(qtbot: QtBot, word: Settling) -> None:
    """Wait until the screens have heard everything."""
    for _ in range(_ROUNDS):
        with qtbot.waitSignal(word.arrived):
            word.sent.emit()
