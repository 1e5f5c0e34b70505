"""The one place where the counter speaks to its cashier; it is always there, so nothing moves when it speaks.

Must never show markup, nor say anything by colour alone.
"""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSizePolicy

from urs_desktop.ui.key_words import words
from urs_desktop.ui.messages import notice_text
from urs_desktop.ui.presenters.notices import Notice, Severity
from urs_desktop.ui.presenters.sell_state import EntryMode, Overlay, Phase, SellState
from urs_desktop.ui.theme.apply import sizes
from urs_desktop.ui.theme.icons import pixmap
from urs_desktop.ui.theme.tokens import Colours
from urs_desktop.ui.widgets.labels import Text
from urs_desktop.ui.widgets.layouts import Card, padded, row
from urs_desktop.ui.widgets.style import set_variant


class NoticeBar(Card):
    """Shows the newest notice, or what can be done next."""

    def __init__(self, name: str = "notice") -> None:
        """Take what the names of its parts begin with; it is dressed before it is first shown."""
        super().__init__(f"{name}_bar", "notice")
        self._icon = Text(f"{name}_icon")
        self._text = Text(f"{name}_text", wraps=True)
        self._text.setAlignment(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self._colours: Colours | None = None
        self._severity = Severity.INFO
        layout = row(self._icon, self._text, gap=sizes().space_medium)
        layout.setStretch(1, 1)
        self.setLayout(padded(layout, sizes().space_small))
        self.setMinimumHeight(3 * sizes().type_title)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def render_state(self, state: SellState) -> None:
        """Show what the sell screen has to say."""
        self.say(state.notice, self._hint(state))

    def say(self, notice: Notice | None, hint: str) -> None:
        """Show a notice, or `hint` while there is none."""
        text = hint if notice is None else notice_text(notice)
        severity = Severity.INFO if notice is None else notice.severity
        set_variant(self, "severity", "" if notice is None else severity.value)
        set_variant(self._text, "role", "hint" if notice is None else "")
        text = words(text)
        self._text.setText(text)
        self.setAccessibleName(text)
        if severity is not self._severity:
            self._severity = severity
            self._draw()

    def _hint(self, state: SellState) -> str:
        if state.overlay is Overlay.LEAVING:
            return self.tr("Enter or Esc stays; so does scanning the next product.")
        if state.phase is Phase.PAYING:
            return self.tr("Type the cash handed over, or press Enter for the exact amount. Esc goes back to the cart.")
        if state.phase is Phase.ASKING:
            return self.tr("Asking the central store to set the points aside. Esc stops waiting.")
        if state.phase is Phase.COMPLETING:
            return self.tr("Saving the sale.")
        if state.phase is Phase.RECEIPT:
            return self.tr("The sale is stored. Press Enter, or scan the next product, to begin the next sale.")
        return self._entry_hint(state.entry.mode)

    def _entry_hint(self, mode: EntryMode) -> str:
        if mode is EntryMode.CUSTOMER:
            return self.tr("Scan the customer's card, or type a card code, phone number or name. Esc stops.")
        if mode is EntryMode.QUANTITY:
            return self.tr("Type how many pieces, then Enter. Esc stops.")
        return self.tr(
            "Scan a product, or type a code or a name. 3* before a code takes three. Keys (F1) shows all keys."
        )

    def dress(self, colours: Colours) -> None:
        """Draw the icon in the theme's colours."""
        self._colours = colours
        self._draw()

    def _draw(self) -> None:
        if self._colours is not None:
            colour = getattr(self._colours, "accent" if self._severity is Severity.INFO else _role(self._severity))
            self._icon.setPixmap(pixmap(self._severity.value, colour, sizes().type_title, 2))


def _role(severity: Severity) -> str:
    return "danger" if severity is Severity.ERROR else severity.value
