"""The settings room in the window: by keyboard and touch, effective at once where it can be."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.ui.conftest import Cashier
from tests.ui.test_scanning import Scanner
from urs_desktop.ui.main_window import LEAST_HEIGHT, LEAST_WIDTH

KEY = Qt.Key


def enter(cashier: Cashier) -> None:
    cashier.click("menu_button")
    cashier.click("menu_settings")
    cashier.until(lambda: cashier.button("setting_theme").text() == "Light")


def test_the_theme_holds_at_once_and_a_key_is_bound(cashier: Cashier) -> None:
    enter(cashier)
    cashier.click("setting_theme")
    cashier.button("setting_pay").click()
    QTest.keyClick(cashier.focus(), KEY.Key_End)
    assert cashier.button("setting_pay").text() == "End"
    cashier.click("settings_save")
    cashier.until(lambda: cashier.state.theme == "dark")
    assert cashier.shop.till.setup.read().keys == {"pay": "End"}


def test_escape_keeps_the_old_key_and_then_leaves(cashier: Cashier) -> None:
    enter(cashier)
    cashier.button("setting_menu").click()
    cashier.key(KEY.Key_Escape)
    assert cashier.button("setting_menu").text() == "F11"
    assert cashier.window.room() is not None
    cashier.key(KEY.Key_Escape)
    assert cashier.window.room() is None


def test_the_scanner_is_tried_here(cashier: Cashier) -> None:
    enter(cashier)
    Scanner(cashier).scan("4006381333931")
    assert cashier.text("settings_scanned") == "4 0 0 6 3 8 1 3 3 3 9 3 1"
    assert not cashier.state.lines


def test_the_room_fits_on_a_small_screen(cashier: Cashier) -> None:
    enter(cashier)
    assert cashier.window.minimumSizeHint().height() <= LEAST_HEIGHT
    assert cashier.window.width() == LEAST_WIDTH
