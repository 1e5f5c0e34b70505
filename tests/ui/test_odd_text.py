"""Odd text in every field there is: shown as it came, refused in a sentence or taken, and never the end of anything.

A field that is on the screen when its room is entered is found by itself; one that comes later needs a line in STEPS.
"""

import itertools
import json
import logging
from collections.abc import Callable
from functools import partial
from typing import Final

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit

from tests.fakes.shop import ANNA_BADGE, Shop
from tests.shared_data import shared
from tests.ui.conftest import Cashier
from tests.ui.test_door import signed_in
from tests.ui.test_shift_room import room as shift
from urs_desktop.ui.messages import notice_text
from urs_desktop.ui.presenters.navigation import Place
from urs_desktop.ui.presenters.notices import NoticeCode, notice
from urs_desktop.ui.presenters.sell_state import EntryMode, Overlay, PayField, Phase
from urs_desktop.ui.presenters.shift_state import ShiftPhase
from urs_desktop.ui.rooms import ROOMS

KEY = Qt.Key
ODD: Final = (
    "\x00",
    "a\x1b[2Jb",
    "a\nb\tc",
    "\u202egnirts\u202c",
    "\u200b\ufeff",
    "\u0301\u0301e",
    "e\u0301",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "a\ufffe\uffff",
    "مرحبا ١٢٣",
    "१२३.४५",
    "\uff11\uff12\uff13",
    "<b>x</b>&amp;&",
    "%s%n{0}{x}",
    "'; DROP TABLE sales; --",
    "../../etc/passwd",
    "9" * 400,
    "1e400",
    "٣*BAG",
    "3*",
    "*99999999999",
    "-",
    "%",
    "½",
    "²",
    "(01)",
    "https://[::1",
    "ẞ" * 600,
)
"""What the published strings are too tame for; without halves of surrogate pairs, which no keyboard sends."""

_NUMBERS = itertools.count()
Step = Callable[[Cashier], None]


def enter(place: Place, cashier: Cashier) -> None:
    cashier.window.navigator.go(place)


def ask(mode: EntryMode, cashier: Cashier) -> None:
    entry = cashier.window.presenter.entry
    if mode is EntryMode.REASON:
        entry.start(EntryMode.PRICE)
        entry.submit("1")
    elif mode in (EntryMode.NEW_PRICE, EntryMode.NEW_NAME):
        entry.scan(f"NOBODY KNOWS {next(_NUMBERS)}")
        cashier.until(lambda: cashier.state.entry.unknown != "")
        entry.start(EntryMode.PRICE)
        if mode is EntryMode.NEW_NAME:
            entry.submit("1")
    else:
        entry.start(mode)
    cashier.until(lambda: cashier.state.entry.mode is mode)


def pay(cashier: Cashier) -> None:
    cashier.window.presenter.begin_pay()
    cashier.until_phase(Phase.PAYING)


def pay_by_card(cashier: Cashier) -> None:
    pay(cashier)
    cashier.window.presenter.pay.focus(PayField.CARD)


def staff_form(cashier: Cashier) -> None:
    enter(Place.STAFF, cashier)
    cashier.click("staff_new")


def new_pin(cashier: Cashier) -> None:
    enter(Place.STAFF, cashier)
    cashier.until(lambda: cashier.table("staff_table").model().rowCount() > 0)
    cashier.click_row("staff_table", 0)
    cashier.click("staff_new_pin")


def new_badge(cashier: Cashier) -> None:
    enter(Place.STAFF, cashier)
    cashier.until(lambda: cashier.table("staff_table").model().rowCount() > 0)
    cashier.click_row("staff_table", 0)
    cashier.click("staff_new_badge")


def move_cash(cashier: Cashier) -> None:
    enter(Place.SHIFT, cashier)
    cashier.until(lambda: shift(cashier).phase in (ShiftPhase.CLOSED, ShiftPhase.OPEN))
    if shift(cashier).phase is ShiftPhase.CLOSED:
        cashier.keys("5")
        cashier.key(KEY.Key_Return)
        cashier.until(lambda: shift(cashier).phase is ShiftPhase.OPEN)
    cashier.key(KEY.Key_I)
    cashier.until(lambda: cashier.field("shift_reason").isVisible())


def enrol(cashier: Cashier) -> None:
    cashier.window.presenter.customer.detach()
    enter(Place.CUSTOMER, cashier)
    cashier.key(KEY.Key_F6)


