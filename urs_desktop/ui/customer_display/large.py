"""Text, figures and buttons of the customer display: as large as its screen allows, read from a metre away.

Sizes are those of the tokens on 1024 by 600 and grow with the screen. Must never clip a text: it is made smaller, then
shortened.
"""

from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QWidget

from urs_desktop.ui.theme.apply import sizes
from urs_desktop.ui.widgets.buttons import FigureButton
from urs_desktop.ui.widgets.labels import Figure, shortened

_WIDTH: Final = 1024
_HEIGHT: Final = 600
_LEAST: Final = 80
_MOST: Final = 250


def percent_of(window: QWidget) -> int:
    """Return how large everything is on this window, in percent of its size on 1024 by 600."""
    return max(_LEAST, min(_MOST, window.width() * 100 // _WIDTH, window.height() * 100 // _HEIGHT))


class Large(Figure):
    """One line of text that shrinks to half its size before it is shortened."""

    def __init__(
        self, name: str, size: int, role: str = "", alignment: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft
    ) -> None:
        """Take the object's name, the font's size in pixels on 1024 by 600, the role and where the text stands."""
        super().__init__(name, size, alignment | Qt.AlignmentFlag.AlignAbsolute, role)
        self._size = size
        self._whole = ""

    def text(self) -> str:
        """Return the whole text."""
        return self._whole

    def show_text(self, text: str) -> None:
        """Show this text."""
        if text != self._whole:
            self._whole = text
            self.setAccessibleName(text)
            self._fit()

    def grow(self, percent: int) -> None:
        """Be so large."""
        self._largest = self._size * percent // 100
        self.updateGeometry()
        self._fit()

    def sizeHint(self) -> QSize:
        return QSize(0, self._largest * 7 // 5)

    def _smallest(self) -> int:
        return self._largest // 2

    def _fit(self) -> None:
        super()._fit()
        self.setText(shortened(self, self._whole))


class LargeButton(FigureButton):
    """A button for a customer's finger; no key reaches it."""

    def __init__(self, name: str, role: str, text: str) -> None:
        """Take the object's name, the role and the words."""
        self._percent = 100
        super().__init__(name, role, sizes().display_strong)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.show_text(text)

    def grow(self, percent: int) -> None:
        """Be so large."""
        self._largest = sizes().display_strong * percent // 100
        self._percent = percent
        self.updateGeometry()
        self._fit()

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), sizes().display_button * self._percent // 100)

    def minimumSizeHint(self) -> QSize:
        return QSize(super().minimumSizeHint().width(), sizes().display_button * self._percent // 100)
