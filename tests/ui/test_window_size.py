"""The window on a small screen: it never asks for more than there is."""

from dataclasses import replace

from PySide6.QtCore import Qt

from tests.ui.conftest import Cashier
from urs_desktop.ui.main_window import LEAST_HEIGHT, LEAST_WIDTH
from urs_desktop.ui.presenters.sell_state import Phase
from urs_desktop.ui.widgets.qr_code import QrCode

KEY = Qt.Key


def test_the_window_fits_on_a_small_screen(cashier: Cashier) -> None:
    """1366 by 768, whatever is shown: also the code that the customer's phone scans."""
    window = cashier.window
    heights = {"opened": window.minimumSizeHint().height()}
    for code in ("5012345678900", "BAG"):
        cashier.scan(code)
    cashier.click("pay_button")
    cashier.until_phase(Phase.PAYING)
    heights["paying"] = window.minimumSizeHint().height()
    pay = cashier.state.pay
    assert pay is not None
    window.presenter.watch(lambda _: None)  # or the next look at the status shows the presenter's own state again
    window.render_state(
        replace(cashier.state, pay=replace(pay, carried="https://central.example/v1/carried/" + "A" * 300))
    )
    picture = window.findChild(QrCode, "carried_code")
    cashier.until(lambda: picture is not None and picture.isVisible() and picture.height() > 0)
    heights["phone"] = window.minimumSizeHint().height()
    window.presenter.watch(window.render_state)
    cashier.key(KEY.Key_Return)
    cashier.until_phase(Phase.RECEIPT)
    heights["receipt"] = window.minimumSizeHint().height()
    assert {name: height for name, height in heights.items() if height > LEAST_HEIGHT} == {}
    assert window.minimumSizeHint().width() <= LEAST_WIDTH
    assert window.height() == LEAST_HEIGHT
