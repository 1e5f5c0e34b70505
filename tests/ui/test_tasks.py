"""Results come back on the thread of the screens, and not at all once the screens are closed."""

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.exceptions import capture_exceptions
from pytestqt.qtbot import QtBot

from tests.fakes.runners import ImmediatePool
from tests.fakes.shop import open_shop
from urs_desktop.counter.executors import Pool
from urs_desktop.ui.app import ExceptionHook, open_window
from urs_desktop.ui.presenters.notices import NoticeCode
from urs_desktop.ui.presenters.sell_state import Phase
from urs_desktop.ui.tasks import TaskRunner
from urs_desktop.ui.turns import Turns


@pytest.fixture
def pool() -> Iterator[Pool]:
    made = Pool()
    yield made
    made.close()


def test_results_arrive_on_the_screens_thread(qapp: QApplication, qtbot: QtBot, pool: Pool) -> None:
    runner = TaskRunner(pool, Turns())
    seen: list[tuple[object, threading.Thread]] = []
    runner.run(threading.current_thread, lambda result: seen.append((result, threading.current_thread())), _never)
    qtbot.waitUntil(lambda: bool(seen))
    worker, here = seen[0]
    assert worker is not here
    assert here is threading.main_thread()


def test_errors_arrive_too(qapp: QApplication, qtbot: QtBot, pool: Pool) -> None:
    runner = TaskRunner(pool, Turns())
    seen: list[Exception] = []
    runner.run(_fail, _never, seen.append)
    qtbot.waitUntil(lambda: bool(seen))
    assert isinstance(seen[0], ZeroDivisionError)


def test_a_closed_runner_drops_what_still_arrives(qapp: QApplication, qtbot: QtBot) -> None:
    runner = TaskRunner(ImmediatePool(), Turns())
    runner.run(lambda: 1, _never, _never)
    runner.close()
    qtbot.wait(20)


def test_a_closed_pool_is_no_failure(qapp: QApplication) -> None:
    pool = Pool()
    pool.close()
    TaskRunner(pool, Turns()).run(lambda: 1, _never, _never)


def test_a_sale_with_real_threads(qapp: QApplication, qtbot: QtBot, pool: Pool) -> None:
    shop = open_shop()
    window = open_window(shop.till, pool, clock=shop.clock)
    qtbot.addWidget(window)
    sell = window.presenter
    for code in ("MUG", "BAG", "CLOCK", "LANTERN"):
        sell.entry.scan(code)
    sell.begin_pay()
    qtbot.waitUntil(lambda: sell.state.phase is Phase.PAYING)
    assert [line.sku for line in sell.state.lines] == ["MUG", "BAG", "CLOCK", "LANTERN"]
    sell.pay.confirm()
    qtbot.waitUntil(lambda: sell.state.phase is Phase.RECEIPT)
    assert shop.receipts() == 1
    window.end()


def test_an_exception_nobody_caught_is_said_and_keeps_the_sale(qapp: QApplication, qtbot: QtBot) -> None:
    shop = open_shop()
    window = open_window(shop.till, ImmediatePool(), clock=shop.clock)
    qtbot.addWidget(window)
    window.presenter.entry.submit("MUG")
    qtbot.waitUntil(lambda: len(window.presenter.state.lines) == 1)
    error = ValueError("a bug")
    with capture_exceptions():
        ExceptionHook(window)(ValueError, error, None)
    notice = window.presenter.state.notice
    assert notice is not None
    assert notice.code is NoticeCode.BUG
    assert len(window.presenter.state.lines) == 1
    window.end()


def _fail() -> object:
    return 1 // 0


def _never(_: object) -> None:
    pytest.fail("this must not be called")
