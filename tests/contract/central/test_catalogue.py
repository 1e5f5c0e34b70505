"""Products are a vendor's own, and the later hybrid clock wins, whoever comes first."""

import pytest

from tests.contract.central.shop import Shop
from tests.contract.central.test_poison import CRATE, results
from tests.contract.central.till import NOW
from urs_desktop.central import catalogue, ingest
from urs_desktop.central.origin import Outcome
from urs_desktop.central.schema import products
from urs_desktop.protocol.operations import ProductItem, ProductsBody


class TestProducts:
    """The later hybrid clock wins, whoever comes first."""

    @pytest.mark.parametrize("order", [(1, 2), (2, 1)])
    def test_the_later_clock_wins(self, shop: Shop, order: tuple[int, int]) -> None:
        other = shop.another_till()
        for till, hlc in zip((shop.till, other), order, strict=True):
            till.products(ProductItem("CRATE", f"version {hlc}", hlc, 2), hlc=NOW + hlc)
            shop.push(till=till)
        [row] = shop.rows(products)
        assert (row["description"], row["price"], row["location"]) == ("version 2", 2, "Leeds")

    def test_the_same_product_twice_in_one_operation(self, shop: Shop) -> None:
        shop.till.products(CRATE, CRATE)
        assert results(shop.push()) == [(1, "applied", "")]
        assert len(shop.rows(products)) == 1

    def test_vendors_do_not_meet(self, shop: Shop) -> None:
        other = shop.another_till(shop.another_vendor())
        shop.till.products(CRATE)
        other.products(CRATE)
        shop.push()
        shop.push(till=other)
        assert len(shop.rows(products)) == 2

    def test_no_products_at_all(self, shop: Shop) -> None:
        shop.till.products()
        assert results(shop.push()) == [(1, "applied", "")]

    def test_a_failed_operation_publishes_nothing_that_is_there(
        self, shop: Shop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        whole = catalogue.apply_products

        def stumble(*arguments: object) -> Outcome:
            whole(*arguments)  # type: ignore[arg-type]
            raise ZeroDivisionError

        operation = shop.till.products(CRATE)
        monkeypatch.setitem(ingest._HANDLERS, ProductsBody, stumble)
        assert results(shop.push(operation)) == [(1, "parked", "internal")]
        assert shop.rows(products) == []
