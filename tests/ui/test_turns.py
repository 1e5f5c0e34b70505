"""One piece of work a turn of the loop, with keys, scans and timers heard in between; painting is a piece too."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from tests.keys import press_key
from tests.ui.conftest import Cashier
from urs_desktop.ui.presenters.sell_state import Phase
from urs_desktop.ui.turns import PaintTurns, Turns


@pytest.fixture
def turns(qapp: QApplication) -> Iterator[Turns]:
    made = Turns()
    yield made
    made.close()


def _beats(happened: list[str], parent: QObject) -> QTimer:
    """Return a timer that notes every turn of the loop, as whatever else wants to be heard would be."""
    timer = QTimer(parent)
    timer.setInterval(0)
    timer.timeout.connect(partial(happened.append, "heard"))
    timer.start()
    return timer


def _noting(happened: list[str], what: str) -> Callable[[], None]:
    return partial(happened.append, what)


def test_pieces_keep_their_order_and_something_else_is_heard_between_each_two(turns: Turns, qtbot: QtBot) -> None:
    happened: list[str] = []
    beats = _beats(happened, turns)
    for number in range(5):
        turns.wait(_noting(happened, str(number)))
    qtbot.waitUntil(lambda: "4" in happened)
    beats.stop()
    pieces = [what for what in happened if what != "heard"]
    assert pieces == list("01234")
    for one, other in pairwise(pieces):
        assert "heard" in happened[happened.index(one) : happened.index(other)], happened


def test_a_used_turn_leaves_what_waits_to_the_next(turns: Turns, qtbot: QtBot) -> None:
    happened: list[str] = []
    turns.wait(_noting(happened, "piece"))
    turns.use()
    turns._turn()
    assert happened == []
    qtbot.waitUntil(lambda: happened == ["piece"])


def test_nothing_is_done_once_closed(turns: Turns, qtbot: QtBot) -> None:
    happened: list[str] = []
    turns.wait(_noting(happened, "waited"))
    turns.close()
    turns.wait(_noting(happened, "came"))
    qtbot.wait(20)
    assert happened == []


def _fail() -> None:
    raise ZeroDivisionError


def test_what_is_finished_at_once_leaves_the_loop_at_rest(turns: Turns) -> None:
    happened: list[str] = []
    for number in range(3):
        turns.wait(_noting(happened, str(number)))
    turns.finish()
    assert happened == list("012")
    assert not turns._timer.isActive()


def test_a_piece_that_fails_does_not_hold_up_the_next(turns: Turns, qtbot: QtBot) -> None:
    happened: list[str] = []
    turns.wait(_fail)
    turns.wait(_noting(happened, "next"))
    with qtbot.captureExceptions() as raised:
        qtbot.waitUntil(lambda: happened == ["next"])
    assert [kind for kind, _, _ in raised] == [ZeroDivisionError]


class _Watch(QObject):
    """Notes when a widget is painted."""

    def __init__(self, widget: QWidget, happened: list[str]) -> None:
        super().__init__(widget)
        self.happened = happened
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        del watched
        if event.type() is QEvent.Type.Paint:
            self.happened.append("painted")
        return False


class _HeldTurns(Turns):
    """Turns that come when the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.held: list[Callable[[], None]] = []

    def wait(self, piece: Callable[[], None]) -> None:
        self.held.append(piece)


def test_a_window_is_painted_when_its_turn_comes_and_each_change_asks_for_one(qapp: QApplication, qtbot: QtBot) -> None:
    happened: list[str] = []
    window, turns = QWidget(), _HeldTurns()
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    qtbot.wait(20)
    _Watch(window, happened)
    PaintTurns(window, turns)
    for _ in range(3):
        window.update()
        qtbot.wait(20)
        window.update()
        qtbot.wait(20)
        assert happened == []
        assert len(turns.held) == 1
        turns.held.pop()()
        assert happened.pop() == "painted"


def test_a_window_that_is_gone_is_not_painted(qapp: QApplication, qtbot: QtBot) -> None:
    window, turns = QWidget(), _HeldTurns()
    PaintTurns(window, turns)
    window.show()
    window.update()
    qtbot.waitUntil(lambda: bool(turns.held))
    delete(window)
    turns.held.pop()()


@pytest.mark.parametrize("name", ["main_window", "customer_display"])
def test_both_windows_are_painted_so(cashier: Cashier, name: str) -> None:
    cashier.window.display.switch(on=True)
    window = next(widget for widget in QApplication.topLevelWidgets() if widget.objectName() == name)
    turns = window.findChild(PaintTurns)
    assert isinstance(turns, PaintTurns)


def test_what_a_hand_changed_has_used_its_turn(cashier: Cashier) -> None:
    cashier.qtbot.wait(50)
    happened: list[str] = []
    cashier.window.turns.wait(_noting(happened, "piece"))
    cashier.window.turns._is_used = False
    cashier.key(Qt.Key.Key_F1)
    cashier.window.turns._turn()
    assert happened == []
    cashier.until(lambda: happened == ["piece"])


def test_a_picture_shows_how_things_stand_now(cashier: Cashier, tmp_path: Path) -> None:
    cashier.scan("MUG")
    total = cashier.window.findChild(QLabel, "total")
    assert isinstance(total, QLabel)
    before = total.text()
    cashier.window.presenter.cart.step(1)
    assert total.text() == before, "what stands around the page comes in the next turn"
    cashier.window.grab_to(tmp_path / "window.png")
    assert total.text() == cashier.state.totals.total != before


def test_a_focus_that_goes_to_the_screen_itself_does_not_paint_all_of_it(cashier: Cashier) -> None:
    cashier.scan("MUG")
    cashier.key(Qt.Key.Key_F12)
    cashier.until_phase(Phase.PAYING)
    cashier.qtbot.wait(50)
    happened: list[str] = []
    _Watch(cashier.button("key_7"), happened)
    cashier.window.screen_of_sale.setFocus()
    cashier.qtbot.wait(50)
    assert cashier.focus() is cashier.window.screen_of_sale
    assert happened == []


def test_keys_are_heard_after_the_window_was_hidden_and_shown_again(cashier: Cashier) -> None:
    cashier.window.hide()
    cashier.window.show()
    cashier.scan("MUG")
    press_key(cashier.window, Qt.Key.Key_F12)
    cashier.until_phase(Phase.PAYING)
