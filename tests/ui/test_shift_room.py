"""The shift room in the window: by keyboard alone, by touch alone, within the screen."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QScrollArea

from tests.keys import hold_key
from tests.ui.conftest import Cashier
from urs_desktop.domain.money import Money
from urs_desktop.domain.refusals import RefusalCode
from urs_desktop.ui.cashier.shift_room import ShiftRoom
from urs_desktop.ui.main_window import LEAST_HEIGHT, LEAST_WIDTH
from urs_desktop.ui.presenters.navigation import Place
from urs_desktop.ui.presenters.report_desk import STAYS_MS
from urs_desktop.ui.presenters.sell import THEMES
from urs_desktop.ui.presenters.shift_state import ShiftPhase, ShiftState

KEY = Qt.Key


def room(cashier: Cashier) -> ShiftState:
    shown = cashier.window.room()
    assert isinstance(shown, ShiftRoom)
    return shown.presenter.state


def said(cashier: Cashier) -> object:
    notice = room(cashier).notice
    return notice.code if notice else None


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
    assert cashier.text("shift_figure") == "Short £0.50"
    heights.append(cashier.window.minimumSizeHint().height())
    cashier.shop.clock.advance(STAYS_MS)
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
    heights = [cashier.window.minimumSizeHint().height()]
    cashier.click("shift_count_again")
    assert cashier.text("shift_figure") == "£0.00"
    cashier.click("shift_counted")
    cashier.until(lambda: said(cashier) is RefusalCode.COUNTED_TOO_OFTEN)
    heights.append(cashier.window.minimumSizeHint().height())
    cashier.click("shift_allow")
    until(cashier, ShiftPhase.REPORT)
    assert max(heights) <= LEAST_HEIGHT
    cashier.shop.clock.advance(STAYS_MS)
    cashier.click("shift_go")
    until(cashier, ShiftPhase.CLOSED)
    cashier.click_row("shift_past", 0)
    until(cashier, ShiftPhase.REPORT)


def opened(cashier: Cashier) -> None:
    """Open a shift without a float and begin to count."""
    cashier.keys("0")
    cashier.key(KEY.Key_Return)
    until(cashier, ShiftPhase.OPEN)


def held_down(cashier: Cashier, key: Qt.Key) -> None:
    """Leave a finger on a key: it repeats."""
    hold_key(cashier.window, key, 30)


def test_a_finger_left_on_a_key_closes_nothing(cashier: Cashier) -> None:
    opened(cashier)
    cashier.key(KEY.Key_Z)
    for key in (KEY.Key_Z, KEY.Key_Return, KEY.Key_Enter):
        held_down(cashier, key)
    assert (room(cashier).phase, room(cashier).selected) == (ShiftPhase.COUNTING, 0)
    cashier.key(KEY.Key_C)
    until(cashier, ShiftPhase.REPORT)


def test_a_long_report_is_read_by_keys(cashier: Cashier) -> None:
    opened(cashier)
    for number in range(40):
        cashier.shop.till.shifts.pay(Money(100, cashier.shop.till.identity.currency), f"coins {number}")
    cashier.key(KEY.Key_X)
    until(cashier, ShiftPhase.REPORT)
    sheet = cashier.window.findChild(QScrollArea, "shift_report")
    assert isinstance(sheet, QScrollArea)
    cashier.until(lambda: sheet.verticalScrollBar().maximum() > 0)
    cashier.key(KEY.Key_PageDown)
    assert sheet.verticalScrollBar().value() > 0
    cashier.key(KEY.Key_PageUp)
    assert sheet.verticalScrollBar().value() == 0
    assert cashier.window.minimumSizeHint().height() <= LEAST_HEIGHT


@pytest.mark.parametrize("theme", THEMES)
def test_nothing_is_cut_off_in_any_theme(cashier: Cashier, theme: str) -> None:
    while cashier.state.theme != theme:
        cashier.window.presenter.toggle_theme()
    opened(cashier)
    cashier.key(KEY.Key_Z)
    for button in cashier.window.findChildren(QPushButton):
        if button.isVisible() and button.objectName().startswith("shift_"):
            assert button.height() >= 48, button.objectName()
            words = button.fontMetrics().horizontalAdvance(button.text())
            assert words <= button.width(), button.objectName()
            assert button.accessibleName(), button.objectName()


def test_from_selling_by_one_key_and_by_one_touch(cashier: Cashier) -> None:
    opened(cashier)
    cashier.key(KEY.Key_Escape)
    cashier.window.presenter.refresh_status()
    cashier.until(lambda: cashier.button("status_shift").isVisible())
    assert cashier.button("status_shift").text() == "Shift 1"
    cashier.key(KEY.Key_Insert)
    assert cashier.window.navigator.state.place is Place.SHIFT
    until(cashier, ShiftPhase.OPEN)
    cashier.key(KEY.Key_Z)
    cashier.key(KEY.Key_C)
    until(cashier, ShiftPhase.REPORT)
    cashier.shop.clock.advance(STAYS_MS)
    cashier.key(KEY.Key_Escape)
    until(cashier, ShiftPhase.CLOSED)
    cashier.key(KEY.Key_Escape)
    cashier.until(lambda: cashier.state.status.shift_closed)
    assert cashier.text("notice_text").startswith("No shift is open. Insert, or")
    assert cashier.window.minimumSizeHint().width() <= LEAST_WIDTH
    cashier.click("status_shift")
    assert cashier.window.navigator.state.place is Place.SHIFT


def test_a_closed_shift_is_shown_again_by_keys(cashier: Cashier) -> None:
    opened(cashier)
    cashier.key(KEY.Key_Z)
    cashier.key(KEY.Key_C)
    until(cashier, ShiftPhase.REPORT)
    cashier.shop.clock.advance(STAYS_MS)
    cashier.key(KEY.Key_Return)
    until(cashier, ShiftPhase.CLOSED)
    for _ in range(6):
        if cashier.focus().objectName() == "shift_past":
            break
        cashier.key(KEY.Key_Tab)
    cashier.key(KEY.Key_Down)
    cashier.key(KEY.Key_Return)
    until(cashier, ShiftPhase.REPORT)
    assert cashier.text("shift_head") == "Z report, shift 1"
    cashier.key(KEY.Key_Return)
    until(cashier, ShiftPhase.CLOSED)


def test_after_a_failure_typing_goes_on_where_it_was(cashier: Cashier) -> None:
    opened(cashier)
    cashier.key(KEY.Key_I)
    cashier.keys("5")
    cashier.key(KEY.Key_Return)
    cashier.keys("coins")
    cashier.shop.store.before_commit = _fail
    cashier.key(KEY.Key_Return)
    cashier.until(lambda: said(cashier) is not None)
    assert room(cashier).phase is ShiftPhase.PAYING_IN
    assert cashier.focus().objectName() == "shift_reason"


def _fail() -> None:
    raise OSError(28, "the disk is full")
