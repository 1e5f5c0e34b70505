"""The decisions of the counter's sync: what to send next and what an answer changes.

Plain functions of (store, message): no clock but the one passed in, no network, no thread, so the simulator runs the
code that ships. Must never believe an answer whose hash is not this counter's own.
"""

import logging
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Final

from urs_desktop.counter.ports import Book, Store
from urs_desktop.counter.sync.rejoining import Rejoining
from urs_desktop.counter.use_cases import floor, outcomes
from urs_desktop.counter.use_cases.lookup import customer_of
from urs_desktop.counter.use_cases.policies import policy_of
from urs_desktop.counter.use_cases.ring_up import identity_of
from urs_desktop.counter.use_cases.timekeeping import LAST_SYNC
from urs_desktop.counter.values import CounterState, Identity, Product
from urs_desktop.domain.money import unit_price
from urs_desktop.domain.policy import Category
from urs_desktop.domain.pricing import tax_rate
from urs_desktop.domain.refusals import Refusal
from urs_desktop.domain.text import product_code
from urs_desktop.protocol import sessions
from urs_desktop.protocol.chain import genesis
from urs_desktop.protocol.messages import (
    FeedItem,
    FeedReply,
    HelloReply,
    HelloRequest,
    PushReply,
    PushRequest,
    Vendor,
)
from urs_desktop.protocol.operations import MAX_PUSH_BYTES, MAX_PUSH_OPERATIONS
from urs_desktop.protocol.signatures import SigningKey
from urs_desktop.system.clock import Clock
from urs_desktop.system.ids import Randomness

CURSOR: Final = "feed_cursor"
"""Setting: the cursor of the last feed page that was stored."""

_REQUEST_ID_BYTES: Final = 16
_log = logging.getLogger(__name__)


class Next(Enum):
    """What the counter should do after an answer."""

    GO_ON = auto()
    """Progress was made; ask what to send next."""

    HELLO = auto()
    """The two ends disagree on where they stand: say hello before anything else."""

    STOP = auto()
    """Nothing changed: the answer was not for this counter, or its history is in doubt."""


@dataclass(frozen=True, slots=True)
class PushOutcome:
    """What a push's answer changed: `next` step and how many operations were newly acknowledged."""

    next: Next
    acknowledged: int = 0


