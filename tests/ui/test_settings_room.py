"""The settings room in the window: by keyboard and touch, effective at once where it can be."""

from PySide6.QtCore import Qt

from tests.fakes.runners import ImmediatePool
from tests.ui.conftest import Cashier
from tests.ui.test_scanning import Scanner
from urs_desktop.ui.app import open_window
from urs_desktop.ui.cashier.menu_room import MenuRoom
from urs_desktop.ui.main_window import LEAST_HEIGHT, LEAST_WIDTH
from urs_desktop.ui.presenters.sell_state import Phase

KEY = Qt.Key


def enter(cashier: Cashier) -> None:
    cashier.click("menu_button")
    cashier.click("menu_settings")
    cashier.until(lambda: cashier.button("setting_theme").text() == "Light")


def test_the_theme_holds_at_once_and_a_key_is_bound(cashier: Cashier) -> None:
    enter(cashier)
    cashier.click("setting_theme")
    cashier.button("bind_pay").click()
    cashier.key(KEY.Key_End)
    assert cashier.button("bind_pay").text() == "End"
    cashier.click("settings_save")
    cashier.until(lambda: cashier.state.theme == "dark")
    assert cashier.shop.till.setup.read().keys == {"pay": "End"}


def test_escape_keeps_the_old_key_and_then_leaves(cashier: Cashier) -> None:
    enter(cashier)
    cashier.button("bind_menu").click()
    cashier.key(KEY.Key_Escape)
    assert cashier.button("bind_menu").text() == "F11"
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


def test_a_bound_key_holds_at_once_wherever_it_is_named_or_pressed(cashier: Cashier) -> None:
    enter(cashier)
    for action, key in (("pay", KEY.Key_End), ("menu", KEY.Key_F12), ("search", KEY.Key_PageUp), ("void", KEY.Key_F20)):
        cashier.button(f"bind_{action}").click()
        cashier.key(key)
    cashier.button("bind_theme").click()
    cashier.key(KEY.Key_D, Qt.KeyboardModifier.ControlModifier)
    assert cashier.button("bind_theme").text() == "Ctrl+D"
    cashier.click("settings_save")
    cashier.until(lambda: cashier.button("menu_button").text() == "Menu (F12)")
    assert cashier.button("menu_button").accessibleName() == "Menu (F12)"
    cashier.key(KEY.Key_Escape)
    assert "(PageUp)" in cashier.field("entry").placeholderText()
    cashier.scan("MUG")
    cashier.key(KEY.Key_F1)
    caps = {cashier.text(f"key_cap_{n}") for n in range(24)}
    assert {"End", "F12", "PageUp", "F20", "Ctrl+D", "F1"} <= caps
    assert not {"F11", "F2", "Delete"} & caps
    cashier.key(KEY.Key_Escape)
    cashier.key(KEY.Key_F20)
    assert not cashier.state.lines
    cashier.scan("MUG")
    cashier.key(KEY.Key_F11)
    assert cashier.window.room() is None, "the key of before does nothing"
    cashier.key(KEY.Key_D, Qt.KeyboardModifier.ControlModifier)
    assert cashier.state.theme == "dark"
    cashier.key(KEY.Key_End)
    cashier.until_phase(Phase.PAYING)
    cashier.key(KEY.Key_Escape)
    cashier.key(KEY.Key_F12)
    assert isinstance(cashier.window.room(), MenuRoom)


def test_a_theme_that_was_chosen_is_there_at_the_next_start(cashier: Cashier) -> None:
    cashier.click("theme_button")
    cashier.until(lambda: cashier.shop.till.setup.read().theme == "dark")
    cashier.window.end()
    again = open_window(cashier.shop.till, ImmediatePool(), clock=cashier.shop.clock)
    cashier.qtbot.addWidget(again)
    assert again.presenter.state.theme == "dark"
    again.end()
