"""The table view: its columns are as wide as the style wants them for what is in view, and hardly wider."""

import pytest
from PySide6.QtWidgets import QApplication, QStyledItemDelegate
from pytestqt.qtbot import QtBot

from urs_desktop.ui.app import make_application
from urs_desktop.ui.models.rows import Column, RowsModel
from urs_desktop.ui.theme.apply import apply_theme, sizes
from urs_desktop.ui.widgets.tables import RowTable

COLUMNS = (Column("Item"), Column("Qty", is_figure=True), Column("", is_figure=True))
ROWS = [
    [("Mug", "1", "£1.65")],
    [("Mug", "", ""), ("Lantern", "1,000", "£9,989,999,990.01")],
    [("שלום", "١٢٣", "電気ケトル"), ("a", "i", "W" * 30), ("b", "iiiiiii", "W")],
]


def shown(qtbot: QtBot, height: int) -> tuple[RowTable, RowsModel]:
    """Return a table on the screen, so many pixels high, and its rows."""
    make_application([])
    model = RowsModel(COLUMNS)
    table = RowTable("t", "Table", model, stretched=0)
    qtbot.addWidget(table)
    table.resize(900, height)
    table.show()
    return table, model


@pytest.mark.parametrize("rows", ROWS)
def test_every_cell_has_the_room_its_style_asks_for(
    qapp: QApplication, qtbot: QtBot, rows: list[tuple[str, ...]]
) -> None:
    table, model = shown(qtbot, 400)
    for theme in ("light", "contrast", "light"):
        apply_theme(qapp, theme)
        model.show_rows([])
        model.show_rows(rows)
        for column in (1, 2):
            wanted = max(
                sizes().touch_row - sizes().space_small,
                table.sizeHintForColumn(column),
                table.horizontalHeader().sectionSizeHint(column),
            )
            given = table.columnWidth(column) - sizes().space_small
            assert wanted <= given <= wanted + 2, (theme, column)


def test_rows_out_of_view_count_when_they_come_into_it(qapp: QApplication, qtbot: QtBot) -> None:
    table, model = shown(qtbot, 200)
    model.show_rows([*[("Mug", "1", "1")] * 50, ("Mug", "1", "£9,989,999,990.01")])
    before = table.columnWidth(2)
    table.scrollToBottom()
    assert table.columnWidth(2) > before


def test_only_rows_with_a_second_line_are_drawn_by_python(qtbot: QtBot) -> None:
    model = RowsModel((Column("Item"), Column("Total", True)))
    table = RowTable("table", "A table", model, stretched=0)
    qtbot.addWidget(table)

    def drawn_by_python() -> list[bool]:
        return [
            type(table.itemDelegateForIndex(model.index(row, 0))) is not QStyledItemDelegate
            for row in range(model.rowCount())
        ]

    model.show_rows([("Mug", "2.55"), ("Lantern\ndiscount", "12.50"), ("Tin", "1.00")])
    assert drawn_by_python() == [False, True, False]
    model.show_rows([("Lantern\ndiscount", "12.50"), ("Tin", "1.00")])
    assert drawn_by_python() == [True, False]
    model.show_rows([("Lantern", "12.50"), ("Tin\nnote", "1.00")])
    assert drawn_by_python() == [False, True]
