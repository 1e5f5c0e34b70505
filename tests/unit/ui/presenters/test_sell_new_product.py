"""A code nobody knows becomes a product: price, name, into the cart and to the vendor's other tills; or it does not."""

import pytest

from tests.fakes.runners import ManualRunner
from tests.fakes.shop import Shop
from tests.unit.ui.presenters.conftest import phase, ring_up, said
from tests.unit.ui.presenters.test_sell_prices import guarded
from urs_desktop.domain.permissions import Permission
from urs_desktop.domain.refusals import RefusalCode
from urs_desktop.protocol.codec import decode_body
from urs_desktop.protocol.operations import ProductsBody
from urs_desktop.ui.presenters.notices import NoticeCode
from urs_desktop.ui.presenters.sell import SellPresenter
from urs_desktop.ui.presenters.sell_state import EntryMode, Phase


def test_price_then_name_then_it_is_sold(shop: Shop, sell: SellPresenter) -> None:
    sell.entry.submit("2*4006381333948")
    assert (said(sell), sell.state.entry.unknown) == (NoticeCode.UNKNOWN_CODE, "4006381333948")
    sell.entry.start(EntryMode.PRICE)
    assert (sell.state.entry.mode, sell.state.entry.subject) == (EntryMode.NEW_PRICE, "4006381333948")
    sell.entry.submit("1.99")
    assert sell.state.entry.mode is EntryMode.NEW_NAME
    sell.entry.submit("Ballpoint pen")
    (line,) = sell.state.lines
    assert (line.sku, line.description, line.quantity, line.total) == ("4006381333948", "Ballpoint pen", "2", "£3.98")
    assert said(sell) is NoticeCode.PRODUCT_ADDED
    (operation,) = shop.store.read(lambda book: book.operations.waiting(10, 10**6))
    body = decode_body(operation.kind, operation.schema, operation.body)
    assert isinstance(body, ProductsBody)
    assert [(item.sku, item.barcode, item.price) for item in body.items] == [("4006381333948", "4006381333948", 199)]


def test_who_may_not_add_is_asked_for_somebody_who_may(shop: Shop) -> None:
    sell, gate = guarded(shop)
    sell.entry.submit("SCARF")
    sell.product.begin()
    assert gate.asked == [(Permission.ADD_PRODUCT, "SCARF")]
    before = sell.state.entry.mode
    gate.allow()
    assert (before, sell.state.entry.mode) == (EntryMode.CODE, EntryMode.NEW_PRICE)


@pytest.mark.parametrize(
    ("text", "code"), [("cheap", RefusalCode.PRICE_MALFORMED), ("-1", RefusalCode.PRICE_OUT_OF_RANGE)]
)
def test_a_price_that_is_none_is_asked_for_again(sell: SellPresenter, text: str, code: RefusalCode) -> None:
    sell.entry.submit("SCARF")
    sell.product.begin()
    sell.entry.submit(text)
    assert (said(sell), sell.state.entry.mode) == (code, EntryMode.NEW_PRICE)


def test_escape_adds_nothing(shop: Shop, sell: SellPresenter) -> None:
    before = shop.store.read(lambda book: book.catalogue.count())
    sell.entry.submit("SCARF")
    sell.product.begin()
    sell.entry.submit("9.99")
    sell.back()
    assert (sell.state.entry.mode, sell.state.entry.unknown) == (EntryMode.CODE, "")
    assert shop.store.read(lambda book: book.catalogue.count()) == before


def test_a_product_that_came_meanwhile_is_kept(shop: Shop, sell: SellPresenter) -> None:
    sell.entry.submit("SCARF")
    sell.product.begin()
    sell.entry.submit("9.99")
    shop.stock("SCARF", "Silk scarf", "25.00")
    sell.entry.submit("Scarf")
    assert said(sell) is RefusalCode.PRODUCT_KNOWN
    assert not sell.state.lines
    assert str(shop.till.lookup.product("SCARF").description) == "Silk scarf"


