"""What every store of the counter promises: in memory, in an encrypted file, and in the dictionaries of the fake.

Must never know which of them it runs against.
"""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.builders import CARD, GBP, make_policy
from tests.contract.counter.conftest import IDENTITY
from tests.fakes.shop import NOON
from tests.fakes.store import FakeStore
from urs_desktop.counter.ports import Book, Store
from urs_desktop.counter.store.book import store_in_memory
from urs_desktop.counter.use_cases.recording import Recorder
from urs_desktop.counter.values import CounterState, Customer, ParkedOperation, Product
from urs_desktop.domain.lease import CounterLease
from urs_desktop.domain.money import parse_unit_price
from urs_desktop.domain.points import Points
from urs_desktop.domain.policy import Category
from urs_desktop.protocol.chain import genesis
from urs_desktop.protocol.operations import (
    ReturnBody,
)
from urs_desktop.protocol.tombstones import mark


def product(sku: str, description: str = "x", price: str = "1.00", barcode: str = "", hlc: int = 0) -> Product:
    return Product(sku, description, parse_unit_price(price, GBP), barcode, "", hlc)


def stock(store: Store, *products: Product) -> None:
    """Put products into the store."""

    def put(book: Book) -> None:
        for each in products:
            book.catalogue.put(each)

    store.write(put)


def found(store: Store, text: str, limit: int = 10) -> list[str]:
    return [each.sku for each in store.read(lambda book: book.catalogue.search(text, limit))]


def note(recorder: Recorder, text: str = "") -> Callable[[Book], None]:
    """Return work that appends a small operation; the text makes it longer."""

    def append(book: Book) -> None:
        stamp = recorder.stamp(book)
        recorder.append(book, ReturnBody(hlc=stamp.hlc, recorded_at=stamp.now, lease=text, points=0))

    return append


class TestTransactions:
    def test_what_a_failed_one_did_is_not_there(self, store: Store, recorder: Recorder) -> None:
        def fail(book: Book) -> None:
            note(recorder)(book)
            book.catalogue.put(product("A"))
            book.customers.put(Customer("C"))
            book.settings.put("name", "value")
            book.operations.fence()
            raise KeyError("anything")

        before = store.read(lambda book: book.operations.head())
        with pytest.raises(KeyError):
            store.write(fail)
        assert store.read(lambda book: book.operations.head()) == before
        assert store.read(lambda book: book.operations.all()) in ([], ())
        assert store.read(lambda book: book.catalogue.count()) == 0
        assert store.read(lambda book: book.customers.by_card("C")) is None
        assert store.read(lambda book: book.settings.get("name")) is None

    def test_it_hands_on_what_the_work_returns_and_sees_its_own_writes(self, store: Store) -> None:
        def work(book: Book) -> str | None:
            book.settings.put("name", "one")
            book.settings.put("name", "two")
            return book.settings.get("name")

        assert store.write(work) == "two"
        assert store.read(lambda book: book.settings.get("name")) == "two"

    def test_a_reading_one_cannot_write(self, store: Store) -> None:
        with pytest.raises(Exception, match="write"):
            store.read(lambda book: book.settings.put("name", "value"))
        assert store.read(lambda book: book.settings.get("name")) is None
        store.write(lambda book: book.settings.put("name", "value"))


class TestSettings:
    def test_a_counter_is_enrolled_once(self, store: Store) -> None:
        assert store.read(lambda book: book.settings.identity()) == IDENTITY
        head = store.read(lambda book: book.operations.head())
        assert head.head == genesis(IDENTITY.device_id, IDENTITY.epoch, IDENTITY.nonce)
        assert (head.seq, head.receipt, head.acknowledged, head.state) == (0, 0, 0, CounterState.OPEN)

    def test_later_only_the_vendors_particulars_change(self, store: Store, recorder: Recorder) -> None:
        store.write(note(recorder))
        head = store.read(lambda book: book.operations.head())
        changed = replace(IDENTITY, vendor_name="New", category=Category.LARGE, location="Elsewhere")
        other = replace(changed, device_id=b"x" * 16, epoch=9, nonce=b"", number=7, central_key=b"", vendor_id="v9")
        store.write(lambda book: book.settings.put_identity(other))
        assert store.read(lambda book: book.settings.identity()) == changed
        assert store.read(lambda book: book.operations.head()) == head

    @pytest.mark.parametrize("kind", ["memory", "fake"])
    def test_enrolling_is_seen_by_its_own_transaction(self, kind: str) -> None:
        bare: Store = FakeStore() if kind == "fake" else store_in_memory()

        def enrol(book: Book) -> None:
            assert book.settings.identity() is None
            assert book.operations.head().head == b""
            book.settings.put_identity(IDENTITY)
            assert book.settings.identity() == IDENTITY
            assert len(book.operations.head().head) == 32

        bare.write(enrol)


