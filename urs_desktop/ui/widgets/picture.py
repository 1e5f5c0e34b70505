"""What is drawn by hand and shown as a picture: drawn when it changes, so that Qt paints it without asking Python.

Each time painting asks Python for something it may have to wait for what another thread is doing. Must never be drawn
while nobody sees it.
"""

from typing import Final

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QPainter, QPixmap, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QLabel

_LOOKS: Final = (QEvent.Type.StyleChange, QEvent.Type.FontChange, QEvent.Type.PaletteChange)


class Picture(QLabel):
    """Shows what `draw` draws, at the widget's size; `redraw` whenever that is something else."""

    def __init__(self, name: str, accessible: str = "") -> None:
        """Take the object's name and the name for screen readers."""
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(accessible)
        self.setTextFormat(Qt.TextFormat.PlainText)

    def draw(self, painter: QPainter) -> None:
        """Draw it, on a transparent ground."""
        raise NotImplementedError

    def redraw(self) -> None:
        """Draw it anew, if somebody sees it."""
        if self.isVisible() and not self.size().isEmpty():
            scale = self.devicePixelRatio()
            picture = QPixmap(self.size() * scale)
            picture.setDevicePixelRatio(scale)
            picture.fill(Qt.GlobalColor.transparent)
            with QPainter(picture) as painter:
                self.draw(painter)
            self.setPixmap(picture)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.redraw()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.redraw()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in _LOOKS:
            self.redraw()
