"""Discounts, other prices and price checks at the cart: asked for, refused, allowed by somebody else, taken away."""

from collections.abc import Callable

import pytest

from tests.fakes.runners import ImmediateRunner
from tests.fakes.shop import Shop
from tests.unit.ui.presenters.conftest import phase, receipt, ring_up, said
from urs_desktop.counter.use_cases.refund import Override
from urs_desktop.domain.permissions import Permission
from urs_desktop.domain.refusals import RefusalCode
from urs_desktop.protocol.operations import PricedSaleBody
from urs_desktop.ui.presenters.formatting import Formats
from urs_desktop.ui.presenters.gate import Act
from urs_desktop.ui.presenters.notices import NoticeCode
from urs_desktop.ui.presenters.sell import SellPresenter
from urs_desktop.ui.presenters.sell_state import EntryMode, Phase, ResultKind


class SlowGate:
    """A gate at which somebody else has to come first, but for selling and voiding."""

    def __init__(self) -> None:
        self.asked: list[tuple[Permission, str]] = []
        self.act: Act | None = None

    def demand(self, permission: Permission, subject: str, act: Act) -> None:
        if permission in (Permission.SELL, Permission.VOID_SALE):
            act(None)
            return
        self.asked.append((permission, subject))
        self.act = act

    def allow(self) -> None:
        assert self.act is not None
        self.act(Override("boss", "regular customer"))


def guarded(shop: Shop) -> tuple[SellPresenter, SlowGate]:
    gate = SlowGate()
    sell = SellPresenter(shop.till, ImmediateRunner(), shop.clock, Formats(), gate=gate)
    sell.start()
    return sell, gate


def put(sell: SellPresenter, *codes: str) -> None:
    for code in codes:
        sell.entry.submit(code)


def typed(sell: SellPresenter, mode: EntryMode, text: str) -> None:
    sell.entry.start(mode)
    sell.entry.submit(text)


def test_a_percentage_off_a_line(sell: SellPresenter) -> None:
    put(sell, "CAKE")
    typed(sell, EntryMode.LINE_DISCOUNT, "10")
    (line,) = sell.state.lines
    assert (line.total, line.discount) == ("£90.00", "-10\u00a0% (-£10.00)")
    assert said(sell) is NoticeCode.DISCOUNT_GIVEN
    assert (sell.state.totals.total, sell.state.totals.discount) == ("£90.00", "-£10.00")
    assert sell.state.entry.mode is EntryMode.CODE


def test_figures_typed_first_take_one_key_less(sell: SellPresenter) -> None:
    put(sell, "CAKE")
    sell.press("5")
    sell.entry.start(EntryMode.LINE_DISCOUNT)
    assert sell.state.totals.total == "£95.00"


def test_an_amount_off_and_back_again(sell: SellPresenter) -> None:
    put(sell, "CAKE")
    typed(sell, EntryMode.PRICE, "-1.50")
    assert sell.state.totals.total == "£98.50"
    typed(sell, EntryMode.LINE_DISCOUNT, "0")
    assert (sell.state.totals.total, sell.state.lines[0].discount) == ("£100.00", "")


def test_a_discount_on_the_receipt_counts_for_points_and_is_stored(shop: Shop, sell: SellPresenter) -> None:
    put(sell, "CAKE", "MUG")
    typed(sell, EntryMode.RECEIPT_DISCOUNT, "10%")
    assert (sell.state.totals.total, sell.state.totals.earns) == ("£92.29", "461")
    sell.begin_pay()
    sell.accept()
    assert (receipt(sell).total, receipt(sell).discount) == ("£92.29", "-£10.26")
    stored = shop.store.read(lambda book: book.sales.by_receipt(1))
    assert stored is not None
    assert isinstance(stored.body, PricedSaleBody)
    assert stored.body.total == 9229


def test_another_price_takes_a_reason(sell: SellPresenter) -> None:
    put(sell, "CLOCK")
    typed(sell, EntryMode.PRICE, "3.00")
    assert sell.state.results.kind is ResultKind.REASONS
    assert sell.state.totals.total == "£3.75", "nothing has changed before the reason is said"
    sell.entry.submit("2")
    (line,) = sell.state.lines
    assert (line.total, line.list_price) == ("£3.00", "£3.75")
    sell.begin_pay()
    sell.accept()
    (sold,) = receipt(sell).lines
    assert (sold.list_price, sold.total) == ("£3.75", "£3.00")


