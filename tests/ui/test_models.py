"""The rows model: held to Qt's own model tester, and to changing only what differs."""

import gc

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QStandardItem
from PySide6.QtWidgets import QApplication
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from urs_desktop.ui.models.rows import Column, RowsModel

COLUMNS = (Column("Item"), Column("Total", is_figure=True))
ROWS = st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from("12")), max_size=8)


def shown(model: RowsModel) -> list[tuple[str, ...]]:
    return [
        tuple(str(model.index(row, place).data()) for place in range(model.columnCount()))
        for row in range(model.rowCount())
    ]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(steps=st.lists(ROWS, min_size=1, max_size=6))
def test_any_change_is_told_as_qt_wants_it(
    qtbot: QtBot, qtmodeltester: ModelTester, steps: list[list[tuple[str, str]]]
) -> None:
    model = RowsModel(COLUMNS)
    qtmodeltester.check(model)  # type: ignore[no-untyped-call]
    for rows in steps:
        model.show_rows(rows)
        assert shown(model) == rows


def test_only_the_row_that_differs_changes(qapp: QApplication) -> None:
    model = RowsModel(COLUMNS)
    model.show_rows([("a", "1"), ("b", "1"), ("c", "1")])
    resets: list[object] = []
    changes: list[tuple[int, int]] = []
    model.modelReset.connect(lambda: resets.append(None))
    model.dataChanged.connect(lambda top, bottom: changes.append((top.row(), bottom.row())))
    model.show_rows([("a", "1"), ("b", "2"), ("c", "1")])
    model.show_rows([("a", "1"), ("b", "2"), ("c", "1")])
    model.show_rows([("a", "1"), ("b", "2"), ("c", "1"), ("d", "1")])
    assert changes == [(1, 1), (3, 3)], "the row that differs, and the one that came"
    assert not resets


def test_figures_stand_at_the_right_and_titles_can_change(qapp: QApplication) -> None:
    model = RowsModel(COLUMNS)
    model.show_rows([("a", "1")])
    side = model.data(model.index(0, 1), Qt.ItemDataRole.TextAlignmentRole)
    assert Qt.AlignmentFlag(side) & Qt.AlignmentFlag.AlignRight
    assert not model.flags(model.index(0, 0)) & Qt.ItemFlag.ItemIsEditable
    model.show_columns((Column("Name"), Column("Phone")))
    assert model.headerData(1, Qt.Orientation.Horizontal) == "Phone"
    assert model.data(QModelIndex()) is None
    assert model.data(model.index(0, 0), Qt.ItemDataRole.ToolTipRole) is None


def test_nothing_is_kept_of_rows_that_are_gone(qapp: QApplication) -> None:
    def items() -> int:
        gc.collect()
        return sum(isinstance(each, QStandardItem) for each in gc.get_objects())

    model = RowsModel(COLUMNS)
    before = items()
    for number in range(20):
        model.show_rows([(f"{number}", "1"), ("b", f"{number}")])
    assert items() == before
