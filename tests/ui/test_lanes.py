"""The screens leave all work of the store to the pool, and a screen that did not would be noticed."""

from tests.ui.conftest import Cashier
from urs_desktop.ui.presenters.sell_state import SellState


def test_a_sale_reaches_the_store_by_the_pool_alone(cashier: Cashier, on_the_screens_thread: list[str]) -> None:
    cashier.scan("MUG")
    cashier.click("pay_button")
    assert on_the_screens_thread == []


def test_a_screen_that_reads_by_itself_is_noticed(cashier: Cashier, on_the_screens_thread: list[str]) -> None:
    presenter = cashier.window.presenter

    def read(_: SellState) -> None:
        cashier.shop.till.reporting.connection()

    presenter.watch(read)
    assert on_the_screens_thread
    assert "sell.py" in on_the_screens_thread[0]
    presenter.watch(cashier.window.render_state)
    on_the_screens_thread.clear()


def test_what_a_test_reads_is_not_judged(cashier: Cashier, on_the_screens_thread: list[str]) -> None:
    assert cashier.shop.receipts() == 0
    assert on_the_screens_thread == []
