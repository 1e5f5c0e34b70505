"""Pages of which one is shown: no other one is seen, reached or measured."""

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from urs_desktop.ui.widgets.pages import Pages


class Measured(QWidget):
    """A page that counts how often a layout asks how large it wants to be."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0
        self.field = QLineEdit(self)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        self.asked += 1
        return QSize(100, 100)

    minimumSizeHint = sizeHint  # noqa: N815 - Qt's name


class Screen:
    """A window with three pages, the first of which is shown."""

    def __init__(self, qtbot: QtBot) -> None:
        self._qtbot = qtbot
        self.window = QWidget()
        self.window.resize(640, 480)
        self.pages = Pages()
        self.first, self.second, self.third = Measured(), Measured(), Measured()
        QVBoxLayout(self.window).addWidget(self.pages)
        self.pages.keep(self.second)
        self.pages.show_page(self.first)
        qtbot.addWidget(self.third)
        qtbot.addWidget(self.window)
        self.window.show()
        self.until_filled(self.first)

    def until_filled(self, page: QWidget) -> None:
        """Wait until a page is as large as its place."""
        self._qtbot.waitUntil(lambda: page.isVisible() and page.size() == self.pages.size())


@pytest.fixture
def screen(qtbot: QtBot) -> Screen:
    return Screen(qtbot)


def test_one_page_is_seen_and_fills_the_place(screen: Screen) -> None:
    assert screen.first.isVisible()
    assert not screen.second.isVisible()
    for page, other in ((screen.second, screen.first), (screen.third, screen.second), (screen.first, screen.third)):
        screen.pages.show_page(page)
        screen.until_filled(page)
        assert not other.isVisible()
        assert screen.pages.currentWidget() is page
        assert screen.pages.count() == 1


def test_a_page_that_comes_again_fills_what_became_of_the_window_meanwhile(screen: Screen) -> None:
    before = screen.first.size()
    screen.pages.show_page(screen.second)
    screen.window.resize(800, 600)
    screen.until_filled(screen.second)
    screen.pages.show_page(screen.first)
    screen.until_filled(screen.first)
    assert screen.first.size() != before


def test_pages_that_are_not_shown_are_not_measured(screen: Screen) -> None:
    screen.pages.show_page(screen.second)
    screen.until_filled(screen.second)
    asked, shown = screen.first.asked, screen.second.asked
    screen.pages.sizeHint()
    screen.pages.minimumSizeHint()
    assert screen.second.asked > shown
    assert screen.first.asked == asked


def test_all_pages_go_with_their_window(screen: Screen) -> None:
    screen.pages.show_page(screen.second)
    assert screen.first.window() is screen.window
    assert screen.second.window() is screen.window


def test_the_focus_does_not_stay_in_a_page_that_goes(screen: Screen) -> None:
    screen.first.field.setFocus()
    screen.pages.show_page(screen.second)
    assert screen.window.focusWidget() is not screen.first.field


def test_showing_the_same_page_again_changes_nothing(screen: Screen) -> None:
    screen.first.field.setFocus()
    screen.pages.show_page(screen.first)
    assert screen.window.focusWidget() is screen.first.field
    assert screen.pages.count() == 1
