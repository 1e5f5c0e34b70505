"""The rooms beside the sell screen: how one gets there and back, with the sale in hand as it was."""

from PySide6.QtCore import Qt

from tests.ui.conftest import Cashier
from urs_desktop.ui.cashier.menu_room import MenuRoom
from urs_desktop.ui.cashier.refund_room import RefundRoom
from urs_desktop.ui.presenters.navigation import Place
from urs_desktop.ui.presenters.notices import NoticeCode
from urs_desktop.ui.presenters.sell_state import Phase
from urs_desktop.ui.room import Room
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


def _made(cashier: Cashier) -> int:
    return len(cashier.window.findChildren(Room))


def test_rooms_are_made_one_by_one_while_nothing_is_sold(cashier: Cashier) -> None:
    seen = set()

    def all_are_there() -> bool:
        cashier.window._read_status()  # what the window does every second
        seen.add(_made(cashier))
        return _made(cashier) == len(ROOMS)

    cashier.until(all_are_there)
    assert {1, 2, 3} <= seen
    cashier.key(KEY.Key_F9)
    cashier.until(lambda: isinstance(cashier.window.room(), RefundRoom))
    assert _made(cashier) == len(ROOMS), "entering makes no second one"


def test_no_room_is_made_while_something_is_sold_or_done_in_a_room(cashier: Cashier) -> None:
    cashier.scan("BAG")
    cashier.window._read_status()
    cashier.settle()
    assert _made(cashier) == 0
    cashier.key(KEY.Key_Delete)
    cashier.click("menu_button")
    cashier.window._read_status()
    cashier.settle()
    assert _made(cashier) == 1, "the menu itself"


def test_a_room_that_is_half_made_goes_with_the_window(cashier: Cashier) -> None:
    cashier.window.rooms._make(Place.MENU)
    assert _made(cashier) == 0
    cashier.window.close()
    assert _made(cashier) == 1


def test_a_room_that_is_half_made_can_be_entered(cashier: Cashier) -> None:
    cashier.window.rooms._make(Place.MENU)
    cashier.click("menu_button")
    assert isinstance(cashier.window.room(), MenuRoom)
    assert cashier.button("menu_refund").isVisible()


def test_the_menu_offers_every_other_room(cashier: Cashier) -> None:
    cashier.click("menu_button")
    for place in ROOMS:
        if place is not Place.MENU:
            assert cashier.button(f"menu_{place.value}").isVisible()
