"""Failures while a sale is saved: the cart is never lost, the sale never doubled, and what is known is said."""

from collections.abc import Callable

import pytest

from tests.fakes.shop import Shop
from tests.unit.ui.presenters.conftest import pay, phase, receipt, ring_up, said
from urs_desktop.counter.use_cases.refund import RefundOrder
from urs_desktop.ui.presenters.notices import NoticeCode
from urs_desktop.ui.presenters.sell import SellPresenter
from urs_desktop.ui.presenters.sell_state import PayField, Phase


def _full() -> None:
    raise OSError(28, "No space left on device")


def _broken() -> None:
    raise ZeroDivisionError


@pytest.mark.parametrize(("failure", "code"), [(_full, NoticeCode.DISK_FULL), (_broken, NoticeCode.BUG)])
def test_a_failure_before_the_commit_keeps_the_cart_and_says_so(
    shop: Shop, sell: SellPresenter, failure: Callable[[], None], code: NoticeCode
) -> None:
    ring_up(sell, "MUG")
    shop.store.before_commit = failure
    sell.accept()
    assert said(sell) is code
    assert sell.state.notice is not None
    assert sell.state.notice.sale_not_kept
    assert (sell.state.phase, len(sell.state.lines), shop.receipts()) == (Phase.PAYING, 1, 0)
    shop.store.before_commit = lambda: None
    sell.accept()
    assert shop.receipts() == 1


def test_a_failure_after_the_commit_shows_the_receipt_and_sells_once(shop: Shop, sell: SellPresenter) -> None:
    ring_up(sell, "MUG")
    shop.store.after_commit = _broken
    sell.accept()
    shop.store.after_commit = lambda: None
    assert said(sell) is NoticeCode.SALE_KEPT_AFTER_ALL
    assert receipt(sell).number == "1-000001"
    assert shop.receipts() == 1


def test_a_sale_in_doubt_is_never_sold_twice(shop: Shop, sell: SellPresenter) -> None:
    ring_up(sell, "MUG")
    sell.accept()
    sell.new_sale()
    ring_up(sell, "MUG")

    def lose_the_disk() -> None:
        shop.store.before_read = _full
        _full()

    shop.store.after_commit = lose_the_disk
    sell.accept()
    assert said(sell) is NoticeCode.SALE_IN_DOUBT
    assert (sell.state.phase, len(sell.state.lines)) == (Phase.PAYING, 1)
    sell.accept()
    assert said(sell) is NoticeCode.SALE_IN_DOUBT
    shop.store.before_read = shop.store.after_commit = lambda: None
    sell.accept()
    assert said(sell) is NoticeCode.SALE_KEPT_AFTER_ALL
    assert receipt(sell).number == "1-000002"
    assert shop.receipts() == 2


@pytest.mark.parametrize("kept", [True, False])
def test_leaving_a_payment_in_doubt_looks_first(shop: Shop, sell: SellPresenter, *, kept: bool) -> None:
    ring_up(sell, "LANTERN", card="C-1001")
    sell.pay.offer_points("500")

    def lose_the_disk() -> None:
        shop.store.before_read = _full
        _full()

    if kept:
        shop.store.after_commit = lose_the_disk
    else:
        shop.store.before_commit = lose_the_disk
    sell.accept()
    sell.back()
    sell.pay.edit(PayField.POINTS, "1")
    sell.pay.offer_points("1")
    assert (sell.state.phase, pay(sell).points_applied) == (Phase.PAYING, "500")
    shop.store.before_read = shop.store.before_commit = shop.store.after_commit = lambda: None
    sell.back()
    assert phase(sell) is (Phase.RECEIPT if kept else Phase.SELLING)
    assert shop.receipts() == kept
    shop.central.sync(shop.store)
    assert shop.central.held("C-1001") == 0


def test_a_doubt_about_a_sale_that_was_not_kept_ends_in_one_sale(shop: Shop, sell: SellPresenter) -> None:
    ring_up(sell, "MUG")

    def lose_the_disk() -> None:
        shop.store.before_read = _full
        _full()

    shop.store.before_commit = lose_the_disk
    sell.accept()
    assert said(sell) is NoticeCode.SALE_IN_DOUBT
    shop.store.before_read = shop.store.before_commit = lambda: None
    sell.accept()
    assert receipt(sell).number == "1-000001"
    assert shop.receipts() == 1


@pytest.mark.parametrize("kept", [True, False])
def test_a_refund_between_is_not_taken_for_the_sale_in_doubt(shop: Shop, sell: SellPresenter, *, kept: bool) -> None:
    """Sales and refunds number their receipts together, and a refund may come while a sale is in doubt."""
    ring_up(sell, "MUG")
    sell.accept()
    sell.new_sale()
    ring_up(sell, "BAG")

    def lose_the_disk() -> None:
        shop.store.before_read = _full
        _full()

    if kept:
        shop.store.after_commit = lose_the_disk
    else:
        shop.store.before_commit = lose_the_disk
    sell.accept()
    assert said(sell) is NoticeCode.SALE_IN_DOUBT
    shop.store.before_read = shop.store.before_commit = shop.store.after_commit = lambda: None
    refunding = shop.till.refunding
    refunding.complete(RefundOrder(refunding.find("1-000001")))
    sell.accept()
    assert receipt(sell).number == ("1-000002" if kept else "1-000003")
    assert shop.receipts() == 2
