"""The customer display's window: shown beside the counter, answered by touch, never in the cashier's way."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget

from tests.fakes.shop import Shop, open_shop
from tests.keys import press_key
from tests.ui.conftest import Cashier
from urs_desktop.ui.customer_display.window import CustomerDisplay
from urs_desktop.ui.presenters.customer_display import DisplayState
from urs_desktop.ui.presenters.navigation import Place
from urs_desktop.ui.presenters.sell_state import Phase
from urs_desktop.ui.widgets.qr_code import QrCode

KEY = Qt.Key


@pytest.fixture
def shop() -> Shop:
    shop = open_shop()
    shop.prefer(customer_display=True, consent_above=300)
    for number in range(30):
        shop.stock(f"T{number}", f"Thing number {number}", "1.00")
    return shop


def window(cashier: Cashier) -> CustomerDisplay:
    """Return the display once it shows what the cashier's window does: it comes a turn later."""
    cashier.settle()
    shown = cashier.window.display.window
    assert shown is not None
    return shown


def text(cashier: Cashier, name: str) -> str:
    label = window(cashier).findChild(QLabel, name)
    assert isinstance(label, QLabel)
    return label.text() if label.isVisible() else ""


def ask(cashier: Cashier) -> None:
    cashier.scan("4006381333931")
    cashier.window.presenter.customer.find("C-1001")
    cashier.until(lambda: cashier.state.customer is not None and not cashier.state.customer.asking)
    cashier.key(KEY.Key_F12)
    cashier.until_phase(Phase.PAYING)
    cashier.window.presenter.pay.offer_points("500")
    cashier.until_phase(Phase.CONSENT)


def test_it_follows_the_sale_and_the_focus_stays_with_the_cashier(cashier: Cashier) -> None:
    assert text(cashier, "display_vendor") == "Lindqvist & Daughters"
    assert window(cashier).isVisible()
    cashier.scan("BAG")
    assert text(cashier, "display_total") == "£1.65"
    assert cashier.focus().objectName() == "entry"
    assert bool(window(cashier).windowFlags() & Qt.WindowType.WindowDoesNotAcceptFocus)
    for part in window(cashier).findChildren(QWidget):
        assert part.focusPolicy() is Qt.FocusPolicy.NoFocus, part.objectName()


def test_keys_sent_to_it_do_nothing(cashier: Cashier) -> None:
    cashier.scan("BAG")
    for key in (KEY.Key_F12, KEY.Key_Escape, KEY.Key_Return, KEY.Key_Delete):
        press_key(window(cashier), key)
    assert (cashier.phase, len(cashier.state.lines)) == (Phase.SELLING, 1)


@pytest.mark.parametrize(("button", "paid"), [("display_yes", "£5.00"), ("display_no", "")])
def test_the_customer_answers_by_touch(cashier: Cashier, button: str, paid: str) -> None:
    ask(cashier)
    assert text(cashier, "display_consent") == "Pay with 500 points (£5.00)?"
    pressed = window(cashier).findChild(QPushButton, button)
    assert isinstance(pressed, QPushButton)
    assert pressed.height() >= 100
    QTest.mouseClick(pressed, Qt.MouseButton.LeftButton)
    assert cashier.phase is Phase.PAYING
    assert cashier.state.pay is not None
    assert cashier.state.pay.points_worth == paid
    assert text(cashier, "display_paid_points_amount") == (f"\u2013{paid}" if paid else "")


def test_enter_at_the_counter_is_no_yes_and_escape_takes_the_question_back(cashier: Cashier) -> None:
    ask(cashier)
    cashier.key(KEY.Key_Return)
    cashier.key(KEY.Key_Space)
    assert cashier.state.pay is not None
    assert cashier.state.pay.points_applied == ""
    assert text(cashier, "display_consent")
    cashier.key(KEY.Key_Escape)
    assert cashier.phase is Phase.PAYING
    assert text(cashier, "display_consent") == ""


def test_the_thanks_show_change_points_and_the_card_as_a_code(cashier: Cashier) -> None:
    ask(cashier)
    window(cashier).answered.emit(True)
    cashier.keys("10")
    cashier.key(KEY.Key_Return)
    cashier.until_phase(Phase.RECEIPT)
    assert text(cashier, "display_thanks") == "Thank you, Maria!"
    assert text(cashier, "display_change") == "Change £2.50"
    assert text(cashier, "display_balance") == "Your points: 740 = £7.40"
    assert text(cashier, "display_balance_age") == "updated just now"
    code = window(cashier).findChild(QrCode, "display_code")
    assert isinstance(code, QrCode)
    assert code.isVisible()


def test_the_newest_line_is_always_in_view(cashier: Cashier) -> None:
    for number in range(30):
        cashier.window.presenter.entry.submit(f"T{number}")
    cashier.until(lambda: len(cashier.state.lines) == 30)
    lines = window(cashier).lines
    cashier.until(lambda: 29 in lines.in_view() and lines.height() > 100)
    assert len(lines.in_view()) < 30
    cashier.window.presenter.entry.submit("T2")
    cashier.until(lambda: 2 in lines.in_view())
    assert lines.in_view().start <= 2


