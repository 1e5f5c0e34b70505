"""The sale's lines on the customer display: as many as fit, the newest marked and always among them.

Drawn without a scroll bar, since nobody scrolls there. Must never draw more than what is seen, however long the sale.
"""

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPalette
from PySide6.QtWidgets import QSizePolicy

from urs_desktop.ui.presenters.customer_display import DisplayLine
from urs_desktop.ui.theme.apply import sizes
from urs_desktop.ui.widgets.picture import Picture

_ALIGN = Qt.AlignmentFlag


class DisplayLines(Picture):
    """Shows the lines of a sale."""

    def __init__(self) -> None:
        """Begin with none."""
        super().__init__("display_lines")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._lines: tuple[DisplayLine, ...] = ()
        self._newest: int | None = None
        self._percent = 100

    def grow(self, percent: int) -> None:
        """Be so large."""
        self._percent = percent
        self.redraw()

    def show_lines(self, lines: tuple[DisplayLine, ...], newest: int | None) -> None:
        """Show these lines, and mark the newest."""
        if (lines, newest) != (self._lines, self._newest):
            self._lines, self._newest = lines, newest
            marked = lines[newest] if newest is not None else None
            self.setAccessibleName(self._words(marked) if marked else self.tr("Your purchase"))
            self.redraw()

    def _words(self, line: DisplayLine) -> str:
        return self.tr("{quantity} \u00d7 {name}: {total}").format(
            quantity=line.quantity, name=line.description, total=line.total
        )

    def sizeHint(self) -> QSize:
        return QSize(0, self._row())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def _row(self) -> int:
        return sizes().display_row * self._percent // 100

    def in_view(self) -> range:
        """Return the places of the lines that are drawn: the last ones, or those down to the newest."""
        fitting = max(1, self.height() // self._row())
        end = len(self._lines)
        if len(self._lines) > fitting:
            fitting = max(1, (self.height() - self._note_height()) // self._row())
        if self._newest is not None and self._newest < end - fitting:
            end = max(fitting, self._newest + 1)
        return range(max(0, end - fitting), end)

    def _note_height(self) -> int:
        return self._row() // 2

    def draw(self, painter: QPainter) -> None:
        """Draw the lines in view, and how many there are above them."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        top = 0
        shown = self.in_view()
        hidden = len(self._lines) - len(shown)
        if hidden:
            self._set_font(painter, sizes().display_small, bold=False)
            painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
            area = QRect(0, 0, self.width(), self._note_height())
            painter.drawText(area, int(_ALIGN.AlignVCenter | _ALIGN.AlignHCenter), self._more(hidden))
            top = self._note_height()
        for place in shown:
            area = QRect(0, top, self.width(), self._row())
            self._draw_line(painter, area, self._lines[place], is_newest=place == self._newest)
            top += self._row()

    def _more(self, count: int) -> str:
        return self.tr("{count} more").format(count=count)

    def _set_font(self, painter: QPainter, size: int, *, bold: bool) -> None:
        font = QFont(self.font())
        font.setPixelSize(max(1, size * self._percent // 100))
        font.setBold(bold)
        painter.setFont(font)

    def _draw_line(self, painter: QPainter, area: QRect, line: DisplayLine, *, is_newest: bool) -> None:
        role = QPalette.ColorRole
        gap = sizes().space_medium
        text, quiet = self.palette().color(role.Text), self.palette().color(role.PlaceholderText)
        if is_newest:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.palette().color(role.Highlight))
            painter.drawRoundedRect(area.adjusted(0, 2, 0, -2), sizes().radius_small, sizes().radius_small)
            text = quiet = self.palette().color(role.HighlightedText)
        inner = area.adjusted(gap, 0, -gap, 0)
        self._set_font(painter, sizes().display_body, bold=True)
        painter.setPen(text)
        painter.drawText(inner, int(_ALIGN.AlignRight | _ALIGN.AlignVCenter), line.total)
        inner.setRight(inner.right() - painter.fontMetrics().horizontalAdvance(line.total) - gap)
        self._set_font(painter, sizes().display_body, bold=is_newest)
        said = self._said(line)
        half = inner.height() * 3 // 5 if said else inner.height()
        first = self.tr("{quantity} \u00d7 {name}").format(quantity=line.quantity, name=line.description)
        _write(painter, inner.adjusted(0, 0, 0, half - inner.height()), first)
        self._set_font(painter, sizes().display_small, bold=False)
        painter.setPen(quiet)
        _write(painter, inner.adjusted(0, half, 0, 0), said)

    def _said(self, line: DisplayLine) -> str:
        parts: Sequence[str] = (
            self.tr("instead of {price}").format(price=line.list_price) if line.list_price else "",
            self.tr("discount {amount}").format(amount=line.discount) if line.discount else "",
        )
        return " \u00b7 ".join(part for part in parts if part)


def _write(painter: QPainter, area: QRect, text: str) -> None:
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, area.width())
    painter.drawText(area, int(_ALIGN.AlignLeft | _ALIGN.AlignVCenter), shown)
