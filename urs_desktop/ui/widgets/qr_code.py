"""A QR code drawn from its modules, sharp at every scale, black on white in every theme so that phones can read it.

Must never be scaled by a fraction of a module.
"""

import segno
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

_QUIET = 4
"""Modules of white around the code, as ISO/IEC 18004 asks for."""


class QrCode(QWidget):
    """Shows a text as a QR code."""

    def __init__(self, name: str, accessible: str, side: int) -> None:
        """Take the object's name, the name for screen readers and the side in pixels."""
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(accessible)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._side = side
        self._text = ""
        self._modules: tuple[bytes, ...] = ()

    def show_text(self, text: str) -> None:
        """Show this text; an empty one shows nothing."""
        if text != self._text:
            self._text = text
            code = segno.make(text, error="l", micro=False) if text else None
            self._modules = tuple(bytes(row) for row in code.matrix) if code else ()
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._side, self._side)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.fillRect(self.rect(), Qt.GlobalColor.white)
        count = len(self._modules) + 2 * _QUIET
        size = max(1, min(self.width(), self.height()) // count)
        left, top = (self.width() - size * count) // 2, (self.height() - size * count) // 2
        for y, modules in enumerate(self._modules, _QUIET):
            for x, is_dark in enumerate(modules, _QUIET):
                if is_dark:
                    painter.fillRect(QRect(left + x * size, top + y * size, size, size), Qt.GlobalColor.black)
        painter.end()
