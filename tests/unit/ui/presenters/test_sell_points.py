"""Points in a payment: asked for, granted, used, given back, refused with a sentence."""

import pytest

from tests.fakes.runners import ImmediateRunner, ManualRunner
from tests.fakes.shop import Shop, open_shop
from tests.unit.ui.presenters.conftest import pay, phase, present, receipt, ring_up, said
from urs_desktop.counter.ports import CentralDistrustedError
from urs_desktop.domain.lease import EXACT_GRANT_MS
from urs_desktop.domain.policy import Category
from urs_desktop.domain.refusals import RefusalCode
from urs_desktop.ui.presenters.notices import NoticeCode
from urs_desktop.ui.presenters.points_desk import MAXIMUM
from urs_desktop.ui.presenters.sell import SellPresenter
from urs_desktop.ui.presenters.sell_state import Link, PayField, Phase


def test_points_and_cash(shop: Shop, sell: SellPresenter) -> None:
    ring_up(sell, "LANTERN", "MUG", card="C-1001")
    assert pay(sell).points_maximum == "752"
    sell.pay.offer_points("500")
    assert (pay(sell).due, pay(sell).points_worth, pay(sell).earns) == ("£10.05", "£5.00", "50")
    sell.press("20")
    sell.accept()
    assert receipt(sell).tenders == (("points", "£5.00"), ("cash", "£20.00"))
    assert (receipt(sell).redeemed, receipt(sell).earned, receipt(sell).change) == ("500", "50", "£9.95")
    shop.central.sync(shop.store)
    assert shop.central.wallets["C-1001"] == 1240 - 500 + 50
    assert shop.central.held("C-1001") == 0


def test_a_blocked_customer_is_said_to_be_one_and_pays_cash(shop: Shop, sell: SellPresenter) -> None:
    shop.central.block("C-1001")
    ring_up(sell, "LANTERN", card="C-1001")
    sell.pay.offer_points("100")
    assert (said(sell), pay(sell).points_applied) == (RefusalCode.CUSTOMER_BLOCKED, "")
    sell.pay.confirm()
    assert (receipt(sell).redeemed, receipt(sell).earned) == ("0", "62")


def test_points_by_keys_alone(sell: SellPresenter) -> None:
    for code in ("LANTERN", "MUG"):
        sell.entry.submit(code)
    sell.customer.find("C-1001")
    sell.redeem()
    assert pay(sell).field is PayField.POINTS
    sell.redeem()
    assert (pay(sell).points_applied, pay(sell).field) == ("752", PayField.CASH)
    sell.accept()
    assert receipt(sell).redeemed == "752"


def test_more_points_than_allowed_offers_the_most(sell: SellPresenter) -> None:
    ring_up(sell, "LANTERN", card="C-1001")
    sell.pay.offer_points("9999")
    assert said(sell) is RefusalCode.POINTS_OVER_CAP
    assert (pay(sell).points_text, pay(sell).points_applied) == ("625", "")
    sell.accept()
    assert pay(sell).points_applied == "625"


def test_a_smaller_grant_is_said_and_used(shop: Shop, sell: SellPresenter) -> None:
    shop.central.most = 100
    ring_up(sell, "LANTERN", card="C-1001")
    sell.pay.offer_points("500")
    assert said(sell) is NoticeCode.GRANTED_LESS
    assert (pay(sell).points_applied, pay(sell).due) == ("100", "£11.50")
    sell.pay.confirm()
    assert receipt(sell).redeemed == "100"


def test_no_points_left_at_the_central_store(shop: Shop, sell: SellPresenter) -> None:
    ring_up(sell, "LANTERN", card="C-1001")
    shop.central.wallets["C-1001"] = 0
    sell.pay.offer_points("500")
    assert said(sell) is RefusalCode.POINTS_NOT_AVAILABLE
    sell.pay.confirm()
    assert receipt(sell).redeemed == "0"


def test_cancelling_gives_the_points_back(shop: Shop, sell: SellPresenter) -> None:
    ring_up(sell, "LANTERN", card="C-1001")
    sell.pay.offer_points("500")
    sell.back()
    assert (sell.state.phase, len(sell.state.lines), said(sell)) == (Phase.SELLING, 1, NoticeCode.POINTS_GIVEN_BACK)
    shop.central.sync(shop.store)
    assert shop.central.wallets["C-1001"] == 1240


def test_fewer_points_keep_the_grant_and_the_sale_returns_the_rest(shop: Shop, sell: SellPresenter) -> None:
    ring_up(sell, "LANTERN", card="C-1001")
    sell.pay.offer_points("500")
    sell.pay.offer_points("200")
    assert shop.central.calls.count("grant") == 1
    sell.pay.confirm()
    shop.central.sync(shop.store)
    assert shop.central.wallets["C-1001"] == 1240 - 200 + 52


def test_typing_over_granted_points_gives_them_back(shop: Shop, sell: SellPresenter) -> None:
    ring_up(sell, "LANTERN", card="C-1001")
    sell.pay.offer_points("500")
    sell.pay.edit(PayField.POINTS, "5")
    assert (pay(sell).points_applied, pay(sell).due) == ("", "£12.50")
    shop.central.sync(shop.store)
    assert shop.central.wallets["C-1001"] == 1240


def test_zero_points_takes_them_back(sell: SellPresenter) -> None:
    ring_up(sell, "LANTERN", card="C-1001")
    sell.pay.offer_points("500")
    sell.pay.offer_points(0)
    assert (pay(sell).points_applied, pay(sell).points_text) == ("", "")


