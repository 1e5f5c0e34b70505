"""The customer room in the window: by keyboard alone, by touch alone, within the screen."""

from PySide6.QtCore import Qt

from tests.ui.conftest import Cashier, column
from urs_desktop.counter.use_cases.statements import Reason
from urs_desktop.ui.cashier.customer_room import CustomerRoom
from urs_desktop.ui.main_window import LEAST_HEIGHT, LEAST_WIDTH
from urs_desktop.ui.presenters.customers_state import CustomersPage, CustomersState
from urs_desktop.ui.presenters.navigation import Place
from urs_desktop.ui.statement_texts import reason_of

KEY = Qt.Key


def enter(cashier: Cashier) -> None:
    cashier.click("menu_button")
    cashier.click("menu_customer")
    assert isinstance(cashier.window.room(), CustomerRoom)


def state(cashier: Cashier) -> CustomersState:
    room = cashier.window.room()
    assert isinstance(room, CustomerRoom)
    return room.presenter.state


def until_page(cashier: Cashier, page: CustomersPage) -> None:
    cashier.until(lambda: state(cashier).page is page)


def test_enrolled_and_served_by_keyboard_alone(cashier: Cashier) -> None:
    cashier.key(KEY.Key_F11)
    cashier.window.navigator.go(Place.CUSTOMER)
    cashier.key(KEY.Key_F6)
    assert cashier.focus().objectName() == "enrol_phone"
    cashier.keys("0709998877")
    cashier.key(KEY.Key_Return)
    assert cashier.focus().objectName() == "enrol_name"
    cashier.keys("Eva & Ek")
    cashier.key(KEY.Key_F8)
    cashier.key(KEY.Key_Return)
    until_page(cashier, CustomersPage.CUSTOMER)
    cashier.key(KEY.Key_F5)
    assert cashier.text("wallet_card_letters").startswith("U1")
    cashier.key(KEY.Key_Escape)
    cashier.key(KEY.Key_F12)
    assert cashier.window.navigator.state.place is Place.SELL
    cashier.until(lambda: cashier.state.customer is not None)
    assert cashier.text("customer_name") == "Eva & Ek"


def test_found_and_served_by_touch_alone(cashier: Cashier) -> None:
    enter(cashier)
    for digit in "123":
        cashier.click(f"customer_pad_{digit}")
    cashier.until(lambda: bool(state(cashier).rows))
    cashier.click_row("customers_table", 0)
    until_page(cashier, CustomersPage.CUSTOMER)
    cashier.click("customer_give")
    cashier.until(lambda: cashier.state.customer is not None)
    enter(cashier)
    until_page(cashier, CustomersPage.CUSTOMER)
    cashier.click("customer_detach")
    assert cashier.state.customer is None
    cashier.click("customer_other")
    until_page(cashier, CustomersPage.NOBODY)


def test_the_wallet_of_the_sales_customer_is_one_touch_away(cashier: Cashier) -> None:
    cashier.scan("C-1001")
    cashier.click("customer_wallet")
    until_page(cashier, CustomersPage.CUSTOMER)
    assert cashier.text("customer_room_name") == "Maria Lindqvist"
    assert not cashier.button("customer_give").isEnabled()


def test_enrolled_by_touch_alone(cashier: Cashier) -> None:
    enter(cashier)
    cashier.click("customer_new")
    for digit in "0709998877":
        cashier.click(f"enrol_pad_{digit}")
    cashier.click("enrol_no")
    cashier.click("enrol_save")
    until_page(cashier, CustomersPage.CUSTOMER)
    cashier.click("customer_card_button")
    cashier.click("wallet_card_close")
    assert state(cashier).page is CustomersPage.CUSTOMER


def test_arrows_lead_into_the_list_and_enter_opens(cashier: Cashier) -> None:
    enter(cashier)
    cashier.keys("mar")
    cashier.until(lambda: bool(state(cashier).rows))
    cashier.key(KEY.Key_Down)
    cashier.key(KEY.Key_Return)
    until_page(cashier, CustomersPage.CUSTOMER)
    assert cashier.text("customer_room_name") == "Maria Lindqvist"
    cashier.until(lambda: state(cashier).statement is not None)
    assert column(cashier.table("statement_table"), 0) == []
    cashier.key(KEY.Key_Escape)
    assert cashier.window.navigator.state.place is Place.SELL


def test_every_page_fits_on_a_small_screen(cashier: Cashier) -> None:
    enter(cashier)
    heights = [cashier.window.minimumSizeHint().height()]
    cashier.click("customer_new")
    heights.append(cashier.window.minimumSizeHint().height())
    cashier.click("enrol_cancel")
    cashier.keys("C-1001")
    cashier.key(KEY.Key_Return)
    until_page(cashier, CustomersPage.CUSTOMER)
    heights.append(cashier.window.minimumSizeHint().height())
    cashier.key(KEY.Key_F5)
    heights.append(cashier.window.minimumSizeHint().height())
    assert max(heights) <= LEAST_HEIGHT
    assert cashier.window.width() == LEAST_WIDTH


def test_keys_are_tall_enough_to_touch(cashier: Cashier) -> None:
    enter(cashier)
    cashier.click("customer_new")
    names = [f"enrol_pad_{digit}" for digit in "0123456789"] + ["enrol_pad_plus", "enrol_yes", "enrol_no", "enrol_save"]
    assert min(cashier.button(name).height() for name in names) >= 48


def test_every_reason_has_words() -> None:
    assert all(reason_of(reason) for reason in Reason)
