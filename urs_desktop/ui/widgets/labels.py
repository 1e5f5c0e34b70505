"""Labels that show text as it is: never as markup, shortened or made smaller rather than clipped.

Every label of the screens is one of these. Must never interpret what it shows.
"""

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from urs_desktop.ui.theme.apply import sizes
from urs_desktop.ui.widgets.style import fit_font

_ALIGN = Qt.AlignmentFlag
_ROUNDED = 1
_FONT_CHANGES = (QEvent.Type.StyleChange, QEvent.Type.FontChange)


class Text(QLabel):
    """Plain text in one of the style sheet's roles."""

    def __init__(self, name: str, role: str = "", *, wraps: bool = False, parent: QWidget | None = None) -> None:
        """Take the object's name, the role, and whether long text goes on in the next line."""
        super().__init__(parent)
        self.setObjectName(name)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self.setWordWrap(wraps)
        if role:
            self.setProperty("role", role)


class Line(Text):
    """One line of foreign text, shortened with an ellipsis where it does not fit; its accessible name is whole.

    Shortened when it is given, so that Qt paints it without asking Python.
    """

    def __init__(self, name: str, role: str = "") -> None:
        """Take the object's name and the role."""
        super().__init__(name, role)
        self._whole = ""
        self.setMinimumWidth(1)
        self.setAlignment(_ALIGN.AlignLeft | _ALIGN.AlignVCenter)

    def setAlignment(self, alignment: Qt.AlignmentFlag) -> None:
        """Stand there whatever the letters: a name from right to left begins where the others do."""
        super().setAlignment(alignment | _ALIGN.AlignAbsolute)

    def text(self) -> str:
        """Return the whole text."""
        return self._whole

    def show_text(self, text: str) -> None:
        """Show this text."""
        if text != self._whole:
            self._whole = text
            self.setAccessibleName(text)
            self._shorten()
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        hint, metrics, shown = super().sizeHint(), self.fontMetrics(), super().text()
        if shown != self._whole:
            hint += QSize(metrics.horizontalAdvance(self._whole) - metrics.horizontalAdvance(shown) + _ROUNDED, 0)
        return hint

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._shorten()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in _FONT_CHANGES:
            self._shorten()

    def _shorten(self) -> None:
        self.setText(shortened(self, self._whole))


def shortened(label: QLabel, text: str) -> str:
    """Return a text as it fits into one line of a label, with an ellipsis if need be."""
    return label.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, label.contentsRect().width())


class Figure(Text):
    """A figure that matters: as large as its place allows, up to `largest` pixels."""

    def __init__(
        self, name: str, largest: int, alignment: Qt.AlignmentFlag = _ALIGN.AlignRight, role: str = ""
    ) -> None:
        """Take the object's name, the largest font in pixels, where the figure stands and the role."""
        super().__init__(name, role)
        self._largest = largest
        self.setAlignment(alignment | _ALIGN.AlignVCenter)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_text(self, text: str) -> None:
        """Show this figure."""
        if text != self.text():
            self.setText(text)
            self._fit()

    def sizeHint(self) -> QSize:
        return QSize(0, self._largest + self._largest // 3)

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
        fit_font(self, self.text(), width, largest=self._largest, smallest=self._smallest())

    def _smallest(self) -> int:
        return sizes().type_small