def test_a_grant_that_comes_after_cancelling_is_given_back(
    shop: Shop, late: SellPresenter, runner: ManualRunner
) -> None:
    late.entry.scan("LANTERN")
    late.customer.find("C-1001")
    runner.drain()
    late.begin_pay()
    late.pay.offer_points(MAXIMUM)
    assert phase(late) is Phase.ASKING
    late.pay.cancel()
    assert phase(late) is Phase.SELLING
    runner.drain()
    assert phase(late) is Phase.SELLING
    shop.central.sync(shop.store)
    assert shop.central.wallets["C-1001"] == 1240
    assert shop.central.held("C-1001") == 0


def test_a_hanging_grant_lets_the_sale_be_paid_in_cash(shop: Shop, late: SellPresenter, runner: ManualRunner) -> None:
    late.entry.scan("LANTERN")
    late.customer.find("C-1001")
    runner.drain()
    late.begin_pay()
    late.pay.offer_points(MAXIMUM)
    hanging = runner.waiting.pop()
    late.pay.confirm()
    assert phase(late) is Phase.ASKING
    late.back()
    late.begin_pay()
    late.pay.offer_points(MAXIMUM)
    assert said(late) is NoticeCode.STILL_ASKING
    late.pay.edit(PayField.POINTS, "")
    late.pay.confirm()
    runner.drain()
    assert phase(late) is Phase.RECEIPT
    hanging()
    runner.drain()
    assert (late.state.phase, shop.receipts()) == (Phase.RECEIPT, 1)
    shop.central.sync(shop.store)
    assert shop.central.held("C-1001") == 0


def test_small_vendors_take_no_points_and_say_so() -> None:
    sell = present(open_shop(Category.SMALL), ImmediateRunner())
    ring_up(sell, "LANTERN", card="C-1001")
    assert pay(sell).points_refused is RefusalCode.POINTS_NOT_REDEEMED_HERE
    sell.redeem()
    assert (said(sell), pay(sell).field) == (RefusalCode.POINTS_NOT_REDEEMED_HERE, PayField.CASH)
    sell.pay.offer_points("100")
    assert said(sell) is RefusalCode.POINTS_NOT_REDEEMED_HERE
    sell.accept()
    assert receipt(sell).earned == "62"


def test_offline_takes_no_points_and_sells_on(shop: Shop, sell: SellPresenter) -> None:
    shop.connect(online=False)
    sell.refresh_status()
    ring_up(sell, "LANTERN", card="C-1001")
    assert pay(sell).points_refused is RefusalCode.POINTS_NEED_CONNECTION
    sell.pay.edit(PayField.POINTS, "100")
    sell.pay.confirm()
    assert said(sell) is RefusalCode.POINTS_NEED_CONNECTION
    sell.pay.confirm()
    assert (receipt(sell).earned, receipt(sell).redeemed) == ("62", "0")


@pytest.mark.parametrize("wrong", [False, True])
def test_an_outage_nobody_noticed_yet_is_said_when_points_are_asked_for(
    shop: Shop, sell: SellPresenter, *, wrong: bool
) -> None:
    ring_up(sell, "LANTERN", card="C-1001")
    shop.central.online = False
    if wrong:
        shop.central.failure = CentralDistrustedError("another certificate")
    sell.pay.offer_points("100")
    assert said(sell) is (NoticeCode.CENTRAL_DISTRUSTED if wrong else NoticeCode.CENTRAL_UNAVAILABLE)
    assert phase(sell) is Phase.PAYING
    sell.accept()
    assert receipt(sell).redeemed == "0"


def test_a_fenced_counter_sells_and_takes_no_points(shop: Shop, sell: SellPresenter) -> None:
    shop.store.write(lambda book: book.operations.fence())
    sell.refresh_status()
    ring_up(sell, "LANTERN", card="C-1001")
    assert pay(sell).points_refused is RefusalCode.COUNTER_FENCED
    sell.accept()
    assert receipt(sell).earned == "62"


def test_a_clock_in_doubt_is_shown_and_sales_go_on(shop: Shop, sell: SellPresenter) -> None:
    ring_up(sell, "LANTERN", card="C-1001")
    sell.accept()
    shop.clock.advance(-3 * 60_000)
    sell.refresh_status()
    links = [sell.state.status.link]
    shop.clock.advance(3 * 60_000 + 8 * 24 * 60 * 60_000)
    sell.refresh_status()
    links.append(sell.state.status.link)
    shop.connect(online=True)
    sell.refresh_status()
    links.append(sell.state.status.link)
    assert links == [Link.CLOCK, Link.CLOCK, Link.ONLINE]


def test_a_grant_that_ran_out_is_let_go_and_the_cart_kept(shop: Shop, sell: SellPresenter) -> None:
    ring_up(sell, "LANTERN", card="C-1001")
    sell.pay.offer_points("500")
    shop.clock.advance(EXACT_GRANT_MS)
    sell.accept()
    assert said(sell) is RefusalCode.GRANT_OVER
    assert sell.state.notice is not None
    assert sell.state.notice.sale_not_kept
    assert (sell.state.phase, pay(sell).points_applied, shop.receipts()) == (Phase.PAYING, "", 0)
    sell.accept()
    assert receipt(sell).redeemed == "0"