STEPS: Final[dict[str, Step]] = {
    "paying": pay,
    "paying by card": pay_by_card,
    "adding somebody": staff_form,
    "a new pin": new_pin,
    "a new badge": new_badge,
    "cash in": move_cash,
    "enrolling": enrol,
    **{f"room {place.value}": partial(enter, place) for place in ROOMS},
    **{f"field {mode.value}": partial(ask, mode) for mode in EntryMode},
}
"""What brings each field onto the screen."""


@pytest.fixture
def manager(shop: Shop, request: pytest.FixtureRequest) -> Cashier:
    """A manager at an open counter with a customer and a line in the cart."""
    shop.hire()
    cashier: Cashier = request.getfixturevalue("cashier")
    cashier.until(lambda: bool(cashier.window.door.state.pad.tiles))
    signed_in(cashier, ANNA_BADGE)
    return cashier


def home(cashier: Cashier) -> None:
    """Go back to an open sale with a line in it, whatever is open."""
    window = cashier.window
    for _ in range(4):
        window.presenter.back()
        if window.room() is not None:
            window.rooms.leave_room()
    window.navigator.back()
    if cashier.phase is Phase.PAYING:  # what a card has paid stays paid: the rest is paid in cash
        for field in (PayField.POINTS, PayField.CASH):
            window.presenter.pay.edit(field, "")
        window.presenter.pay.confirm()
        cashier.until_phase(Phase.RECEIPT)
        window.presenter.back()
    cashier.until_phase(Phase.SELLING)
    assert cashier.overlay is Overlay.NONE
    if len(cashier.state.lines) != 1 or cashier.state.customer is None:
        while cashier.state.lines:
            window.presenter.cart.void_line()
        for code in ("C-1001", "LANTERN"):
            window.presenter.entry.scan(code)
        cashier.until(lambda: len(cashier.state.lines) == 1 and cashier.state.customer is not None)


def fields(cashier: Cashier) -> list[str]:
    """Return the names of the fields one can type into now."""
    found = cashier.window.findChildren(QLineEdit)
    return [field.objectName() for field in found if field.isVisible() and field.isEnabled()]


def labels(cashier: Cashier) -> list[str]:
    return [label.text() for label in cashier.window.findChildren(QLabel) if label.isVisible()]


def texts() -> list[str]:
    published: list[str] = json.loads(shared("vectors", "naughty_strings_50.json").read_text(encoding="utf-8"))
    return [*published, *ODD]


def test_every_field_is_among_these(manager: Cashier) -> None:
    reached = set[str]()
    for step in STEPS.values():
        home(manager)
        step(manager)
        manager.settle()
        reached |= set(fields(manager))
    there = {field.objectName() for field in manager.window.findChildren(QLineEdit)}
    assert there - reached == set()
    assert {"entry", "own_pin_old", "setting_printer", "reference_field"} <= reached


@pytest.mark.parametrize("name", STEPS)
def test_odd_text_is_shown_taken_or_refused(manager: Cashier, name: str, caplog: pytest.LogCaptureFixture) -> None:
    def begin() -> list[str]:
        home(manager)
        STEPS[name](manager)
        manager.settle()
        return fields(manager)

    there = begin()
    for field_name, text in itertools.product(there, texts()):
        if fields(manager) != there or manager.state.entry.mode is not mode_of(name):
            begin()
        field = manager.field(field_name)
        field.setFocus()
        field.selectAll()
        field.insert(text)
        assert is_shown(field.text(), text), (field_name, text)
        before = manager.state
        manager.key(KEY.Key_Return)
        manager.settle()
        nothing_broke(manager, caplog)
        sold = manager.phase is Phase.RECEIPT
        voided = text in ("0", "-0", "+0") and name == "field quantity"
        assert (
            sold
            or voided
            or [line.sku for line in manager.state.lines][: len(before.lines)] == [line.sku for line in before.lines]
        ), (field_name, text)


def mode_of(name: str) -> EntryMode:
    return EntryMode(name.removeprefix("field ")) if name.startswith("field ") else EntryMode.CODE


def is_shown(shown: str, text: str) -> bool:
    """Whether a field shows a text as it came, or cut to the length it may have."""
    return text.replace("\n", "\u2028").startswith(shown) or text.startswith(shown)


def nothing_broke(cashier: Cashier, caplog: pytest.LogCaptureFixture) -> None:
    bug = notice_text(notice(NoticeCode.BUG, kind="?")).partition("?")[0]
    assert [label for label in labels(cashier) if label.startswith(bug)] == []
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == [], caplog.text
    assert not cashier.window.covers.is_covering()
