"""Whole sales at the window: by keyboard alone, by mouse alone, with points, in size and in adversity."""

import json
import re
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QAbstractScrollArea, QLabel, QLineEdit, QTableView, QWidget

from tests.ui.conftest import Cashier, column
from urs_desktop.ui.presenters.sell import RECEIPT_STAYS_MS
from urs_desktop.ui.presenters.sell_state import EntryMode, Overlay, PayField, Phase

KEY = Qt.Key
NAUGHTY = Path(__file__).parents[3] / "shared" / "data" / "vectors" / "naughty_strings_50.json"


def test_a_sale_by_keyboard_alone(cashier: Cashier) -> None:
    assert cashier.focus().objectName() == "entry"
    cashier.scan("5012345678900")
    cashier.scan("3*BAG")
    cashier.key(KEY.Key_F5)
    cashier.keys("2")
    cashier.key(KEY.Key_Return)
    assert column(cashier.table("cart_table"), 1) == ["1", "2"]
    cashier.key(KEY.Key_F3)
    cashier.keys("C-1001")
    cashier.key(KEY.Key_Return)
    cashier.until(lambda: cashier.state.customer is not None)
    assert cashier.text("customer_name") == "Maria Lindqvist"
    cashier.key(KEY.Key_F12)
    cashier.until_phase(Phase.PAYING)
    assert cashier.focus().objectName() == "cash_field"
    cashier.keys("10")
    assert cashier.text("pay_change") == "£4.15"
    cashier.key(KEY.Key_Return)
    cashier.until_phase(Phase.RECEIPT)
    assert cashier.text("receipt_change") == "£4.15"
    cashier.shop.clock.advance(RECEIPT_STAYS_MS)
    cashier.key(KEY.Key_Return)
    assert cashier.phase is Phase.SELLING
    assert cashier.focus().objectName() == "entry"
    assert cashier.shop.receipts() == 1


def test_a_sale_by_mouse_alone(cashier: Cashier) -> None:
    for digit in "5012345678900":
        cashier.click(f"key_{digit}")
    cashier.click("key_enter")
    cashier.until(lambda: len(cashier.state.lines) == 1)
    cashier.click("more_button")
    cashier.click("key_3")
    cashier.click("key_quantity")
    assert cashier.state.lines[0].quantity == "3"
    cashier.click("fewer_button")
    assert cashier.state.lines[0].quantity == "2"
    cashier.click("pay_button")
    cashier.until_phase(Phase.PAYING)
    cashier.click("note_0")
    cashier.click("finish_button")
    cashier.until_phase(Phase.RECEIPT)
    assert cashier.text("receipt_change") == "£4.90"
    cashier.click("next_sale_button")
    assert cashier.phase is Phase.SELLING


def test_redeeming_by_keyboard(cashier: Cashier) -> None:
    cashier.scan("LANTERN")
    cashier.scan("C-1001")
    cashier.until(lambda: cashier.state.customer is not None and not cashier.state.customer.asking)
    cashier.key(KEY.Key_F4)
    cashier.until_phase(Phase.PAYING)
    assert cashier.focus().objectName() == "points_field"
    cashier.keys("500")
    cashier.key(KEY.Key_Return)
    cashier.until(lambda: cashier.state.pay is not None and cashier.state.pay.points_applied == "500")
    assert cashier.text("due") == "£7.50"
    assert cashier.focus().objectName() == "cash_field"
    cashier.key(KEY.Key_Return)
    cashier.until_phase(Phase.RECEIPT)
    assert "500" in cashier.text("receipt_points")


def test_redeeming_by_mouse(cashier: Cashier) -> None:
    cashier.scan("LANTERN")
    cashier.scan("C-1001")
    cashier.until(lambda: cashier.state.customer is not None and not cashier.state.customer.asking)
    cashier.click("pay_button")
    cashier.until_phase(Phase.PAYING)
    cashier.click("points_max")
    cashier.until(lambda: cashier.state.pay is not None and cashier.state.pay.points_applied == "625")
    cashier.click("points_drop")
    cashier.until(lambda: cashier.state.pay is not None and not cashier.state.pay.points_applied)
    cashier.click("cash_exact")
    cashier.until_phase(Phase.RECEIPT)
    assert cashier.state.receipt is not None
    assert cashier.state.receipt.redeemed == "0"


