"""Starts the counter's screens: application, window, and what catches exceptions nobody expected.

The composition root brings the till and the pool, and closes them after `run` has returned. Must never open a store or
a connection itself.
"""

import logging
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import FrameType, TracebackType

from babel import UnknownLocaleError
from PySide6.QtCore import QMessageLogContext, QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication, QStyleFactory

from urs_desktop.counter.use_cases.preferences import Preferences
from urs_desktop.counter.use_cases.till import Till
from urs_desktop.system.clock import Clock, SystemClock
from urs_desktop.system.resources import resource
from urs_desktop.system.sound_player import SoundPlayer
from urs_desktop.ui.garbage import collected_in_turns
from urs_desktop.ui.main_window import MainWindow
from urs_desktop.ui.presenters.customer_display import DisplayState
from urs_desktop.ui.presenters.door import Door
from urs_desktop.ui.presenters.formatting import Formats
from urs_desktop.ui.presenters.navigation import Navigator, Place
from urs_desktop.ui.presenters.override_desk import OverrideDesk
from urs_desktop.ui.presenters.sale_in_hand import SaleInHand
from urs_desktop.ui.presenters.sell import THEMES, SellPresenter
from urs_desktop.ui.room import RoomContext
from urs_desktop.ui.rooms import ROOMS
from urs_desktop.ui.sounds import Player, Sounds
from urs_desktop.ui.tasks import Pool, TaskRunner
from urs_desktop.ui.theme.apply import apply_theme
from urs_desktop.ui.turns import Turns

_STYLED = "urs_styled"
_FONTS = Path("/etc/fonts/fonts.conf")
_log = logging.getLogger(__name__)
_QT_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.DEBUG,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}
_OFFSCREEN = "This plugin does not support "
"""How the offscreen platform says of each thing that only a real screen can do it."""


def _log_qt(kind: QtMsgType, context: QMessageLogContext, message: str | None) -> None:
    """Send Qt's own messages to the log instead of the terminal."""
    del context
    text = message or ""
    if not text.startswith(_OFFSCREEN):
        _log.log(_QT_LEVELS.get(kind, logging.WARNING), "Qt: %s", text)


def name_fonts() -> None:
    """Tell fontconfig where to look on a machine that has no fonts and so no word on them; call it before Qt starts."""
    if sys.platform == "linux" and not _FONTS.exists():
        os.environ.setdefault("FONTCONFIG_FILE", str(resource("fonts", "fonts.conf")))


def make_application(arguments: Sequence[str], theme: str = "light") -> QApplication:
    """Return the process's application, made and dressed if there is none yet."""
    name_fonts()
    running = QApplication.instance()
    app = running if isinstance(running, QApplication) else QApplication(list(arguments))
    app.setApplicationName("urs-desktop")
    if app.property(_STYLED) is None:  # restyling every widget alive is slow, and once is enough
        app.setStyle(QStyleFactory.create("Fusion"))
        app.setProperty(_STYLED, True)
    apply_theme(app, theme)
    return app


def open_window(
    till: Till, pool: Pool, theme: str = "", *, clock: Clock | None = None, player: Player | None = None
) -> MainWindow:
    """Return the counter's window, started and ready to be shown; `make_application` comes before.

    Theme, language, keys and scanner are those of the counter's preferences; another `theme` goes before. Nothing is
    heard without a `player`.
    """
    preferences = pool.submit(till.setup.read).result()
    theme = theme or (preferences.theme if preferences.theme in THEMES else THEMES[0])
    app = make_application(sys.argv[:1], theme)
    turns = Turns()
    runner, time, formats = TaskRunner(pool, turns), clock or SystemClock(), _formats(preferences.language)
    sounds = Sounds(player, runner, wanted=preferences.sounds)
    gate = OverrideDesk(till, runner, formats)
    presenter = SellPresenter(till, runner, time, formats, theme=theme, gate=gate)
    navigator = Navigator(gate, presenter.may_be_left, ROOMS)
    presenter.scans.to_receipt = partial(navigator.go, Place.REFUND)
    presenter.customer.to_wallet = partial(navigator.go, Place.CUSTOMER)
    door = Door(till, runner, time, formats, presenter.hand_over)

    def apply(saved: Preferences) -> None:
        presenter.toggle_theme(saved.theme)
        door.idle.read()
        window.display.switch(on=saved.customer_display)
        sounds.wanted = saved.sounds
        window.prefer(saved)

    def try_display(state: DisplayState) -> None:
        window.display.try_out(state)

    sale = SaleInHand(presenter.customer.served, presenter.customer.serve, presenter.customer.detach)
    context = RoomContext(till, runner, time, formats, gate, navigator, door, apply, sale, sounds.play, try_display)
    window = MainWindow(app, presenter, runner, turns, context, gate, preferences, sounds)
    window.start()
    return window


def _formats(language: str) -> Formats:
    """Return the formats of a language; what nobody knows is written as in British English."""
    try:
        return Formats(language)
    except (UnknownLocaleError, ValueError):
        _log.warning("no such language: %s", language)
        return Formats()


def grab(window: MainWindow, path: Path) -> None:
    """Save a picture of the window as it is now; raises OSError."""
    window.grab_to(path)


class ExceptionHook:
    """Logs an exception nobody caught and tells the cashier; the sale in hand stays as it is."""

    def __init__(self, window: MainWindow) -> None:
        """Take the window that tells."""
        self._window = window
        self._telling = False

    def __call__(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """Take over from Python's own hook."""
        if issubclass(kind, KeyboardInterrupt):
            self._window.end()
            return
        _log.critical("an exception nobody caught", exc_info=(kind, error, trace))
        if not self._telling:
            self._telling = True
            try:
                self._window.presenter.report(error)
            finally:
                self._telling = False


@contextmanager
def messages_logged() -> Iterator[None]:
    """Have the log take what Qt says, from before the first widget on: the terminal is the commands'."""
    before = qInstallMessageHandler(_log_qt)
    try:
        yield
    finally:
        qInstallMessageHandler(before)


@contextmanager
def ended_by_signals(window: MainWindow) -> Iterator[None]:
    """Close the window when the machine shuts down or Ctrl-C is pressed, once whatever it is in the middle of is done.

    Python looks for signals between two of its own steps: at the latest when the window next reads its status.
    """

    def end(number: int, frame: FrameType | None) -> None:
        del number, frame
        QTimer.singleShot(0, window, window.end)

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def run(app: QApplication, window: MainWindow) -> int:
    """Show the window and serve the cashier until it is closed; returns the exit status."""
    before, sys.excepthook = sys.excepthook, ExceptionHook(window)
    try:
        with ended_by_signals(window), messages_logged(), collected_in_turns(window.turns):
            window.show()
            return app.exec()
    finally:
        window.end()
        sys.excepthook = before


def run_counter(till: Till, pool: Pool, arguments: Sequence[str]) -> int:
    """Open the counter and serve the cashier until the window is closed; returns the exit status."""
    with messages_logged():
        app = make_application(arguments)
        return run(app, open_window(till, pool, player=SoundPlayer()))
