"""Products to touch: tiles in fixed cells, each with its colour, name and price.

A table and not an icon list, which would lay out every product there is. Each tile is a picture drawn once, ahead of
painting, which then asks nothing of Python. Must never take a scanner's Enter, nor decide what a touch means.
"""

from typing import Final

from PySide6.QtCore import QEvent, QModelIndex, QRect, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QFocusEvent, QFont, QKeyEvent, QPainter, QPen, QPixmap, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QStyle, QTableView

from urs_desktop.ui.models.tiles import TilesModel
from urs_desktop.ui.presenters.sell_state import Tile
from urs_desktop.ui.theme.apply import sizes
from urs_desktop.ui.theme.tokens import TILE_COLOURS, Colours

_ACCEPT = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_ALIGN = Qt.AlignmentFlag
_BADGE: Final = 26
_MOST_PICTURES: Final = 400
"""Of about 40 kB each."""
_A_TURN: Final = 6
"""Tiles drawn anew in one turn of the loop."""


class TilePictures:
    """Draws a tile, once: drawn anew it would take a millisecond, and there are two dozen on the screen."""

    def __init__(self, colours: Colours) -> None:
        """Take the colours of the theme."""
        self._colours = colours
        self._pictures: dict[tuple[object, ...], QPixmap] = {}
        self.drawn = 0

    def dress(self, colours: Colours) -> None:
        """Draw in these colours from now on."""
        self._colours = colours
        self._pictures.clear()

    def picture(self, tile: Tile, size: QSize, scale: float, font: QFont, *, focused: bool, hovered: bool) -> QPixmap:
        """Return the picture of a tile of this size, for a screen of this scale."""
        key = (tile, size.width(), size.height(), scale, font.key(), focused, hovered)
        picture = self._pictures.get(key)
        if picture is None:
            if len(self._pictures) >= _MOST_PICTURES:
                self._pictures.clear()
            picture = self._pictures[key] = QPixmap(size * scale)
            self.drawn += 1
            picture.setDevicePixelRatio(scale)
            picture.fill(Qt.GlobalColor.transparent)
            with QPainter(picture) as painter:
                painter.setFont(font)
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                area = QRect(0, 0, size.width() - 1, size.height() - 1)
                self._draw_card(painter, area, focused=focused, hovered=hovered)
                gap = 2 * sizes().space_tiny
                self._draw_words(painter, area.adjusted(gap, gap, -gap, -gap), tile)
        return picture

    def _draw_card(self, painter: QPainter, area: QRect, *, focused: bool, hovered: bool) -> None:
        edge = self._colours.focus if focused else self._colours.border
        painter.setPen(QPen(QColor(edge), 2 if focused else 1))
        painter.setBrush(QColor(self._colours.raised if hovered else self._colours.surface))
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
        self._pictures = TilePictures(colours)
        self._drawn: dict[int, tuple[bool, bool]] = {}
        self._hovered: int | None = None
        self._turn = QTimer(self)
        self._turn.setSingleShot(True)
        self._turn.setInterval(0)
        self._turn.timeout.connect(self._draw)
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
        self.entered.connect(self._hover)
        self.viewportEntered.connect(self._leave)
        model.changed.connect(self._draw_all)
        self.verticalScrollBar().valueChanged.connect(self._draw)
        self.selectionModel().currentChanged.connect(self._draw)

    @Slot(QModelIndex)
    def _clicked(self, index: QModelIndex) -> None:
        place = self._tiles.place(index)
        if place is not None:
            self.chosen.emit(place)

    @Slot(QModelIndex)
    def _hover(self, index: QModelIndex) -> None:
        self._hovered = self._tiles.place(index)
        self._draw()

    @Slot()
    def _leave(self) -> None:
        self._hovered = None
        self._draw()

    def dress(self, colours: Colours) -> None:
        """Draw in the theme's colours."""
        self._pictures.dress(colours)
        self._draw_all()

    @Slot()
    def _draw_all(self) -> None:
        self._drawn.clear()
        self._draw()

    @Slot()
    def _draw(self) -> None:
        """Draw the tiles in view that look otherwise now: a few in this turn of the loop, the others in the next."""
        if not self.isVisible():
            return
        before = self._pictures.drawn
        current = self._tiles.place(self.currentIndex()) if self.hasFocus() else None
        size = self._picture_size()
        for place in self._in_view():
            looks = (place == current, place == self._hovered)
            if self._drawn.get(place) != looks:
                if self._pictures.drawn - before >= _A_TURN:
                    self._turn.start()
                    return
                focused, hovered = looks
                tile, scale = self._tiles.tiles[place], self.devicePixelRatio()
                self._tiles.show_picture(
                    place,
                    self._pictures.picture(tile, size, scale, self.font(), focused=focused, hovered=hovered),
                )
                self._drawn[place] = looks

    def _in_view(self) -> range:
        """Return the numbers of the tiles in view."""
        across = self._tiles.columnCount()
        top, bottom = self.rowAt(0), self.rowAt(self.viewport().height() - 1)
        end = len(self._tiles.tiles) if bottom < 0 else min((bottom + 1) * across, len(self._tiles.tiles))
        return range(max(top, 0) * across, end)

    def _picture_size(self) -> QSize:
        """Return the size of a picture: what Qt leaves of a cell."""
        gap = 2 * (self.style().pixelMetric(QStyle.PixelMetric.PM_FocusFrameHMargin) + 1)
        return QSize(self.horizontalHeader().defaultSectionSize() - gap, sizes().touch_tile - gap)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._draw()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange:
            self._draw_all()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._leave()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if not self.currentIndex().isValid() and self.model().rowCount():
            self.setCurrentIndex(self.model().index(0, 0))
        self._draw()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._draw()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        across = self._tiles.columnCount()
        self.horizontalHeader().setDefaultSectionSize(self.viewport().width() // across)
        self._draw_all()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _ACCEPT and self.currentIndex().isValid():
            if not event.isAutoRepeat():
                self._clicked(self.currentIndex())
        else:
            super().keyPressEvent(event)
