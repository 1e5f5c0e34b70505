"""The locked window: signing in by keyboard alone, by touch and by badge, locking, and leave asked for."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QTableView, QWidget

from tests.fakes.shop import ANNA_BADGE, ANNA_PIN, BO_PIN, CAS_BADGE, CAS_PIN, Shop
from tests.ui.conftest import Cashier
from urs_desktop.counter.use_cases.preferences import Preferences
from urs_desktop.domain.permissions import Permission, Role
from urs_desktop.ui.main_window import LEAST_HEIGHT, LEAST_WIDTH
from urs_desktop.ui.permission_texts import ACTIONS, ROLES
from urs_desktop.ui.presenters.navigation import Place
from urs_desktop.ui.presenters.notices import NoticeCode
from urs_desktop.ui.presenters.sell_state import PayField, Phase

KEY = Qt.Key


@pytest.fixture
def counter(staffed: Shop, cashier: Cashier) -> Cashier:
    """A window that opened locked, with the people listed."""
    assert cashier.shop is staffed
    cashier.until(lambda: bool(cashier.window.door.state.pad.tiles))
    return cashier


def is_shut(counter: Cashier) -> bool:
    return counter.window.door.state.shut


def place(counter: Cashier) -> Place:
    return counter.window.navigator.state.place


def badge(counter: Cashier, code: str) -> None:
    """Scan a badge, as a scanner types it."""
    shut = counter.window.door.state
    counter.keys(code)
    counter.key(KEY.Key_Return)
    counter.until(lambda: counter.window.door.state != shut and not counter.window.door.state.pad.busy)


def signed_in(counter: Cashier, code: str = CAS_BADGE) -> None:
    badge(counter, code)
    counter.until(lambda: not is_shut(counter))


def is_offered(counter: Cashier, name: str) -> bool:
    button = counter.window.findChild(QPushButton, name)
    return button is not None and button.isVisible()


def visible_texts(counter: Cashier) -> str:
    shown = [label.text() for label in counter.window.findChildren(QLabel) if label.isVisible()]
    shown += [button.text() for button in counter.window.findChildren(QPushButton) if button.isVisible()]
    shown += [line.text() for line in counter.window.findChildren(QLineEdit) if line.isVisible()]
    for table in counter.window.findChildren(QTableView):
        if table.isVisible():
            model = table.model()
            shown += [str(model.index(row, 0).data()) for row in range(model.rowCount())]
    return "\n".join([*shown, counter.window.windowTitle()])


def test_by_keyboard_alone(counter: Cashier) -> None:
    assert is_shut(counter)
    counter.keys("7")
    counter.key(KEY.Key_Return)
    counter.keys(CAS_PIN)
    assert counter.text("door_typed") == "\u2022" * 6
    counter.key(KEY.Key_Enter)
    counter.until(lambda: not is_shut(counter))
    assert counter.focus().objectName() == "entry"
    counter.scan("MUG")
    assert "Cas de Vries" in counter.button("cashier_button").text()


def test_by_touch_alone(counter: Cashier) -> None:
    counter.until(lambda: is_offered(counter, "door_person_BO"))
    counter.click("door_person_BO")
    for digit in BO_PIN[:-1] + "9":
        counter.click(f"door_key_{digit}")
    counter.click("door_key_back")
    counter.click(f"door_key_{BO_PIN[-1]}")
    counter.click("door_key_enter")
    counter.until(lambda: not is_shut(counter))
    assert counter.shop.till.session.operator == "BO"


def test_by_tab_and_space(counter: Cashier) -> None:
    for _ in range(5):
        counter.key(KEY.Key_Tab)
        if counter.focus().objectName() == "door_person_ANNA":
            break
    counter.key(KEY.Key_Space)
    counter.keys(ANNA_PIN)
    counter.key(KEY.Key_Return)
    counter.until(lambda: not is_shut(counter))
    assert counter.shop.till.session.operator == "ANNA"


def test_by_badge_and_a_strange_one_is_refused(counter: Cashier) -> None:
    badge(counter, "5012345678900")
    assert is_shut(counter)
    assert "badge" in counter.text("door_notice")
    signed_in(counter)
    assert counter.shop.till.session.operator == "7"


def test_while_it_is_locked_nothing_is_readable_and_nothing_happens(counter: Cashier) -> None:
    signed_in(counter)
    counter.scan("LANTERN")
    counter.window.presenter.customer.find("C-1001")
    counter.until(lambda: counter.state.customer is not None)
    before = counter.state
    assert "lantern" in visible_texts(counter)
    counter.key(KEY.Key_Pause)
    assert is_shut(counter)
    text = visible_texts(counter)
    for secret in ("antern", "12.50", "Maria", "C-1001"):
        assert secret not in text
    for key in (KEY.Key_Escape, KEY.Key_F12, KEY.Key_F7, KEY.Key_F11, KEY.Key_Delete, KEY.Key_F8, KEY.Key_F1):
        counter.key(key)
        counter.key(KEY.Key_Escape)
    counter.keys("MUG")
    counter.key(KEY.Key_Return)
    assert is_shut(counter)
    assert (counter.state.lines, counter.state.phase, counter.state.overlay) == (
        before.lines,
        before.phase,
        before.overlay,
    )
    assert counter.window.navigator.state.place is Place.SELL
    signed_in(counter)
    assert counter.state.lines == before.lines
    assert counter.focus().objectName() == "entry"


def test_the_switch_takes_two_keys(counter: Cashier) -> None:
    signed_in(counter)
    counter.key(KEY.Key_L, Qt.KeyboardModifier.ControlModifier)
    signed_in(counter, ANNA_BADGE)
    assert counter.shop.till.session.operator == "ANNA"


def test_the_name_in_the_status_bar_locks(counter: Cashier) -> None:
    signed_in(counter)
    counter.click("cashier_button")
    assert is_shut(counter)


@pytest.mark.parametrize("holds", [True, False])
def test_somebody_else_is_asked_about_the_sale(counter: Cashier, *, holds: bool) -> None:
    signed_in(counter)
    counter.scan("MUG")
    counter.key(KEY.Key_F12)
    counter.until_phase(Phase.PAYING)
    counter.key(KEY.Key_Pause)
    badge(counter, ANNA_BADGE)
    assert "Cas de Vries" in counter.text("sale_waits_text")
    assert "mug" not in visible_texts(counter)
    counter.key(KEY.Key_Escape)
    assert is_shut(counter)
    counter.key(KEY.Key_F7 if holds else KEY.Key_Return)
    counter.until(lambda: not is_shut(counter))
    if holds:
        counter.until(lambda: counter.state.notice is not None and counter.state.notice.code is NoticeCode.SALE_HELD)
        assert counter.state.lines == ()
        assert len(counter.shop.till.holding.waiting()) == 1
    else:
        assert len(counter.state.lines) == 1


def test_it_locks_when_nobody_does_anything(counter: Cashier) -> None:
    counter.shop.till.setup.keep(Preferences(idle_lock=60))
    signed_in(counter)
    counter.shop.clock.advance(59_000)
    counter.keys("M")
    counter.shop.clock.advance(59_000)
    counter.click("key_back")
    counter.shop.clock.advance(59_000)
    counter.window.door.tick()
    assert not is_shut(counter)
    counter.shop.clock.advance(1_000)
    counter.until(lambda: is_shut(counter))


def test_a_room_of_somebody_else_is_not_seen(counter: Cashier) -> None:
    signed_in(counter, ANNA_BADGE)
    counter.key(KEY.Key_F11)
    counter.key(KEY.Key_Pause)
    signed_in(counter, ANNA_BADGE)
    assert place(counter) is Place.MENU
    counter.key(KEY.Key_Pause)
    signed_in(counter, CAS_BADGE)
    assert place(counter) is Place.SELL


def test_the_window_closes_though_it_is_locked(counter: Cashier) -> None:
    counter.window.close()
    assert not counter.window.isVisible()


def test_it_does_not_close_over_what_a_card_has_paid(counter: Cashier) -> None:
    signed_in(counter)
    counter.scan("MUG")
    counter.key(KEY.Key_F12)
    counter.until_phase(Phase.PAYING)
    counter.window.presenter.pay.focus(PayField.CARD)
    for keys in ("1.00", "T-1"):
        counter.keys(keys)
        counter.key(KEY.Key_Return)
    counter.until(lambda: counter.state.pay is not None and bool(counter.state.pay.cards))
    counter.key(KEY.Key_Pause)
    assert is_shut(counter)
    assert not counter.window.close()
    assert "A card has paid" in counter.text("door_notice")
    signed_in(counter)
    assert counter.state.pay is not None
    assert len(counter.state.pay.cards) == 1


def test_leave_is_asked_for_over_everything_by_keyboard_alone(counter: Cashier) -> None:
    signed_in(counter)
    counter.scan("MUG")
    counter.key(KEY.Key_Delete)
    assert counter.button("override_cancel").isVisible()
    assert not counter.field("entry").isVisible()
    counter.keys("dropped it")
    counter.key(KEY.Key_Return)
    counter.until(lambda: is_offered(counter, "override_person_BO"))
    counter.keys("bo")
    counter.key(KEY.Key_Return)
    counter.keys(BO_PIN)
    counter.key(KEY.Key_Return)
    counter.until(lambda: counter.state.lines == ())
    assert counter.focus().objectName() == "entry"
    assert counter.shop.till.session.operator == "7"


def test_leave_by_touch_and_denied(counter: Cashier) -> None:
    signed_in(counter)
    counter.scan("MUG")
    counter.key(KEY.Key_Delete)
    counter.click("override_reason_goodwill")
    counter.until(lambda: is_offered(counter, "override_person_ANNA"))
    counter.click("override_person_ANNA")
    counter.click("override_cancel")
    assert len(counter.state.lines) == 1
    assert "Anna Lindqvist, Bo Ek" in counter.text("notice_text")


def test_locking_gives_up_what_was_asked(counter: Cashier) -> None:
    signed_in(counter)
    counter.scan("MUG")
    counter.key(KEY.Key_Delete)
    counter.key(KEY.Key_Pause)
    assert is_shut(counter)
    signed_in(counter)
    assert not counter.button("override_cancel").isVisible()
    assert len(counter.state.lines) == 1


def test_it_fits_and_everything_has_names(counter: Cashier) -> None:
    for page in ("door_page", "override_page"):
        widget = counter.window.findChild(QWidget, page)
        assert widget is not None
        assert widget.minimumSizeHint().width() <= LEAST_WIDTH
        assert widget.minimumSizeHint().height() <= LEAST_HEIGHT
        for button in widget.findChildren(QPushButton):
            assert button.objectName()
            named = QAccessible.queryAccessibleInterface(button)
            assert named is not None
            assert button.accessibleName(), button.objectName()
    assert counter.button("door_key_5").height() >= 48
    assert counter.button("door_person_7").height() >= 48


def test_words_for_every_permission_and_role() -> None:
    assert set(ACTIONS) == set(Permission)
    assert set(ROLES) == set(Role)
