"""The refund room in the window: by keyboard alone, by touch alone, within the screen."""

from PySide6.QtCore import Qt

from tests.fakes.shop import CAS_BADGE
from tests.ui.conftest import Cashier
from urs_desktop.ui.cashier.refund_room import RefundRoom
from urs_desktop.ui.main_window import LEAST_HEIGHT, LEAST_WIDTH
from urs_desktop.ui.presenters.navigation import Place
from urs_desktop.ui.presenters.refund_state import RefundPhase, RefundState
from urs_desktop.ui.presenters.sell_state import Phase

KEY = Qt.Key


def sell_something(cashier: Cashier) -> None:
    for code in ("MUG", "CAKE"):
        cashier.scan(code)
    cashier.click("pay_button")
    cashier.until_phase(Phase.PAYING)
    cashier.key(KEY.Key_Return)
    cashier.until_phase(Phase.RECEIPT)


def room(cashier: Cashier) -> RefundState:
    shown = cashier.window.room()
    assert isinstance(shown, RefundRoom)
    return shown.presenter.state


def refunds(cashier: Cashier) -> int:
    return cashier.shop.store.read(lambda book: book.refunds.count())


def test_a_refund_by_keyboard_alone(cashier: Cashier) -> None:
    sell_something(cashier)
    cashier.key(KEY.Key_F9)
    cashier.keys("1-1")
    cashier.key(KEY.Key_Return)
    cashier.until(lambda: room(cashier).phase is RefundPhase.CHOOSING)
    cashier.key(KEY.Key_Down)
    cashier.key(KEY.Key_Plus)
    assert cashier.text("refund_total") == "£100.00"
    cashier.key(KEY.Key_Return)
    cashier.until(lambda: room(cashier).phase is RefundPhase.DONE)
    assert refunds(cashier) == 1
    cashier.key(KEY.Key_Escape)
    assert cashier.window.navigator.state.place is Place.SELL
    assert cashier.focus().objectName() in ("sell_screen", "entry")


def test_a_refund_by_touch_alone(cashier: Cashier) -> None:
    sell_something(cashier)
    cashier.click("menu_button")
    cashier.click("menu_refund")
    cashier.until(lambda: bool(room(cashier).found))
    cashier.click_row("refund_found", 0)
    cashier.until(lambda: room(cashier).phase is RefundPhase.CHOOSING)
    cashier.click("refund_all")
    cashier.click("refund_fewer")
    cashier.click("refund_more")
    cashier.click("refund_confirm")
    cashier.until(lambda: room(cashier).phase is RefundPhase.DONE)
    cashier.click("refund_confirm")
    cashier.until(lambda: room(cashier).phase is RefundPhase.LOOKING)
    assert refunds(cashier) == 1


def test_a_receipt_scanned_while_selling_opens_its_refund(cashier: Cashier) -> None:
    sell_something(cashier)
    cashier.window.presenter.new_sale()
    cashier.keys("1-000001")
    cashier.key(KEY.Key_Return)
    cashier.until(lambda: cashier.window.room() is not None and room(cashier).phase is RefundPhase.CHOOSING)
    assert room(cashier).number == "1-000001"


def test_the_room_fits_on_a_small_screen(cashier: Cashier) -> None:
    sell_something(cashier)
    heights = []
    cashier.key(KEY.Key_F9)
    heights.append(cashier.window.minimumSizeHint().height())
    cashier.keys("1-1")
    cashier.key(KEY.Key_Return)
    cashier.until(lambda: room(cashier).phase is RefundPhase.CHOOSING)
    cashier.key(KEY.Key_A)
    heights.append(cashier.window.minimumSizeHint().height())
    cashier.key(KEY.Key_Return)
    cashier.until(lambda: room(cashier).phase is RefundPhase.DONE)
    heights.append(cashier.window.minimumSizeHint().height())
    assert max(heights) <= LEAST_HEIGHT
    assert cashier.window.width() == LEAST_WIDTH


def test_goods_without_a_receipt_by_keyboard_alone(cashier: Cashier) -> None:
    cashier.shop.hire()
    staffing = cashier.shop.till.staffing
    staffing.sign_in.by_badge(CAS_BADGE)
    cashier.key(KEY.Key_F9)
    cashier.key(KEY.Key_F6)
    cashier.until(lambda: room(cashier).phase is RefundPhase.GATHERING)
    cashier.keys("MUG")
    cashier.key(KEY.Key_Return)
    cashier.until(lambda: len(room(cashier).lines) == 1)
    cashier.keys("CAKE")
    cashier.key(KEY.Key_Return)
    cashier.until(lambda: len(room(cashier).lines) == 2)
    cashier.key(KEY.Key_Down)
    cashier.key(KEY.Key_Plus)
    assert cashier.text("refund_total") == "£202.55"
    cashier.key(KEY.Key_Return)
    assert cashier.window.covers.is_covering()
    assert refunds(cashier) == 0


def test_every_phase_without_a_receipt_fits(cashier: Cashier) -> None:
    cashier.key(KEY.Key_F9)
    cashier.click("refund_without")
    cashier.shop.stock("77", "Tea towel", "3.00")
    for _ in range(2):
        cashier.click("refund_pad_7")
    assert cashier.button("refund_confirm").text() == "Add 77 (Enter)"
    cashier.click("refund_confirm")
    cashier.until(lambda: bool(room(cashier).lines))
    assert cashier.window.minimumSizeHint().height() <= LEAST_HEIGHT
    cashier.click("refund_confirm")
    cashier.until(lambda: room(cashier).notice is not None)
    assert refunds(cashier) == 0
