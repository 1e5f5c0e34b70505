"""Painting asks nothing of Python: whatever it asks, it may have to wait for what another thread is doing."""

import sys
from collections.abc import Callable
from types import FrameType

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

from tests.ui.conftest import Cashier
from urs_desktop.ui.presenters.sell_state import Phase
from urs_desktop.ui.turns import PaintTurns


def _asked(window: QWidget) -> list[str]:
    """Paint all of a window and return what was called in Python meanwhile."""
    [turns] = window.findChildren(PaintTurns)
    window.update()
    called: list[str] = []
    paints = False

    def note(frame: FrameType, event: str, what: object) -> None:
        nonlocal paints
        if event == "call" and paints:
            called.append(frame.f_code.co_qualname)
        elif getattr(what, "__name__", "") == "sendEvent":
            paints = event == "c_call"

    sys.setprofile(note)
    turns._paint()
    sys.setprofile(None)
    return called


def _windows() -> list[QWidget]:
    return [each for each in QApplication.topLevelWidgets() if each.isVisible() and each.findChildren(PaintTurns)]


def _to_paying(cashier: Cashier) -> None:
    cashier.key(Qt.Key.Key_F12)
    cashier.until_phase(Phase.PAYING)


def _to_receipt(cashier: Cashier) -> None:
    _to_paying(cashier)
    cashier.key(Qt.Key.Key_Return)
    cashier.until_phase(Phase.RECEIPT)


def _to_search(cashier: Cashier) -> None:
    cashier.keys("mug")
    cashier.until(lambda: bool(cashier.state.results.rows))


@pytest.mark.parametrize("go", [lambda _: None, _to_search, _to_paying, _to_receipt])
def test_no_window_asks_python_when_it_is_painted(cashier: Cashier, go: Callable[[Cashier], None]) -> None:
    cashier.window.display.switch(on=True)
    cashier.window.presenter.customer.find("C-1001")
    cashier.until(lambda: cashier.state.customer is not None and not cashier.state.customer.asking)
    cashier.scan("MUG")
    cashier.scan("LANTERN")
    go(cashier)
    cashier.settle()
    assert len(_windows()) == 2
    for window in _windows():
        assert _asked(window) == [], window.objectName()
