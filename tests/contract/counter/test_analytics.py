"""What every store of the counter says of its sales in figures.

Must never know which store it runs against.
"""

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.builders import CARD, DAY_MS, GBP, make_basket, make_line, make_policy
from tests.contract.counter.conftest import IDENTITY
from tests.fakes.shop import NOON
from tests.fakes.store import FakeStore
from urs_desktop.counter.figure_ports import SLOT_MS, Figures, ProductFigures, ReceiptFigures
from urs_desktop.counter.ports import Store
from urs_desktop.counter.store.book import store_in_memory
from urs_desktop.counter.use_cases.recording import Recorder
from urs_desktop.counter.use_cases.ring_up import RingUp, SaleOrder
from urs_desktop.counter.values import Product, StoredRefund
from urs_desktop.domain.money import parse_unit_price
from urs_desktop.protocol.operations import RefundBody, RefundLine

MIDNIGHT = NOON - NOON % DAY_MS


@pytest.fixture(autouse=True)
def _policy(store: Store) -> None:
    store.write(lambda book: book.policies.put(make_policy()))


def sell(store: Store, recorder: Recorder, at: int, *lines: tuple[str, str, int], card: str | None = CARD) -> int:
    basket = make_basket(*(make_line(price, quantity, sku, f"Name of {sku}") for sku, price, quantity in lines))
    return RingUp(store, recorder).complete(SaleOrder(basket, card=card, happened_at=at)).sale.receipt


def refund(store: Store, at: int, sku: str, quantity: int, total: int, clawed: int, back: int = 0) -> None:
    """Store a refund of pieces of the sale that was made last; it needs no operation of its own here."""
    number = store.read(lambda book: book.operations.head().receipt) + 1000 + quantity
    seq = store.read(lambda book: book.operations.head().seq)
    body = RefundBody(
        hlc=1,
        recorded_at=at,
        receipt=number,
        happened_at=at,
        currency="GBP",
        sale=None,
        total=total,
        cash_back=total - back,
        points_back=back,
        clawed=clawed,
        lines=(RefundLine(1, sku, "", quantity, total),),
        tenders=(),
        card=CARD,
        policy=None,
        engine=1,
    )
    store.write(lambda book: book.refunds.put(StoredRefund(number, b"r" * 16, seq, body)))


def figures(store: Store, *edges: int) -> list[Figures]:
    return list(store.read(lambda book: book.analytics.figures(edges)))


def products(store: Store, start: int, end: int, limit: int = 9) -> list[tuple[str, int, int]]:
    found = store.read(lambda book: book.analytics.products(start, end, limit))
    return [(each.sku, each.pieces, each.revenue) for each in found]


def test_nothing_sold(store: Store) -> None:
    assert store.read(lambda book: book.analytics.reach()) is None
    assert figures(store, 0, DAY_MS, 2 * DAY_MS) == [Figures(), Figures()]
    assert figures(store, 0) == figures(store) == []
    assert products(store, 0, DAY_MS) == []
    assert store.read(lambda book: book.analytics.receipts(0, DAY_MS, 9)) == []


def test_sums_by_interval_less_what_came_back(store: Store, recorder: Recorder) -> None:
    sell(store, recorder, MIDNIGHT, ("A", "20.00", 1))
    sell(store, recorder, MIDNIGHT + DAY_MS - 1, ("A", "5.00", 2), ("B", "1.00", 3), card=None)
    sell(store, recorder, MIDNIGHT + DAY_MS, ("B", "30.00", 1))
    refund(store, MIDNIGHT + DAY_MS, "A", 1, 2000, 100, 300)
    assert store.read(lambda book: book.analytics.reach()) == (MIDNIGHT, MIDNIGHT + DAY_MS)
    assert figures(store, MIDNIGHT - DAY_MS, MIDNIGHT, MIDNIGHT + DAY_MS, MIDNIGHT + 2 * DAY_MS) == [
        Figures(),
        Figures(2, 0, 3300, 100, 0),
        Figures(1, 1, 1000, 50, -300),
    ]
    assert Figures(1, 1, 1000, 50, -300).profit == 950


