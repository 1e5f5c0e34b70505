"""Lets everything arrive that waits for the screens, and what that brings in turn."""

from PySide6.QtCore import QObject, Signal
from pytestqt.qtbot import QtBot

from urs_desktop.ui.main_window import MainWindow

_ROUNDS = 4
"""Work brings an answer, an answer another piece of work: no step of a screen takes more."""


class Settling(QObject):
    """A word that waits for its turn behind everything that waits already."""

    arrived = Signal()

    def __init__(self, window: MainWindow) -> None:
        super().__init__()
        self.window = window

    def send(self) -> None:
        self.window.turns.wait(self.arrived.emit)


def settle(qtbot: QtBot, word: Settling) -> None:
    """Wait until the screens have heard everything."""
    for _ in range(_ROUNDS):
        with qtbot.waitSignal(word.arrived):
            word.send()
