"""The receipt on screen tells a customer, once, of an earlier receipt that was posted otherwise."""

from tests.fakes.shop import Shop
from tests.unit.ui.presenters.conftest import receipt, ring_up
from urs_desktop.counter.values import AdjustedReceipt
from urs_desktop.ui.presenters.sell import SellPresenter
from urs_desktop.ui.presenters.sell_state import AdjustmentView


def sell_cakes(sell: SellPresenter) -> tuple[AdjustmentView, ...]:
    """Sell to Maria and return what her receipt tells of."""
    ring_up(sell, "CAKE", card="C-1001")
    sell.accept()
    told = receipt(sell).adjustments
    sell.new_sale()
    return told


def test_the_next_receipt_tells_of_it_once(shop: Shop, sell: SellPresenter) -> None:
    assert sell_cakes(sell) == ()
    seq = shop.store.read(lambda book: book.sales.latest(1))[0].seq
    adjusted = AdjustedReceipt(1, seq, "points_differ", "C-1001", earned=1035)
    shop.store.write(lambda book: book.outcomes.put(adjusted))
    assert sell_cakes(sell) == (AdjustmentView("1-000001", "points_differ", "500", "1,035"),)
    assert sell_cakes(sell) == ()
