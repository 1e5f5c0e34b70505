"""Leases and lines as every store of the counter keeps them, and the points taken without one.

Must never know which store it runs against.
"""

from dataclasses import replace

from tests.builders import CARD, make_basket, make_line, make_policy
from tests.fakes.shop import NOON
from urs_desktop.counter.ports import Book, Store
from urs_desktop.counter.use_cases import floor
from urs_desktop.counter.use_cases.recording import Recorder
from urs_desktop.counter.use_cases.ring_up import RingUp, SaleOrder
from urs_desktop.counter.values import Customer
from urs_desktop.domain.lease import Backing, CounterLease
from urs_desktop.domain.points import NO_POINTS, Points
from urs_desktop.protocol.messages import Vendor

LATER = NOON + 1


def lease(lease_id: str, card: str = CARD, until: int = LATER, *, standing: bool = True) -> CounterLease:
    return CounterLease(lease_id, card, 1, Points(10), NO_POINTS, NO_POINTS, until, standing=standing)


def put(store: Store, *leases: CounterLease) -> None:
    def work(book: Book) -> None:
        for each in leases:
            book.leases.put(each)

    store.write(work)


def line(store: Store, card: str = CARD) -> list[str]:
    return [each.lease_id for each in store.read(lambda book: book.leases.line(card))]


def wanting(store: Store, since: int = 0, asked_before: int = LATER, limit: int = 9) -> list[str]:
    return list(store.read(lambda book: book.leases.wanting(since, asked_before, limit)))


def sell(store: Store, recorder: Recorder, card: str | None, points: int = 0) -> None:
    store.write(lambda book: book.policies.put(make_policy()))
    backing = Backing(floor=Points(points))
    RingUp(store, recorder).complete(SaleOrder(make_basket(make_line("20.00")), card, Points(points), backing))


def test_a_lease_is_kept_as_it_is(store: Store) -> None:
    whole = replace(lease("a"), in_payment=True, recalled=True, renew_at=7, spent=Points(3))
    put(store, whole)
    assert store.read(lambda book: book.leases.get("a")) == whole
    put(store, replace(whole, in_payment=False, spent=Points(4)))
    found = store.read(lambda book: book.leases.get("a"))
    assert found is not None
    assert (found.in_payment, found.recalled, found.rest, found.standing) == (False, True, 6, True)


def test_a_line_is_the_standing_leases_of_a_card_soonest_over_first(store: Store) -> None:
    put(store, lease("b", until=9), lease("a", until=9), lease("c", until=8), lease("d", "C-2"))
    put(store, lease("e", standing=False), lease("f"))
    store.write(lambda book: book.leases.finish("f"))
    assert (line(store), line(store, "C-2"), line(store, "C-3")) == (["c", "a", "b"], ["d"], [])


def test_only_a_standing_lease_that_is_open_is_recalled(store: Store) -> None:
    put(store, lease("a"), lease("b", standing=False), lease("c"))
    store.write(lambda book: book.leases.finish("c"))
    for lease_id in ("a", "b", "c", "unknown"):
        store.write(lambda book, lease_id=lease_id: book.leases.recall(lease_id))  # type: ignore[misc]
    found = [store.read(lambda book, each=each: book.leases.get(each)) for each in "abc"]  # type: ignore[misc]
    assert [each.recalled for each in found if each is not None] == [True, False, False]


def test_who_bought_last_wants_a_line_first(store: Store, recorder: Recorder) -> None:
    for card in ("C-1", "C-2", None, "C-1", "C-3"):
        sell(store, recorder, card)
    assert wanting(store) == []
    head = store.read(lambda book: book.operations.head())
    store.write(lambda book: book.operations.acknowledge(head.seq, ()))
    assert wanting(store) == ["C-3", "C-1", "C-2"]
    assert wanting(store, limit=1) == ["C-3"]
    assert wanting(store, since=NOON) == []
    store.write(lambda book: book.customers.put(Customer("C-3", available=NO_POINTS, as_of=NOON)))
    put(store, lease("a", "C-2"))
    assert wanting(store) == ["C-1"]
    store.write(lambda book: book.leases.finish("a"))
    store.write(lambda book: book.leases.ask("C-1", NOON))
    assert wanting(store, asked_before=NOON) == ["C-2"]
    assert wanting(store) == ["C-1", "C-2"]
    store.write(lambda book: book.leases.ask("C-1", NOON - 1))
    assert wanting(store, asked_before=0) == ["C-1", "C-2"]


def test_what_was_taken_without_a_lease_counts_until_it_is_acknowledged(store: Store, recorder: Recorder) -> None:
    vendor = Vendor(
        vendor_id="v", name="", category="", currency="", location="", floor_customer=100, floor_counter=150
    )
    store.write(lambda book: floor.keep_limits(book, vendor))
    sell(store, recorder, "C-1", 60)
    sell(store, recorder, "C-2", 30)

    def taken() -> tuple[int, int, int]:
        return store.read(
            lambda book: (book.sales.floor_taken("C-1"), book.sales.floor_taken(), floor.left(book, "C-1"))
        )

    assert taken() == (60, 90, 40)
    head = store.read(lambda book: book.operations.head())
    store.write(lambda book: book.operations.acknowledge(head.seq, ()))
    assert taken() == (0, 0, 100)