def test_a_reason_is_chosen_or_typed(shop: Shop, sell: SellPresenter) -> None:
    put(sell, "CLOCK")
    typed(sell, EntryMode.PRICE, "3.00")
    sell.entry.submit("scratched")
    put(sell, "BAG")
    typed(sell, EntryMode.PRICE, "1.00")
    sell.entry.choose(0)
    sell.begin_pay()
    sell.accept()
    stored = shop.store.read(lambda book: book.sales.by_receipt(1))
    assert stored is not None
    assert isinstance(stored.body, PricedSaleBody)
    assert [line.reason for line in stored.body.lines] == ["scratched", "damaged"]


def test_the_price_of_the_catalogue_needs_no_reason(sell: SellPresenter) -> None:
    put(sell, "CLOCK")
    typed(sell, EntryMode.PRICE, "3.00")
    sell.entry.submit("1")
    typed(sell, EntryMode.PRICE, "3.75")
    assert (sell.state.lines[0].list_price, sell.state.totals.total) == ("", "£3.75")


@pytest.mark.parametrize(
    ("mode", "text", "code"),
    [
        (EntryMode.PRICE, "cheap", RefusalCode.PRICE_MALFORMED),
        (EntryMode.PRICE, "1,50", RefusalCode.PRICE_MALFORMED),
        (EntryMode.PRICE, "-200", RefusalCode.DISCOUNT_TOO_LARGE),
        (EntryMode.LINE_DISCOUNT, "101", RefusalCode.PERCENTAGE_MALFORMED),
        (EntryMode.RECEIPT_DISCOUNT, "500", RefusalCode.DISCOUNT_TOO_LARGE),
        (EntryMode.RECEIPT_DISCOUNT, "x", RefusalCode.AMOUNT_MALFORMED),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    sell: SellPresenter, mode: EntryMode, text: str, code: RefusalCode
) -> None:
    put(sell, "CAKE")
    typed(sell, mode, text)
    assert said(sell) is code
    assert sell.state.totals.total == "£100.00"


def test_a_barcode_scanned_while_a_price_is_asked_for_is_a_product(sell: SellPresenter) -> None:
    put(sell, "CAKE")
    sell.entry.start(EntryMode.PRICE)
    sell.entry.submit("5012345678900")
    assert [line.sku for line in sell.state.lines] == ["CAKE", "MUG"]


@pytest.mark.parametrize("mode", [EntryMode.PRICE, EntryMode.LINE_DISCOUNT, EntryMode.RECEIPT_DISCOUNT])
def test_with_an_empty_cart_there_is_nothing_to_work_on(sell: SellPresenter, mode: EntryMode) -> None:
    sell.entry.start(mode)
    assert (said(sell), sell.state.entry.mode) == (NoticeCode.NO_LINE, EntryMode.CODE)


def test_while_paying_prices_stay(sell: SellPresenter) -> None:
    ring_up(sell, "CAKE")
    sell.entry.start(EntryMode.PRICE)
    assert (said(sell), phase(sell)) == (NoticeCode.PAYMENT_OPEN, Phase.PAYING)


def test_a_price_check_adds_nothing(sell: SellPresenter) -> None:
    sell.entry.start(EntryMode.CHECK)
    sell.entry.submit("5012345678900")
    assert said(sell) is NoticeCode.PRICE_CHECKED
    assert sell.state.notice is not None
    assert dict(sell.state.notice.values)["price"] == "£2.55"
    assert not sell.state.lines
    assert sell.state.entry.mode is EntryMode.CODE
    sell.entry.start(EntryMode.CHECK)
    sell.entry.submit("NO-SUCH")
    assert said(sell) is RefusalCode.PRODUCT_UNKNOWN


def test_what_the_cashier_may_not_do_waits_for_somebody_who_may(shop: Shop) -> None:
    sell, gate = guarded(shop)
    put(sell, "CAKE")
    typed(sell, EntryMode.LINE_DISCOUNT, "10")
    assert gate.asked == [(Permission.DISCOUNT, "CAKE")]
    assert sell.state.totals.total == "£100.00"
    gate.allow()
    assert sell.state.totals.total == "£90.00"
    typed(sell, EntryMode.PRICE, "80")
    sell.entry.submit("1")
    gate.allow()
    typed(sell, EntryMode.RECEIPT_DISCOUNT, "1.00")
    gate.allow()
    sell.begin_pay()
    sell.accept()
    stored = shop.store.read(lambda book: book.sales.by_receipt(1))
    assert stored is not None
    assert isinstance(stored.body, PricedSaleBody)
    said_by = [(each.what, each.n, each.operator) for each in stored.body.overrides]
    assert said_by == [("price_override", 1, "boss"), ("discount", 1, "boss"), ("discount", 0, "boss")]


def voided(sell: SellPresenter) -> None:
    sell.cart.void_line()


def sold(sell: SellPresenter) -> None:
    sell.begin_pay()
    sell.accept()


def counted(sell: SellPresenter) -> None:
    sell.cart.step(1)


@pytest.mark.parametrize("meanwhile", [voided, sold, counted])
def test_an_allowance_that_comes_late_changes_no_other_line(
    shop: Shop, meanwhile: Callable[[SellPresenter], None]
) -> None:
    sell, gate = guarded(shop)
    put(sell, "CAKE", "MUG")
    typed(sell, EntryMode.LINE_DISCOUNT, "50")
    meanwhile(sell)
    before = sell.state.totals.total
    gate.allow()
    assert sell.state.totals.total == before
    assert said(sell) is NoticeCode.LINE_CHANGED_MEANWHILE


def test_a_held_sale_comes_back_with_its_prices(sell: SellPresenter) -> None:
    put(sell, "CAKE")
    typed(sell, EntryMode.LINE_DISCOUNT, "10")
    typed(sell, EntryMode.RECEIPT_DISCOUNT, "5.00")
    sell.hold_sale()
    assert not sell.state.lines
    sell.hold.recall()
    assert sell.state.totals.total == "£85.00"


def more_of_it(sell: SellPresenter) -> None:
    sell.cart.change_quantity(100)


def cheaper(sell: SellPresenter) -> None:
    typed(sell, EntryMode.PRICE, "0.01")
    sell.entry.submit("1")


def half_off(sell: SellPresenter) -> None:
    typed(sell, EntryMode.LINE_DISCOUNT, "50")


def half_off_all(sell: SellPresenter) -> None:
    typed(sell, EntryMode.RECEIPT_DISCOUNT, "50%")


@pytest.mark.parametrize("work", [cheaper, half_off, half_off_all])
@pytest.mark.parametrize("held", [False, True])
def test_what_was_allowed_for_one_piece_is_not_allowed_for_a_hundred(
    shop: Shop, work: Callable[[SellPresenter], None], held: bool
) -> None:
    sell, gate = guarded(shop)
    put(sell, "MUG")
    work(sell)
    gate.allow()
    more_of_it(sell)
    if held:
        sell.hold_sale()
    else:
        sell.begin_pay()
    assert (phase(sell), len(sell.state.lines)) == (Phase.SELLING, 1)
    assert gate.asked[1:] == [(Permission.DISCOUNT, "receipt")]
    gate.allow()
    assert phase(sell) is (Phase.SELLING if held else Phase.PAYING)
    assert len(sell.state.lines) == (0 if held else 1)


def test_what_was_allowed_once_is_not_asked_for_again(shop: Shop) -> None:
    sell, gate = guarded(shop)
    put(sell, "CAKE")
    half_off(sell)
    gate.allow()
    put(sell, "MUG")
    typed(sell, EntryMode.RECEIPT_DISCOUNT, "1.00")
    gate.allow()
    put(sell, "LANTERN")
    sell.hold_sale()
    sell.hold.recall()
    sell.begin_pay()
    assert (phase(sell), len(gate.asked)) == (Phase.PAYING, 2)


def test_a_discount_taken_away_and_put_on_again_is_asked_for_again(shop: Shop) -> None:
    sell, gate = guarded(shop)
    put(sell, "CAKE")
    half_off(sell)
    gate.allow()
    typed(sell, EntryMode.LINE_DISCOUNT, "0")
    half_off(sell)
    assert (sell.state.totals.total, len(gate.asked)) == ("£100.00", 2)
