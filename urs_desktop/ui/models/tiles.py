"""A table model of tiles: one product in each cell, row by row, which changes only what differs.

Must never reset itself for an update, nor know how a tile is drawn.
"""

from collections.abc import Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from urs_desktop.ui.presenters.sell_state import Tile

TILE = Qt.ItemDataRole.UserRole
"""The role under which a cell gives its Tile."""

_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


class TilesModel(QAbstractTableModel):
    """Tiles in rows of `across`."""

    def __init__(self, across: int) -> None:
        """Take how many tiles are beside each other."""
        super().__init__()
        self._across = across
        self._tiles: tuple[Tile, ...] = ()

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else self._rows(len(self._tiles))

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else self._across

    def _rows(self, tiles: int) -> int:
        return -(-tiles // self._across)

    def place(self, index: _Index) -> int | None:
        """Return the number of the tile in a cell, from 0; None for an empty cell."""
        place = index.row() * self._across + index.column() if index.isValid() else -1
        return place if 0 <= place < len(self._tiles) else None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        place = self.place(index)
        if place is None:
            return None
        tile = self._tiles[place]
        if role == TILE:
            return tile
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return f"{tile.name}, {tile.price}"
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        return super().flags(index) if self.place(index) is not None else Qt.ItemFlag.NoItemFlags

    def show_tiles(self, tiles: Sequence[Tile]) -> None:
        """Show these tiles; rows that go or come are told apart from those that only change."""
        shown = tuple(tiles)
        if shown == self._tiles:
            return
        before, after = self._rows(len(self._tiles)), self._rows(len(shown))
        if after > before:
            self.beginInsertRows(_NOWHERE, before, after - 1)
            self._tiles = shown
            self.endInsertRows()
        elif after < before:
            self.beginRemoveRows(_NOWHERE, after, before - 1)
            self._tiles = shown
            self.endRemoveRows()
        self._tiles = shown
        if after:
            self.dataChanged.emit(self.index(0, 0), self.index(after - 1, self._across - 1))
