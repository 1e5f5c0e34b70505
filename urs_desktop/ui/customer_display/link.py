"""Between the counter's window and the customer display: switched on and off, and put on the screen that is free.

Must never move the cashier's window, nor give the display the focus.
"""

from typing import Final

from PySide6.QtCore import QObject, Qt, QTimer, Slot
from PySide6.QtGui import QScreen
from PySide6.QtWidgets import QApplication, QWidget

from urs_desktop.ui.customer_display.window import CustomerDisplay
from urs_desktop.ui.presenters.customer_display import DisplayPresenter, DisplayState
from urs_desktop.ui.presenters.sell_state import SellState
from urs_desktop.ui.turns import Latest, PaintTurns, Turns

TRIAL_MS: Final = 8_000
"""How long the display is tried out."""


class DisplayLink(QObject):
    """Shows the customer display of one counter while it is switched on."""

    def __init__(self, app: QApplication, cashier: QWidget, presenter: DisplayPresenter, turns: Turns) -> None:
        """Take the application, the cashier's window, the display's presenter and turns; it is off until `switch`."""
        super().__init__()
        self._app = app
        self._cashier = cashier
        self._presenter = presenter
        self._turns = turns
        self._window: CustomerDisplay | None = None
        self._sold = Latest(turns, presenter.sold)
        self._is_on = False
        self._trial = QTimer(self)
        self._trial.setSingleShot(True)
        self._trial.setInterval(TRIAL_MS)
        self._trial.timeout.connect(self._end_trial)
        presenter.watch(self._render)
        app.screenAdded.connect(self._place)
        app.screenRemoved.connect(self._place)
        self._listens = True

    @property
    def window(self) -> CustomerDisplay | None:
        """Return the display's window while it is on."""
        return self._window

    def switch(self, *, on: bool) -> None:
        """Switch the display on or off."""
        self._is_on = on
        self._open_or_close(on=on)

    def try_out(self, state: DisplayState) -> None:
        """Show this for TRIAL_MS, whether the display is on or not."""
        self._open_or_close(on=True)
        self._presenter.try_out(state)
        self._trial.start()

    @Slot()
    def _end_trial(self) -> None:
        self._presenter.try_out(None)
        self._open_or_close(on=self._is_on)

    def _open_or_close(self, *, on: bool) -> None:
        if on and self._window is None:
            self._window = CustomerDisplay()
            PaintTurns(self._window, self._turns)
            self._window.answered.connect(self._answer)
            self._window.render_state(self._presenter.state)
            self._place()
        elif not on and self._window is not None:
            self._window.end()
            self._window = None

    @Slot()
    def _place(self) -> None:
        """Fill the screen the cashier does not look at; without one stay a window."""
        window = self._window
        if window is None:
            return
        free = self._free_screen()
        window.setWindowFlag(Qt.WindowType.FramelessWindowHint, free is not None)
        if free is None:
            window.showNormal()
        else:
            window.setScreen(free)
            window.setGeometry(free.geometry())
            window.setWindowState(Qt.WindowState.WindowFullScreen)  # showFullScreen would ask for the focus
            window.show()

    def _free_screen(self) -> QScreen | None:
        others = [screen for screen in self._app.screens() if screen is not self._cashier.screen()]
        return others[0] if others else None

    @Slot(bool)
    def _answer(self, yes: bool) -> None:  # noqa: FBT001 - a signal's value
        self._presenter.answer(yes=yes)

    def _render(self, state: DisplayState) -> None:
        if self._window is not None:
            self._window.render_state(state)

    def render_state(self, state: SellState) -> None:
        """Take the sell screen's state; the customer sees it in a turn of its own, after the cashier."""
        self._sold.give(state)

    def render_door(self, *, is_shut: bool) -> None:
        """Take whether the counter is locked."""
        self._presenter.shut(is_shut=is_shut)

    def close(self) -> None:
        """Switch the display off: the counter's window closes."""
        self._trial.stop()
        self.switch(on=False)
        if self._listens:
            self._app.screenAdded.disconnect(self._place)
            self._app.screenRemoved.disconnect(self._place)
            self._listens = False
