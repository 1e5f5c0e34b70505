"""The tables of the dashboard: the figures of the charts for whoever reads or hears them, products, receipts.

Must never decide which row is chosen.
"""

from PySide6.QtCore import QModelIndex, Signal, Slot
from PySide6.QtWidgets import QStackedWidget, QWidget

from urs_desktop.ui.models.rows import Column, RowsModel
from urs_desktop.ui.presenters.dashboard_state import DashboardState
from urs_desktop.ui.theme.apply import sizes
from urs_desktop.ui.widgets.buttons import Button
from urs_desktop.ui.widgets.labels import Line
from urs_desktop.ui.widgets.layouts import Card, column, padded, row
from urs_desktop.ui.widgets.tables import RowTable


class FiguresCard(Card):
    """A row for each bar; `moved` carries the place one went to by keys, `pressed` of the one that was clicked."""

    moved = Signal(object)
    pressed = Signal(object)

    def __init__(self) -> None:
        """Make the table."""
        super().__init__("dashboard_figures")
        self.model = RowsModel(self._columns(by_counter=False))
        self.table = RowTable("dashboard_table", self.tr("The figures of the charts"), self.model, stretched=0)
        self.table.selectionModel().currentRowChanged.connect(self._row_changed)
        self.table.clicked.connect(self._clicked)
        self.setLayout(padded(column(self.table), sizes().space_small))

    def _columns(self, *, by_counter: bool) -> tuple[Column, ...]:
        figures = (self.tr("Sales"), self.tr("Refunds"), self.tr("Revenue"), self.tr("Issued"), self.tr("Redeemed"))
        first = Column(self.tr("Counter") if by_counter else self.tr("Time"))
        return (first, *(Column(each, is_figure=True) for each in (*figures, self.tr("Profit"))))

    @Slot(QModelIndex, QModelIndex)
    def _row_changed(self, now: QModelIndex, before: QModelIndex) -> None:
        del before
        if self.table.hasFocus() and now.isValid():
            self.moved.emit(now.row())

    @Slot(QModelIndex)
    def _clicked(self, index: QModelIndex) -> None:
        self.pressed.emit(index.row())

    def render_state(self, state: DashboardState) -> None:
        """Show this state."""
        self.model.show_columns(self._columns(by_counter=state.by_counter))
        self.model.show_rows([bar.row for bar in state.bars])
        self.table.show_selected(state.selected)


class SideCard(Card):
    """The best products, or the receipts behind a bar; `opened` carries the place of a receipt, `closed` its end."""

    opened = Signal(object)
    closed = Signal()

    def __init__(self) -> None:
        """Make both tables."""
        super().__init__("dashboard_side")
        amount = Column(self.tr("Revenue"), is_figure=True)
        self.products = RowsModel((Column(self.tr("Top products")), Column(self.tr("Pieces"), is_figure=True), amount))
        self._products = RowTable("dashboard_products", self.tr("Top products"), self.products, stretched=0)
        figures = (self.tr("Total"), self.tr("Issued"), self.tr("Redeemed"))
        self.receipts = RowsModel(
            (Column(self.tr("Receipt")), Column(self.tr("Time")), *(Column(each, is_figure=True) for each in figures))
        )
        self.table = RowTable("dashboard_receipts", self.tr("Receipts behind the bar"), self.receipts, stretched=1)
        self.table.chosen.connect(self.opened)
        self.table.doubleClicked.connect(self._clicked)
        self._title = Line("dashboard_behind", "strong")
        self._close = Button("dashboard_close", "action", self.tr("Products"), self.tr("Back to the products"))
        self._close.clicked.connect(self._closed)
        head = row(self._title, self._close)
        head.setStretch(0, 1)
        behind = QWidget()
        behind.setLayout(column(head, self.table, gap=sizes().space_tiny))
        self._pages = QStackedWidget()
        self._pages.addWidget(self._products)
        self._pages.addWidget(behind)
        self.setLayout(padded(column(self._pages), sizes().space_small))

    @Slot(QModelIndex)
    def _clicked(self, index: QModelIndex) -> None:
        self.opened.emit(index.row())

    @Slot()
    def _closed(self) -> None:
        self.closed.emit()

    def render_state(self, state: DashboardState) -> None:
        """Show this state."""
        behind = state.behind
        self.products.show_rows(list(state.products))
        self.receipts.show_rows(list(behind.rows) if behind else [])
        self._pages.setCurrentIndex(0 if behind is None else 1)
        if behind is None:
            return
        title = self.tr("Counter {number}").format(number=behind.title) if state.by_counter else behind.title
        words = (
            self.tr("{title}: the newest {count} receipts") if behind.more else self.tr("{title}, receipts: {count}")
        )
        self._title.show_text(words.format(title=title, count=len(behind.rows)))
