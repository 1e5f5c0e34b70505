"""Which room of the counter is on the screen: selling, refunds, the shift, the dashboard, and how one gets there.

Must never know what is in a room, nor leave a sale that is being paid for.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from urs_desktop.domain.permissions import Permission
from urs_desktop.ui.presenters.gate import Gate
from urs_desktop.ui.presenters.watched import ignore


class Place(StrEnum):
    """A room of the counter."""

    SELL = "sell"
    MENU = "menu"
    REFUND = "refund"
    CUSTOMER = "customer"
    RECEIPTS = "receipts"
    SHIFT = "shift"
    SIGN_IN = "sign_in"
    STAFF = "staff"
    DASHBOARD = "dashboard"
    SETTINGS = "settings"


NEEDS: Final[dict[Place, Permission]] = {
    Place.REFUND: Permission.REFUND,
    Place.CUSTOMER: Permission.ENROL_CUSTOMER,
    Place.STAFF: Permission.MANAGE_STAFF,
    Place.DASHBOARD: Permission.SEE_DASHBOARD,
    Place.SETTINGS: Permission.CHANGE_SETTINGS,
}
"""What somebody must be allowed to do to enter a room; the others are open to all."""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """The room on the screen, and what it was entered for (a receipt number, say; empty for nothing)."""

    place: Place = Place.SELL
    about: str = ""


class Navigator:
    """Leads from room to room."""

    def __init__(self, gate: Gate, may_leave_sale: Callable[[], bool], places: Collection[Place]) -> None:
        """Take the gate, whether the sale in hand may be left alone now, and the rooms there are beside selling."""
        self._gate = gate
        self._places = places
        self._may_leave_sale = may_leave_sale
        self._changed: Callable[[Whereabouts], None] = ignore
        self.state = Whereabouts()

    def watch(self, changed: Callable[[Whereabouts], None]) -> None:
        """Have `changed` told of every change of room."""
        self._changed = changed

    def go(self, place: Place, about: str = "") -> None:
        """Enter a room, if the sale may be left and the person at the counter may enter."""
        if place is Place.SELL:
            self.back()
        if place not in self._places or not self._may_leave():
            return
        where, needed = Whereabouts(place, about), NEEDS.get(place)
        if needed is None:
            self._enter(where)
        else:
            self._gate.demand(needed, place.value, lambda _: self._arrive(where))

    def _may_leave(self) -> bool:
        return self.state.place is not Place.SELL or self._may_leave_sale()

    def _arrive(self, where: Whereabouts) -> None:
        """Enter once somebody has allowed it, unless the sale may not be left any more."""
        if self._may_leave():
            self._enter(where)

    def back(self) -> None:
        """Go back to selling."""
        self._enter(Whereabouts())

    def _enter(self, where: Whereabouts) -> None:
        self.state = where
        self._changed(where)
