"""Every screen in every theme, small and large: nothing clipped, everything named and reached by Tab."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from tests.fakes.shop import Shop, open_shop
from tests.ui.conftest import Cashier
from tests.ui.walk import by_tab, clipped, furnish, interactive, screens, unnamed, unreachable
from urs_desktop.ui.presenters.navigation import Place
from urs_desktop.ui.presenters.sell import THEMES
from urs_desktop.ui.rooms import ROOMS
from urs_desktop.ui.widgets.buttons import Key
from urs_desktop.ui.widgets.labels import Text

SIZES = ((1366, 768), (1920, 1080))
SCALED = "URS_TEST_SCALED"
KEY = Qt.Key


@pytest.fixture
def shop() -> Shop:
    shop = open_shop()
    furnish(shop)
    return shop


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", SIZES)
def test_nothing_is_clipped(cashier: Cashier, theme: str, size: tuple[int, int]) -> None:
    cashier.window.presenter.toggle_theme(theme)
    cashier.window.resize(*size)
    found = {screen: said for screen in screens(cashier) if (said := clipped(cashier.window))}
    assert found == {}
    assert (cashier.window.width(), cashier.window.height()) == size


def test_another_theme_and_back_leaves_every_screen_as_it_was(cashier: Cashier, qapp: QApplication) -> None:
    qapp.setCursorFlashTime(0)
    other = set()
    for screen in screens(cashier):
        before = cashier.window.grab().toImage()
        cashier.window.presenter.toggle_theme("dark")
        dark = cashier.window.grab().toImage()
        cashier.window.presenter.toggle_theme("light")
        cashier.settle()
        if cashier.window.grab().toImage() != before:
            other.add(screen)
        assert dark != before, screen
    assert other <= {f"{Place.DASHBOARD.value} room"}, "pyqtgraph moves its axes when it paints them again"


@pytest.mark.skipif(SCALED in os.environ, reason="this is the scaled run")
@pytest.mark.parametrize("scale", ["1.5", "2"])
def test_nothing_is_clipped_when_everything_is_larger(scale: str) -> None:
    """Qt reads the scale once, so another process walks; in one theme, for the others have the same sizes."""
    surroundings = {**os.environ, "QT_SCALE_FACTOR": scale, SCALED: scale}
    command = [sys.executable, "-m", "pytest", "-n", "0", "-q", "-p", "no:cacheprovider", __file__]
    run = subprocess.run(
        [*command, "-k", f"test_nothing_is_clipped and {THEMES[0]}"],
        env=surroundings,
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout
    assert f"{len(SIZES)} passed" in run.stdout


def test_everything_has_a_name_and_is_reached_by_tab(cashier: Cashier) -> None:
    nameless, lost = {}, {}
    for screen in screens(cashier):
        nameless[screen], lost[screen] = unnamed(cashier.window), unreachable(cashier.window)
    assert {screen: names for screen, names in nameless.items() if names} == {}
    assert {screen: names for screen, names in lost.items() if names} == {}


@pytest.mark.parametrize("place", [None, *ROOMS])
def test_tab_goes_all_the_way_round(cashier: Cashier, place: Place | None) -> None:
    if place is not None:
        cashier.window.navigator.go(place)
    cashier.qtbot.wait(30)
    wanted = {each for each in interactive(cashier.window) if not isinstance(each, Key)}
    reached = set()
    for _ in range(2 * len(by_tab(cashier.window))):
        reached.add(cashier.focus())
        cashier.key(KEY.Key_Tab)
    assert {each.objectName() for each in wanted - reached} == set()


def test_what_does_not_fit_is_noticed(cashier: Cashier) -> None:
    label = cashier.window.findChild(Text, "status_link")
    assert label is not None
    assert clipped(cashier.window) == []
    label.setText("x" * 500)
    label.setFixedSize(40, label.height())
    assert any(label.objectName() in said for said in clipped(cashier.window))
    button = cashier.button("menu_button")
    button.setAccessibleName("")
    button.setText("")
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    assert unnamed(cashier.window) == ["menu_button"]
    assert unreachable(cashier.window) == ["menu_button"]
