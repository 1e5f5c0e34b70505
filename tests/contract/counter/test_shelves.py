"""What every store of the counter offers to touch: categories, their products, and what sells most often.

Must never know which store it runs against.
"""

import pytest

from tests.builders import GBP, make_basket, make_line
from urs_desktop.counter.ports import Store
from urs_desktop.counter.use_cases.recording import Recorder
from urs_desktop.counter.use_cases.ring_up import RingUp, SaleOrder
from urs_desktop.counter.values import Product
from urs_desktop.domain.money import parse_unit_price
from urs_desktop.domain.pricing import TaxRate


def product(sku: str, description: str, category: str = "", tax: TaxRate | None = None) -> Product:
    price = parse_unit_price("1.00", GBP)
    return Product(sku, description, price, category=category, tax=tax or TaxRate())


@pytest.fixture(autouse=True)
def _stocked(store: Store) -> None:
    """Five products, two of them with a category of their own and two that share one."""
    for each in (
        product("M", "Mug", "Kitchen"),
        product("S", "Spoon", "Kitchen", TaxRate(2000, included=False)),
        product("B", "Bag", "Bags"),
        product("X", "Loose"),
        product("A", "Apron", "Kitchen"),
    ):
        store.write(lambda book, each=each: book.catalogue.put(each))  # type: ignore[misc]


def skus(store: Store, category: str = "", limit: int = 10) -> list[str]:
    return [each.sku for each in store.read(lambda book: book.catalogue.shelf(category, limit))]


def test_categories_are_those_with_products(store: Store) -> None:
    assert list(store.read(lambda book: book.catalogue.categories(10))) == ["Bags", "Kitchen"]
    assert list(store.read(lambda book: book.catalogue.categories(1))) == ["Bags"]


def test_a_category_by_description(store: Store) -> None:
    assert skus(store, "Kitchen") == ["A", "M", "S"]
    assert skus(store, "Kitchen", 2) == ["A", "M"]
    assert skus(store, "Nothing") == []


def test_nothing_sold_yet_shows_the_first(store: Store) -> None:
    assert skus(store) == ["M", "S", "B", "X", "A"]


def test_what_sells_comes_first(store: Store, recorder: Recorder) -> None:
    ring_up = RingUp(store, recorder)
    for sku in ("X", "A", "X", "GONE"):
        ring_up.complete(SaleOrder(make_basket(make_line("1.00", sku=sku))))
    assert skus(store) == ["X", "A", "M", "S", "B"]
    assert skus(store, limit=2) == ["X", "A"]


def test_a_product_keeps_its_tax(store: Store) -> None:
    found = store.read(lambda book: book.catalogue.find("S"))
    assert found is not None
    assert found.tax == TaxRate(2000, included=False)
    store.write(lambda book: book.catalogue.put(product("S", "Spoon", "Kitchen", TaxRate(500))))
    again = store.read(lambda book: book.catalogue.find("S"))
    assert again is not None
    assert again.tax == TaxRate(500)