@pytest.mark.parametrize("name", ["cart_table", "why_button", "void_sale_button", "theme_button", "sell_screen"])
def test_a_scan_reaches_the_cart_wherever_the_focus_is(cashier: Cashier, name: str) -> None:
    cashier.scan("MUG")
    widget = cashier.window.findChild(QWidget, name)
    assert isinstance(widget, QWidget)
    widget.setFocus(Qt.FocusReason.OtherFocusReason)
    cashier.scan("BAG")
    assert [line.sku for line in cashier.state.lines] == ["MUG", "BAG"]
    assert cashier.state.theme == "light"


def test_typing_searches_and_the_arrows_choose(cashier: Cashier) -> None:
    cashier.keys("lan")
    cashier.until(lambda: bool(cashier.state.results.rows))
    cashier.key(KEY.Key_Down)
    assert cashier.focus().objectName() == "results_table"
    cashier.key(KEY.Key_Return)
    assert [line.sku for line in cashier.state.lines] == ["LANTERN"]
    assert cashier.focus().objectName() == "entry"
    assert cashier.field("entry").text() == ""


def test_a_click_on_a_match_adds_it(cashier: Cashier) -> None:
    cashier.keys("mug")
    cashier.until(lambda: bool(cashier.state.results.rows))
    cashier.click_row("results_table", 0)
    assert [line.sku for line in cashier.state.lines] == ["MUG"]


def test_up_from_the_first_match_goes_back_to_the_field(cashier: Cashier) -> None:
    cashier.keys("mug")
    cashier.until(lambda: bool(cashier.state.results.rows))
    cashier.key(KEY.Key_Down)
    cashier.key(KEY.Key_Up)
    assert cashier.focus().objectName() == "entry"


def test_arrows_and_delete_work_on_lines(cashier: Cashier) -> None:
    for code in ("MUG", "BAG", "CLOCK"):
        cashier.scan(code)
    cashier.key(KEY.Key_Up)
    cashier.key(KEY.Key_Delete)
    assert [line.sku for line in cashier.state.lines] == ["MUG", "CLOCK"]
    cashier.click_row("cart_table", 0)
    assert cashier.state.selected == 0
    cashier.key(KEY.Key_Delete)
    assert [line.sku for line in cashier.state.lines] == ["CLOCK"]


def test_esc_leaves_the_payment_with_the_cart(cashier: Cashier) -> None:
    cashier.scan("MUG")
    cashier.key(KEY.Key_F12)
    cashier.key(KEY.Key_F12)
    assert cashier.phase is Phase.PAYING
    cashier.key(KEY.Key_Escape)
    assert (cashier.phase, len(cashier.state.lines)) == (Phase.SELLING, 1)
    assert cashier.focus().objectName() == "entry"


def test_pay_clicked_twice_sells_nothing(cashier: Cashier) -> None:
    cashier.scan("MUG")
    QTest.mouseDClick(cashier.button("pay_button"), Qt.MouseButton.LeftButton)
    QTest.mouseClick(cashier.button("pay_button"), Qt.MouseButton.LeftButton)
    assert cashier.shop.receipts() == 0


def test_a_held_enter_finishes_once_and_keeps_the_receipt(cashier: Cashier) -> None:
    cashier.scan("MUG")
    cashier.key(KEY.Key_F12)
    for _ in range(5):
        cashier.key(KEY.Key_Return)
    cashier.until_phase(Phase.RECEIPT)
    for _ in range(5):
        cashier.key(KEY.Key_Return)
    assert cashier.phase is Phase.RECEIPT
    assert cashier.shop.receipts() == 1


