"""What the window tells its cashier of earlier receipts and of what waits, besides the sale in hand."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from tests.ui.conftest import Cashier
from urs_desktop.counter.values import AdjustedReceipt
from urs_desktop.ui.presenters.sell_state import Phase


def test_a_receipt_tells_of_an_earlier_one_that_was_posted_otherwise(cashier: Cashier) -> None:
    for told in (False, True):
        cashier.scan("MUG")
        cashier.key(Qt.Key.Key_F3)
        cashier.scan("C-1001")
        cashier.key(Qt.Key.Key_F12)
        cashier.until_phase(Phase.PAYING)
        cashier.key(Qt.Key.Key_Return)
        cashier.until_phase(Phase.RECEIPT)
        label = cashier.window.findChild(QLabel, "receipt_adjusted")
        assert isinstance(label, QLabel)
        assert label.isVisible() is told
        if told:
            assert label.text().startswith("Receipt 1-000001 promised 0 points; 7 were posted: ")
            return
        seq = cashier.shop.store.read(lambda book: book.sales.latest(1))[0].seq
        adjusted = AdjustedReceipt(1, seq, "points_differ", "C-1001", earned=7)
        cashier.shop.store.write(lambda book, adjusted=adjusted: book.outcomes.put(adjusted))  # type: ignore[misc]
        cashier.click("next_sale_button")
        cashier.until_phase(Phase.SELLING)
