"""Holding and recalling sales: the cart is on disk before it leaves the screen, and comes back whole."""

import pytest

from tests.fakes.runners import ManualRunner
from tests.fakes.shop import Shop
from tests.unit.ui.presenters.conftest import phase, said
from urs_desktop.ui.presenters.notices import NoticeCode
from urs_desktop.ui.presenters.sell import SellPresenter
from urs_desktop.ui.presenters.sell_state import Phase, ResultKind


def cart(sell: SellPresenter) -> list[tuple[str, str]]:
    return [(line.sku, line.quantity) for line in sell.state.lines]


def hold(sell: SellPresenter, *codes: str) -> None:
    for code in codes:
        sell.entry.submit(code)
    sell.hold_sale()


def held(shop: Shop) -> list[int]:
    return [sale.number for sale in shop.till.holding.waiting()]


def test_a_sale_is_held_and_comes_back_with_its_customer(sell: SellPresenter, shop: Shop) -> None:
    sell.customer.find("C-1001")
    hold(sell, "2*MUG", "BAG")
    assert said(sell) is NoticeCode.SALE_HELD
    assert (cart(sell), sell.state.customer, held(shop)) == ([], None, [1])
    sell.hold.recall()
    assert said(sell) is NoticeCode.SALE_RECALLED
    assert cart(sell) == [("MUG", "2"), ("BAG", "1")]
    assert sell.state.customer is not None
    assert sell.state.customer.name == "Maria Lindqvist"
    assert held(shop) == []


def test_among_several_the_cashier_chooses(sell: SellPresenter, shop: Shop) -> None:
    hold(sell, "MUG")
    hold(sell, "BAG", "CLOCK")
    sell.hold.recall()
    assert sell.state.results.kind is ResultKind.HELD
    assert [(row[0][:4], *row[1:]) for row in sell.state.results.rows] == [
        ("1 · ", "White metal mug", "£2.55"),
        ("2 · ", "Red retro spot lunch bag", "£5.40"),
    ]
    sell.entry.choose(1)
    assert cart(sell) == [("BAG", "1"), ("CLOCK", "1")]
    assert held(shop) == [1]


def test_paid_it_is_held_no_more(sell: SellPresenter, shop: Shop) -> None:
    hold(sell, "MUG")
    sell.hold.recall()
    sell.begin_pay()
    sell.pay.confirm()
    assert phase(sell) is Phase.RECEIPT
    shop.till.holding.release()
    assert held(shop) == []


def test_a_start_brings_back_what_was_taken_up_and_not_paid(sell: SellPresenter, shop: Shop) -> None:
    hold(sell, "MUG")
    sell.hold.recall()
    shop.till.holding.release()
    assert held(shop) == [1]


def test_held_again_it_keeps_its_number(sell: SellPresenter, shop: Shop) -> None:
    hold(sell, "MUG")
    sell.hold.recall()
    hold(sell, "BAG")
    [sale] = shop.till.holding.waiting()
    assert (sale.number, [line.sku for line in sale.basket.lines]) == (1, ["MUG", "BAG"])


def test_voided_it_is_gone(sell: SellPresenter, shop: Shop) -> None:
    hold(sell, "MUG")
    sell.hold.recall()
    sell.cart.void_sale()
    sell.cart.void_sale()
    shop.till.holding.release()
    assert held(shop) == []


@pytest.mark.parametrize("broken", ["hold", "recall"])
def test_a_disk_that_fails_loses_nothing(sell: SellPresenter, shop: Shop, broken: str) -> None:
    def fail() -> None:
        raise OSError(28, "No space left on device")

    if broken == "recall":
        hold(sell, "MUG")
    shop.store.before_commit = fail
    if broken == "recall":
        sell.hold.recall()
        assert cart(sell) == []
    else:
        hold(sell, "MUG")
        assert cart(sell) == [("MUG", "1")]
    assert said(sell) is NoticeCode.DISK_FULL
    assert phase(sell) is Phase.SELLING
    shop.store.before_commit = lambda: None
    assert held(shop) == ([1] if broken == "recall" else [])


def test_what_cannot_be_is_said(sell: SellPresenter) -> None:
    sell.hold_sale()
    assert said(sell) is NoticeCode.NOTHING_TO_HOLD
    sell.hold.recall()
    assert said(sell) is NoticeCode.NOTHING_HELD
    sell.entry.submit("MUG")
    sell.hold.recall()
    assert said(sell) is NoticeCode.HOLD_FIRST
    sell.begin_pay()
    sell.hold_sale()
    assert said(sell) is NoticeCode.PAYMENT_OPEN
    sell.hold.recall()
    assert said(sell) is NoticeCode.PAYMENT_OPEN


def test_the_cart_stays_as_it_is_while_it_is_written(late: SellPresenter, runner: ManualRunner, shop: Shop) -> None:
    late.entry.submit("MUG")
    runner.drain()
    late.hold_sale()
    assert phase(late) is Phase.HOLDING
    late.cart.void_line()
    late.begin_pay()
    late.hold_sale()
    assert cart(late) == [("MUG", "1")]
    runner.drain()
    assert (cart(late), held(shop)) == ([], [1])


def test_a_hold_waits_for_the_scans_before_it(late: SellPresenter, runner: ManualRunner, shop: Shop) -> None:
    late.entry.submit("MUG")
    late.hold_sale()
    runner.drain()
    assert held(shop) == [1]
    assert cart(late) == []


def test_what_is_scanned_while_a_sale_is_put_aside_is_said(late: SellPresenter, runner: ManualRunner) -> None:
    late.entry.scan("MUG")
    runner.drain()
    late.hold_sale()
    late.entry.scanned("BAG")
    late.entry.scanned("CLOCK")
    assert phase(late) is Phase.HOLDING
    runner.drain()
    assert (phase(late), cart(late), said(late)) == (Phase.SELLING, [], NoticeCode.SCAN_MISSED)
    assert late.state.notice is not None
    assert dict(late.state.notice.values) == {"codes": "BAG, CLOCK"}
    late.entry.scanned("BAG")
    runner.drain()
    assert (cart(late), said(late)) == ([("BAG", "1")], None)


def test_what_is_scanned_while_a_sale_is_stored_is_said(late: SellPresenter, runner: ManualRunner) -> None:
    late.entry.scan("MUG")
    runner.drain()
    late.begin_pay()
    runner.drain()
    late.pay.confirm()
    assert phase(late) is Phase.COMPLETING
    late.entry.scanned("BAG")
    runner.drain()
    assert (phase(late), said(late)) == (Phase.RECEIPT, NoticeCode.SCAN_MISSED)
    assert late.state.receipt is not None
