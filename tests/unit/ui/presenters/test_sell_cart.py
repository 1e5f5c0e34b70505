"""Codes, quantities, searches and lines: what ends up in the cart, in which order, and what is said."""

import pytest

from tests.fakes.runners import ManualRunner
from tests.fakes.shop import Shop
from tests.unit.ui.presenters.conftest import phase, said
from urs_desktop.domain.refusals import RefusalCode
from urs_desktop.ui.presenters.notices import NoticeCode
from urs_desktop.ui.presenters.sell import SellPresenter
from urs_desktop.ui.presenters.sell_state import EntryMode, Phase, SellState


def mode(sell: SellPresenter) -> EntryMode:
    return sell.state.entry.mode


def cart(state: SellState) -> list[tuple[str, str]]:
    return [(line.sku, line.quantity) for line in state.lines]


@pytest.mark.parametrize("code", ["MUG", "mug", " MUG ", "5012345678900"])
def test_a_code_or_barcode_adds_its_product(sell: SellPresenter, code: str) -> None:
    sell.entry.submit(code)
    assert cart(sell.state) == [("MUG", "1")]
    assert sell.state.totals.total == "£2.55"
    assert sell.state.selected == 0


def test_the_same_product_again_is_one_line(sell: SellPresenter) -> None:
    for code in ("MUG", "BAG", "MUG"):
        sell.entry.submit(code)
    assert cart(sell.state) == [("MUG", "2"), ("BAG", "1")]
    assert sell.state.selected == 0


def test_quantity_before_a_code(sell: SellPresenter) -> None:
    sell.entry.submit("3*MUG")
    assert cart(sell.state) == [("MUG", "3")]


def test_quantity_for_the_next_code_only(sell: SellPresenter) -> None:
    sell.entry.submit("12*")
    assert sell.state.entry.multiplier == "12"
    sell.entry.submit("MUG")
    sell.entry.submit("BAG")
    assert cart(sell.state) == [("MUG", "12"), ("BAG", "1")]


def test_quantity_of_the_chosen_line(sell: SellPresenter) -> None:
    sell.entry.submit("MUG")
    sell.entry.submit("*5")
    assert cart(sell.state) == [("MUG", "5")]


@pytest.mark.parametrize("text", ["0*MUG", "1000000*MUG", "999999999999*"])
def test_a_quantity_no_line_can_hold_is_refused(sell: SellPresenter, text: str) -> None:
    sell.entry.submit(text)
    assert not cart(sell.state)
    assert isinstance(said(sell), RefusalCode)


def test_the_quantity_key_asks_for_the_chosen_line(sell: SellPresenter) -> None:
    sell.entry.submit("MUG")
    sell.entry.start(EntryMode.QUANTITY)
    assert mode(sell) is EntryMode.QUANTITY
    assert sell.state.entry.subject == "White metal mug"
    sell.press("1")
    sell.press("00")
    sell.accept()
    assert cart(sell.state) == [("MUG", "100")]
    assert mode(sell) is EntryMode.CODE


def test_digits_then_the_quantity_key(sell: SellPresenter) -> None:
    sell.entry.submit("MUG")
    sell.press("7")
    sell.entry.start(EntryMode.QUANTITY)
    assert cart(sell.state) == [("MUG", "7")]
    assert not sell.state.entry.text


def test_quantity_without_a_line_says_so(sell: SellPresenter) -> None:
    sell.entry.start(EntryMode.QUANTITY)
    assert said(sell) is NoticeCode.NO_LINE


@pytest.mark.parametrize("text", ["", "x", "1.5", "-3", "1e3"])
def test_a_malformed_quantity_changes_nothing(sell: SellPresenter, text: str) -> None:
    sell.entry.submit("2*MUG")
    sell.cart.change_quantity(text)
    assert cart(sell.state) == [("MUG", "2")]
    assert isinstance(said(sell), RefusalCode)


def test_zero_pieces_and_the_last_piece_fewer_void_the_line(sell: SellPresenter) -> None:
    for code in ("MUG", "BAG"):
        sell.entry.submit(code)
    sell.cart.change_quantity(0)
    sell.cart.step(-1)
    assert not cart(sell.state)
    assert sell.state.selected is None


def test_void_line_takes_the_chosen_one(sell: SellPresenter) -> None:
    for code in ("MUG", "BAG", "CLOCK"):
        sell.entry.submit(code)
    sell.cart.select(1)
    sell.cart.void_line()
    assert cart(sell.state) == [("MUG", "1"), ("CLOCK", "1")]
    assert sell.state.selected == 1
    assert said(sell) is NoticeCode.LINE_VOIDED


def test_moving_stops_at_the_ends(sell: SellPresenter) -> None:
    sell.cart.move(1)
    for code in ("MUG", "BAG"):
        sell.entry.submit(code)
    sell.cart.move(5)
    assert sell.state.selected == 1
    sell.cart.move(-9)
    assert sell.state.selected == 0


def test_void_sale_needs_two_presses_in_a_row(sell: SellPresenter) -> None:
    sell.entry.submit("MUG")
    sell.cart.void_sale()
    assert said(sell) is NoticeCode.VOID_SALE_AGAIN
    sell.entry.submit("BAG")
    sell.cart.void_sale()
    assert len(cart(sell.state)) == 2
    sell.cart.void_sale()
    assert not cart(sell.state)
    assert said(sell) is NoticeCode.SALE_VOIDED


def test_an_unknown_code_adds_nothing_and_offers_what_matches(sell: SellPresenter) -> None:
    sell.entry.submit("lan")
    assert not cart(sell.state)
    assert said(sell) is NoticeCode.UNKNOWN_CODE_RESULTS
    assert sell.state.results.rows == (("LANTERN", "Hanging lantern with glass", "£12.50"),)
    sell.entry.choose(0)
    assert cart(sell.state) == [("LANTERN", "1")]
    assert not sell.state.results.rows


