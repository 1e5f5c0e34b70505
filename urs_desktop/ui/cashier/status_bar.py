"""How the counter stands, at the foot of the screen: connection, what waits, last contact, whose counter this is.

Says it by icon and words, never by colour alone. Must never alarm about what the cashier need not act on.
"""

from PySide6.QtCore import Qt, Signal, Slot

from urs_desktop.ui.messages import age_text
from urs_desktop.ui.presenters.door import DoorState
from urs_desktop.ui.presenters.sell import SellPresenter
from urs_desktop.ui.presenters.sell_state import Link, Overlay, SellState, StatusLine
from urs_desktop.ui.theme.apply import sizes
from urs_desktop.ui.theme.icons import pixmap
from urs_desktop.ui.theme.tokens import Colours
from urs_desktop.ui.widgets.buttons import Button
from urs_desktop.ui.widgets.labels import Line, Text
from urs_desktop.ui.widgets.layouts import Card, row
from urs_desktop.ui.widgets.style import set_variant

_NAME_KEYS = 3
"""The cashier's name is at most as wide as so many keys."""

_COLOUR_ROLES = {
    Link.ONLINE: "success",
    Link.OFFLINE: "warning",
    Link.FENCED: "danger",
    Link.CLOCK: "danger",
    Link.UNKNOWN: "muted",
}


class StatusBar(Card):
    """Shows the status line and the buttons that belong to no sale; `..._asked` when one of them is pressed."""

    menu_asked = Signal()
    shift_asked = Signal()
    lock_asked = Signal()

    def __init__(self, presenter: SellPresenter) -> None:
        """Take the presenter."""
        super().__init__("status_bar", "status")
        self._presenter = presenter
        self._icon, self._link = Text("status_icon"), Text("status_link")
        self._waiting, self._sync = Text("status_waiting", "muted"), Text("status_sync", "muted")
        self._parked = Text("status_parked", "danger")
        self._printing = Text("status_printing", "muted")
        self._who = Line("status_who", "muted")
        self._shift = Button("status_shift", "quiet")
        self._shift.clicked.connect(self.shift_asked)
        menu = Button("menu_button", "quiet", self.tr("Menu (F11)"), icon_name="menu")
        menu.clicked.connect(self.menu_asked)
        keys = Button("keys_button", "quiet", self.tr("Keys (F1)"), icon_name="keys")
        theme = Button("theme_button", "quiet", self.tr("Theme"), self.tr("Change the theme"), icon_name="theme")
        keys.clicked.connect(self._show_keys)
        theme.clicked.connect(self._toggle_theme)
        self._cashier = Button("cashier_button", "quiet", "", self.tr("Switch cashier, lock"), icon_name="lock")
        self._cashier.clicked.connect(self.lock_asked)
        self._buttons = (self._cashier, menu, keys, theme)
        self._colours: Colours | None = None
        self._shown: Link | None = None
        layout = row(
            self._icon, self._link, self._waiting, self._parked, self._sync, self._printing, gap=sizes().space_medium
        )
        layout.addStretch(1)
        for widget in (self._who, self._shift, self._cashier, menu, keys, theme):
            layout.addWidget(widget)
        layout.setContentsMargins(sizes().space_medium, 0, sizes().space_medium, 0)
        self.setLayout(layout)

    @Slot()
    def _show_keys(self) -> None:
        self._presenter.show(Overlay.KEYS)

    @Slot()
    def _toggle_theme(self) -> None:
        self._presenter.toggle_theme()

    def render_state(self, state: SellState) -> None:
        """Show this state."""
        status = state.status
        self._link.setText(self._words(status.link))
        set_variant(self._link, "link", status.link.value)
        waiting = self.tr("All sent") if status.waiting == "0" else self.tr("Waiting to be sent: {count}")
        self._waiting.setText(waiting.format(count=status.waiting))
        self._parked.setText(self.tr("Set aside by the central store: {count}").format(count=status.parked))
        self._parked.setVisible(bool(status.parked))
        self._sync.setText(self.tr("Last sync: {age}").format(age=age_text(status.last_sync)))
        who = self.tr("{vendor} · Counter {number}").format(vendor=status.vendor, number=status.counter)
        self._who.show_text(who)
        self._shift.show_text(self._shift_words(status))
        self._shift.setAccessibleName(self.tr("Shift and cash: {words}").format(words=self._shift_words(status)))
        self._shift.setVisible(status.shift_closed or bool(status.shift))
        self._printing.setText(self.tr("Printing: {count}").format(count=state.printing.waiting))
        self._printing.setVisible(bool(state.printing.waiting))
        self._draw(status.link)

    def _shift_words(self, status: StatusLine) -> str:
        if status.shift_closed:
            return self.tr("No shift open")
        return self.tr("Shift {number}").format(number=status.shift) if status.shift else ""

    def render_door(self, state: DoorState) -> None:
        """Show who is signed in."""
        self._cashier.setVisible(state.staffed)
        words = self.tr("{name} (Pause)").format(name=state.cashier)
        room = sizes().touch_key * _NAME_KEYS
        self._cashier.show_text(self._cashier.fontMetrics().elidedText(words, Qt.TextElideMode.ElideMiddle, room))
        self._cashier.setAccessibleName(self.tr("Switch cashier, lock: {name}").format(name=state.cashier))

    def _words(self, link: Link) -> str:
        if link is Link.ONLINE:
            return self.tr("Online")
        if link is Link.OFFLINE:
            return self.tr("Offline: selling goes on")
        if link is Link.CLOCK:
            return self.tr("This machine's clock looks wrong: call the office")
        return self.tr("Points locked until the next sync") if link is Link.FENCED else self.tr("Not connected yet")

    def dress(self, colours: Colours) -> None:
        """Draw the icons in the theme's colours."""
        self._colours = colours
        for button in self._buttons:
            button.dress(colours)
        shown, self._shown = self._shown, None
        self._draw(shown or Link.UNKNOWN)

    def _draw(self, link: Link) -> None:
        if self._colours is not None and link is not self._shown:
            self._shown = link
            self._icon.setPixmap(pixmap(link.value, getattr(self._colours, _COLOUR_ROLES[link]), sizes().type_title, 2))
            self._icon.setAccessibleName(self._words(link))
