"""A QR code drawn from its modules, sharp at every scale, black on white in every theme so that phones can read it.

Must never be scaled by a fraction of a module.
"""

import segno
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QSizePolicy

from urs_desktop.ui.widgets.picture import Picture

_QUIET = 4
"""Modules of white around the code, as ISO/IEC 18004 asks for."""


class QrCode(Picture):
    """Shows a text as a QR code."""

    def __init__(self, name: str, accessible: str, side: int) -> None:
        """Take the object's name, the name for screen readers and the side in pixels."""
        super().__init__(name, accessible)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._side = side
        self._text = ""
        self._modules = QImage()

    def show_text(self, text: str) -> None:
        """Show this text; an empty one shows nothing."""
        if text != self._text:
            self._text = text
            self._modules = _modules(text) if text else QImage()
            self.redraw()

    def sizeHint(self) -> QSize:
        return QSize(self._side, self._side)

    def draw(self, painter: QPainter) -> None:
        """Draw the code in the middle of white, as large as whole modules allow."""
        painter.fillRect(self.rect(), Qt.GlobalColor.white)
        count = self._modules.width() + 2 * _QUIET
        size = max(1, min(self.width(), self.height()) // count)
        left, top = (self.width() - size * count) // 2, (self.height() - size * count) // 2
        side = self._modules.width() * size
        painter.drawImage(QRect(left + _QUIET * size, top + _QUIET * size, side, side), self._modules)


def _modules(text: str) -> QImage:
    """Return a picture of the code in which every module is one dot."""
    rows = [bytes(0 if is_dark else 255 for is_dark in row) for row in segno.make(text, error="l", micro=False).matrix]
    side = len(rows)
    return QImage(b"".join(rows), side, side, side, QImage.Format.Format_Grayscale8).copy()
