"""Buttons of a till: large, named for everybody, and out of a scanner's way.

None takes the focus by click, so that the Enter after a scan never presses one; Tab reaches those that are no key of
the number pad. Must never decide what a press means.
"""

from PySide6.QtCore import QEvent, QSize, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy

from urs_desktop.ui.key_words import BINDINGS_CHANGED, words
from urs_desktop.ui.theme.apply import sizes
from urs_desktop.ui.theme.icons import icon
from urs_desktop.ui.theme.tokens import Colours
from urs_desktop.ui.widgets.style import fit_font

_PADDING = 32
_LEAST = 10


class Button(QPushButton):
    """A button with a role of the style sheet and, if need be, an icon in the theme's colour."""

    def __init__(self, name: str, role: str, text: str = "", accessible: str = "", icon_name: str = "") -> None:
        """Take the object's name, the role, the words on it and for screen readers, and the icon's name."""
        super().__init__()
        self.setObjectName(name)
        self.setProperty("role", role)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAutoDefault(False)
        self._icon_name = icon_name
        self._said = accessible or text
        self.show_text(text)
        BINDINGS_CHANGED.connect(self._show_words)

    def show_text(self, text: str) -> None:
        """Show these words as they are, with the keys that are bound: an ampersand is an ampersand."""
        self._words = text
        self._show_words()

    def setAccessibleName(self, name: str) -> None:
        """Have screen readers say this, with the keys that are bound."""
        self._said = name
        if words(name) != self.accessibleName():
            super().setAccessibleName(words(name))

    @Slot()
    def _show_words(self) -> None:
        self.setAccessibleName(self._said)
        escaped = words(self._words).replace("&", "&&")
        if escaped != self.text():
            self.setText(escaped)

    def dress(self, colours: Colours) -> None:
        """Draw the icon in the theme's colour."""
        if self._icon_name:
            side = sizes().type_title
            self.setIconSize(QSize(side, side))
            self.setIcon(icon(self._icon_name, colours.text, side))


class Key(Button):
    """A key of the number pad, which the keyboard has too and Tab passes by; `typed` carries what it stands for."""

    typed = Signal(str)

    def __init__(
        self, name: str, text: str, accessible: str = "", *, role: str = "key", icon_name: str = "", types: str = ""
    ) -> None:
        """Take the object's name, the words on it and for screen readers, and what it types."""
        super().__init__(name, role, text, accessible, icon_name)
        self._types = types or text
        self.clicked.connect(self._type)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange:  # another theme has set the font anew
            self._fit()

    def _fit(self) -> None:
        if self.property("role") != "key":
            fit_font(self, self.text(), self.width() - sizes().space_large, largest=sizes().type_body, smallest=_LEAST)

    def stand_for(self, types: str, text: str) -> None:
        """Have the key type something else from now on, and show these words for it."""
        self._types = types
        self.show_text(text)
        self.setAccessibleName(text)
        self._fit()

    @Slot()
    def _type(self) -> None:
        self.typed.emit(self._types)


class FigureButton(Button):
    """A button whose words hold an amount: they shrink rather than run out of it."""

    def __init__(self, name: str, role: str, largest: int) -> None:
        """Take the object's name, the role and the largest font in pixels."""
        super().__init__(name, role)
        self._largest = largest
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_text(self, text: str) -> None:
        """Show these words, and say them to screen readers too."""
        super().show_text(text)
        self.setAccessibleName(text)
        self._fit()

    def minimumSizeHint(self) -> QSize:
        return QSize(sizes().touch_key, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange:  # another theme has set the font anew
            self._fit()

    def _fit(self) -> None:
        largest: int = getattr(self, "_largest", sizes().type_strong)
        shown = self.text().replace("&&", "&")
        fit_font(self, shown, self.width() - _PADDING, largest=largest, smallest=sizes().type_small)
