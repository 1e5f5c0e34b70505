"""What every store of the counter promises of sales that were put aside.

Must never know which store it runs against.
"""

import pytest

from tests.builders import CARD, GBP, make_basket, make_line
from urs_desktop.counter.ports import Store
from urs_desktop.counter.use_cases.recording import Recorder
from urs_desktop.counter.use_cases.ring_up import RingUp, SaleOrder
from urs_desktop.counter.values import HeldSale
from urs_desktop.domain.basket import LineItem, basket_of
from urs_desktop.domain.pricing import Discount, PriceChange, TaxRate

FIRST = HeldSale(1, 1_000, make_basket(make_line("20.00"), make_line("3.333")), CARD)
SECOND = HeldSale(2, 2_000, make_basket(make_line("0.05")))


@pytest.fixture(autouse=True)
def _two_held(store: Store) -> None:
    """Two sales put aside, the later one first."""
    for sale in (SECOND, FIRST):
        store.write(lambda book, sale=sale: book.held.put(sale))  # type: ignore[misc]


def waiting(store: Store) -> list[HeldSale]:
    return list(store.read(lambda book: book.held.waiting()))


def test_they_wait_in_the_order_of_their_numbers(store: Store) -> None:
    assert waiting(store) == [FIRST, SECOND]
    assert store.read(lambda book: book.held.newest()) == 2


def test_one_is_taken_once(store: Store) -> None:
    assert store.write(lambda book: book.held.take(1)) == FIRST
    assert store.write(lambda book: book.held.take(1)) is None
    assert store.write(lambda book: book.held.take(7)) is None
    assert waiting(store) == [SECOND]
    assert store.read(lambda book: book.held.newest()) == 2


def test_what_was_taken_waits_again_after_a_start(store: Store) -> None:
    store.write(lambda book: book.held.take(1))
    store.write(lambda book: book.held.release())
    assert waiting(store) == [FIRST, SECOND]


def test_held_again_it_is_as_it_is_now(store: Store) -> None:
    store.write(lambda book: book.held.take(1))
    again = HeldSale(1, 3_000, make_basket(make_line("7.00")))
    store.write(lambda book: book.held.put(again))
    assert waiting(store) == [again, SECOND]


def test_a_completed_sale_is_held_no_more_in_the_same_transaction(store: Store, recorder: Recorder) -> None:
    ring_up = RingUp(store, recorder)
    order = SaleOrder(SECOND.basket, held=2)
    store.write(lambda book: book.held.take(2))

    def fail(book: object) -> None:
        ring_up.complete_in(book, order)  # type: ignore[arg-type]
        raise OSError("power")

    with pytest.raises(OSError, match="power"):
        store.write(fail)
    store.write(lambda book: book.held.release())
    assert waiting(store) == [FIRST, SECOND]
    ring_up.complete(order)
    assert waiting(store) == [FIRST]


def test_removing_one_that_is_not_there_is_no_fault(store: Store) -> None:
    for number in (1, 1, 9):
        store.write(lambda book, number=number: book.held.remove(number))  # type: ignore[misc]
    assert waiting(store) == [SECOND]


def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises(Exception, match=r"(?i)readonly|read-only|reading"):
        store.read(lambda book: book.held.put(FIRST))


def test_what_was_done_to_the_prices_is_held_too(store: Store) -> None:
    plain = make_line("12.00")
    worked = LineItem(
        plain.sku,
        plain.description,
        2,
        plain.unit_price,
        TaxRate(2000, included=False),
        Discount(basis_points=1000, reason="damaged", allowed_by="boss"),
        PriceChange(make_line("15.00").unit_price, "price match"),
    )
    sale = HeldSale(3, 3_000, basket_of(GBP, (plain, worked), Discount(minor=100, reason="regular")))
    store.write(lambda book: book.held.put(sale))
    assert store.write(lambda book: book.held.take(3)) == sale
