"""A counter's window over a shop of fakes, with a pool that works at once; answers still come by the event loop."""

from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QScrollArea, QTableView, QWidget
from pytestqt.qtbot import QtBot

from tests.fakes.runners import ImmediatePool
from tests.fakes.shop import Shop, open_shop
from tests.keys import NO_MODIFIER, press_key, type_text
from tests.ui.lanes import noting
from tests.ui.settling import Settling, settle
from urs_desktop.ui.app import open_window
from urs_desktop.ui.main_window import MainWindow
from urs_desktop.ui.presenters.sell_state import Overlay, Phase, SellState

_W = TypeVar("_W", bound=QWidget)


def column(table: QTableView, number: int) -> list[str]:
    """Return what a column of a table shows, from the top."""
    model = table.model()
    return [str(model.index(row, number).data()) for row in range(model.rowCount())]


class Cashier:
    """Hands and eyes at one window: finds widgets by name, presses keys and buttons, reads what is shown."""

    def __init__(self, qtbot: QtBot, window: MainWindow, shop: Shop) -> None:
        self.qtbot = qtbot
        self.window = window
        self.shop = shop
        self._word = Settling(window)

    @property
    def state(self) -> SellState:
        return self.window.presenter.state

    @property
    def phase(self) -> Phase:
        return self.state.phase

    @property
    def overlay(self) -> Overlay:
        return self.state.overlay

    def _find(self, kind: type[_W], name: str) -> _W:
        """Look for a widget, once all of the window shows how things stand."""
        self.settle()
        widget = self.window.findChild(kind, name)
        assert isinstance(widget, kind), name
        return widget

    def button(self, name: str) -> QPushButton:
        return self._find(QPushButton, name)

    def field(self, name: str) -> QLineEdit:
        return self._find(QLineEdit, name)

    def table(self, name: str) -> QTableView:
        return self._find(QTableView, name)

    def text(self, name: str) -> str:
        return self._find(QLabel, name).text()

    def focus(self) -> QWidget:
        widget: QWidget | None = self.window.focusWidget()
        return self.window if widget is None else widget

    def keys(self, text: str) -> None:
        """Type a text, each key to whatever has the focus then."""
        type_text(self.window, text)

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = NO_MODIFIER) -> None:
        """Press one key, wherever the focus is."""
        press_key(self.window, key, modifiers=modifiers)

    def scan(self, code: str) -> None:
        """Scan a code, as a scanner types it, and wait until it was looked up."""
        before = self.state
        self.keys(code)
        self.key(Qt.Key.Key_Return)
        self.until(
            lambda: (
                (self.state.lines, self.state.customer) != (before.lines, before.customer)
                or self.state.notice is not before.notice
            )
        )

    def click(self, name: str) -> None:
        """Click a button that can be clicked."""
        button = self.button(name)
        assert button.isEnabled(), name
        assert button.isVisible(), name
        self.click_at(button, button.rect().center())

    def click_at(self, widget: QWidget, place: QPoint) -> None:
        """Click a place of a widget, once it is in view, where the system tells the window of it."""
        above: QWidget | None = widget.parentWidget()
        while above is not None:
            if isinstance(above, QScrollArea):
                above.ensureWidgetVisible(widget)
            above = above.parentWidget()
        handle = self.window.windowHandle()
        assert handle is not None
        QTest.mouseClick(handle, Qt.MouseButton.LeftButton, NO_MODIFIER, widget.mapTo(self.window, place))

    def click_row(self, name: str, row: int) -> None:
        """Click a row of a table."""
        table = self.table(name)
        table.scrollTo(table.model().index(row, 0))
        self.click_at(table.viewport(), table.visualRect(table.model().index(row, 0)).center())

    def settle(self) -> None:
        """Wait until all of the window, and the customer display, show how things stand."""
        settle(self.qtbot, self._word)

    def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds."""
        self.qtbot.waitUntil(holds, timeout=15_000)

    def until_phase(self, phase: Phase) -> None:
        """Wait until the sale stands there."""
        self.until(lambda: self.state.phase is phase)


@pytest.fixture
def shop() -> Shop:
    return open_shop()


@pytest.fixture
def staffed(shop: Shop) -> Shop:
    """The shop with three people; asked for before `cashier`, so that the window opens locked."""
    shop.hire()
    return shop


@pytest.fixture
def on_the_screens_thread(shop: Shop) -> Iterator[list[str]]:
    """Where a screen reached the store without the pool; a test in which one did fails."""
    found: list[str] = []
    shop.store.before_read = shop.store.before_commit = noting(found)
    yield found
    assert not found, "work of the store on the thread of the screens:\n" + "\n".join(found)


@pytest.fixture
def cashier(qapp: QApplication, qtbot: QtBot, shop: Shop, on_the_screens_thread: list[str]) -> Iterator[Cashier]:
    window = open_window(shop.till, ImmediatePool(), clock=shop.clock)
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    hand = Cashier(qtbot, window, shop)
    hand.until(lambda: hand.state.totals.has_policy)
    yield hand
    window.end()