class TestCatalogue:
    def test_a_code_is_found_as_it_is_then_by_barcode_then_in_another_case(self, store: Store) -> None:
        stock(store, product("85123A", "upper"), product("85123a", "lower"), product("MUG", barcode="5012345678900"))
        for code, sku in (
            ("85123A", "85123A"),
            ("85123a", "85123a"),
            ("5012345678900", "MUG"),
            ("mug", "MUG"),
            ("Mug", "MUG"),
        ):
            hit = store.read(lambda book, code=code: book.catalogue.find(code))  # type: ignore[misc]
            assert hit is not None
            assert hit.sku == sku

    @pytest.mark.parametrize("code", ["", "nothing", "MUG ", "%", "85123\u0410"])
    def test_what_is_not_there_is_not_found(self, store: Store, code: str) -> None:
        stock(store, product("85123A"), product("MUG"))
        assert store.read(lambda book: book.catalogue.find(code)) is None
        assert not store.read(lambda book: book.catalogue.has(code))

    def test_two_codes_that_differ_in_case_are_not_guessed_between(self, store: Store) -> None:
        stock(store, product("abC"), product("ABc"))
        assert store.read(lambda book: book.catalogue.find("abc")) is None
        assert store.read(lambda book: book.catalogue.has("abC"))
        assert not store.read(lambda book: book.catalogue.has("abc"))

    def test_a_product_is_kept_to_the_last_decimal_and_the_newer_wins(self, store: Store) -> None:
        exact = Product("A", "x", parse_unit_price("9007199.254740991", GBP), "b", "c", 10)
        stock(store, exact, replace(exact, description="older", hlc=9))
        assert store.read(lambda book: book.catalogue.find("A")) == exact
        newer = replace(exact, description="newer", barcode="", category="", hlc=10)
        stock(store, newer)
        assert store.read(lambda book: book.catalogue.find("A")) == newer
        assert store.read(lambda book: book.catalogue.count()) == 1

    def test_search_takes_the_beginnings_of_words_in_any_order(self, store: Store) -> None:
        stock(store, product("A", "White metal lantern"), product("B", "White mug"), product("C", "Red lantern"))
        assert found(store, "lan") == ["C", "A"]
        assert found(store, "LANTERN whi") == ["A"]
        assert found(store, "white", limit=1) in (["A"], ["B"])
        assert found(store, "antern") == []
        assert found(store, " ") == []

    def test_search_finds_the_new_words_of_a_changed_product_only(self, store: Store) -> None:
        stock(store, product("A", "White mug"))
        stock(store, product("A", "Black mug", hlc=1))
        assert found(store, "black") == ["A"]
        assert found(store, "white") == []

    @pytest.mark.parametrize(
        "text", ['"', "'", "*", "a*", "NEAR(", "a AND", "-a", "^a", "sku:a", "%", "_", "\\", "\x00", "🙂", "٣", "_a_"]
    )
    def test_any_text_can_be_searched_for(self, store: Store, text: str) -> None:
        stock(store, product("Z", "zebra"))
        assert found(store, text) == []


