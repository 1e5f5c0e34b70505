"""The table view of the counter: whole rows, touch height, one column that takes the rest of the width.

Must never sort, edit or take the scanner's Enter for itself: choosing a row is a signal.
"""

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPersistentModelIndex, QRect, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QPainter, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from urs_desktop.ui.models.rows import RowsModel
from urs_desktop.ui.theme.apply import sizes

_Index = QModelIndex | QPersistentModelIndex
_ACCEPT = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class _NotedDelegate(QStyledItemDelegate):
    """Draws a cell whose text has a second line: the first as ever, the second small under it.

    Only for rows that have such a cell: Qt draws the others without asking Python.
    """

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        first, _, note = str(index.data()).partition("\n")
        if not note:
            super().paint(painter, option, index)
            return
        view = QStyleOptionViewItem(option)
        self.initStyleOption(view, index)
        view.text = ""
        style = view.widget.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, view, painter, view.widget)
        area = view.rect.adjusted(sizes().space_small, sizes().space_tiny, -sizes().space_tiny, -sizes().space_tiny)
        selected = bool(view.state & QStyle.StateFlag.State_Selected)
        role = view.palette.ColorRole.HighlightedText if selected else view.palette.ColorRole.Text
        painter.save()
        painter.setPen(view.palette.color(role))
        half = area.height() * 3 // 5
        _draw(painter, area.adjusted(0, 0, 0, half - area.height()), first)
        font = painter.font()
        font.setPixelSize(sizes().type_small - 1)
        painter.setFont(font)
        _draw(painter, area.adjusted(0, half, 0, 0), note)
        painter.restore()


def _draw(painter: QPainter, area: QRect, text: str) -> None:
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, area.width())
    painter.drawText(area, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), shown)


class RowTable(QTableView):
    """Shows a RowsModel, the second line of a text small; `chosen` carries the row of Enter."""

    chosen = Signal(object)
    left_upwards = Signal()

    def __init__(self, name: str, accessible: str, model: RowsModel, *, stretched: int, row_height: int = 0) -> None:
        """Take the names, the model, the column that takes what the others leave, and another height of the rows."""
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(accessible)
        self.setModel(model)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.verticalHeader().setVisible(False)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(row_height or sizes().touch_row)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(stretched, QHeaderView.ResizeMode.Stretch)
        self._rows = model
        self._around: int | None = None
        self._noted_delegate = _NotedDelegate(self)
        self._noted: set[int] = set()
        self._fitted = tuple(column for column in range(model.columnCount()) if column != stretched)
        for changed in (model.rowsInserted, model.rowsRemoved, model.dataChanged, model.headerDataChanged):
            changed.connect(self.fit_columns)
        for changed in (model.rowsInserted, model.rowsRemoved, model.dataChanged):
            changed.connect(self._note_rows)
        self.verticalScrollBar().valueChanged.connect(self.fit_columns)

    @Slot()
    def fit_columns(self) -> None:
        """Make every column but the stretched one as wide as what it shows; if that is too much, the last ones win.

        Only rows in view are measured. A table nobody sees is fitted when it is shown.
        """
        if not self.isVisible():
            return
        top, bottom = self.rowAt(0), self.rowAt(self.viewport().height() - 1)
        rows = range(max(top, 0), (self.model().rowCount() if bottom < 0 else bottom + 1))
        header, least = self.horizontalHeader(), sizes().touch_row
        room = self.viewport().width() - least
        for column in reversed(self._fitted):
            wanted = max(self._width(rows, column), header.sectionSizeHint(column)) + sizes().space_small
            width = max(least, min(wanted, room))
            room -= width
            if header.sectionSize(column) != width:
                header.resizeSection(column, width)

    @Slot()
    def _note_rows(self) -> None:
        noted = {row for row, cells in enumerate(self._rows.rows) if any("\n" in text for text in cells)}
        for row in noted ^ self._noted:
            self.setItemDelegateForRow(row, self._noted_delegate if row in noted else self.itemDelegate())
        self._noted = noted

    def _width(self, rows: range, column: int) -> int:
        """Return how wide these cells of a column are; what the style puts around a text is the same in all themes."""
        metrics = self.fontMetrics()
        width, row = max(
            ((metrics.horizontalAdvance(self._rows.text(row, column)), row) for row in rows), default=(0, 0)
        )
        if self._around is None and width:
            hint = self.sizeHintForIndex(self._rows.index(row, column))
            self._around = hint.width() - width + 1  # a style rounds up
        return width + (self._around or 0)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.fit_columns()

    def show_selected(self, row: int | None) -> None:
        """Mark this row and bring it into view, without saying so to anybody."""
        if row is None:
            self.clearSelection()
            self.selectionModel().clearCurrentIndex()
        elif self.currentIndex().row() != row or not self.selectionModel().isRowSelected(row):
            index = self.model().index(row, 0)
            flags = QItemSelectionModel.SelectionFlag
            self.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
            self.scrollTo(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _ACCEPT and self.currentIndex().isValid():
            if not event.isAutoRepeat():
                self.chosen.emit(self.currentIndex().row())
        elif event.key() == Qt.Key.Key_Up and self.currentIndex().row() <= 0:
            self.left_upwards.emit()
        else:
            super().keyPressEvent(event)
