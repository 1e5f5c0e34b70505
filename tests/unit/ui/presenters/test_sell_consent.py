"""The customer's consent: asked above a number of points, answered on the display or by the card, never by silence."""

import pytest

from tests.fakes.runners import ImmediateRunner, ManualRunner
from tests.fakes.shop import Shop
from tests.unit.ui.presenters.conftest import pay, phase, present, receipt, ring_up, said
from urs_desktop.ui.presenters.notices import NoticeCode
from urs_desktop.ui.presenters.points_desk import MAXIMUM
from urs_desktop.ui.presenters.sell import SellPresenter
from urs_desktop.ui.presenters.sell_state import PayField, Phase


@pytest.fixture
def asking(shop: Shop) -> SellPresenter:
    """A payment in which 500 points were offered at a counter that asks above 300 on its display."""
    shop.prefer(customer_display=True, consent_above=300)
    sell = present(shop, ImmediateRunner())
    ring_up(sell, "LANTERN", "MUG", card="C-1001")
    sell.pay.offer_points("500")
    return sell


def test_yes_on_the_display_lets_the_points_pay(shop: Shop, asking: SellPresenter) -> None:
    assert (phase(asking), said(asking)) == (Phase.CONSENT, NoticeCode.CONSENT_ON_DISPLAY)
    consent = pay(asking).consent
    assert consent is not None
    assert (consent.points, consent.worth, consent.on_display) == ("500", "£5.00", True)
    assert pay(asking).points_applied == ""
    assert shop.central.held("C-1001") == 500
    asking.pay.consent.pressed(True)
    assert (phase(asking), said(asking), pay(asking).points_applied) == (Phase.PAYING, NoticeCode.GRANTED, "500")
    asking.pay.consent.pressed(False)
    assert pay(asking).points_applied == "500", "a second press finds no question"
    asking.accept()
    assert receipt(asking).redeemed == "500"


def test_no_gives_them_back_and_the_sale_goes_on(shop: Shop, asking: SellPresenter) -> None:
    asking.pay.consent.pressed(False)
    assert (phase(asking), said(asking)) == (Phase.PAYING, NoticeCode.CONSENT_REFUSED)
    assert (pay(asking).points_applied, pay(asking).points_text, pay(asking).field) == ("", "", PayField.CASH)
    shop.central.sync(shop.store)
    assert shop.central.held("C-1001") == 0
    asking.accept()
    assert receipt(asking).redeemed == "0"


def test_nothing_the_cashier_presses_is_a_yes(asking: SellPresenter) -> None:
    asking.accept()
    asking.pay.confirm()
    asking.pay.tender_cash("exact")
    asking.press("5")
    asking.redeem()
    asking.pay.offer_points(MAXIMUM)
    asking.pay.focus(PayField.CASH)
    asking.entry.submit("C-1001")
    asking.new_sale()
    assert phase(asking) is Phase.CONSENT
    assert pay(asking).points_applied == ""


def test_escape_takes_the_question_back_then_leaves_the_payment(shop: Shop, asking: SellPresenter) -> None:
    asking.back()
    assert (phase(asking), said(asking)) == (Phase.PAYING, NoticeCode.POINTS_GIVEN_BACK)
    asking.pay.consent.pressed(True)
    assert pay(asking).points_applied == "", "an answer that comes too late is none"
    asking.back()
    assert phase(asking) is Phase.SELLING
    shop.central.sync(shop.store)
    assert shop.central.held("C-1001") == 0


def test_the_customers_card_is_a_yes_and_no_other(shop: Shop, asking: SellPresenter) -> None:
    asking.entry.scanned("C-1002")
    assert (phase(asking), said(asking)) == (Phase.CONSENT, NoticeCode.CONSENT_OTHER_CARD)
    asking.entry.scanned("BAG")
    assert phase(asking) is Phase.CONSENT
    assert len(asking.state.lines) == 2
    asking.entry.scanned("C-1001")
    assert (phase(asking), pay(asking).points_applied) == (Phase.PAYING, "500")


def test_a_phone_number_is_no_card(shop: Shop) -> None:
    shop.prefer(consent_above=300)
    sell = present(shop, ImmediateRunner())
    ring_up(sell, "LANTERN", card="+46701234567")
    sell.pay.offer_points("500")
    sell.entry.scanned("+46701234567")
    assert (phase(sell), said(sell)) == (Phase.CONSENT, NoticeCode.CONSENT_OTHER_CARD)


def test_without_a_display_only_the_card_answers(shop: Shop) -> None:
    shop.prefer(consent_above=300)
    sell = present(shop, ImmediateRunner())
    ring_up(sell, "LANTERN", card="C-1001")
    sell.pay.offer_points("500")
    assert (phase(sell), said(sell)) == (Phase.CONSENT, NoticeCode.CONSENT_BY_CARD)
    sell.pay.consent.pressed(True)
    assert phase(sell) is Phase.CONSENT
    sell.entry.scanned("C-1001")
    assert pay(sell).points_applied == "500"


@pytest.mark.parametrize(("above", "points", "asked"), [(0, "500", False), (500, "500", False), (499, "500", True)])
def test_only_above_the_limit(shop: Shop, above: int, points: str, asked: bool) -> None:
    shop.prefer(customer_display=True, consent_above=above)
    sell = present(shop, ImmediateRunner())
    ring_up(sell, "LANTERN", card="C-1001")
    sell.pay.offer_points(points)
    assert (phase(sell) is Phase.CONSENT) == asked


def test_what_was_agreed_to_is_not_asked_again_but_more_is(asking: SellPresenter) -> None:
    asking.pay.consent.pressed(True)
    asking.pay.offer_points("400")
    assert (phase(asking), pay(asking).points_applied) == (Phase.PAYING, "400")
    asking.pay.offer_points("600")
    assert phase(asking) is Phase.CONSENT
    asking.pay.consent.pressed(True)
    assert pay(asking).points_applied == "600"


def test_fewer_points_granted_ask_for_those(shop: Shop) -> None:
    shop.prefer(customer_display=True, consent_above=50)
    shop.central.most = 100
    sell = present(shop, ImmediateRunner())
    ring_up(sell, "LANTERN", card="C-1001")
    sell.pay.offer_points("500")
    consent = pay(sell).consent
    assert consent is not None
    assert consent.points == "100"


def test_the_next_payment_asks_anew(asking: SellPresenter) -> None:
    asking.pay.consent.pressed(True)
    asking.back()
    asking.begin_pay()
    asking.pay.offer_points("500")
    assert phase(asking) is Phase.CONSENT


def test_a_sale_handed_over_or_closed_while_asking_gives_back(shop: Shop, asking: SellPresenter) -> None:
    asking.hand_over.put_aside()
    assert phase(asking) is Phase.SELLING
    shop.central.sync(shop.store)
    assert shop.central.held("C-1001") == 0


def test_a_window_closed_while_asking_gives_back(shop: Shop, asking: SellPresenter) -> None:
    asking.close()
    shop.central.sync(shop.store)
    assert shop.central.held("C-1001") == 0


def test_the_customer_stays_the_one_who_is_asked(shop: Shop, runner: ManualRunner, late: SellPresenter) -> None:
    shop.prefer(customer_display=True, consent_above=300)
    late.entry.submit("LANTERN")
    late.customer.find("C-1001")
    runner.drain()
    late.begin_pay()
    late.pay.offer_points("500")
    runner.drain()
    assert phase(late) is Phase.CONSENT
    late.customer.detach()
    assert late.state.customer is not None
    assert late.state.customer.code == "C-1001"
