"""Cards at the payment: external terminal, reference, splits, the smallest coin, and money that was taken already."""

import pytest

from tests.fakes.runners import ImmediateRunner
from tests.fakes.shop import Shop, open_shop
from tests.unit.ui.presenters.conftest import pay, phase, present, receipt, ring_up, said
from urs_desktop.domain.refusals import RefusalCode
from urs_desktop.protocol.operations import PricedSaleBody
from urs_desktop.ui.presenters.notices import NoticeCode
from urs_desktop.ui.presenters.sell import SellPresenter
from urs_desktop.ui.presenters.sell_state import PayField, Phase


def by_card(sell: SellPresenter, amount: str = "", reference: str = "") -> None:
    """Pay by card as a cashier does: the amount, Enter, the reference, Enter."""
    sell.pay.focus(PayField.CARD)
    for key in amount:
        sell.press(key)
    sell.accept()
    for key in reference:
        sell.press(key)
    sell.accept()


def test_all_by_card_in_three_presses(shop: Shop, sell: SellPresenter) -> None:
    ring_up(sell, "CAKE")
    assert pay(sell).card_offer == "£100.00"
    by_card(sell, reference="T-0815")
    assert phase(sell) is Phase.RECEIPT
    assert receipt(sell).tenders == (("card", "£100.00"),)
    stored = shop.store.read(lambda book: book.sales.by_receipt(1))
    assert stored is not None
    assert isinstance(stored.body, PricedSaleBody)
    assert stored.body.tenders[0].reference == "T-0815"


def test_two_cards_points_and_cash_in_one_sale(sell: SellPresenter) -> None:
    ring_up(sell, "CAKE", card="C-1001")
    sell.pay.offer_points(1000)
    assert pay(sell).due == "£90.00"
    by_card(sell, "30")
    by_card(sell, "20.50", "B-2")
    assert (pay(sell).due, pay(sell).cards) == ("£39.50", (("£30.00", ""), ("£20.50", "B-2")))
    sell.press("5")
    sell.press("0")
    assert pay(sell).change == "£10.50"
    sell.accept()
    kinds = [kind for kind, _ in receipt(sell).tenders]
    assert (kinds, receipt(sell).change, receipt(sell).redeemed) == (
        ["points", "card", "card", "cash"],
        "£10.50",
        "1,000",
    )


def test_cash_that_does_not_cover_it_leaves_the_rest_to_the_card(sell: SellPresenter) -> None:
    ring_up(sell, "CAKE")
    sell.press("4")
    sell.press("0")
    assert pay(sell).card_offer == "£60.00"
    by_card(sell)
    assert (pay(sell).due, phase(sell)) == ("£40.00", Phase.PAYING)
    sell.accept()
    assert receipt(sell).tenders == (("card", "£60.00"), ("cash", "£40.00"))


@pytest.mark.parametrize("amount", ["100.01", "0", "1000"])
def test_no_more_than_is_left(sell: SellPresenter, amount: str) -> None:
    ring_up(sell, "CAKE")
    by_card(sell, amount)
    assert said(sell) is RefusalCode.PAYMENT_OVER
    assert (pay(sell).cards, pay(sell).field) == ((), PayField.CARD)


@pytest.mark.parametrize(
    "number", ["4111111111111111", "4111 1111 1111 1111", "5500-0055-5555-5559", "378282246310005"]
)
def test_the_number_of_a_card_is_never_taken(shop: Shop, sell: SellPresenter, number: str) -> None:
    ring_up(sell, "CAKE")
    by_card(sell, reference=number)
    assert said(sell) is RefusalCode.CARD_NUMBER_REFUSED
    assert (pay(sell).cards, pay(sell).reference_text, shop.receipts()) == ((), "", 0)


def test_what_the_terminal_took_keeps_the_payment_open(sell: SellPresenter) -> None:
    ring_up(sell, "CAKE")
    by_card(sell, "30")
    sell.back()
    assert (said(sell), phase(sell)) == (NoticeCode.CARDS_TAKEN_ALREADY, Phase.PAYING)
    sell.pay.remove_card()
    sell.back()
    assert phase(sell) is Phase.SELLING


