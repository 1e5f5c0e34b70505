"""What the window tells its cashier of earlier receipts and of what waits, besides the sale in hand."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from tests.ui.conftest import Cashier
from urs_desktop.counter.values import AdjustedReceipt, ParkedOperation
from urs_desktop.ui.presenters.sell_state import Link, Overlay, Phase


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


def over(cashier: Cashier) -> Overlay:
    """Return the page over the first zone now."""
    return cashier.overlay


def sold_offline(cashier: Cashier) -> None:
    """Sell a mug while the central store does not answer, and read the status."""
    cashier.shop.connect(online=False)
    cashier.scan("MUG")
    cashier.key(Qt.Key.Key_F12)
    cashier.until_phase(Phase.PAYING)
    cashier.key(Qt.Key.Key_Return)
    cashier.until_phase(Phase.RECEIPT)
    cashier.window.presenter.refresh_status()
    cashier.until(lambda: cashier.state.status.waiting == "1" and cashier.state.status.link is Link.OFFLINE)


def test_closing_while_something_waits_asks_first(cashier: Cashier) -> None:
    sold_offline(cashier)
    assert not cashier.window.close()
    assert cashier.window.isVisible()
    assert over(cashier) is Overlay.LEAVING
    said = cashier.text("leave_text")
    assert said.startswith("Nothing is lost: what waits to be sent (1) is stored on this machine")
    assert cashier.button("stay_button").isVisible()
    cashier.click("stay_button")
    assert over(cashier) is Overlay.NONE
    assert not cashier.window.close()
    cashier.click("leave_button")
    assert not cashier.window.isVisible()


def test_enter_and_esc_stay(cashier: Cashier) -> None:
    sold_offline(cashier)
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Escape):
        cashier.window.close()
        assert over(cashier) is Overlay.LEAVING
        cashier.key(key)
        assert over(cashier) is Overlay.NONE
        assert cashier.phase is Phase.RECEIPT
    assert cashier.window.isVisible()


def test_closing_while_nothing_waits_closes(cashier: Cashier) -> None:
    assert cashier.window.close()
    assert not cashier.window.isVisible()


def test_what_was_set_aside_is_said_in_words(cashier: Cashier) -> None:
    parked = ParkedOperation(1, "products", "constraint")
    cashier.shop.store.write(lambda book: book.operations.acknowledge(0, [parked]))
    cashier.window.presenter.refresh_status()
    cashier.until(lambda: cashier.state.status.parked == "1")
    said = cashier.text("notice_text")
    assert "(products): it contradicts something the central store has already. Nothing is lost" in said
    assert not cashier.window.close()
    assert cashier.text("leave_text").startswith("What the central store set aside (1) is kept")
