"""The locked counter without Qt: who comes in, what they see, what becomes of the sale, and when it locks."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from tests.fakes.runners import ImmediateRunner, ManualRunner
from tests.fakes.shop import ANNA_BADGE, ANNA_PIN, BO_PIN, CAS_BADGE, CAS_PIN, Shop, open_shop
from urs_desktop.counter.use_cases.preferences import Preferences
from urs_desktop.domain.permissions import Permission
from urs_desktop.domain.refusals import RefusalCode
from urs_desktop.ui.presenters.door import Door, DoorState
from urs_desktop.ui.presenters.formatting import Formats
from urs_desktop.ui.presenters.notices import Code, NoticeCode
from urs_desktop.ui.presenters.runner import Runner


@dataclass
class Cart:
    """A sale behind the door."""

    open: bool = False
    held: int = 0
    paid: bool = False
    led_back: int = 0
    states: list[DoorState] = field(default_factory=list)

    def is_open(self) -> bool:
        return self.open

    def card_has_paid(self) -> bool:
        return self.paid

    def put_aside(self) -> None:
        self.held += 1
        self.open = False

    def back(self) -> None:
        self.led_back += 1


@pytest.fixture
def shop() -> Shop:
    shop = open_shop()
    shop.hire()
    return shop


@pytest.fixture
def cart() -> Cart:
    return Cart()


def opened(shop: Shop, cart: Cart, runner: Runner | None = None) -> Door:
    door = Door(shop.till, runner or ImmediateRunner(), shop.clock, Formats("en_GB"), cart)
    door.watch(cart.states.append, cart.back)
    door.start()
    return door


@pytest.fixture
def door(shop: Shop, cart: Cart) -> Door:
    return opened(shop, cart)


def state(door: Door) -> DoorState:
    return door.state


def said(door: Door) -> Code | None:
    notice = door.state.pad.notice
    return None if notice is None else notice.code


def typed(door: Door, *texts: str) -> None:
    for text in texts:
        for character in text:
            door.pad.press(character)
        door.accept()


def chosen(door: Door, secret: str, *codes: str) -> None:
    for code in codes:
        door.pad.choose(code)
    typed(door, secret)


def test_without_staff_the_door_stands_open() -> None:
    shop = open_shop()
    door = opened(shop, Cart())
    door.lock()
    door.sign_out()
    shop.clock.advance(10**9)
    door.tick()
    assert not door.state.shut
    assert not door.state.staffed


def test_it_opens_shut_and_shows_who_may_sign_in(door: Door) -> None:
    assert door.state.shut
    assert [(tile.code, tile.name) for tile in door.state.pad.tiles] == [
        ("7", "Cas de Vries"),
        ("ANNA", "Anna Lindqvist"),
        ("BO", "Bo Ek"),
    ]
    assert door.state.cashier == ""


@pytest.mark.parametrize(
    "way",
    [
        lambda door: typed(door, "bo", BO_PIN),
        lambda door: chosen(door, BO_PIN, "BO"),
        lambda door: chosen(door, BO_PIN, "ANNA", "BO"),
    ],
)
def test_by_code_or_touch_and_pin(shop: Shop, door: Door, way: Callable[[Door], None]) -> None:
    way(door)
    assert not state(door).shut
    assert state(door).cashier == "Bo Ek"
    assert shop.till.session.operator == "BO"


@pytest.mark.parametrize(
    "way",
    [
        lambda door: door.pad.scan(CAS_BADGE),
        lambda door: typed(door, CAS_BADGE),
        lambda door: chosen(door, CAS_BADGE, "ANNA"),
    ],
)
def test_by_badge_whatever_stands_there(shop: Shop, door: Door, way: Callable[[Door], None]) -> None:
    way(door)
    assert shop.till.session.operator == "7"


def test_what_is_secret_is_in_no_state(door: Door, cart: Cart) -> None:
    typed(door, "anna", "400417", ANNA_PIN)
    door.lock()
    for character in ANNA_BADGE:
        door.pad.press(character)
    door.accept()
    shown = repr(cart.states)
    assert "\u2022" * 6 in shown
    for secret in (ANNA_PIN, "400417", ANNA_BADGE, ANNA_BADGE[:8]):
        assert secret not in shown
    assert not door.state.shut


def test_a_code_is_shown_as_typed(door: Door) -> None:
    door.pad.press("b")
    door.pad.press("x")
    door.pad.delete()
    assert state(door).pad.shown == "b"
    door.pad.back()
    assert state(door).pad.shown == ""


def test_wrong_ones_are_said_and_may_be_tried_again(shop: Shop, door: Door) -> None:
    typed(door, "zz")
    assert said(door) is RefusalCode.STAFF_UNKNOWN
    typed(door, "7", "12")
    assert said(door) is RefusalCode.PIN_MALFORMED
    typed(door, "400417")
    assert said(door) is RefusalCode.SIGN_IN_WRONG
    who = state(door).pad.chosen
    assert who is not None
    assert who.code == "7"
    typed(door, "400417", "400417", CAS_PIN)
    assert said(door) is RefusalCode.SIGN_IN_WAIT
    assert state(door).shut
    shop.clock.advance(30_000)
    typed(door, CAS_PIN)
    assert not state(door).shut


def test_escape_takes_back_and_never_opens(door: Door) -> None:
    typed(door, "7", "")
    door.pad.press("9")
    for _ in range(4):
        door.pad.back()
        assert state(door).shut
    assert state(door).pad.chosen is None


def test_one_guess_at_a_time(shop: Shop, cart: Cart) -> None:
    runner = ManualRunner()
    door = opened(shop, cart, runner)
    runner.drain()
    typed(door, "7", CAS_PIN)
    assert state(door).pad.busy
    waiting = len(runner.waiting)
    typed(door, CAS_PIN)
    door.pad.scan(ANNA_BADGE)
    door.pad.choose("ANNA")
    door.pad.back()
    assert len(runner.waiting) == waiting
    runner.drain()
    assert shop.till.session.operator == "7"


def test_locked_at_once_even_before_the_journal_knows(shop: Shop, cart: Cart) -> None:
    runner = ManualRunner()
    door = opened(shop, cart, runner)
    runner.drain()
    typed(door, "7", CAS_PIN)
    runner.drain()
    assert not state(door).shut
    door.lock()
    assert state(door).shut
    assert state(door).cashier == ""
    assert not any(shop.till.session.may(permission) for permission in Permission)


def test_who_comes_back_goes_on(door: Door, cart: Cart) -> None:
    door.pad.scan(CAS_BADGE)
    back = cart.led_back
    cart.open = True
    door.lock()
    door.pad.scan(CAS_BADGE)
    assert not state(door).shut
    assert cart.led_back == back
    assert (cart.open, cart.held) == (True, 0)


@pytest.mark.parametrize(("leave", "holds"), [("lock", True), ("lock", False), ("sign_out", True), ("sign_out", False)])
def test_who_else_comes_is_asked_about_the_sale(door: Door, cart: Cart, leave: str, *, holds: bool) -> None:
    door.pad.scan(CAS_BADGE)
    cart.open = True
    getattr(door, leave)()
    door.pad.scan(ANNA_BADGE)
    assert state(door).shut
    assert state(door).left_by == "Cas de Vries"
    door.pad.press("x")
    door.pad.scan(CAS_BADGE)
    door.pad.back()
    assert state(door).left_by == "Cas de Vries", "only the two answers answer"
    if holds:
        door.hold()
    else:
        door.accept()
    assert not state(door).shut
    assert state(door).left_by == ""
    assert cart.held == int(holds)


def test_who_else_comes_sees_no_room_of_the_one_before(door: Door, cart: Cart) -> None:
    door.pad.scan(ANNA_BADGE)
    door.lock()
    before = cart.led_back
    door.pad.scan(CAS_BADGE)
    assert cart.led_back == before + 1
    assert state(door).left_by == "", "an empty cart is nothing to ask about"


def test_it_locks_when_nobody_does_anything(shop: Shop, cart: Cart) -> None:
    shop.till.setup.keep(Preferences(idle_lock=60))
    door = opened(shop, cart)
    door.pad.scan(CAS_BADGE)
    for _ in range(5):
        shop.clock.advance(59_999)
        door.tick()
        assert not state(door).shut
        door.idle.touched()
    shop.clock.advance(60_000)
    door.tick()
    assert state(door).shut
    door.tick()


def test_a_quarter_of_an_hour_unless_somebody_says_otherwise(shop: Shop, door: Door) -> None:
    door.pad.scan(CAS_BADGE)
    shop.clock.advance(15 * 60_000 - 1)
    door.tick()
    assert not state(door).shut
    shop.clock.advance(1)
    door.tick()
    assert state(door).shut


def test_never_when_it_shall_not(shop: Shop, cart: Cart) -> None:
    shop.till.setup.keep(Preferences(idle_lock=0))
    door = opened(shop, cart)
    door.pad.scan(CAS_BADGE)
    shop.clock.advance(10**9)
    door.tick()
    assert not state(door).shut


def test_another_time_is_known_soon(shop: Shop, door: Door) -> None:
    door.pad.scan(CAS_BADGE)
    shop.till.setup.keep(Preferences(idle_lock=60))
    for _ in range(30):
        door.tick()
    shop.clock.advance(60_000)
    door.tick()
    assert state(door).shut


def test_the_first_manager_shuts_the_door(cart: Cart) -> None:
    shop = open_shop()
    door = opened(shop, cart)
    shop.hire()
    door.look()
    assert door.state.shut
    assert len(door.state.pad.tiles) == 3


def test_who_is_disabled_meanwhile_is_out(shop: Shop, door: Door) -> None:
    door.pad.scan(CAS_BADGE)
    shop.till.session.leave()
    door.tick()
    assert state(door).shut


def test_the_clock_goes_on(shop: Shop, door: Door) -> None:
    before = state(door).time
    shop.clock.advance(60_000)
    door.tick()
    assert state(door).time != before


def test_closing_waits_for_who_can_settle_what_a_card_has_paid(shop: Shop, cart: Cart) -> None:
    door = opened(shop, cart)
    assert door.may_close()
    assert said(door) is None
    cart.paid = True
    assert not door.may_close()
    assert said(door) is NoticeCode.LOCKED_CARD_PAID
