"""A table model that holds rows of text and changes only what differs, so that views keep place and selection.

Must never reset itself for an update, nor show text as anything but text.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its title and whether it holds figures, which stand at the right."""

    title: str
    is_figure: bool = False


class RowsModel(QStandardItemModel):
    """Rows of text under fixed columns, kept where Qt reads them without asking Python for every cell it paints."""

    def __init__(self, columns: Sequence[Column]) -> None:
        """Take the columns; every row has one text for each."""
        super().__init__(0, len(columns))
        self.setItemPrototype(_prototype())
        self._columns = tuple(columns)
        self._rows: tuple[Row, ...] = ()
        self._show_titles()

    def _show_titles(self) -> None:
        for place, each in enumerate(self._columns):
            self.setHeaderData(place, Qt.Orientation.Horizontal, each.title)
            self.setHeaderData(place, Qt.Orientation.Horizontal, _side(each), Qt.ItemDataRole.TextAlignmentRole)

    def text(self, row: int, column: int) -> str:
        """Return what a cell shows; raises IndexError where there is none."""
        return self._rows[row][column]

    @property
    def rows(self) -> tuple[Row, ...]:
        """What is shown."""
        return self._rows

    def show_columns(self, columns: Sequence[Column]) -> None:
        """Give the columns other titles; their number stays."""
        if tuple(columns) != self._columns:
            self._columns = tuple(columns)
            self._show_titles()

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
            self._rows = old[: head + kept] + old[head + gone :]
            self.removeRows(head + kept, gone - kept)
        elif come > kept:
            empty = ("",) * len(self._columns)
            self._rows = old[: head + kept] + (empty,) * (come - kept) + old[head + kept :]
            self.insertRows(head + kept, come - kept)
        self._rows = new
        if come:
            self._write(head, head + come - 1)

    def _write(self, first: int, last: int) -> None:
        """Put the texts of these rows where views read them, telling them once and not of every cell.

        By their data, of which Qt makes its items: an item made here is kept by Python after Qt has thrown it away.
        """
        sides = [_side(each) for each in self._columns]
        self.blockSignals(True)
        for row in range(first, last + 1):
            for place, (text, side) in enumerate(zip(self._rows[row], sides, strict=True)):
                cell = self.index(row, place)
                self.setData(cell, text)
                self.setData(cell, side, Qt.ItemDataRole.TextAlignmentRole)
        self.blockSignals(False)
        self.dataChanged.emit(self.index(first, 0), self.index(last, len(self._columns) - 1))


def _prototype() -> QStandardItem:
    item = QStandardItem()
    item.setEditable(False)
    return item


def _side(column: Column) -> int:
    side = Qt.AlignmentFlag.AlignRight if column.is_figure else Qt.AlignmentFlag.AlignLeft
    return (side | Qt.AlignmentFlag.AlignVCenter).value


def _common(one: tuple[Row, ...], other: tuple[Row, ...]) -> int:
    """Return how many rows at the start are the same."""
    count = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            break
        count += 1
    return count
