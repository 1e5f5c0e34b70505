"""What each answer of the central store changes, and what it must not.

Must never let the centre's word count where the counter's own hash says otherwise.
"""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from tests.builders import CARD, COUNTER_KEY, Counter, make_counter, make_line, make_policy
from tests.fakes.shop import CountingRandomness
from urs_desktop.counter.sync.engine import Next, PushOutcome, SyncEngine
from urs_desktop.counter.use_cases.timekeeping import LAST_SYNC
from urs_desktop.counter.values import CounterState, Customer, ParkedOperation
from urs_desktop.domain.points import Points
from urs_desktop.domain.policy import Category
from urs_desktop.protocol import sessions
from urs_desktop.protocol.chain import genesis
from urs_desktop.protocol.messages import (
    CustomerReply,
    FeedItem,
    FeedPolicy,
    FeedProduct,
    FeedReply,
    HelloReply,
    PushReply,
    PushRequest,
    PushResult,
    Vendor,
)
from urs_desktop.protocol.operations import MAX_PUSH_BYTES, MAX_PUSH_OPERATIONS, TaxedItem
from urs_desktop.protocol.tombstones import mark

VENDOR = Vendor(
    vendor_id="vendor-1", name="Lindqvist & Daughters", category="medium", currency="GBP", location="Harbour Street 4"
)


class Till:
    """A counter with three sales and the engine that syncs it."""

    def __init__(self, sales: int = 3) -> None:
        self.counter: Counter = make_counter()
        for _ in range(sales):
            self.counter.sell(make_line("20.00"))
        self.engine = SyncEngine(self.counter.store, COUNTER_KEY, self.counter.clock, CountingRandomness(10_000))
        self.chain = self.counter.operations()

    def head_at(self, seq: int) -> bytes:
        identity = self.counter.identity
        return self.chain[seq - 1].hash if seq else genesis(identity.device_id, identity.epoch, identity.nonce)

    def pushed(self) -> PushRequest:
        request = self.engine.next_push()
        assert request is not None
        return request

    def reply(self, request: PushRequest, seq: int, /, **changed: Any) -> PushReply:  # noqa: ANN401 - any field
        good = PushReply(
            request_id=request.request_id, verdict="ok", epoch=1, seq=seq, head=self.head_at(seq), results=()
        )
        return msgspec.structs.replace(good, **changed)

    def hello_reply(self, seq: int, /, **changed: Any) -> HelloReply:  # noqa: ANN401 - any field
        good = HelloReply(
            verdict="hi",
            epoch=1,
            seq=seq,
            head=self.head_at(seq),
            token="token",
            expires_at=1,
            server_time=1,
            vendor=VENDOR,
        )
        return msgspec.structs.replace(good, **changed)

    @property
    def acknowledged(self) -> int:
        return self.counter.read(lambda book: book.operations.head()).acknowledged

    @property
    def fenced(self) -> bool:
        return self.counter.read(lambda book: book.operations.head()).state is CounterState.FENCED

    @property
    def last_sync(self) -> str | None:
        return self.counter.read(lambda book: book.settings.get(LAST_SYNC))


@pytest.fixture
def till() -> Till:
    return Till()


def test_the_same_operations_are_sent_until_they_are_acknowledged(till: Till) -> None:
    first, second = till.pushed(), till.pushed()
    assert first.operations == second.operations == tuple(till.chain)
    assert first.request_id != second.request_id
    assert first.epoch == 1


def test_an_acknowledgement_moves_on_by_what_it_names(till: Till) -> None:
    assert till.engine.accept_push(till.reply(till.pushed(), 2)) == PushOutcome(Next.GO_ON, 2)
    assert (till.acknowledged, till.last_sync) == (2, str(till.counter.clock.now()))
    assert [operation.seq for operation in till.pushed().operations] == [3]
    assert till.engine.accept_push(till.reply(till.pushed(), 3)) == PushOutcome(Next.GO_ON, 1)
    assert till.engine.next_push() is None


def test_an_answer_that_acknowledges_nothing_new_stops(till: Till) -> None:
    assert till.engine.accept_push(till.reply(till.pushed(), 0)) == PushOutcome(Next.STOP)
    assert not till.fenced
    till.engine.accept_push(till.reply(till.pushed(), 2))
    assert till.engine.accept_push(till.reply(till.pushed(), 1)) == PushOutcome(Next.STOP)
    assert till.acknowledged == 2


@pytest.mark.parametrize("late", ["unknown", "earlier", "twice"])
def test_an_answer_nobody_waits_for_changes_nothing(till: Till, late: str) -> None:
    earlier, latest = till.pushed(), till.pushed()
    if late == "twice":
        till.engine.accept_push(till.reply(latest, 1))
    request_id = {"unknown": b"x" * 16, "earlier": earlier.request_id, "twice": latest.request_id}[late]
    before = till.acknowledged
    reply = till.reply(latest, 3, request_id=request_id)
    assert till.engine.accept_push(reply) == PushOutcome(Next.STOP)
    forged = till.reply(latest, 3, request_id=request_id, verdict="fork", head=b"")
    assert till.engine.accept_push(forged) == PushOutcome(Next.STOP)
    assert (till.acknowledged, till.fenced) == (before, False)


