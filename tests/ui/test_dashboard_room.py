"""The dashboard at the window: by keys, by touch, in every theme, within a small screen, its charts loaded late."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPointF, QStandardPaths, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from tests.builders import DAY_MS, make_basket, make_line, make_policy
from tests.fakes.shop import NOON, Shop, open_shop
from tests.ui.conftest import Cashier, column
from urs_desktop.counter.use_cases.ring_up import SaleOrder
from urs_desktop.ui.main_window import LEAST_HEIGHT, LEAST_WIDTH
from urs_desktop.ui.manager.charts import BarChart, Series
from urs_desktop.ui.manager.dashboard_room import DashboardRoom
from urs_desktop.ui.manager.figure_files import FOLDER, save_picture, save_text
from urs_desktop.ui.presenters.navigation import Place
from urs_desktop.ui.theme.apply import tokens

KEY = Qt.Key
LONG = "Hand painted antique white enamel watering can with brass rose and extra long spout, set of three"


@pytest.fixture
def shop() -> Shop:
    shop = open_shop()
    shop.store.write(lambda book: book.policies.put(make_policy(policy_id="early", valid_from=0)))
    for days in range(5):
        line = make_line(f"{20 + days}.00", 1, f"SKU{days}", LONG)
        shop.till.ring_up.complete(SaleOrder(make_basket(line), card="C-1001", happened_at=NOON - days * DAY_MS))
    return shop


@pytest.fixture
def room(cashier: Cashier) -> DashboardRoom:
    cashier.window.navigator.go(Place.DASHBOARD)
    room = cashier.window.room()
    assert isinstance(room, DashboardRoom)
    cashier.until(lambda: room.findChild(BarChart, "chart_profit") is not None and not room.presenter.state.busy)
    return room


def chart(room: DashboardRoom, name: str) -> BarChart:
    found = room.findChild(BarChart, name)
    assert isinstance(found, BarChart)
    return found


def colours_of(picture: QImage) -> set[str]:
    across, down = range(0, picture.width(), 2), range(0, picture.height(), 2)
    return {picture.pixelColor(x, y).name() for x in across for y in down}


def words(room: DashboardRoom, name: str) -> str:
    label = room.findChild(QLabel, name)
    assert isinstance(label, QLabel)
    return label.text()


def test_figures_in_charts_and_as_a_table(cashier: Cashier, room: DashboardRoom) -> None:
    assert words(room, "chart_volume_sum") == "5"
    assert words(room, "chart_points_sum") == "550 issued · 0 redeemed"
    assert words(room, "chart_profit_sum") == "£104.50 of £110.00"
    assert column(cashier.table("dashboard_table"), 3)[-1] == "£20.00"
    assert column(cashier.table("dashboard_products"), 2)[0] == "£24.00"


def test_by_keys_alone(cashier: Cashier, room: DashboardRoom) -> None:
    cashier.key(KEY.Key_Left)
    cashier.key(KEY.Key_Left)
    assert room.presenter.state.selected == 5
    cashier.key(KEY.Key_Return)
    cashier.until(lambda: room.presenter.state.behind is not None)
    assert column(cashier.table("dashboard_receipts"), 0) == ["1-000002"]
    assert words(room, "dashboard_behind") == "Thu, 14 Jan 2027, receipts: 1"
    cashier.key(KEY.Key_Escape)
    assert room.presenter.state.behind is None
    cashier.key(KEY.Key_Escape)
    assert cashier.window.room() is None


def test_enter_on_a_receipt_shows_it(cashier: Cashier, room: DashboardRoom) -> None:
    cashier.key(KEY.Key_Right)
    cashier.key(KEY.Key_Return)
    cashier.until(lambda: room.presenter.state.behind is not None)
    table = cashier.table("dashboard_receipts")
    table.setFocus()
    cashier.key(KEY.Key_Down)
    cashier.key(KEY.Key_Return)
    assert cashier.window.navigator.state.place is Place.RECEIPTS
    assert cashier.window.navigator.state.about == "1-000001"


def test_by_touch_alone(cashier: Cashier, room: DashboardRoom) -> None:
    cashier.click("dashboard_span_month")
    cashier.until(lambda: len(room.presenter.state.bars) == 30)
    volume = chart(room, "chart_volume")
    place = volume.middle_of(28).toPoint()
    QTest.mouseClick(volume.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
    assert room.presenter.state.selected == 28
    cashier.until(lambda: room.presenter.state.behind is not None)
    cashier.click("dashboard_close")
    assert room.presenter.state.behind is None
    cashier.click_row("dashboard_table", 28)
    cashier.until(lambda: room.presenter.state.behind is not None)
    cashier.click_row("dashboard_receipts", 0)
    assert cashier.window.room() is room


def test_all_counters_and_by_counter(cashier: Cashier, room: DashboardRoom) -> None:
    cashier.shop.central.sync(cashier.shop.store)
    cashier.click("dashboard_group_counter")
    cashier.until(lambda: room.presenter.state.everywhere and not room.presenter.state.busy)
    assert column(cashier.table("dashboard_table"), 0) == ["1"]
    assert cashier.table("dashboard_table").model().headerData(0, Qt.Orientation.Horizontal) == "Counter"
    assert "All counters" in words(room, "dashboard_notice_text")


def test_an_empty_time_says_what_to_do(cashier: Cashier, room: DashboardRoom) -> None:
    cashier.shop.clock.advance(400 * DAY_MS)
    cashier.click("dashboard_span_today")
    cashier.until(lambda: room.presenter.state.is_empty and not room.presenter.state.busy)
    assert words(room, "dashboard_empty") == "Nothing was sold in this time. Choose a longer one above."
    assert not cashier.button("dashboard_csv").isEnabled()


@pytest.mark.parametrize("theme", ["light", "dark", "contrast"])
def test_the_charts_wear_the_theme(cashier: Cashier, room: DashboardRoom, theme: str) -> None:
    cashier.window.presenter.toggle_theme(theme)
    colours = tokens().colours[theme]
    picture = chart(room, "chart_volume").grab().toImage()
    seen = colours_of(picture)
    assert QColor(colours.surface).name() in seen
    assert QColor(colours.accent).name() in seen


def test_it_fits_on_a_small_screen(cashier: Cashier, room: DashboardRoom) -> None:
    cashier.key(KEY.Key_Left)
    cashier.key(KEY.Key_Return)
    cashier.until(lambda: room.presenter.state.behind is not None)
    hint = cashier.window.minimumSizeHint()
    assert (hint.width() <= LEAST_WIDTH, hint.height() <= LEAST_HEIGHT) == (True, True)


def test_files_are_written_whole(cashier: Cashier, room: DashboardRoom, tmp_path: Path) -> None:
    path = save_text("a.csv", "één,2\r\n", tmp_path / "new")
    assert path.read_bytes() == "\ufefféén,2\r\n".encode()
    picture = save_picture("a.png", room.charts.picture(), tmp_path)
    drawn = QImage(str(picture))
    assert (drawn.width(), drawn.height()) == (room.charts.width(), room.charts.height())
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.png", "new"]
    with pytest.raises(OSError, match=r"a\.png"):
        save_picture("a.png", QImage(), tmp_path)


def test_the_buttons_save_among_the_documents(
    cashier: Cashier, room: DashboardRoom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QStandardPaths, "writableLocation", lambda _: str(tmp_path))
    cashier.click("dashboard_csv")
    cashier.until((tmp_path / FOLDER / "figures.csv").exists)
    cashier.click("dashboard_png")
    cashier.until((tmp_path / FOLDER / "figures.png").exists)
    cashier.until(lambda: str(tmp_path) in words(room, "dashboard_notice_text"))


def test_bars_below_zero_are_told_apart(cashier: Cashier, room: DashboardRoom) -> None:
    profit = chart(room, "chart_profit")
    profit.show_bars(("a", "b"), (Series((5, -5), "accent", "danger"),), None)
    picture = profit.grab().toImage()
    colours = tokens().colours["light"]
    seen = colours_of(picture)
    assert {QColor(colours.accent).name(), QColor(colours.danger).name()} <= seen
    assert profit.bar_at(QPointF(-50, 10)) is None
