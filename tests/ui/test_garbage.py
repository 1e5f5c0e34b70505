"""Garbage is looked for in turns of the window's thread, and by Python itself again afterwards."""

import gc
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from urs_desktop.ui.garbage import collected_in_turns
from urs_desktop.ui.turns import Turns


class Cycle:
    """Something only a look for garbage destroys; it tells on which thread that was."""

    def __init__(self, gone: list[threading.Thread]) -> None:
        self.gone = gone
        self.itself = self

    def __del__(self) -> None:
        self.gone.append(threading.current_thread())


class Piecewise(Turns):
    """Turns that note what was done in them."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces = 0

    def wait(self, piece: Callable[[], None]) -> None:
        def counted() -> None:
            self.pieces += 1
            piece()

        super().wait(counted)


@pytest.fixture
def turns(qapp: QApplication) -> Iterator[Piecewise]:
    made = Piecewise()
    yield made
    made.close()


def _make_much(gone: list[threading.Thread]) -> None:
    for _ in range(gc.get_threshold()[0] * 3):
        Cycle(gone)


def test_what_another_thread_leaves_is_destroyed_on_the_windows_in_a_turn(turns: Piecewise, qtbot: QtBot) -> None:
    gone: list[threading.Thread] = []
    with collected_in_turns(turns):
        with ThreadPoolExecutor(1) as pool:
            pool.submit(_make_much, gone).result()
        assert gone == [], "not where it was made"
        qtbot.waitUntil(lambda: len(gone) >= gc.get_threshold()[0] * 3)
        assert turns.pieces > 0
    assert set(gone) == {threading.main_thread()}


def test_all_generations_are_looked_through_in_time(turns: Piecewise, qtbot: QtBot) -> None:
    before = [each["collections"] for each in gc.get_stats()]
    limits = gc.get_threshold()
    gc.set_threshold(10, 1, 1)
    try:
        with collected_in_turns(turns):
            kept: list[list[object]] = []

            def all_were() -> bool:
                kept.extend([] for _ in range(20))
                return all(each["collections"] > had for each, had in zip(gc.get_stats(), before, strict=True))

            qtbot.waitUntil(all_were)
    finally:
        gc.set_threshold(*limits)


def test_nothing_is_looked_for_while_nothing_is_made(turns: Piecewise, qtbot: QtBot) -> None:
    gc.collect()
    with collected_in_turns(turns):
        qtbot.wait(250)
    assert turns.pieces == 0


def test_python_looks_again_itself_once_the_window_is_closed(turns: Piecewise) -> None:
    def served() -> None:
        with collected_in_turns(turns):
            assert not gc.isenabled()
            assert gc.get_freeze_count() > 0
            raise RuntimeError

    with pytest.raises(RuntimeError):
        served()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
