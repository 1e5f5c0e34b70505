"""The menu: a large button for every room of the counter, with the key that leads there at once.

Must never offer a room that does not exist.
"""

from functools import partial

from PySide6.QtWidgets import QGridLayout

from urs_desktop.ui.presenters.navigation import Place
from urs_desktop.ui.room import Room, RoomContext
from urs_desktop.ui.theme.apply import sizes
from urs_desktop.ui.widgets.buttons import Button
from urs_desktop.ui.widgets.layouts import column

_BESIDE = 3


class MenuRoom(Room):
    """Offers the other rooms."""

    def __init__(self, context: RoomContext) -> None:
        """Take what the room may use."""
        super().__init__("menu_room", "", context)
        self._title.show_text(self.tr("Menu"))
        self._grid = QGridLayout()
        self._grid.setSpacing(sizes().space_medium)
        content = column(self._grid)
        content.addStretch(1)
        self.show_content(content)

    def offer(self, places: tuple[Place, ...]) -> None:
        """Show a button for each of these rooms; call once."""
        words = {
            Place.REFUND: self.tr("Refund (F9)"),
            Place.CUSTOMER: self.tr("Customers"),
            Place.RECEIPTS: self.tr("Receipts and reprint"),
            Place.SHIFT: self.tr("Shift and cash"),
            Place.SIGN_IN: self.tr("Switch cashier, lock"),
            Place.STAFF: self.tr("Staff"),
            Place.DASHBOARD: self.tr("Dashboard"),
            Place.SETTINGS: self.tr("Settings"),
        }
        offered = [place for place in words if place in places]
        for number, place in enumerate(offered):
            button = Button(f"menu_{place.value}", "tall", words[place])
            button.clicked.connect(partial(self.context.navigator.go, place, ""))
            self._grid.addWidget(button, number // _BESIDE, number % _BESIDE)
