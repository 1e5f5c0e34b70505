"""The shift room in the window: by keyboard alone, by touch alone, within the screen."""

import pytest
from PySide6.QtCore import Qt

from tests.ui.conftest import Cashier
from urs_desktop.ui.cashier.shift_room import ShiftRoom
from urs_desktop.ui.main_window import LEAST_HEIGHT, LEAST_WIDTH
from urs_desktop.ui.presenters.navigation import Place
from urs_desktop.ui.presenters.shift_state import ShiftPhase, ShiftState

KEY = Qt.Key


def room(cashier: Cashier) -> ShiftState:
    shown = cashier.window.room()
    assert isinstance(shown, ShiftRoom)
    return shown.presenter.state


def until(cashier: Cashier, phase: ShiftPhase) -> None:
    cashier.until(lambda: room(cashier).phase is phase)


@pytest.fixture(autouse=True)
def _entered(cashier: Cashier) -> None:
    cashier.click("menu_button")
    cashier.click("menu_shift")
    until(cashier, ShiftPhase.CLOSED)


def test_a_shift_by_keyboard_alone(cashier: Cashier) -> None:
    heights = [cashier.window.minimumSizeHint().height()]
    cashier.keys("50")
    cashier.key(KEY.Key_Return)
    until(cashier, ShiftPhase.OPEN)
    cashier.key(KEY.Key_I)
    cashier.keys("10.50")
    cashier.key(KEY.Key_Return)
    cashier.keys("coins, ix and zeds")
    heights.append(cashier.window.minimumSizeHint().height())
    cashier.key(KEY.Key_Return)
    until(cashier, ShiftPhase.OPEN)
    cashier.key(KEY.Key_X)
    until(cashier, ShiftPhase.REPORT)
    heights.append(cashier.window.minimumSizeHint().height())
    cashier.key(KEY.Key_Return)
    until(cashier, ShiftPhase.OPEN)
    cashier.key(KEY.Key_Z)
    cashier.keys("1")
    heights.append(cashier.window.minimumSizeHint().height())
    cashier.key(KEY.Key_Down)
    cashier.key(KEY.Key_Down)
    cashier.keys("1")
    for _ in range(9):
        cashier.key(KEY.Key_Return)
    assert cashier.text("shift_figure") == "£60.00"
    cashier.key(KEY.Key_Return)
    until(cashier, ShiftPhase.REPORT)
    assert cashier.text("shift_figure").startswith("Short")
    cashier.key(KEY.Key_Return)
    until(cashier, ShiftPhase.CLOSED)
    cashier.key(KEY.Key_Escape)
    assert cashier.window.navigator.state.place is Place.SELL
    assert max(heights) <= LEAST_HEIGHT
    assert cashier.window.width() == LEAST_WIDTH


def test_a_shift_by_touch_alone(cashier: Cashier) -> None:
    for key in ("5", "0"):
        cashier.click(f"shift_pad_{key}")
    cashier.click("shift_go")
    until(cashier, ShiftPhase.OPEN)
    cashier.click("shift_x")
    until(cashier, ShiftPhase.REPORT)
    cashier.click("shift_go")
    until(cashier, ShiftPhase.OPEN)
    cashier.click("shift_close")
    cashier.click_row("shift_coins", 1)
    cashier.click("shift_pad_2")
    cashier.click_row("shift_coins", 11)
    cashier.click("shift_go")
    cashier.until(lambda: room(cashier).too_far_off)
    cashier.click("shift_allow")
    until(cashier, ShiftPhase.REPORT)
    cashier.click("shift_go")
    until(cashier, ShiftPhase.CLOSED)
    cashier.click_row("shift_past", 0)
    until(cashier, ShiftPhase.REPORT)
