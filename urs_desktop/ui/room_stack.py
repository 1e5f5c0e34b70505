"""The sell screen and the other rooms, of which one is on the screen; keys and scans go to the one that is.

Rooms are made one by one while nothing is sold, or when they are first entered. Must never know what a room does.
"""

from functools import partial

from PySide6.QtCore import Slot

from urs_desktop.ui.cashier.menu_room import MenuRoom
from urs_desktop.ui.cashier.sell_screen import SellScreen
from urs_desktop.ui.presenters.navigation import Place, Whereabouts
from urs_desktop.ui.presenters.scan_reader import Burst
from urs_desktop.ui.room import Room, RoomContext
from urs_desktop.ui.rooms import ROOMS
from urs_desktop.ui.theme.tokens import Colours
from urs_desktop.ui.turns import Turns
from urs_desktop.ui.widgets.pages import Pages


class RoomStack(Pages):
    """Shows the room the navigator names."""

    def __init__(self, sell: SellScreen, context: RoomContext) -> None:
        """Take the sell screen and what the other rooms may use."""
        super().__init__()
        self.setObjectName("room_stack")
        self._sell = sell
        self._context = context
        self._colours: Colours | None = None
        self._rooms: dict[Place, Room] = {}
        self.show_page(sell)

    @Slot(object)
    def render_place(self, where: Whereabouts) -> None:
        """Show the room the navigator names."""
        shown = self.room()
        if shown is not None:
            shown.left()
        if where.place is Place.SELL:
            self.show_page(self._sell)
            self._sell.take_focus()
            return
        room = self._ready(where.place)
        self.show_page(room)
        room.setFocus()
        room.entered(where.about)

    def prepare(self, turns: Turns) -> None:
        """Have one room nobody has entered yet made in two turns, so that whoever enters it does not wait for that."""
        missing = [place for place in ROOMS if place not in self._rooms]
        if missing:
            turns.wait(partial(self._make, missing[0]))
            turns.wait(partial(self._finish, missing[0]))

    def _make(self, place: Place) -> None:
        if place not in self._rooms:
            self._rooms[place] = ROOMS[place](self._context)

    def _finish(self, place: Place) -> None:
        room = self._rooms[place]
        if room.parentWidget() is self:
            return
        if isinstance(room, MenuRoom):
            room.offer(tuple(ROOMS))
        if self._colours is not None:
            room.dress(self._colours)
        self.keep(room)

    def _ready(self, place: Place) -> Room:
        self._make(place)
        self._finish(place)
        return self._rooms[place]

    def room(self) -> Room | None:
        """Return the room on the screen; None while the sell screen is."""
        shown = self.currentWidget()
        return shown if isinstance(shown, Room) else None

    def dress(self, colours: Colours) -> None:
        """Draw every room in the theme's colours."""
        self._colours = colours
        self._sell.dress(colours)
        for room in self._rooms.values():
            room.dress(colours)

    def take_focus(self) -> None:
        """Put the focus where typing goes in the room on the screen."""
        shown = self.room()
        if shown is None:
            self._sell.take_focus()
        else:
            shown.setFocus()

    def to_results(self) -> bool:
        """Move the focus into what a search found; False when there is nothing."""
        return self._sell.search.to_results()

    def leave_room(self) -> None:
        """Do what Esc does in the room on the screen."""
        shown = self.room()
        if shown is not None:
            shown.back()

    def press_in_room(self, key: int, text: str) -> bool:
        """Do what a key does in the room on the screen; False where it means nothing."""
        shown = self.room()
        return shown is not None and shown.pressed(key, text)

    def scan_in_room(self, code: str) -> bool:
        """Give a scanned code to the room on the screen; False where it has no use for one."""
        shown = self.room()
        return shown is not None and shown.scanned(code)

    def bind_in_room(self, name: str) -> bool:
        """Give the room on the screen the name of a key to bind; False where nothing waits for one."""
        shown = self.room()
        return shown is not None and shown.takes_key(name)

    def look_in_room(self, came: Burst) -> None:
        """Let the room on the screen see what was scanned or typed, as it came."""
        shown = self.room()
        if shown is not None:
            shown.look(came)

    def close_rooms(self) -> None:
        """End what rooms have running: the window closes."""
        for place, room in self._rooms.items():
            self._finish(place)  # one that is half made has to go with the window, too
            room.closed()