def test_intervals_need_not_be_days(store: Store, recorder: Recorder) -> None:
    """A shop in Kathmandu: its days begin at a quarter past six in the evening, UTC."""
    begins = MIDNIGHT + 73 * SLOT_MS
    sell(store, recorder, begins - 1, ("A", "20.00", 1))
    sell(store, recorder, begins, ("A", "30.00", 1))
    day_before, day = figures(store, begins - DAY_MS, begins, begins + DAY_MS)
    assert (day_before.revenue, day.revenue) == (2000, 3000)
    assert products(store, begins, begins + DAY_MS) == [("A", 1, 3000)]
    assert products(store, begins - DAY_MS, begins) == [("A", 1, 2000)]


def test_times_before_1970(store: Store, recorder: Recorder) -> None:
    sell(store, recorder, -1, ("A", "20.00", 1))
    assert [each.sales for each in figures(store, -DAY_MS, 0, DAY_MS)] == [1, 0]
    assert products(store, -DAY_MS, 0) == [("A", 1, 2000)]
    assert products(store, 0, DAY_MS) == []


@pytest.mark.parametrize("shift", [0, 5 * SLOT_MS, DAY_MS // 2, -9 * SLOT_MS])
@pytest.mark.parametrize("days", [1, 2, 5])
def test_products_of_any_range(store: Store, recorder: Recorder, shift: int, days: int) -> None:
    """Whole days come from sums, the rest from lines: together they are what was sold, no more and no less."""
    start = MIDNIGHT + shift
    times = [start - 1, *(start + k * DAY_MS // 3 for k in range(3 * days)), start + days * DAY_MS]
    for n, at in enumerate(times):
        sell(store, recorder, at, ("A", "1.00", n + 1), ("B", "2.00", 1))
    refund(store, start + DAY_MS // 2, "B", 1, 200, 0)
    inside = range(2, 3 * days + 2)
    pieces = sum(inside)
    assert products(store, start, start + days * DAY_MS) == sorted(
        [("A", pieces, 100 * pieces), ("B", 3 * days - 1, 200 * (3 * days - 1))], key=lambda row: -row[2]
    )
    assert len(products(store, start, start + days * DAY_MS, 1)) == 1


def test_a_product_is_called_what_the_catalogue_says_else_what_its_last_line_said(
    store: Store, recorder: Recorder
) -> None:
    store.write(lambda book: book.catalogue.put(Product("A", "Apron", parse_unit_price("1.00", GBP))))
    sell(store, recorder, NOON, ("A", "3.00", 1), ("B", "2.00", 1))
    found = store.read(lambda book: book.analytics.products(NOON, NOON + 1, 9))
    assert list(found) == [ProductFigures("A", "Apron", 1, 300), ProductFigures("B", "Name of B", 1, 200)]


def test_the_receipts_of_an_interval_newest_first(store: Store, recorder: Recorder) -> None:
    first = sell(store, recorder, NOON, ("A", "20.00", 1))
    second = sell(store, recorder, NOON, ("A", "1.00", 1))
    sell(store, recorder, NOON + 9, ("A", "1.00", 1))
    sell(store, recorder, NOON - 1, ("A", "1.00", 1))
    refund(store, NOON + 1, "A", 1, 2000, 100, 300)
    found = store.read(lambda book: book.analytics.receipts(NOON, NOON + 9, 9))
    assert [(each.receipt, each.is_refund) for each in found][1:] == [(second, False), (first, False)]
    assert found[0] == ReceiptFigures(found[0].receipt, True, NOON + 1, -2000, -100, -300)
    assert found[2] == ReceiptFigures(first, False, NOON, 2000, 100, 0)
    assert len(store.read(lambda book: book.analytics.receipts(NOON, NOON + 9, 2))) == 2


_SALES = st.lists(
    st.tuples(st.integers(-3 * DAY_MS, 3 * DAY_MS), st.sampled_from("ABC"), st.integers(1, 5)), max_size=12
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sales=_SALES, cuts=st.sets(st.integers(-300, 300), min_size=2, max_size=5))
def test_the_database_agrees_with_the_bodies(
    recorder: Recorder, sales: list[tuple[int, str, int]], cuts: set[int]
) -> None:
    edges = sorted(cut * SLOT_MS for cut in cuts)
    database, fake = store_in_memory(), FakeStore()
    for store in (database, fake):
        store.write(lambda book: book.settings.put_identity(IDENTITY))
        store.write(lambda book: book.policies.put(make_policy()))
        for at, sku, quantity in sales:
            sell(store, recorder, at, (sku, "4.00", quantity))
    assert figures(database, *edges) == figures(fake, *edges)
    for start, end in pairwise(edges):
        assert products(database, start, end) == products(fake, start, end)
    database.close()
