"""Draws sheets of paper: a line no code page can print as dots for the printer, a whole receipt on screen or in a PDF.

What a printer puts into columns is drawn into the same columns, so that both look alike. Safe on any thread, as long as
each has a picture of its own. Must never take a colour from the theme: paper is white.
"""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter

from urs_desktop.counter.paper.document import Side
from urs_desktop.counter.paper.escpos import DOTS, Bitmap, modules
from urs_desktop.counter.paper.layout import Cell, Laid, Line, Square

FONT: Final = "Noto Sans"
LINE_DOTS: Final = 32
"""The height of a drawn line, where a column is 12 dots wide."""

_LETTER: Final = 24
_QUIET: Final = 2
_THIN: Final = 16
_MODULE: Final = 6
_WHITE_BYTE: Final = 0xFF
_SIDES: Final = {
    Side.START: Qt.AlignmentFlag.AlignLeft,
    Side.MIDDLE: Qt.AlignmentFlag.AlignHCenter,
    Side.END: Qt.AlignmentFlag.AlignRight,
}


def draw_line(line: Line, dots: int) -> Bitmap:
    """Return a line of paper as a picture so many dots wide; a `counter.paper.escpos.Drawing`."""
    height = LINE_DOTS * (2 if line.large else 1)
    image = QImage(dots, height, QImage.Format.Format_Grayscale8)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    paint_line(painter, line, 0, 0, DOTS)
    painter.end()
    return as_bitmap(image)


def as_bitmap(image: QImage) -> Bitmap:
    """Return a picture in grey as dots: whatever is darker than half is black."""
    mono = image.convertToFormat(QImage.Format.Format_Mono, Qt.ImageConversionFlag.ThresholdDither)
    across, wide = (mono.width() + 7) // 8, mono.bytesPerLine()
    bits = bytes(mono.constBits())
    white_is_one = QColor(mono.color(1)).lightness() > QColor(mono.color(0)).lightness()
    rows = (bits[start : start + across] for start in range(0, wide * mono.height(), wide))
    flipped = tuple(bytes(byte ^ _WHITE_BYTE for byte in row) if white_is_one else row for row in rows)
    over = 8 * across - mono.width()
    if over:
        flipped = tuple(row[:-1] + bytes((row[-1] & (_WHITE_BYTE << over) & _WHITE_BYTE,)) for row in flipped)
    return Bitmap(mono.width(), flipped)


def paint_line(painter: QPainter, line: Line, left: float, top: float, column: float) -> None:
    """Draw a line whose columns are `column` wide each; it is LINE_DOTS / 12 times as high, twice that if large."""
    scale = 2 if line.large else 1
    unit = column / DOTS * scale
    font = QFont(FONT)
    font.setPixelSize(max(1, round(_LETTER * unit)))
    font.setBold(line.bold)
    painter.setFont(font)
    painter.setPen(Qt.GlobalColor.black)
    for cell in line.cells:
        _paint_cell(painter, cell, QRectF(left, top, column * scale, LINE_DOTS * unit), font)


def _paint_cell(painter: QPainter, cell: Cell, column: QRectF, font: QFont) -> None:
    """Draw a cell into its columns, of which `column` is the first of the line; narrower letters where it must be."""
    area = QRectF(
        column.left() + cell.column * column.width(), column.top(), cell.columns * column.width(), column.height()
    )
    if cell.text and not cell.text.strip("-") and cell.columns == len(cell.text):
        thick = area.height() / _THIN
        painter.fillRect(QRectF(area.left(), area.center().y(), area.width(), thick), Qt.GlobalColor.black)
        return
    wanted = QFontMetricsF(font).horizontalAdvance(cell.text)
    flags = int(_SIDES[cell.side] | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip)
    if wanted <= area.width() or not wanted:
        painter.drawText(area, flags, cell.text)
        return
    painter.save()
    painter.translate(area.left(), area.top())
    painter.scale(area.width() / wanted, 1)
    painter.drawText(QRectF(0, 0, wanted, area.height()), flags, cell.text)
    painter.restore()


def height_of(laid: Sequence[Laid], columns: int, column: float) -> float:
    """Return how high a sheet is whose columns are `column` wide."""
    unit = column / DOTS
    height = 0.0
    for each in laid:
        if isinstance(each, Line):
            height += LINE_DOTS * unit * (2 if each.large else 1)
        else:
            height += _side(each, columns) * unit
    return height


def paint_sheet(painter: QPainter, laid: Sequence[Laid], columns: int, left: float, top: float, column: float) -> None:
    """Draw a whole sheet of paper of so many columns."""
    unit = column / DOTS
    for each in laid:
        if isinstance(each, Line):
            paint_line(painter, each, left, top, column)
            top += LINE_DOTS * unit * (2 if each.large else 1)
        else:
            _paint_square(painter, each, columns, left, top, unit)
            top += _side(each, columns) * unit


def _side(square: Square, columns: int) -> int:
    """Return the side of a QR code with its margin, in dots of a printer."""
    count = len(modules(square)) + 2 * _QUIET
    return count * max(1, min(_MODULE, columns * DOTS // count))


def _paint_square(painter: QPainter, square: Square, columns: int, left: float, top: float, unit: float) -> None:
    rows = modules(square)
    side = _side(square, columns)
    module = side / (len(rows) + 2 * _QUIET) * unit
    left += (columns * DOTS - side) / 2 * unit + _QUIET * module
    top += _QUIET * module
    for y, row in enumerate(rows):
        for x, dark in enumerate(row):
            if dark:
                painter.fillRect(QRectF(left + x * module, top + y * module, module, module), Qt.GlobalColor.black)