class SyncEngine:
    """Decides one counter's part of the sync; remembers only which answer it waits for."""

    def __init__(self, store: Store, key: SigningKey, clock: Clock, randomness: Randomness) -> None:
        """Take the store, the counter's key, the clock and the source of request ids."""
        self._store = store
        self._key = key
        self._clock = clock
        self._randomness = randomness
        self._awaited: bytes | None = None
        self._greeted_in: int | None = None
        self.rejoining = Rejoining(store, key, clock, randomness)

    def hello(self, challenge: bytes) -> HelloRequest:
        """Return the signed hello that answers a challenge."""
        identity, head = self._store.read(lambda book: (identity_of(book), book.operations.head()))
        self._greeted_in = identity.epoch
        return sessions.hello(
            self._key,
            identity.device_id,
            epoch=identity.epoch,
            seq=head.seq,
            head=head.head,
            receipt=head.receipt,
            challenge=challenge,
            wall=self._clock.now(),
        )

    def accept_hello(self, reply: HelloReply) -> Next:
        """Take the centre's answer: any contradiction fences, and what a restored centre lost waits again.

        A `fork` whose hash is this counter's own is none: the push thread's operations overtook this hello on their
        way, so the centre knew more than the hello said. It is said again, and so is one that a rejoin overtook.
        """
        return self._store.write(lambda book: self._accept_hello(book, reply))

    def _accept_hello(self, book: Book, reply: HelloReply) -> Next:
        if self._greeted_in not in (None, identity_of(book).epoch):
            return Next.HELLO
        own = reply.epoch == identity_of(book).epoch and _is_own(book, reply.seq, reply.head)
        if own and reply.verdict == "fork":
            return Next.HELLO
        if not own or reply.verdict != "hi":
            book.operations.fence()
            return Next.STOP
        _update_vendor(book, reply.vendor)
        outcomes.take_resolved(book, reply.resolved)
        # What the centre has beyond the last answer is sent again, not believed here: only the answer to a push says
        # which operations it parked.
        # A centre that knows less than it once confirmed was restored from a backup: it gets the rest again, and its
        # feed is read from the beginning, because the places in it mean something else now.
        if reply.seq < book.operations.head().acknowledged:
            book.operations.rewind(reply.seq)
            book.settings.put(CURSOR, "")
        self._touch(book)
        return Next.GO_ON

    def is_fenced(self) -> bool:
        """Return whether this counter's history is in doubt: it has nothing to push then."""
        return self._store.read(lambda book: book.operations.head().state is CounterState.FENCED)

    def next_push(self) -> PushRequest | None:
        """Return the next operations to send, the same ones with the same ids until they are acknowledged, or None."""
        request = self._store.read(self._next_push)
        self._awaited = None if request is None else request.request_id
        return request

    def _next_push(self, book: Book) -> PushRequest | None:
        if book.operations.head().state is CounterState.FENCED:
            return None
        operations = book.operations.waiting(MAX_PUSH_OPERATIONS, MAX_PUSH_BYTES)
        if not operations:
            return None
        return PushRequest(
            request_id=self._randomness.token_bytes(_REQUEST_ID_BYTES),
            epoch=identity_of(book).epoch,
            operations=tuple(operations),
        )

    def accept_push(self, reply: PushReply) -> PushOutcome:
        """Take the answer to the last push; an answer to any other request changes nothing."""
        if reply.request_id != self._awaited:
            return PushOutcome(Next.STOP)
        self._awaited = None
        return self._store.write(lambda book: self._accept_push(book, reply))

    def _accept_push(self, book: Book, reply: PushReply) -> PushOutcome:
        if reply.epoch != identity_of(book).epoch or reply.verdict == "gap":
            return PushOutcome(Next.HELLO)
        if reply.verdict != "ok" or not _is_own(book, reply.seq, reply.head):
            book.operations.fence()
            return PushOutcome(Next.STOP)
        before = book.operations.head().acknowledged
        book.operations.acknowledge(reply.seq, outcomes.parked_in(book, reply.results))
        outcomes.take_in(book, reply.results)
        self._touch(book)
        gained = max(0, reply.seq - before)
        return PushOutcome(Next.GO_ON if gained else Next.STOP, gained)

    def cursor(self) -> str:
        """Return the cursor to read the feed from; empty for the beginning."""
        return self._store.read(lambda book: book.settings.get(CURSOR)) or ""

    def accept_feed(self, sent_cursor: str, reply: FeedReply) -> bool:
        """Store a page of the feed with its cursor in one transaction; returns whether more waits.

        A page that was asked for with another cursor than the stored one is dropped.
        """
        if not reply.items and reply.cursor == sent_cursor:
            return False
        return self._store.write(lambda book: self._accept_feed(book, sent_cursor, reply))

    def _accept_feed(self, book: Book, sent_cursor: str, reply: FeedReply) -> bool:
        if (book.settings.get(CURSOR) or "") != sent_cursor:
            return True
        identity = identity_of(book)
        for item in reply.items:
            _store_item(book, identity, item)
        book.settings.put(CURSOR, reply.cursor)
        self._touch(book)
        return reply.more

    def _touch(self, book: Book) -> None:
        book.settings.put(LAST_SYNC, str(self._clock.now()))


def _is_own(book: Book, seq: int, head: bytes) -> bool:
    """Whether this counter's own chain has the hash `head` at `seq`; the centre's word alone is not believed."""
    if seq == 0:
        identity = identity_of(book)
        return head == genesis(identity.device_id, identity.epoch, identity.nonce)
    operation = book.operations.at(seq)
    return operation is not None and operation.hash == head


def _update_vendor(book: Book, vendor: Vendor) -> None:
    identity = identity_of(book)
    changed = replace(identity, vendor_name=vendor.name, category=Category(vendor.category), location=vendor.location)
    if changed != identity:
        book.settings.put_identity(changed)
    floor.keep_limits(book, vendor)


def _store_item(book: Book, identity: Identity, item: FeedItem) -> None:
    """Store one item; one this program cannot understand is left out, so that it does not hold up the rest."""
    try:
        _store_understood(book, identity, item)
    except (Refusal, ValueError) as error:
        _log.warning("an item of the feed was left out: %s", error)


def _store_understood(book: Book, identity: Identity, item: FeedItem) -> None:
    if item.policy is not None:
        book.policies.put(policy_of(item.policy))
    if item.product is not None:
        product = item.product.item
        price = unit_price(product.price, product.scale, identity.currency)
        book.catalogue.put(
            Product(
                product_code(product.sku),
                product.description,
                price,
                product.barcode,
                product.category,
                item.product.hlc,
                tax_rate(product.tax_rate, included=product.tax_included),
            )
        )
    if item.gone:
        book.customers.forget(item.gone)
    if item.customer is not None:
        book.customers.put(customer_of(item.customer))
    if item.recall is not None:
        book.leases.recall(item.recall)
