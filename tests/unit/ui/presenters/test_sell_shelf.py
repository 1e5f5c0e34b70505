"""Categories and tiles: what is offered, what a touch adds, and answers that come late."""

from dataclasses import replace

import pytest

from tests.fakes.runners import ManualRunner
from tests.fakes.shop import Shop
from tests.unit.ui.presenters.conftest import phase, present, ring_up, said
from urs_desktop.ui.presenters.notices import NoticeCode
from urs_desktop.ui.presenters.sell import SellPresenter
from urs_desktop.ui.presenters.sell_state import Phase
from urs_desktop.ui.presenters.shelf_desk import LOOKS


@pytest.fixture
def shop(shop: Shop) -> Shop:
    """A shop whose products are in two categories."""
    for sku, category in (("MUG", "Kitchen"), ("CAKE", "Kitchen"), ("BAG", "Bags & more")):
        product = shop.till.lookup.product(sku)
        moved = replace(product, category=category)
        shop.store.write(lambda book, moved=moved: book.catalogue.put(moved))  # type: ignore[misc]
    return shop


def names(sell: SellPresenter) -> list[str]:
    return [tile.name for tile in sell.state.shelf.tiles]


def test_everything_is_offered_first(sell: SellPresenter) -> None:
    shelf = sell.state.shelf
    assert (shelf.categories, shelf.chosen) == (("Bags & more", "Kitchen"), 0)
    assert len(shelf.tiles) == 5
    assert (shelf.tiles[0].name, shelf.tiles[0].price, shelf.tiles[0].initial) == ("White metal mug", "£2.55", "W")


def test_a_category_and_back_to_all(sell: SellPresenter) -> None:
    sell.shelf.choose(2)
    assert sell.state.shelf.chosen == 2
    assert names(sell) == ["Set of three cake tins", "White metal mug"]
    sell.shelf.choose(0)
    assert (sell.state.shelf.chosen, len(names(sell))) == (0, 5)


def test_a_touch_adds_one_and_another_one_more(sell: SellPresenter) -> None:
    sell.shelf.choose(2)
    sell.shelf.take(1)
    sell.shelf.take(1)
    assert [(line.sku, line.quantity) for line in sell.state.lines] == [("MUG", "2")]


def test_pieces_typed_before_count(sell: SellPresenter) -> None:
    sell.entry.submit("3*")
    sell.shelf.take(0)
    sell.shelf.take(0)
    assert sell.state.lines[0].quantity == "4"


def test_a_touch_after_the_receipt_begins_the_next_sale(sell: SellPresenter) -> None:
    ring_up(sell, "BAG")
    sell.accept()
    assert phase(sell) is Phase.RECEIPT
    sell.shelf.take(0)
    assert (phase(sell), len(sell.state.lines)) == (Phase.SELLING, 1)


def test_while_paying_a_touch_adds_nothing(sell: SellPresenter) -> None:
    ring_up(sell, "BAG")
    sell.shelf.take(0)
    assert (said(sell), [line.sku for line in sell.state.lines]) == (NoticeCode.PAYMENT_OPEN, ["BAG"])


@pytest.mark.parametrize("place", [-1, 5, 99])
def test_a_place_without_a_tile_is_nothing(sell: SellPresenter, place: int) -> None:
    sell.shelf.take(place)
    assert not sell.state.lines


def test_an_answer_for_a_category_that_was_left_is_dropped(shop: Shop, runner: ManualRunner) -> None:
    sell = present(shop, runner)
    runner.drain()
    sell.shelf.choose(1)
    sell.shelf.choose(2)
    runner.step(1)
    runner.step(0)
    assert names(sell) == ["Set of three cake tins", "White metal mug"]


def test_a_touch_sells_at_the_price_of_now(shop: Shop, sell: SellPresenter) -> None:
    place = names(sell).index("White metal mug")
    shop.stock("MUG", "White metal mug", "2.75", "5012345678900")
    sell.shelf.take(place)
    assert sell.state.totals.total == "£2.75"


def test_a_new_price_is_on_its_tile_within_a_minute_and_no_tile_moves(shop: Shop, sell: SellPresenter) -> None:
    sell.shelf.choose(2)
    before = names(sell)
    shop.stock("AAA", "A new one", "1.00")
    product = replace(shop.till.lookup.product("MUG"), description="A mug", hlc=2**50)
    shop.store.write(lambda book: book.catalogue.put(product))
    sell.entry.scan("BAG")
    for _ in range(LOOKS):
        sell.refresh_status()
    assert names(sell) == before, "not while something is being sold"
    sell.cart.void_line()
    sell.refresh_status()
    assert names(sell) == [before[0], "A mug"]
