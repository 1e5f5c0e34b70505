"""Redeeming while the central store cannot be reached: from the line, up to the floor, by the customer's phone."""

from functools import partial

from tests.fakes.runners import ManualRunner
from tests.fakes.shop import Shop
from tests.unit.ui.presenters.conftest import pay, receipt, ring_up, said
from urs_desktop.counter.use_cases import floor
from urs_desktop.counter.use_cases.lines import Lines
from urs_desktop.counter.use_cases.recording import Recorder
from urs_desktop.domain.refusals import RefusalCode
from urs_desktop.protocol import carried
from urs_desktop.protocol.messages import Vendor
from urs_desktop.ui.presenters.notices import NoticeCode
from urs_desktop.ui.presenters.points_desk import MAXIMUM
from urs_desktop.ui.presenters.sell import SellPresenter
from urs_desktop.ui.presenters.sell_state import PayField, Phase

CARD = "C-1001"


def recorder(shop: Shop) -> Recorder:
    return shop.till.redeem._recorder


def with_line(shop: Shop, sell: SellPresenter) -> None:
    """Let the customer buy, keep half of the points ready here, and cut the connection."""
    ring_up(sell, "LANTERN", card=CARD)
    sell.pay.confirm()
    sell.new_sale()
    shop.central.sync(shop.store)
    lines = Lines(shop.store, recorder(shop))
    request = lines.next_request()
    assert request is not None
    lines.accept(shop.central.line(request))
    cut(shop, sell)


def cut(shop: Shop, sell: SellPresenter) -> None:
    shop.connect(online=False)
    sell.refresh_status()


def show_phone(shop: Shop, sell: SellPresenter) -> str:
    """Have the phone asked, bring the request to the central store, and return what the phone shows then."""
    sell.pay.by_phone()
    asked = carried.read_request(pay(sell).carried.rpartition("/")[2])
    shop.central.online = True
    reply = shop.central.grant(asked.request)
    shop.central.online = False
    return carried.grant_text(reply)


def test_the_card_shows_what_can_be_spent_here_and_the_line_pays(shop: Shop, sell: SellPresenter) -> None:
    with_line(shop, sell)
    sell.customer.find(CARD)
    assert sell.state.customer is not None
    assert (sell.state.customer.here, sell.state.customer.why_not) == ("651", None)
    ring_up(sell, "LANTERN")
    assert pay(sell).points_maximum == "625"
    sell.pay.offer_points(MAXIMUM)
    assert (said(sell), pay(sell).points_applied) == (NoticeCode.GRANTED, "625")
    sell.pay.confirm()
    assert receipt(sell).redeemed == "625"
    sell.new_sale()
    sell.customer.find(CARD)
    assert sell.state.customer.here == "26"


def test_leaving_the_payment_leaves_the_line_as_it_was(shop: Shop, sell: SellPresenter) -> None:
    with_line(shop, sell)
    ring_up(sell, "LANTERN", card=CARD)
    sell.pay.offer_points(MAXIMUM)
    sell.pay.cancel()
    sell.begin_pay()
    sell.pay.offer_points(MAXIMUM)
    assert pay(sell).points_applied == "625"


def test_the_floor_pays_what_the_vendor_answers_for(shop: Shop, sell: SellPresenter) -> None:
    vendor = Vendor(
        vendor_id="v", name="", category="", currency="", location="", floor_customer=200, floor_counter=200
    )
    shop.store.write(lambda book: floor.keep_limits(book, vendor))
    cut(shop, sell)
    ring_up(sell, "LANTERN", card=CARD)
    sell.pay.offer_points(MAXIMUM)
    assert pay(sell).points_applied == "200"
    sell.pay.confirm()
    assert receipt(sell).redeemed == "200"


def test_a_phone_brings_the_points(shop: Shop, sell: SellPresenter) -> None:
    cut(shop, sell)
    ring_up(sell, "LANTERN", card=CARD)
    assert (pay(sell).points_refused, pay(sell).may_carry) == (RefusalCode.POINTS_NEED_CONNECTION, True)
    shown = show_phone(shop, sell)
    assert said(sell) is NoticeCode.PHONE_ASKED
    for character in shown:
        sell.press(character)
    sell.accept()
    assert (pay(sell).points_applied, pay(sell).carried, pay(sell).may_carry) == ("625", "", False)
    sell.accept()
    assert receipt(sell).redeemed == "625"
    shop.central.online = True
    shop.central.sync(shop.store)
    assert (shop.central.held(CARD), shop.central.late) == (0, 0)