FOREIGN: dict[str, Callable[[Till], dict[str, Any]]] = {
    "foreign hash": lambda _: {"head": b"f" * 32},
    "hash of another place": lambda till: {"head": till.chain[0].hash},
    "no hash": lambda _: {"head": b""},
    "beyond the chain": lambda _: {"seq": 99},
    "below the chain": lambda _: {"seq": -1},
    "nothing known, wrong beginning": lambda _: {"seq": 0, "head": b"f" * 32},
    "fork": lambda _: {"verdict": "fork"},
    "bad signature": lambda _: {"verdict": "bad_sig"},
    "a verdict from the future": lambda _: {"verdict": "whatever"},
}


@pytest.mark.parametrize("foreign", sorted(FOREIGN))
def test_an_answer_about_another_history_fences(till: Till, foreign: str) -> None:
    reply = till.reply(till.pushed(), 2, **FOREIGN[foreign](till))
    assert till.engine.accept_push(reply) == PushOutcome(Next.STOP)
    assert till.fenced
    assert till.acknowledged == 0
    assert till.engine.next_push() is None
    till.counter.sell()


@pytest.mark.parametrize("changed", [{"verdict": "gap"}, {"epoch": 2}, {"epoch": 2, "verdict": "epoch"}], ids=str)
def test_a_disagreement_on_where_we_stand_asks_for_a_hello(till: Till, changed: dict[str, Any]) -> None:
    assert till.engine.accept_push(till.reply(till.pushed(), 0, **changed)) == PushOutcome(Next.HELLO)
    assert (till.fenced, till.acknowledged) == (False, 0)


def test_what_the_centre_parked_is_recorded(till: Till) -> None:
    results = (
        PushResult(seq=1, result="applied"),
        PushResult(seq=2, result="parked", code="policy_unknown"),
        PushResult(seq=9, result="parked", code="never_sent"),
    )
    till.engine.accept_push(till.reply(till.pushed(), 3, results=results))
    parked = till.counter.read(lambda book: book.operations.parked())
    assert list(parked) == [ParkedOperation(2, "sale", "policy_unknown")]
    assert till.acknowledged == 3


def test_a_push_keeps_to_its_limits() -> None:
    till = Till(MAX_PUSH_OPERATIONS + 5)
    request = till.pushed()
    assert len(request.operations) == MAX_PUSH_OPERATIONS
    assert sum(len(operation.body) for operation in request.operations) <= MAX_PUSH_BYTES


def test_a_hello_is_signed_over_the_challenge(till: Till) -> None:
    message = till.engine.hello(b"c" * 32)
    assert (message.seq, message.head, message.challenge) == (3, till.chain[-1].hash, b"c" * 32)
    assert sessions.is_authentic(COUNTER_KEY.public_key, till.counter.identity.device_id, message)


@pytest.mark.parametrize("seq", [0, 2, 3])
def test_a_hi_acknowledges_nothing_because_only_a_push_says_what_was_parked(till: Till, seq: int) -> None:
    assert till.engine.accept_hello(till.hello_reply(seq)) is Next.GO_ON
    assert till.acknowledged == 0
    assert [operation.seq for operation in till.pushed().operations] == [1, 2, 3]


def test_a_centre_that_knows_less_than_it_confirmed_gets_the_rest_again(till: Till) -> None:
    till.counter.store.write(lambda book: book.operations.acknowledge(3, ()))
    assert till.engine.next_push() is None
    assert till.engine.accept_hello(till.hello_reply(1)) is Next.GO_ON
    assert [operation.seq for operation in till.pushed().operations] == [2, 3]


def test_a_centre_that_knows_less_has_its_feed_read_from_the_beginning(till: Till) -> None:
    till.engine.accept_feed("", FeedReply(items=(), cursor="1.2.3", more=False))
    till.counter.store.write(lambda book: book.operations.acknowledge(2, ()))
    till.engine.accept_hello(till.hello_reply(2))
    assert till.engine.cursor() == "1.2.3"
    till.engine.accept_hello(till.hello_reply(1))
    assert till.engine.cursor() == ""


def test_a_hello_that_was_overtaken_by_a_push_is_said_again(till: Till) -> None:
    """The feed's thread said hello at 3; before it arrived, the push thread's fourth operation was applied."""
    till.engine.hello(b"c" * 32)
    till.counter.sell()
    till.chain = till.counter.operations()
    assert till.engine.accept_hello(till.hello_reply(4, verdict="fork", token="")) is Next.HELLO
    assert not till.fenced