def test_the_pages_of_explanations(cashier: Cashier) -> None:
    cashier.scan("LANTERN")
    cashier.key(KEY.Key_F1)
    assert cashier.text("info_title") == "Keys"
    cashier.key(KEY.Key_Escape)
    cashier.click("why_button")
    assert "62.5" in cashier.text("why_text")
    cashier.click("info_close")
    assert cashier.overlay is Overlay.NONE
    assert cashier.focus().objectName() == "entry"


def test_clicking_a_field_sends_the_digits_there(cashier: Cashier) -> None:
    cashier.scan("LANTERN")
    cashier.scan("C-1001")
    cashier.click("pay_button")
    cashier.until_phase(Phase.PAYING)
    QTest.mouseClick(cashier.field("points_field"), Qt.MouseButton.LeftButton)
    cashier.until(lambda: cashier.state.pay is not None and cashier.state.pay.field is PayField.POINTS)
    cashier.click("key_7")
    assert cashier.field("points_field").text() == "7"


def test_customer_mode_by_mouse(cashier: Cashier) -> None:
    cashier.click("customer_find")
    assert cashier.state.entry.mode is EntryMode.CUSTOMER
    cashier.keys("maria")
    cashier.until(lambda: bool(cashier.state.results.rows))
    cashier.click_row("results_table", 0)
    cashier.until(lambda: cashier.state.customer is not None)
    cashier.click("customer_remove")
    assert cashier.state.customer is None


def test_large_amounts_and_two_hundred_lines_with_long_names(cashier: Cashier) -> None:
    for number in range(200):
        cashier.shop.stock(f"P{number}", f"{number} " + "a very long description " * 8, "9999999.99")
        cashier.window.presenter.entry.submit(f"999*P{number}")
    cashier.until(lambda: len(cashier.state.lines) == 200)
    assert cashier.text("total") == "£1,997,999,998,002.00"
    table = cashier.table("cart_table")
    assert table.model().rowCount() == 200
    assert table.visualRect(table.model().index(199, 3)).isValid()
    shown = cashier.window.findChild(QLabel, "total")
    assert isinstance(shown, QLabel)
    assert shown.fontMetrics().horizontalAdvance(shown.text()) <= shown.width()
    assert table.columnWidth(3) >= table.fontMetrics().horizontalAdvance("£9,989,999,990.01")


@pytest.mark.skipif(not NAUGHTY.exists(), reason="the shared vectors are not here")
def test_naughty_strings_are_shown_as_they_are(cashier: Cashier) -> None:
    strings = [
        *json.loads(NAUGHTY.read_text(encoding="utf-8")),
        "<b>x</b>",
        "<img src=x>",
        "&amp;&",
        "a\u202eb",
        "\U0001f600",
    ]
    for number, text in enumerate(strings):
        cashier.shop.stock(f"N{number}", text, "1.00")
        cashier.window.presenter.entry.submit(f"N{number}")
        cashier.window.presenter.entry.submit(text)
    cashier.until(lambda: len(cashier.state.lines) >= len(strings) - 1)
    assert "<b>x</b>" in column(cashier.table("cart_table"), 0)
    cashier.window.presenter.entry.scan("<b>bold</b>")
    cashier.until(lambda: "<b>bold</b>" in cashier.text("notice_text"))
    cashier.window.grab()


def test_nothing_is_shown_as_markup(cashier: Cashier) -> None:
    labels = cashier.window.findChildren(QLabel)
    assert len(labels) > 30
    assert {label.textFormat() for label in labels} == {Qt.TextFormat.PlainText}


def test_everything_to_press_or_type_in_has_names(cashier: Cashier) -> None:
    kinds = (QAbstractButton, QLineEdit, QTableView)
    widgets = [w for kind in kinds for w in cashier.window.findChildren(kind) if not _inside_a_table(w)]
    assert len(widgets) > 30
    for widget in widgets:
        assert widget.objectName(), widget
        if not re.match("note_", widget.objectName()):
            interface = QAccessible.queryAccessibleInterface(widget)
            assert interface.text(QAccessible.Text.Name), widget.objectName()
    names = [widget.objectName() for widget in widgets]
    assert len(set(names)) == len(names)


