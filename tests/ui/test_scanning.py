"""A scanner at the window: its bursts are scans whatever has the focus, and leave no trace in any field."""

import random

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from tests.fakes.shop import ANNA_BADGE, Shop
from tests.keys import press_key
from tests.ui.conftest import Cashier, column
from urs_desktop.counter.use_cases.preferences import Preferences
from urs_desktop.domain.money import zero
from urs_desktop.ui.presenters.navigation import Place
from urs_desktop.ui.presenters.notices import NoticeCode
from urs_desktop.ui.presenters.sell_state import EntryMode, Phase

KEY = Qt.Key
NO_KEYS = Qt.KeyboardModifier.NoModifier
CONTROL = Qt.KeyboardModifier.ControlModifier
MUG, LANTERN = "5012345678900", "4006381333931"


class Scanner:
    """Sends keys as a scanner does: a few milliseconds apart, with their time stamps."""

    def __init__(self, cashier: Cashier) -> None:
        self.cashier = cashier
        self.at = 10_000
        self.window: QWidget = cashier.window

    def key(self, key: int, text: str, modifiers: Qt.KeyboardModifier = NO_KEYS) -> None:
        self.at += 4
        press_key(self.window, key, text, modifiers, at=self.at)

    def scan(self, code: str, end: int = KEY.Key_Return) -> None:
        self.at += 1_000
        for character in code:
            if character == "\x1d":
                self.key(KEY.Key_BracketRight, character, CONTROL)
            else:
                self.key(ord(character.upper()), character)
        self.key(end, "\r" if end == KEY.Key_Return else "\t")

    def type(self, text: str) -> None:
        for character in text:
            self.at += 200
            self.key(ord(character.upper()), character)


def skus(cashier: Cashier) -> list[str]:
    return [line.sku for line in cashier.state.lines]


def test_whatever_has_the_focus(cashier: Cashier) -> None:
    scanner = Scanner(cashier)
    scanner.scan(MUG)
    cashier.until(lambda: skus(cashier) == ["MUG"])
    cashier.table("cart_table").setFocus()
    scanner.scan(LANTERN, KEY.Key_Tab)
    cashier.until(lambda: skus(cashier) == ["MUG", "LANTERN"])
    cashier.button("pay_button").setFocus()
    scanner.scan(MUG)
    cashier.until(lambda: cashier.state.lines[0].quantity == "2")
    assert cashier.phase is Phase.SELLING, "the scanner's Enter pressed no button"
    assert cashier.field("entry").text() == ""


def test_pieces_typed_before_count(cashier: Cashier) -> None:
    scanner = Scanner(cashier)
    scanner.type("3*")
    scanner.scan(MUG)
    cashier.until(lambda: bool(cashier.state.lines))
    assert cashier.state.lines[0].quantity == "3"


def test_a_half_typed_search_goes_and_the_product_comes(cashier: Cashier) -> None:
    scanner = Scanner(cashier)
    scanner.type("lun")
    scanner.scan(MUG)
    cashier.until(lambda: skus(cashier) == ["MUG"])
    assert cashier.state.entry.text == ""


def test_while_paying_nothing_reaches_the_cash_field(cashier: Cashier) -> None:
    scanner = Scanner(cashier)
    scanner.scan(MUG)
    cashier.until(lambda: bool(cashier.state.lines))
    cashier.click("pay_button")
    cashier.until_phase(Phase.PAYING)
    scanner.type("5")
    scanner.scan(LANTERN)
    assert cashier.field("cash_field").text() == "5"
    assert cashier.state.notice is not None
    assert cashier.state.notice.code is NoticeCode.PAYMENT_OPEN
    assert skus(cashier) == ["MUG"]


def test_a_product_scanned_where_a_price_is_asked_for(cashier: Cashier) -> None:
    scanner = Scanner(cashier)
    scanner.scan(MUG)
    cashier.until(lambda: bool(cashier.state.lines))
    cashier.key(KEY.Key_F6)
    scanner.scan(LANTERN)
    cashier.until(lambda: skus(cashier) == ["MUG", "LANTERN"])
    assert cashier.state.entry.mode is EntryMode.CODE


def test_a_gs1_code_with_its_separators(cashier: Cashier) -> None:
    Scanner(cashier).scan("0105012345678900" + "10LOT1\x1d" + "17270101")
    cashier.until(lambda: skus(cashier) == ["MUG"])