def test_a_wrong_code_says_so_and_the_right_one_still_counts(shop: Shop, sell: SellPresenter) -> None:
    cut(shop, sell)
    ring_up(sell, "LANTERN", card=CARD)
    shown = show_phone(shop, sell)
    sell.pay.offer_points(shown[:-3])
    assert (said(sell), pay(sell).points_applied) == (RefusalCode.GRANT_OVER, "")
    sell.pay.offer_points(shown)
    assert pay(sell).points_applied == "625"


def test_leaving_gives_the_request_up(shop: Shop, sell: SellPresenter) -> None:
    cut(shop, sell)
    ring_up(sell, "LANTERN", card=CARD)
    shown = show_phone(shop, sell)
    sell.back()
    assert sell.state.phase is Phase.SELLING
    sell.begin_pay()
    sell.pay.offer_points(shown)
    assert (said(sell), pay(sell).points_applied) == (RefusalCode.GRANT_OVER, "")
    shop.central.online = True
    shop.central.sync(shop.store)
    assert shop.central.held(CARD) == 0


def test_online_or_without_a_customer_no_phone_is_asked(shop: Shop, sell: SellPresenter) -> None:
    ring_up(sell, "LANTERN", card=CARD)
    assert not pay(sell).may_carry
    sell.pay.by_phone()
    assert pay(sell).carried == ""
    sell.back()
    sell.customer.detach()
    cut(shop, sell)
    sell.begin_pay()
    sell.pay.by_phone()
    assert (pay(sell).may_carry, pay(sell).carried) == (False, "")


def test_a_phone_pays_no_more_than_a_card_has_left(shop: Shop, sell: SellPresenter) -> None:
    cut(shop, sell)
    ring_up(sell, "LANTERN", card=CARD)
    shown = show_phone(shop, sell)
    sell.pay.focus(PayField.CARD)
    sell.pay.edit(PayField.CARD, "12.00")
    sell.accept()
    sell.accept()
    sell.pay.offer_points(shown)
    assert (pay(sell).points_applied, pay(sell).due) == ("50", "£0.00")
    sell.accept()
    assert receipt(sell).tenders == (("points", "£0.50"), ("card", "£12.00"))


def ready(shop: Shop, late: SellPresenter, runner: ManualRunner) -> None:
    """Have the payment open without a connection, every answer in."""
    cut(shop, late)
    runner.drain()
    for act in (partial(late.entry.submit, "LANTERN"), partial(late.customer.find, CARD), late.begin_pay):
        act()
        runner.drain()


def settled(shop: Shop) -> bool:
    """Whether no lease is left open here."""
    return not shop.store.read(lambda book: book.leases.unfinished())


def test_a_request_made_for_an_earlier_sale_is_given_up(shop: Shop, late: SellPresenter, runner: ManualRunner) -> None:
    ready(shop, late, runner)
    late.pay.by_phone()
    late.pay.cancel()
    late.cart.void_sale()
    late.cart.void_sale()
    runner.drain()
    assert settled(shop)


def test_two_presses_ask_the_phone_once(shop: Shop, late: SellPresenter, runner: ManualRunner) -> None:
    ready(shop, late, runner)
    late.pay.by_phone()
    late.pay.by_phone()
    runner.drain()
    late.pay.cancel()
    runner.drain()
    assert settled(shop)


def test_points_a_phone_brought_for_an_earlier_sale_go_back(
    shop: Shop, late: SellPresenter, runner: ManualRunner
) -> None:
    ready(shop, late, runner)
    late.pay.by_phone()
    runner.drain()
    shown = show_phone(shop, late)
    late.pay.offer_points(shown)
    late.pay.cancel()
    late.cart.void_sale()
    late.cart.void_sale()
    late.entry.submit("MUG")
    late.begin_pay()
    while runner.waiting:
        runner.step(len(runner.waiting) - 1)
    assert settled(shop)
    assert pay(late).points_applied == ""