def test_a_customers_touch_does_not_keep_the_counter_unlocked(cashier: Cashier, qapp: QApplication) -> None:
    idle = cashier.window.door.idle
    cashier.shop.clock.advance(5_000)
    before = idle._touched_at
    QTest.mouseClick(window(cashier), Qt.MouseButton.LeftButton)
    at = QPointF(5, 5)
    left = Qt.MouseButton.LeftButton
    press = QMouseEvent(QEvent.Type.MouseButtonPress, at, at, left, left, Qt.KeyboardModifier.NoModifier)
    qapp.sendEvent(window(cashier).lines, press)
    assert idle._touched_at == before
    cashier.click_at(cashier.window, QPoint(5, 5))
    assert idle._touched_at == cashier.shop.clock.now()


def test_it_is_switched_in_the_settings_at_once_and_cannot_be_closed(cashier: Cashier) -> None:
    window(cashier).close()
    assert window(cashier).isVisible()
    display = cashier.window.display
    display.switch(on=False)
    assert display.window is None
    cashier.scan("BAG")
    display.switch(on=True)
    assert text(cashier, "display_total") == "£1.65"


@pytest.mark.parametrize(("width", "height"), [(800, 480), (1024, 600), (1366, 768), (1920, 1080)])
def test_nothing_is_clipped_at_any_size(cashier: Cashier, width: int, height: int) -> None:
    shown = window(cashier)
    shown.resize(width, height)
    ask(cashier)
    assert (shown.minimumSizeHint().width(), shown.minimumSizeHint().height()) <= (width, height)
    for scene in ("display_consent", "display_consent_who", "display_consent_hint"):
        label = shown.findChild(QLabel, scene)
        assert isinstance(label, QLabel)
        cashier.until(lambda label=label: label.width() > 0)  # type: ignore[misc]
        assert label.fontMetrics().horizontalAdvance(label.text()) <= label.width()
    assert shown.height() == height
    assert shown.width() == width


def test_a_counter_without_one_has_no_window(cashier: Cashier) -> None:
    cashier.window.display.switch(on=False)
    shown = [each for each in QApplication.topLevelWidgets() if isinstance(each, CustomerDisplay) and each.isVisible()]
    assert shown == []


TWO_SCREENS = """
from tests.fakes.runners import ImmediatePool
from tests.fakes.shop import open_shop
from urs_desktop.ui.app import make_application, open_window

app = make_application(["urs"])
shop = open_shop()
shop.prefer(customer_display=True)
window = open_window(shop.till, ImmediatePool(), clock=shop.clock)
window.show()
app.processEvents()
app.processEvents()
display = window.display.window
print(window.screen().name(), display.screen().name(), display.isFullScreen(), display.isActiveWindow())
print(*display.geometry().getRect())
window.end()
"""


def test_it_fills_the_screen_the_cashier_does_not_look_at(tmp_path: Path) -> None:
    """In a process of its own: a platform has the screens it began with."""
    same = {"y": 0, "logicalDpi": 96, "logicalBaseDpi": 96, "dpr": 1}
    screens = [
        {"name": "cashier", "x": 0, "width": 1366, "height": 768, **same},
        {"name": "customer", "x": 1366, "width": 1024, "height": 600, **same},
    ]
    settings = tmp_path / "screens.json"
    settings.write_text(json.dumps({"screens": screens}))
    environment = {**os.environ, "QT_QPA_PLATFORM": f"offscreen:configfile={settings}"}
    done = subprocess.run(
        [sys.executable, "-c", TWO_SCREENS], env=environment, capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == ["cashier", "customer", "True", "False", "1366", "0", "1024", "600"], done.stderr
    assert "requestActivate" not in done.stderr


@pytest.mark.parametrize("is_on", [True, False])
def test_it_is_tried_out_and_goes_back_to_what_it_was(cashier: Cashier, is_on: bool) -> None:
    display = cashier.window.display
    display.switch(on=is_on)
    display._trial.setInterval(50)
    cashier.scan("BAG")
    cashier.window.navigator.go(Place.SETTINGS)
    cashier.settle()
    cashier.click("settings_test_display")
    assert text(cashier, "display_total") == "£25.68"
    assert "customer display is shown" in cashier.text("settings_notice_text")
    if is_on:
        cashier.until(lambda: text(cashier, "display_total") == "£1.65")
    else:
        cashier.until(lambda: display.window is None)


def test_a_trial_does_not_cover_a_question(cashier: Cashier) -> None:
    ask(cashier)
    cashier.window.display.try_out(DisplayState(vendor="Trial"))
    yes = window(cashier).findChild(QPushButton, "display_yes")
    assert yes is not None
    assert yes.isVisible()


def test_closing_in_the_middle_of_a_trial(cashier: Cashier) -> None:
    cashier.window.display.switch(on=False)
    cashier.window.display.try_out(DisplayState(vendor="Trial"))
    assert cashier.window.close()
    assert cashier.window.display.window is None
