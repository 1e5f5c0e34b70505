"""A table model that holds rows of text and changes only what differs, so that views keep place and selection.

Must never reset itself for an update, nor show text as anything but text.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

Row = tuple[str, ...]
_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its title and whether it holds figures, which stand at the right."""

    title: str
    is_figure: bool = False


class RowsModel(QAbstractTableModel):
    """Rows of text under fixed columns."""

    def __init__(self, columns: Sequence[Column]) -> None:
        """Take the columns; every row has one text for each."""
        super().__init__()
        self._columns = tuple(columns)
        self._rows: tuple[Row, ...] = ()

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._rows[index.row()][index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._alignment(index.column())
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(self._columns):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._columns[section].title
        return self._alignment(section) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def _alignment(self, column: int) -> Qt.AlignmentFlag:
        side = Qt.AlignmentFlag.AlignRight if self._columns[column].is_figure else Qt.AlignmentFlag.AlignLeft
        return side | Qt.AlignmentFlag.AlignVCenter

    def text(self, row: int, column: int) -> str:
        """Return what a cell shows; raises IndexError where there is none."""
        return self._rows[row][column]

    def show_columns(self, columns: Sequence[Column]) -> None:
        """Give the columns other titles; their number stays."""
        if tuple(columns) != self._columns:
            self._columns = tuple(columns)
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self._columns) - 1)

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Show these rows, telling views only of the stretch that differs from what was there."""
        new, old = tuple(rows), self._rows
        if new == old:
            return
        head = _common(old, new)
        tail = min(_common(old[::-1], new[::-1]), len(old) - head, len(new) - head)
        gone, come = len(old) - head - tail, len(new) - head - tail
        kept = min(gone, come)
        if gone > kept:
            self.beginRemoveRows(_NOWHERE, head + kept, head + gone - 1)
            self._rows = old[: head + kept] + old[head + gone :]
            self.endRemoveRows()
        elif come > kept:
            self.beginInsertRows(_NOWHERE, head + kept, head + come - 1)
            self._rows = old[: head + kept] + new[head + kept : head + come] + old[head + kept :]
            self.endInsertRows()
        self._rows = new
        if kept:
            self.dataChanged.emit(self.index(head, 0), self.index(head + kept - 1, len(self._columns) - 1))


def _common(one: tuple[Row, ...], other: tuple[Row, ...]) -> int:
    """Return how many rows at the start are the same."""
    count = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            break
        count += 1
    return count