class TestCustomers:
    def test_what_is_known_is_not_forgotten(self, store: Store) -> None:
        maria = Customer("C", "Maria", "+4670", "m@example.org", Points(10), 100)
        store.write(lambda book: book.customers.put(maria))
        store.write(lambda book: book.customers.put(Customer("C")))
        assert store.read(lambda book: book.customers.by_card("C")) == maria
        store.write(lambda book: book.customers.put(Customer("C", "Mary", available=Points(5), as_of=99)))
        assert store.read(lambda book: book.customers.by_card("C")) == replace(maria, name="Mary")
        store.write(lambda book: book.customers.put(Customer("C", available=Points(0), as_of=101)))
        renamed = replace(maria, name="Mary", available=Points(0), as_of=101)
        assert store.read(lambda book: book.customers.by_card("C")) == renamed

    def test_a_block_is_believed_only_from_who_is_not_behind(self, store: Store) -> None:
        known = Customer("C", "Maria", available=Points(10), as_of=100)
        for told, blocked in (
            (known, False),
            (replace(known, as_of=101, blocked=True), True),
            (Customer("C"), True),
            (replace(known, as_of=99), True),
            (replace(known, as_of=102), False),
        ):
            store.write(lambda book, told=told: book.customers.put(told))  # type: ignore[misc]
            found = store.read(lambda book: book.customers.by_card("C"))
            assert found is not None
            assert found.blocked is blocked

    def test_who_is_to_be_forgotten_is_found_by_the_mark_alone(self, store: Store) -> None:
        for card in ("C-1", "C-2", "K\u00c5RL"):
            store.write(lambda book, card=card: book.customers.put(Customer(card, "Name", "+4670")))  # type: ignore[misc]
        for gone in (mark("C-1"), mark("C-3"), mark("K\u00c5RL"), "", "C-2"):
            store.write(lambda book, gone=gone: book.customers.forget(gone))  # type: ignore[misc]
        left = store.read(lambda book: [each.card for each in book.customers.search("Name", 10)])
        assert left == ["C-2"]
        store.write(lambda book: book.customers.put(Customer("C-1")))
        assert store.read(lambda book: book.customers.by_card("C-1")) == Customer("C-1")

    def test_a_phone_names_a_customer_only_if_it_is_one_customers(self, store: Store) -> None:
        for card, phone in (("A", "+4670"), ("B", "+4671"), ("C", "+4671"), ("D", "")):
            customer = Customer(card, phone=phone)
            store.write(lambda book, customer=customer: book.customers.put(customer))  # type: ignore[misc]
        for phone, owner in (("+4670", "A"), ("+4671", None), ("+4672", None), ("", None)):
            hit = store.read(lambda book, phone=phone: book.customers.by_phone(phone))  # type: ignore[misc]
            assert (hit.card if hit else None) == owner

    def test_points_below_zero_are_told(self, store: Store) -> None:
        for card, points in (("A", -1), ("B", 0), ("C", 5)):
            customer = Customer(card, available=Points(points), as_of=1)
            store.write(lambda book, customer=customer: book.customers.put(customer))  # type: ignore[misc]
        store.write(lambda book: book.customers.put(Customer("D")))
        assert list(store.read(lambda book: book.customers.overdrawn())) == ["A"]

    @pytest.mark.parametrize(
        ("text", "cards"),
        [("MARI", ["C-1"]), ("4670", ["C-1"]), ("c-", ["C-2", "C-1"]), ("%", []), ("_", []), (" ", []), ("100%", [])],
    )
    def test_search_looks_for_the_text_itself(self, store: Store, text: str, cards: list[str]) -> None:
        store.write(lambda book: book.customers.put(Customer("C-1", "Maria", "+4670123")))
        store.write(lambda book: book.customers.put(Customer("C-2", "Jonas", "+4671999")))
        assert [each.card for each in store.read(lambda book: book.customers.search(text, 10))] == cards
        assert len(store.read(lambda book: book.customers.search("c-", 1))) == 1

    @pytest.mark.parametrize("part", ["ria Li", "lind", "70123", "a@exam", "C-1", "VIST"])
    def test_any_part_of_what_is_known_of_a_customer_is_found(self, store: Store, part: str) -> None:
        store.write(
            lambda book: book.customers.put(Customer("XC-11", "Maria Lindqvist", "+4670123", "maria@example.com"))
        )
        store.write(lambda book: book.customers.put(Customer("K", "Jonas", "+4671999", "jonas@sample.net")))
        assert [each.card for each in store.read(lambda book: book.customers.search(part, 10))] == ["XC-11"]

    def test_a_customer_is_found_by_what_is_known_now_alone(self, store: Store) -> None:
        def found(text: str) -> list[str]:
            return [each.card for each in store.read(lambda book: book.customers.search(text, 10))]

        store.write(lambda book: book.customers.put(Customer("C-1", "Maria Lindqvist")))
        store.write(lambda book: book.customers.put(Customer("C-1", "Maria Berg", available=Points(5), as_of=1)))
        assert (found("indqvi"), found("Berg")) == ([], ["C-1"])
        store.write(lambda book: book.customers.forget(mark("C-1")))
        assert found("Berg") == []

    @pytest.mark.parametrize(
        "text", ['"', 'a"b', "' OR 1", "NEAR(a b)", "name : x", "a*b", "^abc", "\0\0\0\0", "\\\\\\", "-- x"]
    )
    def test_any_text_can_be_searched_for_among_customers(self, store: Store, text: str) -> None:
        store.write(lambda book: book.customers.put(Customer("C-1", "Maria")))
        assert not store.read(lambda book: book.customers.search(text, 10))

    def test_a_national_number_finds_the_one_international_number_that_ends_like_it(self, store: Store) -> None:
        for card, phone in (("A", "+46701234567"), ("B", "+46709876543"), ("C", "+47709876543")):
            customer = Customer(card, phone=phone)
            store.write(lambda book, customer=customer: book.customers.put(customer))  # type: ignore[misc]
        for phone, owner in (("0701234567", "A"), ("0709876543", None), ("070123456", None)):
            hit = store.read(lambda book, phone=phone: book.customers.by_phone(phone))  # type: ignore[misc]
            assert (hit.card if hit else None) == owner, phone