def _inside_a_table(widget: QWidget) -> bool:
    parent = widget.parentWidget()
    return isinstance(parent, QAbstractScrollArea)


def test_keys_of_the_number_pad_are_large_and_never_take_the_focus(cashier: Cashier) -> None:
    numpad = cashier.window.findChild(QWidget, "numpad")
    assert isinstance(numpad, QWidget)
    for button in numpad.findChildren(QAbstractButton):
        assert button.height() >= 72, button.objectName()
        assert not button.focusPolicy() & Qt.FocusPolicy.ClickFocus
    assert cashier.button("pay_button").height() >= 96
    for name in ("fewer_button", "more_button", "void_sale_button"):
        assert cashier.button(name).height() >= 56


def test_the_number_pad_never_moves(cashier: Cashier) -> None:
    places = set()
    cashier.scan("LANTERN")
    for key in (KEY.Key_F1, KEY.Key_Escape, KEY.Key_F12, KEY.Key_Return):
        cashier.key(key)
        cashier.window.grab()
        places.add(cashier.button("key_5").mapTo(cashier.window, cashier.button("key_5").rect().topLeft()).toTuple())
    assert len(places) == 1


def test_no_amount_however_large_moves_a_zone(cashier: Cashier) -> None:
    cashier.shop.stock("GOLD", "Gold " * 30, "9999999.99")
    before = cashier.button("pay_button").mapTo(cashier.window, cashier.button("pay_button").rect().topLeft())
    for _ in range(3):
        cashier.window.presenter.entry.submit("99999*GOLD")
    cashier.until(lambda: cashier.state.totals.pieces == "299,997")
    for key in (KEY.Key_F12, KEY.Key_Return):
        cashier.key(key)
        cashier.window.grab()
        assert cashier.window.width() == 1366
        assert (
            cashier.button("pay_button").mapTo(cashier.window, cashier.button("pay_button").rect().topLeft()) == before
        )
        for name in ("note_0", "finish_button", "pay_button"):
            button = cashier.button(name)
            assert button.fontMetrics().horizontalAdvance(button.text()) <= button.width()


def test_tab_goes_through_what_can_be_pressed(cashier: Cashier) -> None:
    cashier.scan("MUG")
    seen = []
    for _ in range(16):
        cashier.key(KEY.Key_Tab)
        seen.append(cashier.focus().objectName())
    assert "entry" in seen
    assert "pay_button" in seen
    assert not any(name.startswith("key_") for name in seen)


def test_the_theme_goes_round(cashier: Cashier) -> None:
    themes = []
    for _ in range(3):
        cashier.click("theme_button")
        themes.append(cashier.state.theme)
    assert themes == ["dark", "contrast", "light"]


def test_the_status_line(cashier: Cashier) -> None:
    assert cashier.text("status_link") == "Online"
    cashier.shop.connect(online=False)
    cashier.window.presenter.refresh_status()
    cashier.until(lambda: "Offline" in cashier.text("status_link"))
    assert "Counter 1" in cashier.text("status_who")


def test_the_window_can_be_pictured(cashier: Cashier, tmp_path: Path) -> None:
    cashier.window.grab_to(tmp_path / "window.png")
    assert (tmp_path / "window.png").stat().st_size > 10_000
    with pytest.raises(OSError, match="cannot write"):
        cashier.window.grab_to(tmp_path / "nowhere" / "window.png")


def test_the_cart_keeps_its_scroll_and_selection_on_a_change(cashier: Cashier) -> None:
    for number in range(40):
        cashier.shop.stock(f"S{number}", f"Thing {number}", "1.00")
        cashier.window.presenter.entry.submit(f"S{number}")
    cashier.until(lambda: len(cashier.state.lines) == 40)
    table = cashier.table("cart_table")
    bar = table.verticalScrollBar()
    bar.setValue(bar.maximum())
    cashier.window.presenter.refresh_status()
    cashier.window.presenter.cart.change_quantity(3, 39)
    assert bar.value() == bar.maximum()
    assert table.currentIndex().row() == 39
