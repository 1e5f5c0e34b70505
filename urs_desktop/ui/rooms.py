"""The rooms of the counter: one line for each.

A new screen is a Room and a line here. Must never make a room by itself: the sell screen opens first.
"""

from collections.abc import Callable
from typing import Final

from urs_desktop.ui.cashier.customer_room import CustomerRoom
from urs_desktop.ui.cashier.menu_room import MenuRoom
from urs_desktop.ui.cashier.receipts_room import ReceiptsRoom
from urs_desktop.ui.cashier.refund_room import RefundRoom
from urs_desktop.ui.cashier.settings_room import SettingsRoom
from urs_desktop.ui.cashier.shift_room import ShiftRoom
from urs_desktop.ui.cashier.sign_in_room import SignInRoom
from urs_desktop.ui.cashier.staff_room import StaffRoom
from urs_desktop.ui.manager.dashboard_room import DashboardRoom
from urs_desktop.ui.presenters.navigation import Place
from urs_desktop.ui.room import Room, RoomContext

ROOMS: Final[dict[Place, Callable[[RoomContext], Room]]] = {
    Place.MENU: MenuRoom,
    Place.REFUND: RefundRoom,
    Place.CUSTOMER: CustomerRoom,
    Place.RECEIPTS: ReceiptsRoom,
    Place.SIGN_IN: SignInRoom,
    Place.STAFF: StaffRoom,
    Place.SHIFT: ShiftRoom,
    Place.DASHBOARD: DashboardRoom,
    Place.SETTINGS: SettingsRoom,
}
"""What makes each room there is; the menu offers those that are here."""