class TestPolicies:
    def test_a_version_once_there_stays_as_it_is(self, store: Store) -> None:
        first, second = make_policy(version=1), make_policy(version=2, vendor_id="vendor-1")
        for policy in (first, second, replace(first, reward_bp=9999)):
            store.write(lambda book, policy=policy: book.policies.put(policy))  # type: ignore[misc]
        assert sorted(store.read(lambda book: book.policies.all()), key=lambda p: p.version) == [first, second]
        assert not store.read(lambda book: book.policies.altered())

    def test_a_transaction_sees_the_version_it_added(self, store: Store) -> None:
        dated = make_policy(version=3, valid_until=NOON, vests_after=2, expires_after=5)

        def work(book: Book) -> None:
            assert not book.policies.all()
            book.policies.put(dated)
            assert list(book.policies.all()) == [dated]

        store.write(work)
        assert list(store.read(lambda book: book.policies.all())) == [dated]


class TestOperations:
    def test_the_chain_grows_by_one_and_moves_its_head(self, store: Store, recorder: Recorder) -> None:
        for _ in range(3):
            store.write(note(recorder))
        chain = list(store.read(lambda book: book.operations.all()))
        head = store.read(lambda book: book.operations.head())
        assert [operation.seq for operation in chain] == [1, 2, 3]
        assert [operation.prev for operation in chain[1:]] == [operation.hash for operation in chain[:-1]]
        assert (head.seq, head.head, head.receipt) == (3, chain[-1].hash, 0)
        assert store.read(lambda book: book.operations.at(2)) == chain[1]
        assert store.read(lambda book: book.operations.at(0)) is None
        assert store.read(lambda book: book.operations.at(4)) is None

    def test_a_place_in_the_chain_is_taken_once(self, store: Store, recorder: Recorder) -> None:
        store.write(note(recorder))
        taken = store.read(lambda book: book.operations.at(1))
        assert taken is not None
        with pytest.raises(Exception, match=r"(?i)unique|follow"):
            store.write(lambda book: book.operations.append(taken, 1, 0))

    def test_what_waits_comes_in_order_and_in_portions(self, store: Store, recorder: Recorder) -> None:
        assert not store.read(lambda book: book.operations.waiting(10, 10))
        for _ in range(5):
            store.write(note(recorder, "x" * 1000))

        def waiting(limit: int, size: int) -> list[int]:
            return [each.seq for each in store.read(lambda book: book.operations.waiting(limit, size))]

        assert waiting(10, 10**6) == [1, 2, 3, 4, 5]
        assert waiting(2, 10**6) == [1, 2]
        assert waiting(10, 2500) == [1, 2]
        assert waiting(10, 1) == [1]
        store.write(lambda book: book.operations.acknowledge(3, ()))
        assert waiting(10, 1) == [4]
        store.write(lambda book: book.operations.acknowledge(5, ()))
        assert waiting(10, 1) == []

    def test_an_acknowledgement_never_goes_back(self, store: Store, recorder: Recorder) -> None:
        for _ in range(2):
            store.write(note(recorder))
        parked = ParkedOperation(1, "lease.return", "why")
        store.write(lambda book: book.operations.acknowledge(2, [parked]))
        store.write(lambda book: book.operations.acknowledge(1, [parked]))
        assert store.read(lambda book: book.operations.head()).acknowledged == 2
        assert list(store.read(lambda book: book.operations.parked())) == [parked]
        store.write(lambda book: book.operations.resolve(1, "applied", ""))
        store.write(lambda book: book.operations.resolve(1, "written_off", "again"))
        assert not store.read(lambda book: book.operations.parked())
        store.write(lambda book: book.operations.acknowledge(2, [parked]))
        assert not store.read(lambda book: book.operations.parked()), "what is resolved is not parked by an old answer"

    def test_what_a_restored_centre_lost_waits_again(self, store: Store, recorder: Recorder) -> None:
        for _ in range(4):
            store.write(note(recorder))
        store.write(lambda book: book.operations.acknowledge(4, ()))
        store.write(lambda book: book.operations.rewind(1))
        store.write(lambda book: book.operations.rewind(3))
        assert [each.seq for each in store.read(lambda book: book.operations.waiting(9, 10**6))] == [2, 3, 4]

    def test_a_transaction_sees_every_change_of_its_own_at_once(self, store: Store, recorder: Recorder) -> None:
        def work(book: Book) -> None:
            assert book.operations.head().seq == 0
            note(recorder)(book)
            assert book.operations.head().seq == 1
            note(recorder)(book)
            book.operations.acknowledge(2, ())
            assert (book.operations.head().seq, book.operations.head().acknowledged) == (2, 2)
            book.operations.rewind(1)
            assert book.operations.head().acknowledged == 1
            book.operations.fence()
            assert book.operations.head().state is CounterState.FENCED
            book.settings.put_identity(replace(IDENTITY, vendor_name="New"))
            identity = book.settings.identity()
            assert identity is not None
            assert identity.vendor_name == "New"

        store.write(work)

    def test_a_fence_stays(self, store: Store, recorder: Recorder) -> None:
        store.write(lambda book: book.operations.fence())
        store.write(note(recorder))
        assert store.read(lambda book: book.operations.head()).state is CounterState.FENCED


class TestLeases:
    def test_a_lease_is_unfinished_until_it_is_finished_for_ever(self, store: Store) -> None:
        lease = CounterLease("l", CARD, 1, Points(0), Points(0), Points(0), 0)
        granted = replace(lease, granted=Points(10), spend_until=NOON)
        assert store.read(lambda book: book.leases.get("l")) is None
        for state in (lease, granted):
            store.write(lambda book, state=state: book.leases.put(state))  # type: ignore[misc]
            assert store.read(lambda book: book.leases.get("l")) == state
            assert list(store.read(lambda book: book.leases.unfinished())) == [state]
        spent = replace(granted, spent=Points(4), returned=Points(6))
        store.write(lambda book: book.leases.put(spent))
        store.write(lambda book: book.leases.finish("l"))
        store.write(lambda book: book.leases.put(spent))
        assert not store.read(lambda book: book.leases.unfinished())
        assert store.read(lambda book: book.leases.get("l")) == spent
