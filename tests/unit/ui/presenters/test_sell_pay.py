"""Payment: cash, change, points asked for and given back, one sale per payment whatever is pressed or fails."""

from collections.abc import Callable

import pytest

from tests.fakes.runners import ImmediateRunner, ManualRunner
from tests.fakes.shop import Shop, open_shop
from tests.unit.ui.presenters.conftest import present
from urs_desktop.counter.ports import CentralDistrustedError
from urs_desktop.domain.lease import EXACT_GRANT_MS
from urs_desktop.domain.policy import Category
from urs_desktop.domain.refusals import RefusalCode
from urs_desktop.ui.presenters.notices import NoticeCode
from urs_desktop.ui.presenters.pay_desk import EXACT, MAXIMUM
from urs_desktop.ui.presenters.sell import RECEIPT_STAYS_MS, SellPresenter
from urs_desktop.ui.presenters.sell_state import Overlay, PayField, PayState, Phase, ReceiptView


def said(sell: SellPresenter) -> object:
    return sell.state.notice.code if sell.state.notice else None


def pay(sell: SellPresenter) -> PayState:
    assert sell.state.pay is not None
    return sell.state.pay


def receipt(sell: SellPresenter) -> ReceiptView:
    assert sell.state.phase is Phase.RECEIPT
    assert sell.state.receipt is not None
    return sell.state.receipt


def ring_up(sell: SellPresenter, *codes: str, card: str = "") -> None:
    for code in codes:
        sell.entry.submit(code)
    if card:
        sell.customer.find(card)
    sell.begin_pay()


def test_exact_cash_by_enter(shop: Shop, sell: SellPresenter) -> None:
    ring_up(sell, "MUG")
    sell.accept()
    assert (receipt(sell).total, receipt(sell).has_change, receipt(sell).number) == ("£2.55", False, "1-000001")
    assert receipt(sell).tenders == (("cash", "£2.55"),)
    assert shop.receipts() == 1
    assert not sell.state.lines


def test_cash_with_change(sell: SellPresenter) -> None:
    ring_up(sell, "MUG")
    sell.press("5")
    assert (pay(sell).change, pay(sell).missing) == ("£2.45", "")
    sell.accept()
    assert (receipt(sell).change, receipt(sell).has_change) == ("£2.45", True)


def test_a_note_fills_the_field_and_enter_finishes(sell: SellPresenter) -> None:
    ring_up(sell, "MUG")
    assert [words for _, words in pay(sell).notes] == ["£5.00", "£10.00", "£20.00", "£50.00"]
    sell.pay.tender_cash(pay(sell).notes[1][0])
    assert sell.state.phase is Phase.PAYING
    assert pay(sell).change == "£7.45"
    sell.accept()
    assert receipt(sell).change == "£7.45"


def test_the_exact_key_finishes_whatever_was_typed(sell: SellPresenter) -> None:
    ring_up(sell, "MUG")
    sell.press("9")
    sell.pay.tender_cash(EXACT)
    assert not receipt(sell).has_change


def test_too_little_cash_sells_nothing(shop: Shop, sell: SellPresenter) -> None:
    ring_up(sell, "MUG")
    sell.press("2")
    assert pay(sell).missing == "£0.55"
    sell.accept()
    assert said(sell) is RefusalCode.PAYMENT_SHORT
    assert sell.state.notice is not None
    assert sell.state.notice.values == (("missing", "£0.55"),)
    assert (sell.state.phase, shop.receipts()) == (Phase.PAYING, 0)


@pytest.mark.parametrize("text", ["1,50", "abc", "1.234", "1e3", "--", "9" * 20])
def test_unreadable_cash_sells_nothing(shop: Shop, sell: SellPresenter, text: str) -> None:
    ring_up(sell, "MUG")
    sell.pay.edit(PayField.CASH, text)
    assert pay(sell).unreadable
    sell.pay.confirm()
    assert isinstance(said(sell), RefusalCode)
    assert (sell.state.phase, shop.receipts()) == (Phase.PAYING, 0)


def test_a_barcode_scanned_into_the_cash_field_sells_nothing(shop: Shop, sell: SellPresenter) -> None:
    ring_up(sell, "MUG")
    sell.pay.edit(PayField.CASH, "5012345678900")
    sell.accept()
    assert said(sell) is NoticeCode.CHANGE_IMPLAUSIBLE
    assert (shop.receipts(), pay(sell).cash_text) == (0, "")


def test_an_empty_cart_is_not_paid_for(sell: SellPresenter) -> None:
    sell.begin_pay()
    assert sell.state.phase is Phase.SELLING
    assert said(sell) is RefusalCode.BASKET_EMPTY


def test_pay_pressed_twice_only_opens_the_payment(shop: Shop, sell: SellPresenter) -> None:
    ring_up(sell, "MUG")
    sell.begin_pay()
    sell.begin_pay()
    assert (sell.state.phase, shop.receipts()) == (Phase.PAYING, 0)