def test_a_receipt_in_the_refund_room(cashier: Cashier) -> None:
    scanner = Scanner(cashier)
    scanner.scan(MUG)
    cashier.until(lambda: bool(cashier.state.lines))
    cashier.click("pay_button")
    cashier.until_phase(Phase.PAYING)
    cashier.key(KEY.Key_Return)
    cashier.until_phase(Phase.RECEIPT)
    cashier.window.navigator.go(Place.REFUND)
    scanner.type("ma")
    scanner.scan("1-000001")
    cashier.until(lambda: cashier.text("refund_sale") == "Receipt 1-000001")


def test_a_slow_hand_is_no_scanner(cashier: Cashier) -> None:
    scanner = Scanner(cashier)
    scanner.type("white")
    assert cashier.field("entry").text() == "white"
    scanner.at += 500
    scanner.key(KEY.Key_Return, "\r")
    cashier.until(lambda: cashier.state.notice is not None)
    assert not cashier.state.lines


def test_a_room_without_a_use_for_it_is_left_as_it_was(cashier: Cashier) -> None:
    scanner = Scanner(cashier)
    cashier.window.navigator.go(Place.SHIFT)
    cashier.until(lambda: cashier.field("shift_amount").hasFocus())
    scanner.type("12")
    scanner.scan(MUG)
    assert cashier.field("shift_amount").text() == "12"
    scanner.type("5")
    assert cashier.field("shift_amount").text() == "125"
    cashier.key(KEY.Key_Escape)
    assert not cashier.state.lines


def test_coins_that_are_counted_stay_as_they_are(cashier: Cashier) -> None:
    scanner = Scanner(cashier)
    cashier.shop.till.shifts.open(zero(cashier.shop.till.identity.currency))
    cashier.window.navigator.go(Place.SHIFT)
    coins = cashier.table("shift_coins")
    scanner.scan("ZXIO-1234")
    assert not coins.isVisible(), "no letter of the scan was one of the room's keys"
    scanner.type("z")
    cashier.until(coins.hasFocus)
    scanner.type("3")
    cashier.until(lambda: "3" in column(coins, 1))
    before = column(coins, 1)
    scanner.scan(MUG)
    scanner.type("4")
    cashier.until(lambda: "34" in column(coins, 1))
    assert column(coins, 1) == ["34" if cell == "3" else cell for cell in before]


def test_a_badge_at_the_locked_door_whatever_was_typed(staffed: Shop, cashier: Cashier) -> None:
    del staffed
    scanner = Scanner(cashier)
    scanner.type("28")
    scanner.scan(ANNA_BADGE)
    cashier.until(lambda: not cashier.window.door.state.shut)
    assert cashier.state.entry.text == ""


def test_another_window_of_the_counter_has_the_focus(cashier: Cashier, qtbot: QtBot) -> None:
    other = QWidget()
    qtbot.addWidget(other)
    field = QLineEdit(other)
    other.show()
    field.setFocus()
    cashier.until(lambda: QGuiApplication.focusWindow() == other.windowHandle())
    scanner = Scanner(cashier)
    scanner.window = other
    scanner.scan(MUG)
    cashier.until(lambda: skus(cashier) == ["MUG"])
    scanner.key(KEY.Key_F12, "")
    assert cashier.phase is Phase.SELLING, "keys of another window are its own"


def test_the_scanners_frame_goes_from_when_it_is_set(cashier: Cashier) -> None:
    scanner = Scanner(cashier)
    cashier.window.prefer(Preferences(scanner_prefix="]E0", scanner_suffix="~"))
    scanner.scan(f"]E0{MUG}~")
    cashier.until(lambda: skus(cashier) == ["MUG"])


@pytest.mark.parametrize("seed", range(12))
def test_any_mixture_of_typing_and_scanning_loses_and_doubles_nothing(cashier: Cashier, seed: int) -> None:
    chance = random.Random(seed)
    scanner, typed = Scanner(cashier), ""
    scans: list[str] = []
    came: list[str] = []

    def take(code: str) -> bool:
        came.append(code)
        return True

    cashier.window.navigator.go(Place.RECEIPTS)
    cashier.window.rooms.scan_in_room = take  # type: ignore[method-assign]
    for _ in range(12):
        text = "".join(chance.choices("abcXYZ0123456789-/ ", k=chance.randint(1, 5)))
        if chance.random() < 0.5:
            code = text.replace(" ", "x") + "SCAN"
            scanner.scan(code, chance.choice((KEY.Key_Return, KEY.Key_Tab)))
            scans.append(code)
        else:
            scanner.type(text)
            typed += text
        assert cashier.field("receipts_search").text() == typed
        scanner.at += chance.choice((0, 36, 500))
    assert came == scans
