"""Bar charts, by pyqtgraph: a bar or two for each interval, one of them chosen, clicked or not.

The only module that imports pyqtgraph, and it is imported when the dashboard is first entered. Must never reckon, nor
draw more bars than there are pixels.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QMouseEvent, QResizeEvent

from urs_desktop.ui.theme.apply import sizes
from urs_desktop.ui.theme.tokens import Colours

pg.setConfigOptions(exitCleanup=False)  # the application ends by itself, and pyqtgraph's way of doing so is not ours

_WIDTH: Final = 0.8
_HEADROOM: Final = 1.1
_LABEL_PIXELS: Final = 64
_AXIS_HEIGHT: Final = 26
_NEARLY: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Series:
    """What one kind of bars shows: whole numbers from the left, and the role of their colour."""

    values: tuple[int, ...]
    colour: str
    below_zero: str = ""


class _Figures(pg.AxisItem):  # type: ignore[misc]
    """The left axis: whole figures, written by whoever knows what they are."""

    def __init__(self) -> None:
        super().__init__("left")
        self.write: Callable[[int], str] = str

    def tickStrings(self, values: Sequence[Any], scale: Any, spacing: Any) -> list[str]:  # noqa: ANN401 - pyqtgraph's
        del scale, spacing
        return [self.write(round(value)) if abs(value - round(value)) < _NEARLY else "" for value in values]


class BarChart(pg.GraphicsLayoutWidget):  # type: ignore[misc]
    """One chart; `pressed` carries the place of a bar that was clicked."""

    pressed = Signal(object)

    def __init__(self, name: str, accessible: str) -> None:
        """Take the object's name and the one for screen readers."""
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(accessible)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMinimumSize(0, 0)
        # A ViewBox and two axes, and no PlotItem: that makes menus, which are windows of their own.
        self._view = pg.ViewBox(enableMenu=False, enableMouse=False, defaultPadding=0)
        self._figures, self._names = _Figures(), pg.AxisItem("bottom")
        self._names.setHeight(_AXIS_HEIGHT)
        self.ci.layout.setContentsMargins(0, 0, 0, 0)
        self.ci.layout.setSpacing(0)
        self.addItem(self._figures, 0, 0)
        self.addItem(self._view, 0, 1)
        self.addItem(self._names, 1, 1)
        for axis in (self._figures, self._names):
            axis.linkToView(self._view)
        self._chosen = pg.BarGraphItem(x=[], y0=[], y1=[], width=1, pen=None)
        self._chosen.setZValue(-10)
        self._bars = (pg.BarGraphItem(x=[], height=[], width=1, pen=None), pg.BarGraphItem(x=[], height=[], width=1))
        for item in (self._chosen, *self._bars):
            self._view.addItem(item)
        self._labels: tuple[str, ...] = ()
        self._series: tuple[Series, ...] = ()
        self._selected: int | None = None
        self._colours: Colours | None = None

    def write_by(self, write: Callable[[int], str]) -> None:
        """Have the figures at the left written by this."""
        self._figures.write = write

    def dress(self, colours: Colours) -> None:
        """Draw everything in the theme's colours."""
        self._colours = colours
        self.setBackground(QColor(colours.surface))
        font = QFont(self.font())
        font.setPixelSize(sizes().type_small - 2)
        for axis in (self._figures, self._names):
            axis.setPen(pg.mkPen(colours.border))
            axis.setTextPen(pg.mkPen(colours.muted))
            axis.setStyle(tickFont=font, tickLength=0)
        self._draw()

    def show_bars(self, labels: tuple[str, ...], series: tuple[Series, ...], selected: int | None) -> None:
        """Show these bars, and mark the chosen one."""
        if (labels, series, selected) != (self._labels, self._series, self._selected):
            self._labels, self._series, self._selected = labels, series, selected
            self._draw()

    def _draw(self) -> None:
        colours = self._colours
        if colours is None:
            return
        count, kinds = len(self._labels), max(1, len(self._series))
        width = _WIDTH / kinds
        for n, item in enumerate(self._bars):
            shown = self._series[n] if n < len(self._series) else Series((), "accent")
            first = (1 - _WIDTH) / 2 + width * n + width / 2
            negative = shown.below_zero or shown.colour
            item.setOpts(
                x=[place + first for place in range(len(shown.values))],
                height=shown.values,
                width=width,
                pen=None,
                brushes=[QColor(getattr(colours, negative if v < 0 else shown.colour)) for v in shown.values],
            )
        highest = max((v for series in self._series for v in series.values), default=0)
        lowest = min((v for series in self._series for v in series.values), default=0)
        top, bottom = max(1, highest) * _HEADROOM, min(0, lowest) * _HEADROOM
        chosen = [] if self._selected is None else [self._selected + 0.5]
        self._chosen.setOpts(
            x=chosen,
            y0=[bottom] * len(chosen),
            y1=[top] * len(chosen),
            width=1,
            brush=QColor(colours.raised_hover),
            pen=None,
        )
        self._view.setRange(QRectF(0, bottom, max(1, count), top - bottom), padding=0)
        self._write_labels()

    def _write_labels(self) -> None:
        fitting = max(1, self.width() // _LABEL_PIXELS)
        step = max(1, -(-len(self._labels) // fitting))
        ticks = [(place + 0.5, label) for place, label in enumerate(self._labels) if place % step == 0]
        self._names.setTicks([ticks])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if hasattr(self, "_labels"):
            self._write_labels()

    def middle_of(self, place: int) -> QPointF:
        """Return where the bar in this place stands, as a position of this widget."""
        return QPointF(self.mapFromScene(self._view.mapViewToScene(QPointF(place + 0.5, 0))))

    def bar_at(self, position: QPointF) -> int | None:
        """Return the place of the bar at a position of this widget."""
        at = self._view.mapSceneToView(self.mapToScene(position.toPoint()))
        place = int(at.x() // 1)
        return place if 0 <= place < len(self._labels) else None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self.bar_at(event.position())
        if place is not None:
            self.pressed.emit(place)
