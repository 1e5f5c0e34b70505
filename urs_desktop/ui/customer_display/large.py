"""Text, figures and buttons of the customer display: as large as its screen allows, read from a metre away.

Sizes are those of the tokens on 1024 by 600 and grow with the screen. Must never clip a text: it is made smaller, then
shortened.
"""

from typing import Final

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from urs_desktop.ui.theme.apply import sizes
from urs_desktop.ui.widgets.buttons import FigureButton
from urs_desktop.ui.widgets.labels import Text
from urs_desktop.ui.widgets.style import fit_font

_WIDTH: Final = 1024
_HEIGHT: Final = 600
_LEAST: Final = 80
_MOST: Final = 250


def percent_of(window: QWidget) -> int:
    """Return how large everything is on this window, in percent of its size on 1024 by 600."""
    return max(_LEAST, min(_MOST, window.width() * 100 // _WIDTH, window.height() * 100 // _HEIGHT))


class Large(Text):
    """One line of text that shrinks to half its size before it is shortened."""

    def __init__(
        self, name: str, size: int, role: str = "", alignment: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft
    ) -> None:
        """Take the object's name, the font's size in pixels on 1024 by 600, the role and where the text stands."""
        super().__init__(name, role)
        self._size = self._largest = size
        self.setAlignment(alignment | Qt.AlignmentFlag.AlignVCenter)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_text(self, text: str) -> None:
        """Show this text."""
        if text != self.text():
            self.setText(text)
            self.setAccessibleName(text)
            self._fit()

    def grow(self, percent: int) -> None:
        """Be so large."""
        self._largest = self._size * percent // 100
        self.updateGeometry()
        self._fit()

    def sizeHint(self) -> QSize:
        return QSize(0, self._largest * 7 // 5)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange:  # another theme has set the font anew
            self._fit()

    def _fit(self) -> None:
        width = self.contentsRect().width()
        fit_font(self, self.text(), width, largest=self._largest, smallest=self._largest // 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        area = self.contentsRect()
        shown = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, area.width())
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(area, int(self.alignment()), shown)


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
