"""Ways to rooms: what the sale in hand and permissions let through, at the door and once somebody has allowed it."""

from tests.unit.ui.presenters.test_sell_prices import SlowGate
from urs_desktop.ui.presenters.gate import OpenGate
from urs_desktop.ui.presenters.navigation import NEEDS, Navigator, Place, Whereabouts

GUARDED = next(iter(NEEDS))
ROOMS = tuple(place for place in Place if place is not Place.SELL)
OPEN = next(place for place in ROOMS if place not in NEEDS)


class Till:
    """A sale that may be left or not."""

    def __init__(self) -> None:
        self.may_be_left = True

    def may_leave(self) -> bool:
        return self.may_be_left


def test_a_room_is_entered_for_something_and_left() -> None:
    navigator = Navigator(OpenGate(), Till().may_leave, ROOMS)
    seen: list[Whereabouts] = []
    navigator.watch(seen.append)
    navigator.go(OPEN, "1-000001")
    navigator.go(Place.SELL)
    assert seen == [Whereabouts(OPEN, "1-000001"), Whereabouts()]


def test_a_room_that_is_not_there_leads_nowhere() -> None:
    navigator = Navigator(OpenGate(), Till().may_leave, ())
    navigator.go(OPEN)
    assert navigator.state.place is Place.SELL


def test_a_sale_that_may_not_be_left_stays() -> None:
    till = Till()
    navigator = Navigator(OpenGate(), till.may_leave, ROOMS)
    till.may_be_left = False
    navigator.go(OPEN)
    assert navigator.state.place is Place.SELL


def test_a_sale_is_looked_at_again_once_somebody_has_allowed_the_room() -> None:
    till, gate = Till(), SlowGate()
    navigator = Navigator(gate, till.may_leave, ROOMS)
    navigator.go(GUARDED)
    assert gate.asked == [(NEEDS[GUARDED], GUARDED.value)]
    till.may_be_left = False
    gate.allow()
    assert navigator.state.place is Place.SELL
    till.may_be_left = True
    gate.allow()
    assert navigator.state.place is GUARDED


def test_from_one_room_to_the_next_no_sale_is_asked() -> None:
    till = Till()
    navigator = Navigator(OpenGate(), till.may_leave, ROOMS)
    navigator.go(OPEN)
    till.may_be_left = False
    navigator.go(GUARDED)
    assert navigator.state.place is GUARDED
