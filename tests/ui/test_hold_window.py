"""Sales held and recalled at the window, by keyboard alone and by mouse alone."""

from PySide6.QtCore import Qt

from tests.ui.conftest import Cashier, column
from urs_desktop.ui.presenters.sell_state import Phase

KEY = Qt.Key


def test_holding_and_recalling_by_keyboard(cashier: Cashier) -> None:
    for codes in (("MUG", "2*BAG"), ("CLOCK",)):
        for code in codes:
            cashier.scan(code)
        cashier.key(KEY.Key_F7)
        cashier.until(lambda: not cashier.state.lines)
    assert cashier.focus().objectName() == "entry"
    cashier.key(KEY.Key_F8)
    cashier.until(lambda: bool(cashier.state.results.rows))
    assert column(cashier.table("results_table"), 1) == ["White metal mug", "Alarm clock bakelike green"]
    cashier.key(KEY.Key_Down)
    cashier.key(KEY.Key_Return)
    cashier.until(lambda: len(cashier.state.lines) == 2)
    assert column(cashier.table("cart_table"), 1) == ["1", "2"]
    cashier.key(KEY.Key_F12)
    cashier.until_phase(Phase.PAYING)
    cashier.key(KEY.Key_Return)
    cashier.until_phase(Phase.RECEIPT)
    assert len(cashier.shop.till.holding.waiting()) == 1


def test_holding_and_recalling_by_mouse(cashier: Cashier) -> None:
    cashier.scan("MUG")
    assert cashier.button("hold_button").text() == "Hold"
    cashier.click("hold_button")
    cashier.until(lambda: not cashier.state.lines)
    assert cashier.button("hold_button").text() == "Recall"
    cashier.click("hold_button")
    cashier.until(lambda: len(cashier.state.lines) == 1)
