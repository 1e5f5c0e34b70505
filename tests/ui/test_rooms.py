"""The rooms beside the sell screen: how one gets there and back, with the sale in hand as it was."""

from PySide6.QtCore import Qt

from tests.ui.conftest import Cashier
from urs_desktop.ui.presenters.navigation import Place
from urs_desktop.ui.presenters.notices import NoticeCode
from urs_desktop.ui.presenters.sell_state import Phase
from urs_desktop.ui.rooms import ROOMS

KEY = Qt.Key


def test_the_menu_by_key_and_back_by_escape(cashier: Cashier) -> None:
    cashier.scan("BAG")
    lines = cashier.state.lines
    cashier.key(KEY.Key_F11)
    assert cashier.window.navigator.state.place is Place.MENU
    cashier.key(KEY.Key_F12)
    assert cashier.phase is Phase.SELLING, "the sell screen's keys do nothing elsewhere"
    cashier.key(KEY.Key_Escape)
    assert cashier.window.room() is None
    assert cashier.state.lines == lines
    assert cashier.focus().objectName() == "entry"


def test_the_menu_by_touch_and_back(cashier: Cashier) -> None:
    cashier.click("menu_button")
    assert cashier.window.room() is not None
    cashier.click("menu_room_back")
    assert cashier.window.room() is None


def test_a_payment_is_not_left(cashier: Cashier) -> None:
    cashier.scan("BAG")
    cashier.click("pay_button")
    cashier.until_phase(Phase.PAYING)
    cashier.click("menu_button")
    assert cashier.window.room() is None
    assert cashier.state.notice is not None
    assert cashier.state.notice.code is NoticeCode.PAYMENT_OPEN


def test_the_menu_offers_every_other_room(cashier: Cashier) -> None:
    cashier.click("menu_button")
    for place in ROOMS:
        if place is not Place.MENU:
            assert cashier.button(f"menu_{place.value}").isVisible()
