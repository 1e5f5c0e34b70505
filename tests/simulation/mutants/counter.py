"""Rules of the counter, broken one at a time.

Must never break two rules at once but for what would hide the first.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import sqlalchemy as sa

from tests.simulation.mutants.replacing import replaced
from tests.simulation.run import Run
from urs_desktop.counter.ports import Book
from urs_desktop.counter.store import journal, schema
from urs_desktop.counter.store.book import SqlStore
from urs_desktop.counter.sync import engine
from urs_desktop.counter.sync.engine import SyncEngine
from urs_desktop.counter.use_cases import floor, lines, ring_up
from urs_desktop.counter.use_cases.receipts import Receipt
from urs_desktop.counter.use_cases.recording import Recorder
from urs_desktop.counter.use_cases.redeem import Redeem
from urs_desktop.counter.use_cases.ring_up import RingUp, SaleOrder, identity_of
from urs_desktop.domain.lease import CounterLease
from urs_desktop.domain.points import NO_POINTS, Points
from urs_desktop.protocol.chain import seal
from urs_desktop.protocol.messages import PushReply, PushRequest
from urs_desktop.protocol.operations import ReturnBody, SaleSpend

_ID_BYTES = 16


@contextmanager
def new_id_per_retry(run: Run) -> Iterator[None]:
    """The counter mints a new identity for what it sends again, as Odoo did."""
    del run
    original = SyncEngine.next_push

    def next_push(self: SyncEngine) -> PushRequest | None:
        if self._awaited is not None:
            self._store.write(lambda book: _remint(self, book))
        return original(self)

    with replaced(SyncEngine, "next_push", next_push):
        yield


def _remint(till: SyncEngine, book: Book) -> None:
    identity = identity_of(book)
    for operation in book.operations.waiting(200, 1_000_000):
        head = book.operations.head()
        copy = msgspec.structs.replace(
            operation,
            op_id=till._randomness.token_bytes(_ID_BYTES),
            prev=head.head,
            seq=head.seq + 1,
        )
        sealed = seal(till._key, identity.device_id, identity.epoch, copy)
        book.operations.append(sealed, head.hlc, 0)


@contextmanager
def outbox_in_second_transaction(run: Run) -> Iterator[None]:
    """The sale is committed first, its operation after it."""
    pending: list[dict[str, Any]] = []
    write = SqlStore.write

    def append_later(self: journal.SqlOperations, operation: Any, hlc: int, receipt: int) -> None:  # noqa: ANN401
        pending.append({name: getattr(operation, name) for name in operation.__struct_fields__})
        head = self.head()
        self._connection.execute(
            journal._MOVE,
            {
                "new_seq": operation.seq,
                "new_head": operation.hash,
                "new_hlc": hlc,
                "new_receipt": receipt or head.receipt,
            },
        )
        self._head = None

    def write_twice(self: SqlStore, work: Callable[[Book], Any]) -> Any:  # noqa: ANN401
        pending.clear()
        result = write(self, work)
        late = list(pending)
        pending.clear()
        if late:
            with self.database.write() as connection:
                connection.execute(sa.insert(schema.operations), late)
        return result

    run.shop.foreign_keys = False
    with (
        replaced(journal.SqlOperations, "append", append_later),
        replaced(SqlStore, "write", write_twice),
    ):
        yield


@contextmanager
def grant_not_stored_before_asking(run: Run) -> Iterator[None]:
    """The counter forgets what it asked for: a lost reply or a crash leaves points locked."""
    del run
    with (
        replaced(Redeem, "_let_go", lambda self, book, lease_ids: None),
        replaced(Redeem, "give_back_all", lambda self: 0),
    ):
        yield


@contextmanager
def ack_without_hash(run: Run) -> Iterator[None]:
    """The counter acknowledges everything it has, however far the centre says it got, and never looks back."""
    del run

    def believe(self: SyncEngine, book: Book, reply: PushReply) -> Any:  # noqa: ANN401
        return accept(self, book, msgspec.structs.replace(reply, seq=book.operations.head().seq, head=b""))

    accept = SyncEngine._accept_push
    with (
        replaced(SyncEngine, "_accept_push", believe),
        replaced(engine, "_is_own", lambda *_: True),
        replaced(journal.SqlOperations, "rewind", lambda self, seq: None),
    ):
        yield


@contextmanager
def spend_is_not_stored(run: Run) -> Iterator[None]:
    """The sale is stored, that its points were spent is not: they are given back as well."""
    del run

    def spend(book: Book, order: SaleOrder, stamp: Any) -> tuple[SaleSpend, ...]:  # noqa: ANN401 - the recorder's own
        left, spends = order.points, []
        for counted_on in order.backing.leases if left else ():
            lease = book.leases.get(counted_on.lease_id)
            part = Points(min(left, lease.rest)) if lease is not None else NO_POINTS
            if lease is not None and part:
                lease.spend(part, stamp.hlc)
                spends.append(SaleSpend(lease.lease_id, part, 0))
            left = Points(left - part)
        return tuple(spends)

    with replaced(ring_up, "_spend", spend):
        yield


@contextmanager
def receipt_before_commit(run: Run) -> Iterator[None]:
    """The receipt prints before the sale is on the disk."""
    del run
    complete = RingUp.complete_in

    def print_first(self: RingUp, order: SaleOrder) -> Receipt:
        printed: list[Receipt] = []

        def work(book: Book) -> Receipt:
            printed.append(complete(self, book, order))
            return printed[0]

        try:
            return self._store.write(work)
        except sa.exc.OperationalError:
            if not printed:
                raise
            return printed[0]

    with replaced(RingUp, "complete", print_first):
        yield


@contextmanager
def given_back_and_kept(run: Run) -> Iterator[None]:
    """A lease that was given back can still be spent from."""
    del run

    def give_back(book: Book, recorder: Recorder, lease: CounterLease) -> None:
        stamp = recorder.stamp(book)
        body = ReturnBody(hlc=stamp.hlc, recorded_at=stamp.now, lease=lease.lease_id, points=lease.rest)
        recorder.append(book, body)

    with replaced(lines, "give_back", give_back):
        yield


@contextmanager
def floor_without_limit(run: Run) -> Iterator[None]:
    """The counter takes points without a lease however many it took already."""
    del run
    with replaced(floor, "left", lambda book, card: Points(floor._limit(book, "floor_customer"))):
        yield
