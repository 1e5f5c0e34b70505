"""A counter and the central store as they ship, with nothing but the network between them left out.

What the centre answers reaches the counter's list, its receipts and its proof, and both ends prove themselves after it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from tests.builders import COUNTER_KEY, make_basket, make_line
from tests.contract.central.people import operator
from tests.contract.central.shop import Shop as Central
from tests.contract.central.shop import empty_shop, open_shop
from tests.contract.central.till import CENTRAL_KEY, NOW
from tests.fakes.shop import CountingRandomness, FakeClock
from urs_desktop.central import accounts, closing, ingest
from urs_desktop.central.schema import METADATA
from urs_desktop.counter.store.book import SqlStore, store_in_memory
from urs_desktop.counter.sync.engine import Next, SyncEngine
from urs_desktop.counter.use_cases.parked import Resolving
from urs_desktop.counter.use_cases.receipts import Receipt
from urs_desktop.counter.use_cases.recording import Recorder
from urs_desktop.counter.use_cases.refund import Override
from urs_desktop.counter.use_cases.reporting import Reporting
from urs_desktop.counter.use_cases.ring_up import RingUp, SaleOrder
from urs_desktop.counter.use_cases.verification import verify
from urs_desktop.counter.values import Identity
from urs_desktop.database.engine import Database, sqlite_engine
from urs_desktop.database.guards import guard
from urs_desktop.domain.currency import currency
from urs_desktop.domain.policy import Category, RewardPolicy
from urs_desktop.domain.ranges import Range
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol.codec import decode, encode
from urs_desktop.protocol.messages import EnrolRequest, HelloReply, PushReply
from urs_desktop.protocol.operations import EnrolBody, SaleBody


@dataclass
class Pair:
    """Both ends."""

    central: Central
    store: SqlStore
    device: bytes

    def __post_init__(self) -> None:
        self.clock = FakeClock(NOW)
        randomness = CountingRandomness()
        self.recorder = Recorder(COUNTER_KEY, self.clock, randomness)
        self.engine = SyncEngine(self.store, COUNTER_KEY, self.clock, randomness)
        self.resolving = Resolving(self.store, self.recorder)
        self.reporting = Reporting(self.store, self.clock)

    def sell(self, pounds: str = "50.00", card: str | None = "C-1") -> Receipt:
        return RingUp(self.store, self.recorder).complete(SaleOrder(make_basket(make_line(pounds)), card=card))

    def answer(self) -> PushReply | None:
        """Send what waits and return the answer, which the counter has not seen."""
        request = self.engine.next_push()
        if request is None:
            return None
        with self.central.database.write() as connection:
            reply = ingest.push(connection, self.device, request, self.clock.now(), self.central.randomness)
        return decode(encode(reply), PushReply)

    def push(self) -> None:
        while (reply := self.answer()) is not None:
            assert self.engine.accept_push(reply).next is Next.GO_ON

    def hello(self) -> None:
        with self.central.database.write() as connection:
            now, randomness = self.clock.now(), self.central.randomness
            challenge = accounts.challenge(connection, self.device, now, randomness).challenge
            reply = accounts.hello(connection, self.device, self.engine.hello(challenge), now, randomness)
        assert self.engine.accept_hello(decode(encode(reply), HelloReply)) is Next.GO_ON

    @contextmanager
    def failing(self, *kinds: type) -> Iterator[None]:
        """Let the centre fail over bodies of these kinds for a while."""
        with pytest.MonkeyPatch.context() as patch:
            for kind in kinds:
                patch.delitem(ingest._HANDLERS, kind)
            yield

    def parked(self) -> list[tuple[str, str, str]]:
        return [(each.kind, each.code, each.receipt) for each in self.resolving.every()]

    def stands(self) -> closing.Closing:
        with self.central.database.read() as connection:
            return closing.of_counters(connection).get(self.device, closing.Closing())

    def prove(self) -> None:
        assert self.central.findings() == []
        assert verify(self.store, COUNTER_KEY.public_key) == []


@pytest.fixture
def pair() -> Iterator[Pair]:
    database = Database(sqlite_engine(None, guard=guard(METADATA)))
    empty_shop(database)
    central = open_shop(database)
    secret = b"0123456789"
    with database.write() as connection:
        accounts.add_code(connection, central.vendor_id, secret, NOW)
        request = EnrolRequest(secret=secret, public_key=COUNTER_KEY.public_key, name="Till")
        told = accounts.enrol(connection, request, NOW, central.randomness, CENTRAL_KEY.public_key)
    vendor = told.vendor
    identity = Identity(
        told.device_id,
        told.number,
        told.epoch,
        told.nonce,
        vendor.vendor_id,
        vendor.name,
        Category(vendor.category),
        currency(vendor.currency),
        vendor.location,
        "https://localhost",
        told.central_key,
        b"",
    )
    store = store_in_memory()
    store.write(lambda book: book.settings.put_identity(identity))
    store.write(lambda book: book.policies.put(central.policy))
    yield Pair(central, store, told.device_id)
    store.close()
    database.close()


def test_a_sale_that_failed_is_applied_after_all(pair: Pair) -> None:
    with pair.failing(SaleBody):
        pair.sell()
        pair.push()
    pair.sell("30.00")
    pair.push()
    assert pair.parked() == [("sale", "internal", "2-000001")]
    assert pair.reporting.status().missing == ()
    assert pair.central.wallet() == (150, 0)
    seq = pair.resolving.every()[0].seq
    pair.resolving.retry(seq)
    pair.resolving.retry(seq)
    pair.push()
    assert pair.parked() == []
    assert pair.central.wallet() == (400, 0)
    with pytest.raises(Refusal) as refusal:
        pair.resolving.retry(seq)
    assert refusal.value.code is RefusalCode.OPERATION_NOT_PARKED
    pair.prove()


def test_a_reply_that_is_lost_loses_nothing(pair: Pair) -> None:
    with pair.failing(SaleBody):
        pair.sell()
        assert pair.answer() is not None
    pair.push()
    assert pair.parked() == [("sale", "internal", "2-000001")]
    pair.resolving.retry(pair.resolving.every()[0].seq)
    assert pair.answer() is not None
    pair.push()
    assert pair.parked() == []
    pair.prove()


def test_what_is_written_off_leaves_the_list(pair: Pair) -> None:
    with pair.failing(SaleBody):
        pair.sell()
        pair.push()
    seq = pair.resolving.every()[0].seq
    for override, code in (
        (Override("Ann", "mine"), RefusalCode.OVERRIDE_BY_SAME_PERSON),
        (Override("Boss", " "), RefusalCode.OVERRIDE_NEEDED),
    ):
        with pytest.raises(Refusal) as refusal:
            pair.resolving.write_off(seq, override, "ann")
        assert refusal.value.code is code
    pair.resolving.write_off(seq, Override("Boss", "rung up by hand"), "ann")
    assert pair.parked() != [], "not before the centre says so"
    pair.push()
    assert pair.parked() == []
    assert pair.stands() == closing.Closing(told=1, received=0, set_aside=(1,))
    pair.prove()


def test_what_fails_again_stays_on_the_list(pair: Pair) -> None:
    with pair.failing(SaleBody):
        pair.sell()
        pair.push()
        pair.resolving.retry(pair.resolving.every()[0].seq)
        pair.push()
    assert pair.parked() == [("sale", "internal", "2-000001")]
    pair.prove()


def test_an_enrolments_card_is_put_right(pair: Pair) -> None:
    wrong = EnrolBody(hlc=NOW, recorded_at=NOW, card="\n", customer_id="")
    pair.store.write(lambda book: pair.recorder.append(book, wrong))
    pair.push()
    [set_aside] = pair.resolving.every()
    assert (set_aside.kind, set_aside.code, set_aside.repairable) == ("enrol", RefusalCode.CARD_MALFORMED, True)
    with pytest.raises(Refusal) as refusal:
        pair.resolving.repair(set_aside.seq, "\n")
    assert refusal.value.code is RefusalCode.CARD_MALFORMED
    pair.resolving.repair(set_aside.seq, "C-77")
    pair.push()
    assert pair.parked() == []
    assert pair.central.wallet("C-77") == (0, 0)
    pair.prove()


def test_a_receipt_is_not_repaired(pair: Pair) -> None:
    with pair.failing(SaleBody):
        pair.sell()
        pair.push()
    with pytest.raises(Refusal) as refusal:
        pair.resolving.repair(pair.resolving.every()[0].seq, "C-77")
    assert refusal.value.code is RefusalCode.REPAIR_NOT_POSSIBLE
    pair.prove()


def test_the_stores_operators_resolve_it_and_the_counter_learns_of_it(pair: Pair) -> None:
    with pair.failing(SaleBody):
        pair.sell()
        pair.push()
        op_id = pair.store.read(lambda book: book.operations.at(2)).op_id  # type: ignore[union-attr]
    ann = operator(pair.central)
    with pair.central.database.write() as connection:
        ingest.retry_parked(connection, op_id, ann, NOW, pair.central.randomness)
    assert pair.parked() != []
    pair.hello()
    assert pair.parked() == []
    pair.prove()


def test_a_customer_is_told_of_what_was_promised_and_not_posted(pair: Pair) -> None:
    """The counter reckons by a policy with the right name that says something else: no points are posted."""
    right = pair.central.policy
    terms = {name: getattr(right, name) for name in RewardPolicy.__slots__}
    generous = RewardPolicy(**{**terms, "version": 2, "reward_bp": 2000})
    pair.central.change_policy(reward_bp=700)
    pair.store.write(lambda book: book.policies.put(generous))
    assert pair.sell().sale.earned == 1000
    pair.push()
    [adjusted] = pair.reporting.status().adjusted
    assert (adjusted.promised.net, adjusted.posted.net, adjusted.code) == (1000, 0, RefusalCode.POLICY_UNKNOWN)
    assert [note.number for note in pair.sell().notes] == ["2-000001"]
    assert pair.sell().notes == ()
    pair.prove()


def test_the_centre_knows_what_a_silent_counter_has_not_sent(pair: Pair) -> None:
    pair.sell()
    pair.push()
    pair.sell()
    pair.sell()
    pair.hello()
    assert pair.stands() == closing.Closing(told=3, received=1, missing=(Range(2, 3),))
    assert pair.reporting.status().missing == (2, 3)
    pair.push()
    assert pair.stands() == closing.Closing(told=3, received=3)
    assert pair.reporting.status().missing == ()
    pair.prove()


def test_everything_sent_again_changes_nothing(pair: Pair) -> None:
    with pair.failing(SaleBody):
        pair.sell()
        pair.push()
    pair.resolving.retry(pair.resolving.every()[0].seq)
    pair.push()
    before = pair.central.wallet()
    pair.store.write(lambda book: book.operations.rewind(0))
    pair.push()
    assert pair.central.wallet() == before
    assert pair.parked() == []
    pair.prove()
