"""Products to touch: tiles in fixed cells, each with its colour, name and price, drawn by a delegate.

A table and not an icon list, which would lay out every product there is. Must never take a scanner's Enter, nor decide
what a touch means.
"""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QPainter, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from urs_desktop.ui.models.tiles import TILE, TilesModel
from urs_desktop.ui.presenters.sell_state import Tile
from urs_desktop.ui.theme.apply import sizes
from urs_desktop.ui.theme.tokens import TILE_COLOURS, Colours

_Index = QModelIndex | QPersistentModelIndex
_ACCEPT = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_ALIGN = Qt.AlignmentFlag
_BADGE = 26
_MOST_PICTURES = 400
"""Of about 40 kB each."""


class TileDelegate(QStyledItemDelegate):
    """Draws one tile, once: painted anew it would take a millisecond, and there are two dozen on the screen."""

    def __init__(self, colours: Colours) -> None:
        """Take the colours of the theme."""
        super().__init__()
        self._colours = colours
        self._pictures: dict[tuple[object, ...], QPixmap] = {}

    def dress(self, colours: Colours) -> None:
        """Draw in these colours from now on."""
        self._colours = colours
        self._pictures.clear()

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        tile = index.data(TILE)
        if not isinstance(tile, Tile):
            return
        focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
        pressed = bool(option.state & QStyle.StateFlag.State_MouseOver)
        scale = painter.device().devicePixelRatio()
        key = (tile, option.rect.width(), option.rect.height(), focused, pressed, scale, option.font.key())
        picture = self._pictures.get(key)
        if picture is None:
            if len(self._pictures) >= _MOST_PICTURES:
                self._pictures.clear()
            picture = self._pictures[key] = QPixmap(option.rect.size() * scale)
            picture.setDevicePixelRatio(scale)
            picture.fill(Qt.GlobalColor.transparent)
            self._draw(picture, option, tile, focused=focused, pressed=pressed)
        painter.drawPixmap(option.rect.topLeft(), picture)

    def _draw(
        self, picture: QPixmap, option: QStyleOptionViewItem, tile: Tile, *, focused: bool, pressed: bool
    ) -> None:
        gap = sizes().space_tiny
        area = QRect(QPoint(0, 0), option.rect.size()).adjusted(gap // 2, gap // 2, -gap // 2, -gap // 2)
        with QPainter(picture) as painter:
            painter.setFont(option.font)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._draw_card(painter, area, focused=focused, pressed=pressed)
            self._draw_words(painter, area.adjusted(gap * 2, gap * 2, -gap * 2, -gap * 2), tile)

    def _draw_card(self, painter: QPainter, area: QRect, *, focused: bool, pressed: bool) -> None:
        edge = self._colours.focus if focused else self._colours.border
        painter.setPen(QPen(QColor(edge), 2 if focused else 1))
        painter.setBrush(QColor(self._colours.raised if pressed else self._colours.surface))
        painter.drawRoundedRect(area, sizes().radius_card, sizes().radius_card)

    def _draw_words(self, painter: QPainter, area: QRect, tile: Tile) -> None:
        badge = QRect(area.left(), area.top(), _BADGE, _BADGE)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(getattr(self._colours, TILE_COLOURS[tile.colour % len(TILE_COLOURS)])))
        painter.drawRoundedRect(badge, sizes().radius_small, sizes().radius_small)
        painter.setPen(QColor(self._colours.text))
        font = painter.font()
        font.setPixelSize(sizes().type_small)
        font.setBold(True)
        painter.setFont(font)
        painter.drawText(badge, int(_ALIGN.AlignCenter), tile.initial)
        price = QRect(badge.right() + 1, area.top(), area.right() - badge.right(), _BADGE)
        shown = painter.fontMetrics().elidedText(tile.price, Qt.TextElideMode.ElideRight, price.width())
        painter.drawText(price, int(_ALIGN.AlignRight | _ALIGN.AlignVCenter), shown)
        font.setBold(False)
        painter.setFont(font)
        self._draw_name(painter, area.adjusted(0, _BADGE + sizes().space_tiny, 0, 0), tile.name)

    def _draw_name(self, painter: QPainter, area: QRect, name: str) -> None:
        """Draw up to two lines of the name, the second one shortened."""
        metrics = painter.fontMetrics()
        words, first = name.split(), ""
        while words and metrics.horizontalAdvance(f"{first} {words[0]}".strip()) <= area.width():
            first = f"{first} {words.pop(0)}".strip()
        lines = [first] if first else []
        if words:
            lines.append(metrics.elidedText(" ".join(words), Qt.TextElideMode.ElideRight, area.width()))
        for number, line in enumerate(lines):
            place = QRect(area.left(), area.top() + number * metrics.height(), area.width(), metrics.height())
            painter.drawText(place, int(_ALIGN.AlignLeft | _ALIGN.AlignVCenter), line)


class TileTable(QTableView):
    """Shows a TilesModel; `chosen` carries the number of the tile that was touched or entered."""

    chosen = Signal(object)

    def __init__(self, name: str, accessible: str, model: TilesModel, colours: Colours) -> None:
        """Take the names, the model and the colours to begin with."""
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(accessible)
        self._tiles = model
        self.setModel(model)
        self._delegate = TileDelegate(colours)
        self.setItemDelegate(self._delegate)
        self.setMouseTracking(True)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        for header in (self.verticalHeader(), self.horizontalHeader()):
            header.setVisible(False)
            header.setMinimumSectionSize(1)
            header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            header.setDefaultSectionSize(sizes().touch_tile)
        self.clicked.connect(self._clicked)

    @Slot(QModelIndex)
    def _clicked(self, index: QModelIndex) -> None:
        place = self._tiles.place(index)
        if place is not None:
            self.chosen.emit(place)

    def dress(self, colours: Colours) -> None:
        """Draw in the theme's colours."""
        self._delegate.dress(colours)
        self.viewport().update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if not self.currentIndex().isValid() and self.model().rowCount():
            self.setCurrentIndex(self.model().index(0, 0))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        across = self._tiles.columnCount()
        self.horizontalHeader().setDefaultSectionSize(self.viewport().width() // across)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _ACCEPT and self.currentIndex().isValid():
            if not event.isAutoRepeat():
                self._clicked(self.currentIndex())
        else:
            super().keyPressEvent(event)
