"""Cash that goes back where there are no coins for every amount: rounded as cash that is taken, and counted so."""

import pytest

from tests.fakes.shop import Shop, open_shop
from urs_desktop.counter.use_cases.receipts import RefundReceipt
from urs_desktop.counter.use_cases.refund import Override, RefundOrder
from urs_desktop.counter.use_cases.ring_up import SaleOrder
from urs_desktop.domain.basket import Basket, LineItem, basket_of
from urs_desktop.domain.currency import currency
from urs_desktop.domain.money import Money, parse_amount, parse_unit_price
from urs_desktop.domain.purchase import CardPayment
from urs_desktop.protocol.operations import SaleTender

CHF = currency("CHF")


@pytest.fixture
def shop() -> Shop:
    """A shop in a currency whose smallest coin is 0.05, its first shift open on an empty drawer."""
    shop = open_shop(code="CHF")
    shop.till.shifts.open(francs("0"))
    return shop


def francs(amount: str) -> Money:
    return parse_amount(amount, CHF)


def goods(*prices: str) -> Basket:
    lines = (LineItem(f"MUG {price}", "Mug", 1, parse_unit_price(price, CHF)) for price in prices)
    return basket_of(CHF, tuple(lines))


def refund(shop: Shop, pieces: dict[int, int] | None = None, by_card: CardPayment | None = None) -> RefundReceipt:
    return shop.till.refunding.complete(RefundOrder(shop.till.refunding.find("1"), pieces, by_card=by_card))


def drawer(shop: Shop) -> int:
    return shop.till.shifts.report().expected


def test_what_was_rounded_when_it_was_paid_goes_back_as_it_came(shop: Shop) -> None:
    shop.till.ring_up.complete(SaleOrder(goods("12.33")))
    assert drawer(shop) == 1235
    body = refund(shop).refund
    assert (body.total, body.cash_back, body.tenders) == (1233, 1233, (SaleTender("cash", 1233, 1235),))
    assert (drawer(shop), shop.till.shifts.report().totals.rounding) == (0, 0)


@pytest.mark.parametrize(("price", "given"), [("0.02", 0), ("0.03", 5), ("0.05", 5), ("7.32", 730)])
def test_the_drawer_holds_what_is_left(shop: Shop, price: str, given: int) -> None:
    shop.till.ring_up.complete(SaleOrder(goods("10.00", price)))
    before = drawer(shop)
    assert [tender.tendered for tender in refund(shop, {2: 1}).refund.tenders] == [given]
    assert drawer(shop) == before - given


def test_a_terminal_gives_back_to_the_last_cent(shop: Shop) -> None:
    shop.till.ring_up.complete(SaleOrder(goods("12.33"), cards=(CardPayment(francs("12.33"), "T-1"),)))
    back = refund(shop, by_card=CardPayment(francs("12.33"), "T-2"))
    assert back.refund.tenders == (SaleTender("card", 1233, 1233),)


def test_goods_without_a_receipt_are_rounded_too(shop: Shop) -> None:
    order = RefundOrder(goods=goods("12.33"), override=Override("boss", "no receipt"))
    assert shop.till.refunding.complete(order).refund.tenders == (SaleTender("cash", 1233, 1235),)
    assert drawer(shop) == -1235
