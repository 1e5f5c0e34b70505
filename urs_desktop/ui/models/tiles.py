"""A table model of tiles: one product in each cell, row by row, which changes only what differs.

Must never reset itself for an update, nor know how a tile is drawn.
"""

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QPixmap, QStandardItem, QStandardItemModel

from urs_desktop.ui.presenters.sell_state import Tile

_Index = QModelIndex | QPersistentModelIndex
_WORDS = (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole)


class TilesModel(QStandardItemModel):
    """Tiles in rows of `across`, kept with their pictures where Qt reads them without asking Python.

    `changed` when other tiles are shown; whoever shows the model gives it their pictures.
    """

    changed = Signal()

    def __init__(self, across: int) -> None:
        """Take how many tiles are beside each other."""
        super().__init__(0, across)
        item = QStandardItem()
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        self.setItemPrototype(item)
        self._tiles: tuple[Tile, ...] = ()

    @property
    def tiles(self) -> tuple[Tile, ...]:
        """What is shown."""
        return self._tiles

    def place(self, index: _Index) -> int | None:
        """Return the number of the tile in a cell, from 0; None for an empty cell."""
        place = index.row() * self.columnCount() + index.column() if index.isValid() else -1
        return place if 0 <= place < len(self._tiles) else None

    def index_of(self, place: int) -> QModelIndex:
        """Return the cell of a tile."""
        return self.index(*divmod(place, self.columnCount()))

    def show_tiles(self, tiles: Sequence[Tile]) -> None:
        """Show these tiles, without pictures; rows that go or come are told apart from those that only change."""
        shown = tuple(tiles)
        if shown == self._tiles:
            return
        self._tiles = shown
        across = self.columnCount()
        self.setRowCount(-(-len(shown) // across))
        self.blockSignals(True)
        for place in range(self.rowCount() * across):
            self._write(place, shown[place] if place < len(shown) else None)
        self.blockSignals(False)
        if shown:
            self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, across - 1))
        self.changed.emit()

    def _write(self, place: int, tile: Tile | None) -> None:
        cell = self.index_of(place)
        words = None if tile is None else f"{tile.name}, {tile.price}"
        for role in _WORDS:
            self.setData(cell, words, role)
        self.setData(cell, None, Qt.ItemDataRole.DecorationRole)
        enabled = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        self.itemFromIndex(cell).setFlags(Qt.ItemFlag.NoItemFlags if tile is None else enabled)

    def show_picture(self, place: int, picture: QPixmap) -> None:
        """Show this picture of a tile."""
        self.setData(self.index_of(place), picture, Qt.ItemDataRole.DecorationRole)
