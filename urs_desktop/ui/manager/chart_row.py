"""The three charts beside each other: transactions, points issued against redeemed, and what is left of the revenue.

pyqtgraph is loaded on the pool when they are first wanted; until then their sums stand alone. Must never reckon.
"""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QWidget

from urs_desktop.later import later
from urs_desktop.ui.presenters.dashboard_state import Bar, DashboardState
from urs_desktop.ui.presenters.formatting import Formats
from urs_desktop.ui.presenters.runner import Runner
from urs_desktop.ui.theme.apply import sizes
from urs_desktop.ui.theme.tokens import Colours
from urs_desktop.ui.widgets.labels import Line
from urs_desktop.ui.widgets.layouts import Card, column, padded, row

if TYPE_CHECKING:
    from urs_desktop.ui.manager import charts
else:
    charts = later("urs_desktop.ui.manager.charts")


class ChartCard(Card):
    """One chart under its title, its sum and what its bars are."""

    def __init__(self, name: str, title: str, legend: str) -> None:
        """Take the object's name, the title and the legend."""
        super().__init__(f"{name}_card")
        self._name, self._words = name, title
        self._title, self._sum = Line(f"{name}_title", "muted"), Line(f"{name}_sum", "title")
        self._title.show_text(title)
        self._legend = Line(f"{name}_legend", "muted")
        self._legend.show_text(legend)
        self.chart: charts.BarChart | None = None
        self._column = column(self._title, self._sum, self._legend, gap=0)
        self._column.addStretch(1)
        self.setLayout(padded(self._column, sizes().space_small))

    def draw(self) -> "charts.BarChart":
        """Make the chart; pyqtgraph is loaded by now."""
        self.chart = charts.BarChart(self._name, self._words)
        self._column.takeAt(self._column.count() - 1)
        self._column.addWidget(self.chart, 1)
        return self.chart

    def show_sum(self, text: str) -> None:
        """Show the sum of the whole time."""
        self._sum.show_text(text)


class ChartRow(QWidget):
    """The charts; `pressed` carries the place of a bar that was clicked."""

    pressed = Signal(object)

    def __init__(self, formats: Formats) -> None:
        """Take how figures are written."""
        super().__init__()
        self.setObjectName("dashboard_charts")
        self._formats = formats
        self._volume = ChartCard("chart_volume", self.tr("Transactions"), self.tr("Sales"))
        self._points = ChartCard("chart_points", self.tr("Points"), self.tr("Issued, and beside it redeemed"))
        self._profit = ChartCard("chart_profit", self.tr("Profit"), self.tr("Revenue less rewards"))
        self._cards = (self._volume, self._points, self._profit)
        self._colours: Colours | None = None
        self._state: DashboardState | None = None
        self._loading = False
        self.setLayout(row(*self._cards, gap=sizes().space_medium))

    def load(self, runner: Runner, failed: Callable[[Exception], None]) -> None:
        """Load what draws charts, once; `failed` is told why it cannot be."""
        if self._loading:
            return
        self._loading = True

        def stumble(error: Exception) -> None:
            if self._loading:  # told once, not by each chart
                self._loading = False
                failed(error)

        for card in self._cards:  # each in a turn of its own
            runner.run(partial(getattr, charts, "BarChart"), partial(self._loaded, card), stumble)

    def _loaded(self, card: ChartCard, _: object) -> None:
        chart = card.draw()
        chart.write_by(self._write_money if card is self._profit else self._formats.number)
        chart.pressed.connect(self.pressed)
        if self._colours is not None:
            chart.dress(self._colours)
        if self._state is not None:
            self.render_state(self._state)

    def _write_money(self, minor: int) -> str:
        return self._formats.number(minor // 10 ** (self._state.digits if self._state else 0))

    def dress(self, colours: Colours) -> None:
        """Draw the charts in the theme's colours."""
        self._colours = colours
        for card in self._cards:
            if card.chart is not None:
                card.chart.dress(colours)

    def render_state(self, state: DashboardState) -> None:
        """Show this state."""
        self._state, sums = state, state.sums
        refunds = self.tr(" · {count} refunds").format(count=sums.refunds) if sums.refunds != "0" else ""
        self._volume.show_sum(sums.sales + refunds)
        words = self.tr("{issued} issued · {redeemed} redeemed")
        self._points.show_sum(words.format(issued=sums.issued, redeemed=sums.redeemed))
        self._profit.show_sum(self.tr("{profit} of {revenue}").format(profit=sums.profit, revenue=sums.revenue))
        labels = tuple(bar.label for bar in state.bars)
        shown = (
            (("sales", "accent", ""),),
            (("issued", "success", ""), ("redeemed", "warning", "")),
            (("profit", "accent", "danger"),),
        )
        for card, series in zip(self._cards, shown, strict=True):
            if card.chart is not None:
                drawn = tuple(charts.Series(_values(state.bars, name), *colours) for name, *colours in series)
                card.chart.show_bars(labels, drawn, state.selected)

    def picture(self) -> QImage:
        """Return the charts as they are drawn now."""
        made = QImage(
            self.size() * self.devicePixelRatio() if self.width() else QSize(1, 1), QImage.Format.Format_RGB32
        )
        made.setDevicePixelRatio(self.devicePixelRatio())
        painter = QPainter(made)
        painter.fillRect(self.rect(), self.palette().window())
        painter.end()
        self.render(made)
        return made


def _values(bars: tuple[Bar, ...], name: str) -> tuple[int, ...]:
    return tuple(getattr(bar, name) for bar in bars)