def test_a_known_scan_withdraws_the_offer(sell: SellPresenter) -> None:
    sell.entry.submit("SCARF")
    sell.entry.submit("MUG")
    assert sell.state.entry.unknown == ""
    sell.entry.start(EntryMode.PRICE)
    assert sell.state.entry.mode is EntryMode.PRICE


def test_a_barcode_scanned_while_the_name_is_asked_for_is_a_product(sell: SellPresenter) -> None:
    sell.entry.submit("SCARF")
    sell.product.begin()
    sell.entry.submit("5012345678900")
    assert [line.sku for line in sell.state.lines] == ["MUG"]


def test_a_name_that_is_refused_is_asked_for_again(shop: Shop, sell: SellPresenter) -> None:
    sell.entry.submit("SCARF")
    sell.product.begin()
    sell.entry.submit("9.99")
    sell.entry.submit("a\x1bb")
    assert (said(sell), sell.state.entry.mode) == (RefusalCode.TEXT_MALFORMED, EntryMode.NEW_NAME)
    sell.entry.submit("Scarf")
    assert [(line.description, line.total) for line in sell.state.lines] == [("Scarf", "£9.99")]


def test_a_name_is_not_typed_twice_because_the_disk_failed(shop: Shop, sell: SellPresenter) -> None:
    def fail() -> None:
        raise OSError("no disk")

    sell.entry.submit("SCARF")
    sell.product.begin()
    sell.entry.submit("9.99")
    shop.store.before_commit = fail
    sell.entry.submit("Scarf")
    shop.store.before_commit = lambda: None
    assert (sell.state.entry.mode, sell.state.entry.text) == (EntryMode.NEW_NAME, "Scarf")
    sell.entry.submit(sell.state.entry.text)
    assert [line.description for line in sell.state.lines] == ["Scarf"]


def test_another_scan_ends_the_question(shop: Shop, late: SellPresenter, runner: ManualRunner) -> None:
    name_it(late, runner, "9.99")
    late.entry.start(EntryMode.CUSTOMER)
    shop.stock("SCARF", "Another scarf", "8.00")
    runner.drain()
    assert late.state.entry.mode is EntryMode.CUSTOMER


def test_not_while_paying(sell: SellPresenter) -> None:
    sell.entry.submit("SCARF")
    ring_up(sell, "MUG")
    sell.product.begin()
    assert sell.state.entry.mode is EntryMode.CODE


def name_it(sell: SellPresenter, runner: ManualRunner, price: str) -> None:
    """Scan what nobody knows, and say its price and name; the answer is still on its way."""
    sell.entry.submit("SCARF")
    runner.drain()
    sell.product.begin()
    sell.entry.submit(price)
    sell.entry.submit("Scarf")


def test_pay_waits_for_the_product_that_is_being_added(late: SellPresenter, runner: ManualRunner) -> None:
    late.entry.submit("MUG")
    runner.drain()
    name_it(late, runner, "9.99")
    late.begin_pay()
    assert phase(late) is Phase.SELLING
    runner.drain()
    assert (phase(late), late.state.totals.total) == (Phase.PAYING, "£12.54")


def test_nothing_is_paid_when_the_product_could_not_be_added(
    shop: Shop, late: SellPresenter, runner: ManualRunner
) -> None:
    late.entry.submit("MUG")
    runner.drain()
    name_it(late, runner, "9.99")
    late.begin_pay()
    shop.stock("SCARF", "Another scarf", "8.00")
    runner.drain()
    assert (phase(late), said(late)) == (Phase.SELLING, RefusalCode.PRODUCT_KNOWN)
    late.begin_pay()
    assert phase(late) is Phase.PAYING


def test_a_product_the_cart_refuses_is_not_said_to_be_in_it(late: SellPresenter, runner: ManualRunner) -> None:
    late.entry.submit("MUG")
    runner.drain()
    name_it(late, runner, "9999999999999.00")
    runner.drain()
    assert (len(late.state.lines), said(late)) == (1, RefusalCode.AMOUNT_OUT_OF_RANGE)