@pytest.mark.parametrize(
    "changed",
    [
        {"verdict": "fork", "head": b"f" * 32},
        {"verdict": "fork", "seq": 99},
        {"verdict": "epoch", "epoch": 2},
        {"verdict": "epoch"},
        {"epoch": 2},
        {"verdict": "fork", "epoch": 2},
        {"verdict": "hi", "head": b"f" * 32},
        {"verdict": "hi", "seq": 99},
        {"verdict": "hi", "seq": 0, "head": b"f" * 32},
        {"verdict": "?"},
    ],
    ids=str,
)
def test_a_hello_answered_with_another_history_fences(till: Till, changed: dict[str, Any]) -> None:
    assert till.engine.accept_hello(till.hello_reply(3, **changed)) is Next.STOP
    assert (till.fenced, till.acknowledged, till.last_sync) == (True, 0, None)


def test_a_hi_brings_the_vendors_particulars(till: Till) -> None:
    vendor = msgspec.structs.replace(VENDOR, name="New name", category="large", location="Elsewhere")
    till.engine.accept_hello(till.hello_reply(3, vendor=vendor))
    identity = till.counter.read(lambda book: book.settings.identity())
    assert identity is not None
    assert (identity.vendor_name, identity.category, identity.location) == ("New name", Category.LARGE, "Elsewhere")
    assert till.counter.operations() == till.chain


POLICY = make_policy(version=2, reward_bp=700)
ITEMS = (
    FeedItem(policy=FeedPolicy(**{name: getattr(POLICY, name) for name in FeedPolicy.__struct_fields__})),
    FeedItem(product=FeedProduct(item=TaxedItem("NEW", "New thing", 333, 3), hlc=5)),
    FeedItem(customer=CustomerReply(card=CARD, name="", phone="", email="m@x", available=7, as_of=2_000_000_000_000)),
)


def page(cursor: str, *items: FeedItem, more: bool = False) -> FeedReply:
    return FeedReply(items=items, cursor=cursor, more=more)


def test_a_page_of_the_feed_is_stored_with_its_cursor(till: Till) -> None:
    assert till.engine.cursor() == ""
    assert till.engine.accept_feed("", page("one", *ITEMS, more=True))
    assert till.engine.cursor() == "one"
    assert POLICY in till.counter.read(lambda book: book.policies.all())
    product = till.counter.read(lambda book: book.catalogue.find("NEW"))
    assert product is not None
    assert (product.description, product.unit_price.scale, product.hlc) == ("New thing", 3, 5)
    maria = till.counter.read(lambda book: book.customers.by_card(CARD))
    assert maria == Customer(CARD, "Maria Lindqvist", "+46701234567", "m@x", Points(7), 2_000_000_000_000)
    assert not till.engine.accept_feed("one", page("two"))
    assert till.engine.cursor() == "two"


def test_who_is_gone_is_forgotten_and_may_come_back_with_less(till: Till) -> None:
    jonas = CustomerReply(card="C-2", name="Jonas", phone="", email="", available=3, as_of=5)
    items = (FeedItem(customer=jonas), FeedItem(gone=mark(CARD)))
    assert not till.engine.accept_feed("", page("one", *items))
    assert till.counter.read(lambda book: [book.customers.by_card(card) for card in (CARD, "C-2")]) == [
        None,
        Customer("C-2", "Jonas", available=Points(3), as_of=5),
    ]
    bare = CustomerReply(card="C-2", name="", phone="", email="", available=4, as_of=6, blocked=True)
    till.engine.accept_feed("one", page("two", FeedItem(gone=mark("C-2"), customer=bare)))
    found = till.counter.read(lambda book: book.customers.by_card("C-2"))
    assert found == Customer("C-2", available=Points(4), as_of=6, blocked=True)


def test_a_page_asked_for_with_an_older_cursor_is_dropped(till: Till) -> None:
    till.engine.accept_feed("", page("one"))
    till.counter.clock.advance(1000)
    assert till.engine.accept_feed("", page("other", *ITEMS))
    assert till.engine.cursor() == "one"
    assert till.counter.read(lambda book: book.catalogue.find("NEW")) is None


def test_an_empty_answer_with_the_same_cursor_writes_nothing(till: Till) -> None:
    assert not till.engine.accept_feed("", page("", more=True))
    assert till.last_sync is None


def test_an_item_that_cannot_be_stored_holds_nothing_up(till: Till) -> None:
    poison = FeedItem(policy=msgspec.structs.replace(ITEMS[0].policy, category="gigantic"))  # type: ignore[type-var]
    till.engine.accept_feed("", page("one", poison, ITEMS[1]))
    assert till.engine.cursor() == "one"
    assert till.counter.read(lambda book: book.catalogue.find("NEW")) is not None
    assert all(policy.category != "gigantic" for policy in till.counter.read(lambda book: book.policies.all()))
