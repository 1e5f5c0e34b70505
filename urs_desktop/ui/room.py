"""What every room of the counter but the sell screen is: a page that fills the window, entered and left again.

A room gets what it needs in a RoomContext and makes its own presenter of it. Must never reach into another room.
"""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QLayout, QWidget

from urs_desktop.counter.use_cases.preferences import Preferences
from urs_desktop.counter.use_cases.till import Till
from urs_desktop.system.clock import Clock
from urs_desktop.ui.presenters.customer_display import DisplayState
from urs_desktop.ui.presenters.door import Door
from urs_desktop.ui.presenters.formatting import Formats
from urs_desktop.ui.presenters.gate import Gate
from urs_desktop.ui.presenters.navigation import Navigator
from urs_desktop.ui.presenters.runner import Runner
from urs_desktop.ui.presenters.sale_in_hand import SaleInHand
from urs_desktop.ui.presenters.scan_reader import Burst
from urs_desktop.ui.presenters.sounds import Sound
from urs_desktop.ui.theme.apply import sizes
from urs_desktop.ui.theme.tokens import Colours
from urs_desktop.ui.widgets.buttons import Button
from urs_desktop.ui.widgets.labels import Line
from urs_desktop.ui.widgets.layouts import Card, column, padded, row


@dataclass(frozen=True, slots=True)
class RoomContext:
    """What a room may use: the counter's use cases, slow work, time, formats, permissions, the way out, the lock.

    `apply` makes saved preferences hold at once, as far as they can; `sale` is the sale in hand; `hear` plays a sound;
    `try_display` shows the customer display for a moment.
    """

    till: Till
    runner: Runner
    clock: Clock
    formats: Formats
    gate: Gate
    navigator: Navigator
    door: Door
    apply: Callable[[Preferences], None]
    sale: SaleInHand
    hear: Callable[[Sound], None]
    try_display: Callable[[DisplayState], None]


class Room(QWidget):
    """A page of the counter with a title and a way back; a room of its own adds its content under them."""

    def __init__(self, name: str, title: str, context: RoomContext) -> None:
        """Take the object's name, the title and what the room may use."""
        super().__init__()
        self.setObjectName(name)
        self.setProperty("role", "room")
        self.context = context
        self._title = Line(f"{name}_title", "title")
        self._title.show_text(title)
        self._leave = Button(f"{name}_back", "action", self.tr("Back to selling (Esc)"))
        self._leave.clicked.connect(self.back)

    def show_content(self, content: QLayout) -> None:
        """Lay the room out around its content; call once."""
        head = row(self._title, self._leave, gap=sizes().space_medium)
        head.setStretch(0, 1)
        card = Card(f"{self.objectName()}_head")
        card.setLayout(padded(head, sizes().space_tiny))
        whole = column(card, content, gap=sizes().space_medium)
        whole.setStretch(1, 1)
        self.setLayout(padded(whole))

    @Slot()
    def back(self) -> None:
        """Do what Esc does here: go back to selling; a room with steps goes back one of them first."""
        self.context.navigator.back()

    def entered(self, about: str) -> None:
        """Begin, or go on: the room is on the screen now, entered for `about` (empty for nothing)."""

    def left(self) -> None:
        """Let go of what nobody looks at any more: the room is no longer on the screen."""

    def dress(self, colours: Colours) -> None:
        """Draw everything that is not styled by the sheet in the theme's colours."""

    def pressed(self, key: int, text: str) -> bool:
        """Do what a key does in this room; False for one that means nothing here.

        `key` is what the key stands for by default. Typed ones come while no field has the focus, function keys always.
        """
        del key, text
        return False

    def takes_key(self, name: str) -> bool:
        """Take the name of a key that is to be bound; False unless the room waits for one."""
        del name
        return False

    def look(self, came: Burst) -> None:
        """See what was scanned or typed before Enter or Tab, as it came; `scanned` tells of scans."""

    def scanned(self, code: str) -> bool:
        """Take a scanned code; False where the room has no use for one."""
        del code
        return False

    def closed(self) -> None:
        """End what the room has running: the window closes."""
