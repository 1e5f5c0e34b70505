"""Chips and tiles in the window: by touch and by keyboard, with nothing moved."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTabBar

from tests.ui.conftest import Cashier
from urs_desktop.ui.presenters.sell_state import Tile
from urs_desktop.ui.widgets.tiles import TileTable

KEY = Qt.Key
NO_KEYS = Qt.KeyboardModifier.NoModifier


def tiles(cashier: Cashier) -> TileTable:
    table = cashier.window.findChild(TileTable, "product_tiles")
    assert isinstance(table, TileTable)
    return table


def touch(cashier: Cashier, place: int) -> None:
    table = tiles(cashier)
    index = table.model().index(place // 4, place % 4)
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, NO_KEYS, table.visualRect(index).center())


def test_a_touch_adds_a_product_and_leaves_the_focus_where_typing_goes(cashier: Cashier) -> None:
    cashier.until(lambda: bool(cashier.state.shelf.tiles))
    touch(cashier, 1)
    cashier.until(lambda: [line.sku for line in cashier.state.lines] == ["LANTERN"])
    assert cashier.focus().objectName() == "entry"


def test_an_empty_cell_is_no_product(cashier: Cashier) -> None:
    cashier.until(lambda: bool(cashier.state.shelf.tiles))
    touch(cashier, 6)
    assert not cashier.state.lines


def test_tiles_by_keyboard(cashier: Cashier) -> None:
    cashier.until(lambda: bool(cashier.state.shelf.tiles))
    tiles(cashier).setFocus(Qt.FocusReason.TabFocusReason)
    cashier.key(KEY.Key_Right)
    cashier.key(KEY.Key_Return)
    cashier.until(lambda: len(cashier.state.lines) == 1)


def test_a_search_takes_the_place_of_the_tiles_until_it_is_over(cashier: Cashier) -> None:
    cashier.until(lambda: tiles(cashier).isVisible())
    cashier.keys("lunch")
    cashier.until(lambda: bool(cashier.state.results.rows))
    assert not tiles(cashier).isVisible()
    cashier.key(KEY.Key_Escape)
    assert tiles(cashier).isVisible()


def test_hundreds_of_categories_and_long_names_move_nothing(cashier: Cashier) -> None:
    cashier.until(lambda: bool(cashier.state.shelf.tiles))
    pay = cashier.button("pay_button").mapTo(cashier.window, cashier.button("pay_button").rect().topLeft())
    chips = cashier.window.findChild(QTabBar, "category_chips")
    assert isinstance(chips, QTabBar)
    for number in range(100):
        chips.addTab(f"Category number {number}")
    table = tiles(cashier)
    table._tiles.show_tiles([Tile("A name " * 40, "£1,234,567.89", "A", n) for n in range(300)])
    cashier.window.grab()
    assert cashier.window.width() == 1366
    assert cashier.button("pay_button").mapTo(cashier.window, cashier.button("pay_button").rect().topLeft()) == pay
    table._tiles.show_tiles([])
    assert table.model().rowCount() == 0


def _looks(table: TileTable) -> list[int]:
    """Return which picture each of the five tiles shows."""
    return [picture.cacheKey() for picture in _pictures(table)[:5] if picture is not None]


def _pictures(table: TileTable) -> list[QPixmap | None]:
    model, role = table._tiles, Qt.ItemDataRole.DecorationRole
    return [model.data(model.index_of(place), role) for place in range(model.rowCount() * model.columnCount())]


def test_every_product_in_view_has_a_picture_and_an_empty_cell_has_none(cashier: Cashier) -> None:
    table = tiles(cashier)
    cashier.until(lambda: all(_pictures(table)[:5]) and table._tiles.rowCount() == 2)
    assert _pictures(table)[5:] == [None] * 3
    picture = _pictures(table)[0]
    assert picture is not None
    size = picture.deviceIndependentSize()
    cell = table.visualRect(table.model().index(0, 0)).size()
    assert cell.width() - 10 <= size.width() < cell.width()
    assert cell.height() - 10 <= size.height() < cell.height()


def test_many_tiles_are_drawn_a_few_at_a_time_and_only_where_they_are_seen(cashier: Cashier) -> None:
    table = tiles(cashier)
    cashier.until(lambda: bool(cashier.state.shelf.tiles))
    table._tiles.show_tiles([Tile(f"Thing {n}", "£1.00", "T", n) for n in range(100)])
    assert 0 < sum(map(bool, _pictures(table))) < 10
    in_view = table._in_view()
    cashier.until(lambda: all(_pictures(table)[place] for place in in_view))
    assert not any(_pictures(table)[in_view.stop :])
    table.scrollToBottom()
    cashier.until(lambda: bool(_pictures(table)[99]))


def test_the_tile_that_has_the_focus_or_the_mouse_looks_otherwise(cashier: Cashier) -> None:
    table = tiles(cashier)
    cashier.until(lambda: all(_pictures(table)[:5]) and bool(cashier.state.shelf.tiles))
    plain = _looks(table)
    table.setFocus(Qt.FocusReason.TabFocusReason)
    cashier.key(KEY.Key_Right)
    table._hover(table.model().index(0, 3))
    now = _looks(table)
    assert [one != other for one, other in zip(plain, now, strict=True)] == [False, True, False, True, False]
    table._leave()
    cashier.field("entry").setFocus()
    assert _looks(table) == plain
