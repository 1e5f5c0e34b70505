"""The locked counter: whose counter it is, the time, and who may sign in; nothing of a sale or a customer.

When somebody else comes in while a sale is in hand, it asks what becomes of it. Must never open by anything but signing
in.
"""

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QStackedLayout, QWidget

from urs_desktop.ui.cashier.identity_panel import ACCEPT, IdentityPanel
from urs_desktop.ui.key_words import meant, words
from urs_desktop.ui.presenters.door import Door, DoorState
from urs_desktop.ui.theme.apply import sizes
from urs_desktop.ui.theme.icons import pixmap
from urs_desktop.ui.theme.tokens import Colours
from urs_desktop.ui.widgets.buttons import Button
from urs_desktop.ui.widgets.labels import Line, Text
from urs_desktop.ui.widgets.layouts import Card, centred, column, padded, row

_ICON = 40
_QUESTION_WIDTH = 560


class DoorPage(QWidget):
    """Covers the whole window while the counter is locked."""

    def __init__(self, door: Door) -> None:
        """Take the presenter."""
        super().__init__()
        self.setObjectName("door_page")
        self.setProperty("role", "cover")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("The counter is locked"))
        self._door = door
        self._icon = Text("door_icon")
        self._title, self._whose = Line("door_title", "title"), Line("door_counter", "muted")
        self._time = Text("door_time", "clock")
        self._panel = IdentityPanel("door")
        self._panel.typed.connect(self._press)
        self._panel.deleted.connect(self._delete)
        self._panel.accepted.connect(self._accept)
        self._panel.chosen.connect(self._choose)
        self._pages = QStackedLayout()
        self._pages.addWidget(self._panel)
        self._pages.addWidget(self._question())
        words = column(self._title, self._whose, gap=0)
        head = row(self._icon, words, self._time, gap=sizes().space_medium)
        head.setStretch(1, 1)
        card = Card("door_head")
        card.setLayout(padded(head))
        pages = QWidget()
        pages.setLayout(self._pages)
        whole = column(card, pages, gap=sizes().space_medium)
        whole.setStretch(1, 1)
        self.setLayout(padded(whole))

    def _question(self) -> QWidget:
        title = Text("sale_waits_title", "title", wraps=True)
        title.setText(self.tr("A sale is still in the cart"))
        self._words = Text("sale_waits_text", wraps=True)
        self._words.setMinimumHeight(3 * sizes().type_title)
        go_on = Button("sale_waits_go_on", "primary", self.tr("Go on with it (Enter)"))
        hold = Button("sale_waits_hold", "tall", self.tr("Hold it and begin another (F7)"))
        go_on.clicked.connect(self._go_on)
        hold.clicked.connect(self._hold)
        card = Card("sale_waits")
        card.setFixedWidth(_QUESTION_WIDTH)
        card.setLayout(padded(column(title, self._words, go_on, hold, gap=sizes().space_large)))
        return centred(card)

    @Slot(str)
    def _press(self, text: str) -> None:
        self._door.pad.press(text)

    @Slot()
    def _delete(self) -> None:
        self._door.pad.delete()

    @Slot()
    def _accept(self) -> None:
        self._door.accept()

    @Slot(str)
    def _choose(self, code: str) -> None:
        self._door.pad.choose(code)

    @Slot()
    def _go_on(self) -> None:
        self._door.accept()

    @Slot()
    def _hold(self) -> None:
        self._door.hold()

    def scanned(self, code: str) -> bool:
        """Take a scanned code, which can only be a badge here."""
        self._door.pad.scan(code)
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.accept()
        if event.key() == Qt.Key.Key_Escape:
            self._door.pad.back()
        elif self._pages.currentIndex() == 0:
            self._panel.take_key(event)
        elif event.key() in ACCEPT and not event.isAutoRepeat():
            self._door.accept()
        elif meant(event) == Qt.Key.Key_F7 and not event.isAutoRepeat():
            self._door.hold()

    def render_state(self, state: DoorState) -> None:
        """Show this state."""
        self._title.show_text(state.vendor)
        self._whose.show_text(self.tr("Counter {number} is locked").format(number=state.counter))
        self._time.setText(state.time)
        chosen = state.pad.chosen
        if chosen is None:
            prompt = self.tr("Your code, or scan your badge")
        else:
            prompt = self.tr("PIN of {name}").format(name=chosen.name)
        self._panel.render_view(state.pad, prompt, self.tr("One moment"))
        waits = self.tr("{name} left it there. It is kept either way; a held sale comes back with Recall (F8).")
        self._words.setText(words(waits).format(name=state.left_by))
        self._pages.setCurrentIndex(1 if state.left_by else 0)

    def dress(self, colours: Colours) -> None:
        """Draw the icons in the theme's colours."""
        self._panel.dress(colours)
        self._icon.setPixmap(pixmap("lock", colours.accent, _ICON, 2))
