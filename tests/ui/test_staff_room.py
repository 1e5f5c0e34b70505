"""The rooms about people in a window: set up from nothing, changed, and one's own PIN; by keyboard and by touch."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QPushButton

from tests.fakes.shop import ANNA_BADGE, CAS_BADGE, CAS_PIN, Shop
from tests.ui.conftest import Cashier, column
from tests.ui.test_door import badge, is_shut, place, signed_in
from urs_desktop.domain.permissions import Permission
from urs_desktop.ui.main_window import LEAST_HEIGHT, LEAST_WIDTH
from urs_desktop.ui.presenters.navigation import Place

KEY = Qt.Key
NEW = "480261"


@pytest.fixture
def counter(staffed: Shop, cashier: Cashier) -> Cashier:
    assert cashier.shop is staffed
    cashier.until(lambda: bool(cashier.window.door.state.pad.tiles))
    return cashier


def enter(counter: Cashier, where: Place) -> None:
    counter.click("menu_button")
    counter.click(f"menu_{where.value}")


def test_a_counter_without_staff_is_set_up_by_keyboard_alone(cashier: Cashier) -> None:
    assert not cashier.button("cashier_button").isVisible()
    enter(cashier, Place.SIGN_IN)
    assert not cashier.button("own_lock").isVisible()
    cashier.click("own_set_up")
    cashier.until(lambda: cashier.field("staff_code").isVisible())
    cashier.field("staff_code").setFocus()
    for text in ("anna", "Anna L", NEW, NEW):
        cashier.keys(text)
        cashier.key(KEY.Key_Return)
    cashier.until(lambda: is_shut(cashier))
    cashier.until(lambda: bool(cashier.window.door.state.pad.tiles))
    cashier.keys(NEW)
    cashier.key(KEY.Key_Return)
    cashier.until(lambda: not is_shut(cashier))
    assert cashier.shop.till.session.operator == "ANNA"


def test_changing_somebody_by_touch(counter: Cashier) -> None:
    signed_in(counter, ANNA_BADGE)
    enter(counter, Place.STAFF)
    counter.until(lambda: column(counter.table("staff_table"), 0) == ["7", "ANNA", "BO"])
    counter.click_row("staff_table", 0)
    counter.click("staff_new_pin")
    pin, again = counter.field("staff_pin"), counter.field("staff_again")
    assert pin.echoMode() is QLineEdit.EchoMode.Password
    for field in (pin, again):
        field.setFocus()
        for digit in NEW:
            counter.click(f"staff_pad_{digit}")
    counter.click("staff_save")
    assert pin.text() == again.text() == ""
    counter.until(lambda: "Changed: 7" in counter.text("staff_notice_text"))
    counter.until(lambda: counter.button("staff_new_badge").isEnabled())
    counter.click("staff_new_badge")
    counter.field("staff_badge").setFocus()
    counter.keys("STAFF-BADGE-NEW")
    counter.key(KEY.Key_Return)
    counter.until(lambda: counter.button("staff_new_badge").isVisible())
    counter.key(KEY.Key_Pause)
    badge(counter, "STAFF-BADGE-NEW")
    counter.until(lambda: not is_shut(counter))
    assert place(counter) is Place.SELL, "another person sees no staff room"


def test_a_cashier_needs_leave_for_the_room_and_for_each_change(counter: Cashier) -> None:
    signed_in(counter, CAS_BADGE)
    enter(counter, Place.STAFF)
    assert counter.button("override_cancel").isVisible()
    counter.click("override_reason_goodwill")
    counter.keys(ANNA_BADGE)
    counter.key(KEY.Key_Return)
    counter.until(lambda: place(counter) is Place.STAFF)
    counter.until(lambda: counter.button("staff_active").isEnabled())
    counter.click("staff_role_manager")
    assert counter.button("override_cancel").isVisible()
    counter.key(KEY.Key_Escape)
    assert not counter.shop.till.session.may(Permission.MANAGE_STAFF)


def test_esc_goes_back_step_by_step(counter: Cashier) -> None:
    signed_in(counter, ANNA_BADGE)
    enter(counter, Place.STAFF)
    counter.until(lambda: counter.button("staff_active").isEnabled())
    counter.click("staff_new")
    counter.keys("dee")
    counter.key(KEY.Key_Escape)
    assert place(counter) is Place.STAFF
    assert counter.field("staff_code").text() == ""
    counter.key(KEY.Key_Escape)
    assert place(counter) is Place.SELL


def test_ones_own_pin(counter: Cashier) -> None:
    signed_in(counter, CAS_BADGE)
    enter(counter, Place.SIGN_IN)
    counter.field("own_pin_old").setFocus()
    for text in (CAS_PIN, NEW, NEW):
        counter.keys(text)
        counter.key(KEY.Key_Return)
    counter.until(lambda: "new PIN holds" in counter.text("sign_in_notice_text"))
    for name in ("own_pin_old", "own_pin_new", "own_pin_again"):
        assert counter.field(name).text() == ""
    counter.click("own_sign_out")
    assert is_shut(counter)
    assert counter.shop.till.session.last is None
    assert counter.shop.till.staffing.sign_in.by_pin("7", NEW).code == "7"


def test_it_fits_and_everything_has_names(counter: Cashier) -> None:
    signed_in(counter, ANNA_BADGE)
    for where in (Place.STAFF, Place.SIGN_IN):
        enter(counter, where)
        room = counter.window.room()
        assert room is not None
        for each in (*room.findChildren(QPushButton), *room.findChildren(QLineEdit)):
            assert each.objectName()
            assert each.accessibleName() or (isinstance(each, QPushButton) and each.text()), each.objectName()
        counter.window.navigator.back()
    assert counter.window.minimumSizeHint().height() <= LEAST_HEIGHT
    assert counter.window.minimumSizeHint().width() <= LEAST_WIDTH
