"""Icons of resources/icons drawn in a colour of the theme.

The files say `currentColor` where the theme's colour goes. Must never hold a picture of its own.
"""

from functools import lru_cache

from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from urs_desktop.system.resources import resource

_DRAWN_AT = (1, 2, 3)


@lru_cache(maxsize=128)
def _source(name: str) -> str:
    return resource("icons", f"{name}.svg").read_text(encoding="utf-8")


def pixmap(name: str, colour: str, size: int, scale: int = 1) -> QPixmap:
    """Return the icon as a picture of `size` pixels at scale 1, drawn for `scale` device pixels each."""
    picture = QPixmap(QSize(size, size) * scale)
    picture.fill(Qt.GlobalColor.transparent)
    drawing = QSvgRenderer(QByteArray(_source(name).replace("currentColor", colour).encode()))
    painter = QPainter(picture)
    drawing.render(painter)
    painter.end()
    picture.setDevicePixelRatio(scale)
    return picture


def icon(name: str, colour: str, size: int) -> QIcon:
    """Return the icon in a colour, sharp on screens of every scale."""
    drawn = QIcon()
    for scale in _DRAWN_AT:
        drawn.addPixmap(pixmap(name, colour, size, scale))
    return drawn