def test_an_unknown_code_keeps_its_quantity_for_the_choice(sell: SellPresenter) -> None:
    sell.entry.submit("4*lan")
    sell.entry.choose(0)
    assert cart(sell.state) == [("LANTERN", "4")]


def test_a_code_nothing_resembles(sell: SellPresenter) -> None:
    sell.entry.submit("no such thing")
    assert said(sell) is NoticeCode.UNKNOWN_CODE
    assert sell.state.results.query == "no such thing"


def test_a_misread_barcode_says_what_its_last_digit_should_be(sell: SellPresenter) -> None:
    sell.entry.submit("5012345678901")
    assert not cart(sell.state)
    assert said(sell) is RefusalCode.BARCODE_MISREAD


def test_an_article_is_found_by_a_digital_link(sell: SellPresenter) -> None:
    sell.entry.submit("https://example.com/01/05012345678900")
    assert cart(sell.state) == [("MUG", "1")]


def test_choosing_a_row_that_is_not_there_does_nothing(sell: SellPresenter) -> None:
    sell.entry.search("mug")
    sell.entry.choose(7)
    sell.entry.choose(-1)
    assert not cart(sell.state)


def test_search_drops_an_answer_the_field_has_outrun(late: SellPresenter, runner: ManualRunner) -> None:
    late.entry.search("mug")
    late.entry.search("lan")
    runner.step(1)
    runner.step(0)
    assert [row[0] for row in late.state.results.rows] == ["LANTERN"]


def test_a_submitted_code_cancels_the_search(late: SellPresenter, runner: ManualRunner) -> None:
    late.entry.search("mug")
    late.entry.submit("BAG")
    runner.drain()
    assert not late.state.results.rows
    assert cart(late.state) == [("BAG", "1")]


def test_fast_scans_fill_the_cart_in_order(late: SellPresenter, runner: ManualRunner) -> None:
    for code in ("MUG", "BAG", "CLOCK", "MUG"):
        late.entry.scan(code)
    assert len(runner.waiting) == 1
    runner.drain()
    assert cart(late.state) == [("MUG", "2"), ("BAG", "1"), ("CLOCK", "1")]


def test_pay_waits_for_the_scans_before_it(late: SellPresenter, runner: ManualRunner) -> None:
    late.entry.scan("MUG")
    late.entry.scan("BAG")
    late.begin_pay()
    assert phase(late) is Phase.SELLING
    runner.drain()
    assert phase(late) is Phase.PAYING
    assert len(cart(late.state)) == 2


def test_pay_does_not_open_over_an_unknown_code(late: SellPresenter, runner: ManualRunner) -> None:
    late.entry.scan("MUG")
    late.entry.scan("nope")
    late.begin_pay()
    runner.drain()
    assert phase(late) is Phase.SELLING
    assert said(late) is NoticeCode.UNKNOWN_CODE


def test_a_scan_of_a_voided_sale_does_not_reach_the_next(late: SellPresenter, runner: ManualRunner) -> None:
    late.entry.scan("MUG")
    runner.drain()
    late.entry.scan("BAG")
    late.entry.scan("CLOCK")
    late.begin_pay()
    late.cart.void_sale()
    late.cart.void_sale()
    runner.drain()
    assert not cart(late.state)
    assert phase(late) is Phase.SELLING


def test_a_disk_that_fails_a_lookup_is_said_and_selling_goes_on(shop: Shop, sell: SellPresenter) -> None:
    def fail() -> None:
        raise OSError(28, "No space left on device")

    shop.store.before_read = fail
    sell.entry.submit("MUG")
    assert said(sell) is NoticeCode.DISK_FULL
    shop.store.before_read = lambda: None
    sell.entry.submit("MUG")
    assert cart(sell.state) == [("MUG", "1")]


def test_a_cart_at_the_limit_of_amounts(shop: Shop, sell: SellPresenter) -> None:
    shop.stock("GOLD", "Gold", "9999999.99")
    sell.entry.submit("999999*GOLD")
    assert sell.state.totals.total == "£9,999,989,990,000.01"
    sell.entry.submit("GOLD")
    assert said(sell) is RefusalCode.QUANTITY_OUT_OF_RANGE
    shop.stock("MORE", "More gold", "99999.99")
    sell.entry.submit("999*MORE")
    assert said(sell) is RefusalCode.AMOUNT_OUT_OF_RANGE
    assert len(cart(sell.state)) == 1


def test_esc_clears_the_entry_and_the_results(sell: SellPresenter) -> None:
    sell.entry.search("mug")
    sell.entry.submit("5*")
    sell.back()
    assert sell.state.entry.text == ""
    assert not sell.state.entry.multiplier
    assert not sell.state.results.rows


def test_labels_of_a_scale(shop: Shop, sell: SellPresenter) -> None:
    shop.stock("12345", "Cheese", "15.00")
    for code in ("2112345012506", "2312345004208", "2112345012506"):
        sell.entry.scanned(code)
    assert [(line.description, line.quantity, line.total) for line in sell.state.lines] == [
        ("Cheese", "2", "£25.00"),
        ("Cheese 0.420 kg", "1", "£6.30"),
    ]
    sell.entry.scanned("2112345000008")
    assert said(sell) is RefusalCode.LABEL_EMPTY
    sell.entry.start(EntryMode.CHECK)
    sell.entry.scanned("2112345099903")
    assert said(sell) is NoticeCode.PRICE_CHECKED
    assert len(sell.state.lines) == 2