def test_escape_leaves_the_card_before_the_payment(sell: SellPresenter) -> None:
    ring_up(sell, "CAKE")
    sell.pay.focus(PayField.CARD)
    sell.back()
    assert (phase(sell), pay(sell).field) == (Phase.PAYING, PayField.CASH)


def test_points_never_pay_what_a_card_has_paid(sell: SellPresenter) -> None:
    ring_up(sell, "CAKE", card="C-1001")
    by_card(sell, "95")
    assert pay(sell).points_maximum == "500"
    sell.pay.offer_points(501)
    assert said(sell) is RefusalCode.POINTS_OVER_CAP
    sell.pay.offer_points(500)
    assert pay(sell).nothing_due


def test_a_second_press_takes_no_second_payment(shop: Shop, sell: SellPresenter) -> None:
    ring_up(sell, "CAKE")
    by_card(sell, reference="T-1")
    sell.accept()
    sell.pay.accept_card()
    assert shop.receipts() == 1
    assert len(receipt(sell).tenders) == 1


def test_cash_is_rounded_to_the_smallest_coin() -> None:
    shop = open_shop(code="CHF")
    shop.stock("TEA", "Tea", "3.02")
    sell = present(shop, ImmediateRunner())
    ring_up(sell, "TEA")
    assert (pay(sell).due, pay(sell).rounded) == ("CHF\u00a03.02", "CHF\u00a03.00")
    sell.press("5")
    assert pay(sell).change == "CHF\u00a02.00"
    sell.accept()
    assert (receipt(sell).total, receipt(sell).rounding, receipt(sell).change) == (
        "CHF\u00a03.02",
        "-CHF\u00a00.02",
        "CHF\u00a02.00",
    )


def test_a_card_is_not_rounded() -> None:
    shop = open_shop(code="CHF")
    shop.stock("TEA", "Tea", "3.02")
    sell = present(shop, ImmediateRunner())
    ring_up(sell, "TEA")
    by_card(sell)
    assert (receipt(sell).tenders, receipt(sell).rounding) == ((("card", "CHF\u00a03.02"),), "")


def test_points_go_back_when_the_window_closes_on_what_a_card_paid(shop: Shop, sell: SellPresenter) -> None:
    ring_up(sell, "CAKE", card="C-1001")
    sell.pay.offer_points(1000)
    by_card(sell, "30")
    sell.pay.focus(PayField.CARD)
    sell.close()
    shop.central.sync(shop.store)
    assert shop.central.held("C-1001") == 0


def test_the_window_does_not_close_on_what_a_card_paid(sell: SellPresenter) -> None:
    ring_up(sell, "CAKE")
    by_card(sell, "30")
    assert not sell.leave.may_close()
    assert said(sell) is NoticeCode.CARDS_TAKEN_ALREADY
    sell.pay.remove_card()
    assert sell.leave.may_close()
    by_card(sell, "30")
    sell.leave.close_anyway()
    assert sell.leave.may_close()


@pytest.mark.parametrize("field", [PayField.CASH, PayField.POINTS, PayField.CARD, PayField.REFERENCE])
def test_the_next_person_puts_the_sale_aside_from_any_field(sell: SellPresenter, field: PayField) -> None:
    ring_up(sell, "CAKE", card="C-1001")
    sell.pay.focus(field)
    sell.hand_over.put_aside()
    assert (phase(sell), sell.state.lines, said(sell)) == (Phase.SELLING, (), NoticeCode.SALE_HELD)


def test_what_a_card_paid_stays_with_its_sale_when_the_next_person_comes(sell: SellPresenter) -> None:
    ring_up(sell, "CAKE")
    by_card(sell, "30")
    sell.hand_over.put_aside()
    assert (phase(sell), said(sell)) == (Phase.PAYING, NoticeCode.CARDS_TAKEN_ALREADY)
    assert pay(sell).cards == (("£30.00", ""),)
