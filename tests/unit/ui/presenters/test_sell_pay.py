"""Payment: cash, change, points asked for and given back, one sale per payment whatever is pressed or fails."""

from collections.abc import Callable

import pytest

from tests.fakes.runners import ManualRunner
from tests.fakes.shop import Shop
from tests.unit.ui.presenters.conftest import pay, phase, receipt, ring_up, said
from urs_desktop.domain.refusals import RefusalCode
from urs_desktop.ui.presenters.notices import NoticeCode
from urs_desktop.ui.presenters.pay_desk import EXACT
from urs_desktop.ui.presenters.sell import RECEIPT_STAYS_MS, SellPresenter
from urs_desktop.ui.presenters.sell_state import Overlay, PayField, Phase


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
    assert phase(sell) is Phase.PAYING
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
    assert phase(sell) is Phase.SELLING
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
    assert phase(late) is Phase.COMPLETING
    assert len(runner.waiting) == 1
    runner.drain()
    late.accept()
    assert phase(late) is Phase.RECEIPT
    assert shop.receipts() == 1


def test_enter_soon_after_the_receipt_does_not_take_it_away(shop: Shop, sell: SellPresenter) -> None:
    ring_up(sell, "MUG")
    sell.accept()
    sell.accept()
    assert phase(sell) is Phase.RECEIPT
    shop.clock.advance(RECEIPT_STAYS_MS)
    sell.accept()
    assert phase(sell) is Phase.SELLING
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
