"""The customer of a sale: shown at once, refreshed when the central store answers, never in the way of selling."""

import pytest

from tests.fakes.runners import ImmediateRunner, ManualRunner
from tests.fakes.shop import Shop, open_shop
from tests.unit.ui.presenters.conftest import phase, present, said
from urs_desktop.counter.values import Customer
from urs_desktop.domain.policy import Category
from urs_desktop.domain.refusals import RefusalCode
from urs_desktop.ui.presenters.notices import NoticeCode
from urs_desktop.ui.presenters.sell import SellPresenter
from urs_desktop.ui.presenters.sell_state import CustomerCard, EntryMode, Phase


def card(sell: SellPresenter) -> CustomerCard:
    assert sell.state.customer is not None
    return sell.state.customer


@pytest.mark.parametrize("text", ["C-1001", "+46701234567", "+46 70 123 45 67"])
def test_a_known_customer_is_shown_before_the_central_store_answers(
    late: SellPresenter, runner: ManualRunner, shop: Shop, text: str
) -> None:
    shop.central.wallets["C-1001"] = 2000
    late.customer.find(text)
    runner.step()
    assert card(late).name == "Maria Lindqvist"
    assert (card(late).points, card(late).worth, card(late).asking) == ("1,240", "£12.40", True)
    assert card(late).age.text == "1 hour ago"
    runner.drain()
    assert (card(late).points, card(late).asking) == ("2,000", False)
    assert card(late).age.recent


def test_selling_goes_on_while_the_central_store_hangs(late: SellPresenter, runner: ManualRunner) -> None:
    late.customer.find("C-1001")
    runner.step()
    hanging = runner.waiting.pop()
    late.entry.scan("LANTERN")
    late.begin_pay()
    runner.drain()
    late.pay.confirm()
    runner.drain()
    assert phase(late) is Phase.RECEIPT
    assert late.state.receipt is not None
    assert late.state.receipt.card == "C-1001"
    late.new_sale()
    hanging()
    assert late.state.customer is None


def test_one_hanging_question_holds_one_thread_however_many_customers_come(
    late: SellPresenter, runner: ManualRunner
) -> None:
    late.customer.find("C-1001")
    runner.step()
    hanging = runner.waiting.pop()
    for text in ("C-1002", "C-9", "C-1001"):
        late.customer.detach()
        late.customer.find(text)
        runner.drain()
    hanging()
    assert len(runner.waiting) == 1
    runner.drain()
    assert card(late).name == "Maria Lindqvist"
    assert not card(late).asking


def test_a_customer_of_another_vendor_is_found_at_the_central_store(sell: SellPresenter) -> None:
    sell.customer.find("C-1002")
    assert (card(sell).name, card(sell).points) == ("Jonas Berg", "300")


def test_by_phone_at_the_central_store_nobody_is_attached_before_it_answers(
    late: SellPresenter, runner: ManualRunner
) -> None:
    late.entry.scan("MUG")
    runner.drain()
    late.customer.find("+46709876543")
    runner.step()
    assert card(late).pending
    late.begin_pay()
    late.pay.confirm()
    assert said(late) is NoticeCode.CUSTOMER_PENDING
    assert phase(late) is Phase.PAYING
    runner.drain()
    assert card(late).name == "Jonas Berg"
    late.pay.confirm()
    runner.drain()
    assert phase(late) is Phase.RECEIPT


def test_a_pending_customer_can_be_let_go(late: SellPresenter, runner: ManualRunner) -> None:
    late.customer.find("+46709876543")
    runner.step()
    late.customer.detach()
    runner.drain()
    assert late.state.customer is None


def test_a_phone_nobody_has_is_said(sell: SellPresenter) -> None:
    sell.customer.find("+4670000000")
    assert sell.state.customer is None
    assert said(sell) is RefusalCode.CUSTOMER_UNKNOWN


def test_a_new_card_earns_offline(shop: Shop, sell: SellPresenter) -> None:
    shop.connect(online=False)
    sell.refresh_status()
    sell.customer.find("NEW-7")
    assert card(sell).new
    assert said(sell) is NoticeCode.CUSTOMER_NEW
    sell.entry.submit("LANTERN")
    sell.begin_pay()
    sell.accept()
    assert sell.state.receipt is not None
    assert (sell.state.receipt.card, sell.state.receipt.earned) == ("NEW-7", "62")
    assert sell.state.receipt.balance == ""


def test_a_known_card_without_a_balance_is_not_called_new(shop: Shop, sell: SellPresenter) -> None:
    shop.know(Customer("17850"))
    sell.customer.find("17850")
    assert not card(sell).new
    assert card(sell).points == ""


def test_a_name_offers_who_matches(sell: SellPresenter) -> None:
    sell.entry.start(EntryMode.CUSTOMER)
    sell.entry.submit("lindq")
    assert sell.state.results.rows == (("C-1001", "Maria Lindqvist", "+46701234567"),)
    assert said(sell) is NoticeCode.CUSTOMER_CHOOSE
    sell.entry.choose(0)
    assert card(sell).name == "Maria Lindqvist"
    assert sell.state.entry.mode is EntryMode.CODE


def test_a_card_that_others_resemble_is_taken_at_the_second_enter(shop: Shop, sell: SellPresenter) -> None:
    shop.know(Customer("178501"))
    sell.entry.start(EntryMode.CUSTOMER)
    for key in "1785":
        sell.press(key)
    sell.accept()
    assert sell.state.customer is None
    sell.accept()
    assert card(sell).code == "1785"


def test_a_card_scanned_as_a_product_attaches_its_customer(sell: SellPresenter) -> None:
    sell.entry.submit("C-1001")
    assert card(sell).name == "Maria Lindqvist"
    assert not sell.state.lines


def test_detaching_keeps_the_cart(sell: SellPresenter) -> None:
    sell.entry.submit("LANTERN")
    sell.customer.find("C-1001")
    assert sell.state.totals.earns_is_sure
    sell.customer.detach()
    assert sell.state.customer is None
    assert len(sell.state.lines) == 1
    assert not sell.state.totals.earns_is_sure


def test_the_customer_stays_while_the_payment_is_open(sell: SellPresenter) -> None:
    sell.entry.submit("LANTERN")
    sell.customer.find("C-1001")
    sell.begin_pay()
    sell.customer.detach()
    assert sell.state.customer is not None
    assert said(sell) is NoticeCode.PAYMENT_OPEN


@pytest.mark.parametrize("text", ["\x00", "x" * 65])
def test_text_that_is_no_card_is_refused(sell: SellPresenter, text: str) -> None:
    sell.customer.find(text)
    assert sell.state.customer is None
    assert said(sell) is RefusalCode.CARD_MALFORMED


def test_a_small_vendor_says_why_no_points_are_taken() -> None:
    sell = present(open_shop(Category.SMALL), ImmediateRunner())
    sell.entry.submit("LANTERN")
    sell.customer.find("C-1001")
    assert card(sell).why_not is RefusalCode.POINTS_NOT_REDEEMED_HERE
