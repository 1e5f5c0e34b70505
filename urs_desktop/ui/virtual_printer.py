"""The virtual printer's window: its paper as it would come out, drawn from the very bytes a printer would get.

It stands beside the counter and never takes the keyboard. Must never know what was meant: like a printer, it has only
the bytes.
"""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from urs_desktop.counter.paper.reader import Cut, Drawn, Fed, Kicked, Printed, Written, read
from urs_desktop.counter.paper.wording import clusters, width
from urs_desktop.counter.print_ports import Roll
from urs_desktop.ui.sheet_painting import FONT
from urs_desktop.ui.theme.apply import sizes
from urs_desktop.ui.widgets.labels import Text
from urs_desktop.ui.widgets.layouts import column, padded

_DOT: Final = 2 / 3
"""A dot of the printer in pixels of the screen."""

_COLUMN: Final = 12 * _DOT
_LINE: Final = 30 * _DOT
_LETTER: Final = 14
_MARGIN: Final = 24
_COLUMNS: Final = 42


class PaperRoll(QWidget):
    """The paper: what was printed, one below the other, the newest at the end."""

    def __init__(self) -> None:
        """Begin with empty paper."""
        super().__init__()
        self.setObjectName("virtual_paper")
        self._printed: tuple[Printed, ...] = ()
        self.setMinimumSize(self.sizeHint())

    def show_sheets(self, sheets: Sequence[bytes]) -> None:
        """Show what was sent to the printer."""
        self._printed = tuple(each for sheet in sheets for each in read(sheet))
        self.setAccessibleName("\n".join(each.text for each in self._printed if isinstance(each, Written)))
        self.setMinimumSize(self.sizeHint())
        self.resize(self.sizeHint())
        self.update()

    def sizeHint(self) -> QSize:
        height = sum(_height(each) for each in self._printed)
        across = max((_width(each) for each in self._printed), default=_COLUMNS * _COLUMN)
        return QSize(round(across) + 2 * _MARGIN, round(height) + 2 * _MARGIN)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), Qt.GlobalColor.white)
        top = float(_MARGIN)
        for each in self._printed:
            height = _height(each)
            if top + height >= event.rect().top() and top <= event.rect().bottom():
                self._paint(painter, each, top)
            top += height
        painter.end()

    def _paint(self, painter: QPainter, each: Printed, top: float) -> None:
        match each:
            case Written():
                _write(painter, each, top)
            case Drawn():
                painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
                painter.drawImage(QRectF(_MARGIN, top, each.width * _DOT, len(each.rows) * _DOT), _image(each))
            case Cut():
                self._note(painter, top, self.tr("cut here"))
            case Kicked():
                self._note(painter, top, self.tr("the drawer opens"))

    def _note(self, painter: QPainter, top: float, words: str) -> None:
        font = QFont(FONT)
        font.setPixelSize(_LETTER - 2)
        painter.setFont(font)
        painter.setPen(Qt.GlobalColor.darkGray)
        middle = top + _LINE / 2
        painter.drawText(QRectF(0, top, self.width(), _LINE), int(Qt.AlignmentFlag.AlignCenter), words)
        half = (self.width() - QFontMetricsF(font).horizontalAdvance(words)) / 2 - _MARGIN / 2
        pen = painter.pen()
        pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        for left in (0.0, self.width() - half):
            painter.drawLine(round(left), round(middle), round(left + half), round(middle))


def _width(each: Printed) -> float:
    if isinstance(each, Written):
        return width(each.text) * _COLUMN * (2 if each.large else 1)
    return each.width * _DOT if isinstance(each, Drawn) else 0.0


def _height(each: Printed) -> float:
    match each:
        case Written():
            return _LINE * (2 if each.large else 1)
        case Drawn():
            return len(each.rows) * _DOT
        case Fed():
            return each.lines * _LINE
        case Cut() | Kicked():
            return _LINE * 3 / 2


def _write(painter: QPainter, line: Written, top: float) -> None:
    """Draw a line letter by letter in its columns, as a printer does."""
    scale = 2 if line.large else 1
    font = QFont(FONT)
    font.setPixelSize(_LETTER * scale)
    font.setBold(line.bold)
    painter.setFont(font)
    painter.setPen(Qt.GlobalColor.black)
    metrics = QFontMetricsF(font)
    left = float(_MARGIN)
    for cluster in clusters(line.text):
        room = _COLUMN * scale * width(cluster)
        wanted = metrics.horizontalAdvance(cluster)
        painter.save()
        painter.translate(left + max(0.0, room - wanted) / 2, top)
        if wanted > room > 0:
            painter.scale(room / wanted, 1)
        painter.drawText(QRectF(0, 0, wanted + 1, _LINE * scale), int(Qt.AlignmentFlag.AlignVCenter), cluster)
        painter.restore()
        left += room


def _image(drawn: Drawn) -> QImage:
    image = QImage(b"".join(drawn.rows), drawn.width, len(drawn.rows), drawn.width // 8, QImage.Format.Format_Mono)
    image.setColorTable([QColor(Qt.GlobalColor.white).rgb(), QColor(Qt.GlobalColor.black).rgb()])
    return image.copy()  # the bytes are gone when this returns


class VirtualPrinter(QWidget):
    """The window around the paper; it opens with the first sheet."""

    def __init__(self, roll: Roll) -> None:
        """Take the paper of the virtual printer."""
        super().__init__(None, Qt.WindowType.Tool | Qt.WindowType.WindowDoesNotAcceptFocus)
        self.setObjectName("virtual_printer")
        self.setWindowTitle(self.tr("Virtual printer"))
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, False)
        self._roll = roll
        self._shown: tuple[bytes, ...] = ()
        self.paper = PaperRoll()
        self._area = QScrollArea()
        self._area.setObjectName("virtual_printer_scroll")
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._area.setWidget(self.paper)
        self._area.verticalScrollBar().rangeChanged.connect(self._to_end)
        words = Text("virtual_printer_words", "muted", wraps=True)
        words.setText(self.tr("What a printer would print. Name a real one in the settings."))
        layout: QVBoxLayout = column(words, self._area)
        layout.setStretch(1, 1)
        self.setLayout(padded(layout))
        self.resize(self.paper.sizeHint().width() + 4 * sizes().space_large, 680)

    @Slot()
    def look(self) -> None:
        """Show what was printed since; the window opens with it."""
        sheets = tuple(self._roll.sheets())
        if sheets == self._shown:
            return
        self._shown = sheets
        self.paper.show_sheets(sheets)
        if sheets and not self.isVisible():
            beside = self.screen().availableGeometry()
            self.move(beside.right() - self.width(), beside.top())
            self.show()

    @Slot()
    def _to_end(self) -> None:
        self._area.verticalScrollBar().setValue(self._area.verticalScrollBar().maximum())