def test_enter_pressed_many_times_makes_one_sale(shop: Shop, late: SellPresenter, runner: ManualRunner) -> None:
    late.entry.scan("MUG")
    runner.drain()
    late.begin_pay()
    for _ in range(3):
        late.accept()
        late.pay.confirm()
        late.pay.tender_cash(EXACT)
        late.pay.cancel()
        late.cart.void_sale()
    assert late.state.phase is Phase.COMPLETING
    assert len(runner.waiting) == 1
    runner.drain()
    late.accept()
    assert late.state.phase is Phase.RECEIPT
    assert shop.receipts() == 1


def test_enter_soon_after_the_receipt_does_not_take_it_away(shop: Shop, sell: SellPresenter) -> None:
    ring_up(sell, "MUG")
    sell.accept()
    sell.accept()
    assert sell.state.phase is Phase.RECEIPT
    shop.clock.advance(RECEIPT_STAYS_MS)
    sell.accept()
    assert sell.state.phase is Phase.SELLING
    assert sell.state.customer is None


@pytest.mark.parametrize("begin", [SellPresenter.new_sale, SellPresenter.back])
def test_one_key_to_the_next_sale(sell: SellPresenter, begin: Callable[[SellPresenter], None]) -> None:
    ring_up(sell, "MUG", card="C-1001")
    sell.accept()
    begin(sell)
    assert (sell.state.phase, sell.state.customer, sell.state.receipt) == (Phase.SELLING, None, None)


def test_a_scan_after_the_receipt_begins_the_next_sale(sell: SellPresenter) -> None:
    ring_up(sell, "MUG", card="C-1001")
    sell.accept()
    sell.entry.submit("2*BAG")
    assert [(line.sku, line.quantity) for line in sell.state.lines] == [("BAG", "2")]
    assert sell.state.customer is None


def test_a_scan_while_paying_changes_nothing(sell: SellPresenter) -> None:
    ring_up(sell, "MUG")
    sell.entry.scan("BAG")
    assert len(sell.state.lines) == 1
    assert said(sell) is NoticeCode.PAYMENT_OPEN


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
    assert late.state.phase is Phase.ASKING
    late.pay.cancel()
    assert late.state.phase is Phase.SELLING
    runner.drain()
    assert late.state.phase is Phase.SELLING
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
    assert late.state.phase is Phase.ASKING
    late.back()
    late.begin_pay()
    late.pay.offer_points(MAXIMUM)
    assert said(late) is NoticeCode.STILL_ASKING
    late.pay.edit(PayField.POINTS, "")
    late.pay.confirm()
    runner.drain()
    assert late.state.phase is Phase.RECEIPT
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
    assert sell.state.phase is Phase.PAYING
    sell.accept()
    assert receipt(sell).redeemed == "0"


def test_a_fenced_counter_sells_and_takes_no_points(shop: Shop, sell: SellPresenter) -> None:
    shop.store.write(lambda book: book.operations.fence())
    sell.refresh_status()
    ring_up(sell, "LANTERN", card="C-1001")
    assert pay(sell).points_refused is RefusalCode.COUNTER_FENCED
    sell.accept()
    assert receipt(sell).earned == "62"


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


def test_amounts_above_two_to_the_31(shop: Shop, sell: SellPresenter) -> None:
    shop.stock("GOLD", "Gold bar", "9999999.99")
    ring_up(sell, "9999*GOLD", card="C-1001")
    assert pay(sell).due == "£99,989,999,900.01"
    sell.pay.tender_cash("99989999901")
    assert pay(sell).change == "£0.99"
    sell.accept()
    assert (receipt(sell).total, receipt(sell).change) == ("£99,989,999,900.01", "£0.99")
    assert receipt(sell).earned == "499,949,999,500"


def test_why_shows_the_arithmetic(sell: SellPresenter) -> None:
    sell.entry.submit("LANTERN")
    sell.show(Overlay.WHY)
    why = sell.state.why
    assert (why.base, why.threshold, why.exceeds) == ("£12.50", "£10.00", True)
    assert (why.rate, why.product, why.earns, why.version) == ("5\u00a0%", "62.5", "62", "3")
    sell.back()
    assert sell.state.overlay is Overlay.NONE


def test_at_the_threshold_nothing_is_earned(shop: Shop, sell: SellPresenter) -> None:
    shop.stock("TEN", "Ten pounds", "10.00")
    sell.entry.submit("TEN")
    assert (sell.state.totals.earns, sell.state.why.exceeds) == ("0", False)


def test_closing_gives_back_what_an_open_payment_holds(shop: Shop, sell: SellPresenter) -> None:
    ring_up(sell, "LANTERN", card="C-1001")
    sell.pay.offer_points("500")
    sell.close()
    shop.central.sync(shop.store)
    assert shop.central.held("C-1001") == 0


def test_two_hundred_lines(shop: Shop, sell: SellPresenter) -> None:
    for number in range(200):
        shop.stock(f"P{number}", f"Product {number}", f"{number}.01")
        sell.entry.submit(f"P{number}")
    assert len(sell.state.lines) == 200
    sell.begin_pay()
    sell.accept()
    assert receipt(sell).total == "£19,902.00"
    assert len(receipt(sell).lines) == 200
