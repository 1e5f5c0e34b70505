"""Categories and tiles under the entry field, for those who touch instead of scanning.

Must never look anything up itself.
"""

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QTabBar, QWidget

from urs_desktop.ui.models.tiles import TilesModel
from urs_desktop.ui.presenters.sell import SellPresenter
from urs_desktop.ui.presenters.sell_state import Phase, SellState, ShelfView
from urs_desktop.ui.theme.apply import sizes, tokens
from urs_desktop.ui.theme.tokens import Colours
from urs_desktop.ui.widgets.layouts import column
from urs_desktop.ui.widgets.tiles import TileTable

_ACROSS = 4
_LONGEST = 24


class ShelfPage(QWidget):
    """Shows the category chips and the products of the chosen one."""

    def __init__(self, presenter: SellPresenter) -> None:
        """Take the presenter."""
        super().__init__()
        self.setObjectName("shelf_page")
        self._presenter = presenter
        self._shown: ShelfView | None = None
        self.chips = QTabBar()
        self.chips.setObjectName("category_chips")
        self.chips.setAccessibleName(self.tr("Categories"))
        self.chips.setDrawBase(False)
        self.chips.setExpanding(False)
        self.chips.setUsesScrollButtons(True)
        self.chips.setElideMode(Qt.TextElideMode.ElideNone)
        self.chips.currentChanged.connect(self._choose)
        self.model = TilesModel(_ACROSS)
        colours = tokens().colours[presenter.state.theme]
        self.tiles = TileTable("product_tiles", self.tr("Products to touch"), self.model, colours)
        self.tiles.chosen.connect(self._take)
        layout = column(self.chips, self.tiles, gap=sizes().space_small)
        layout.setStretch(1, 1)
        self.setLayout(layout)

    @Slot(int)
    def _choose(self, place: int) -> None:
        self._presenter.shelf.choose(place)

    @Slot(object)
    def _take(self, place: int) -> None:
        self._presenter.shelf.take(place)

    def dress(self, colours: Colours) -> None:
        """Draw the tiles in the theme's colours."""
        self.tiles.dress(colours)

    def render_state(self, state: SellState) -> None:
        """Show this state."""
        shelf = state.shelf
        self.setEnabled(state.phase in (Phase.SELLING, Phase.RECEIPT))
        if shelf is self._shown:
            return
        names = (self.tr("All"), *shelf.categories)
        before = self.chips.blockSignals(True)
        if self._shown is None or self._shown.categories != shelf.categories:
            while self.chips.count():
                self.chips.removeTab(0)
            for name in names:
                short = name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}\u2026"
                self.chips.addTab(short.replace("&", "&&"))
        self.chips.setCurrentIndex(shelf.chosen)
        self.chips.blockSignals(before)
        self.chips.setVisible(bool(shelf.categories))
        self._shown = shelf
        self.model.show_tiles(shelf.tiles)
