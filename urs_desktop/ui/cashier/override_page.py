"""Somebody else has to allow what was asked for: what it is, why, and then who, over the whole window.

Must never do what was asked for: it only says who allows it.
"""

from functools import partial

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QStackedLayout, QWidget

from urs_desktop.ui.cashier.identity_panel import IdentityPanel
from urs_desktop.ui.messages import notice_text
from urs_desktop.ui.permission_texts import action_text
from urs_desktop.ui.presenters.override_desk import OverrideDesk, OverrideReason, OverrideState
from urs_desktop.ui.theme.apply import sizes
from urs_desktop.ui.theme.icons import pixmap
from urs_desktop.ui.theme.tokens import Colours
from urs_desktop.ui.widgets.buttons import Button
from urs_desktop.ui.widgets.labels import Line, Text
from urs_desktop.ui.widgets.layouts import Card, centred, column, padded, row
from urs_desktop.ui.widgets.style import set_variant

_ICON = 40
_REASON_WIDTH = 820
_BESIDE = 2


class OverridePage(QWidget):
    """Covers the whole window while a permission is asked for."""

    def __init__(self, desk: OverrideDesk) -> None:
        """Take the presenter."""
        super().__init__()
        self.setObjectName("override_page")
        self.setProperty("role", "cover")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._desk = desk
        self._icon = Text("override_icon")
        self._title, self._words = Line("override_title", "title"), Line("override_words", "muted")
        cancel = Button("override_cancel", "action", self.tr("Let it be (Esc)"))
        cancel.clicked.connect(self._cancel)
        self._panel = IdentityPanel("override")
        self._panel.typed.connect(self._press)
        self._panel.deleted.connect(self._delete)
        self._panel.accepted.connect(self._accept)
        self._panel.chosen.connect(self._choose)
        self._pages = QStackedLayout()
        self._pages.addWidget(self._reasons())
        self._pages.addWidget(self._panel)
        pages = QWidget()
        pages.setLayout(self._pages)
        words = column(self._title, self._words, gap=0)
        head = row(self._icon, words, cancel, gap=sizes().space_medium)
        head.setStretch(1, 1)
        card = Card("override_head")
        card.setLayout(padded(head))
        whole = column(card, pages, gap=sizes().space_medium)
        whole.setStretch(1, 1)
        self.setLayout(padded(whole))

    def _reasons(self) -> QWidget:
        offered = {
            OverrideReason.CUSTOMER_CHANGED_MIND: self.tr("The customer changed their mind"),
            OverrideReason.RUNG_UP_WRONG: self.tr("Rung up wrong"),
            OverrideReason.PRICE_DIFFERS: self.tr("The price differs"),
            OverrideReason.GOODWILL: self.tr("Goodwill"),
        }
        prompt = Text("override_prompt", "strong", wraps=True)
        prompt.setText(self.tr("Why? Choose a reason, or type one and press Enter. It must name no customer."))
        self._typed = Line("override_reason", "typed_words")
        self._said = Text("override_said", "warning", wraps=True)
        self._said.setMinimumHeight(2 * sizes().type_title)
        grid = QGridLayout()
        grid.setSpacing(sizes().space_medium)
        for number, (reason, words) in enumerate(offered.items()):
            button = Button(f"override_reason_{reason.name.lower()}", "tall", words)
            button.clicked.connect(partial(self._desk.because, reason.value))
            grid.addWidget(button, number // _BESIDE, number % _BESIDE)
        layout = column(prompt, grid, gap=sizes().space_medium)
        take = Button("override_reason_take", "primary", self.tr("Take the reason typed (Enter)"))
        take.clicked.connect(self._accept)
        self._take = take
        for widget in (self._typed, take, self._said):
            layout.addWidget(widget)
        card = Card("override_reasons")
        card.setFixedWidth(_REASON_WIDTH)
        card.setLayout(padded(layout))
        return centred(card)

    @Slot(str)
    def _press(self, text: str) -> None:
        self._desk.press(text)

    @Slot()
    def _delete(self) -> None:
        self._desk.delete()

    @Slot()
    def _accept(self) -> None:
        self._desk.accept()

    @Slot(str)
    def _choose(self, code: str) -> None:
        self._desk.choose(code)

    @Slot()
    def _cancel(self) -> None:
        self._desk.deny()

    def scanned(self, code: str) -> bool:
        """Take a scanned code, which can only be a badge here."""
        self._desk.scanned(code)
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.accept()
        if event.key() == Qt.Key.Key_Escape:
            self._desk.back()
        else:
            self._panel.take_key(event)

    def render_state(self, state: OverrideState) -> None:
        """Show this state."""
        if state.permission is None:
            return
        action = action_text(state.permission)
        self._title.show_text(self.tr("{action}: {subject}").format(action=action, subject=state.subject))
        if not state.subject:
            self._title.show_text(action)
        self._words.show_text(
            self.tr("{name} may not do this alone. Somebody else can allow it this once.").format(name=state.who_asks)
        )
        self.setAccessibleName(action)
        self._typed.show_text(state.typed or self.tr("Another reason"))
        set_variant(self._typed, "empty", "" if state.typed else "yes")
        self._take.setEnabled(bool(state.typed.strip()))
        self._said.setText("" if state.pad.notice is None else notice_text(state.pad.notice))
        chosen = state.pad.chosen
        if chosen is None:
            prompt = self.tr("Code of who allows it, or their badge")
        else:
            prompt = self.tr("PIN of {name}").format(name=chosen.name)
        self._panel.render_view(state.pad, prompt, self.tr("Nobody else at this counter may allow this."))
        self._pages.setCurrentIndex(1 if state.reason else 0)

    def dress(self, colours: Colours) -> None:
        """Draw the icons in the theme's colours."""
        self._panel.dress(colours)
        self._icon.setPixmap(pixmap("lock", colours.warning, _ICON, 2))
