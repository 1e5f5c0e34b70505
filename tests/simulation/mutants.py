"""The sync rules broken one at a time, to see the simulator catch each with the other defences off.

Every mutant is applied to one run and undone with it. Must never be imported by the program.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from tests.simulation.central_node import CentralNode
from tests.simulation.run import Run
from urs_desktop.central import ingest, leases
from urs_desktop.central.causes import entry_ids
from urs_desktop.central.origin import PARKED, Batch, Origin, Outcome, counter
from urs_desktop.counter.ports import Book
from urs_desktop.counter.store import journal, schema
from urs_desktop.counter.store.book import SqlStore
from urs_desktop.counter.sync import engine
from urs_desktop.counter.sync.engine import SyncEngine
from urs_desktop.counter.use_cases.redeem import Redeem
from urs_desktop.counter.use_cases.ring_up import identity_of
from urs_desktop.domain.lease import CentralLease
from urs_desktop.protocol.chain import seal
from urs_desktop.protocol.messages import PushReply, PushRequest

_ID_BYTES = 16


@contextmanager
def _replaced(owner: Any, name: str, value: Any) -> Iterator[None]:  # noqa: ANN401 - any attribute of any thing
    before = owner.__dict__[name]
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)


@contextmanager
def no_dedupe(run: Run) -> Iterator[None]:
    """The centre applies an operation it already has once more."""
    original = ingest.push

    def push(connection: sa.Connection, device: bytes, request: PushRequest, *rest: Any) -> PushReply:  # noqa: ANN401
        till = counter(connection, device, locked=True)
        for operation in request.operations:
            if operation.seq <= till.last_seq:
                again = msgspec.structs.replace(operation, op_id=run.central.randomness.token_bytes(_ID_BYTES))
                ids = entry_ids(again.op_id)
                origin = Origin(till, again.op_id, run.world.now, run.central.randomness, Batch(), ids)
                ingest._apply(connection, origin, again)
        return original(connection, device, request, *rest)

    _rebuild_without_unique_receipts(run.central)
    with _replaced(ingest, "push", push):
        yield


def _rebuild_without_unique_receipts(central: CentralNode) -> None:
    """Take the database's own defences against a second transaction of the same receipt away."""
    with central.database.change_schema() as connection:
        statement = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = 'transactions'")
        text = re.sub(r",\s*CONSTRAINT \w+ UNIQUE \([^)]*\)", "", statement.scalar_one())
        connection.exec_driver_sql("DROP TABLE transactions")
        connection.exec_driver_sql(text)


@contextmanager
def new_id_per_retry(run: Run) -> Iterator[None]:
    """The counter mints a new identity for what it sends again, as Odoo did."""
    del run
    original = SyncEngine.next_push

    def next_push(self: SyncEngine) -> PushRequest | None:
        if self._awaited is not None:
            self._store.write(lambda book: _remint(self, book))
        return original(self)

    with _replaced(SyncEngine, "next_push", next_push):
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

    run.foreign_keys = False
    with (
        _replaced(journal.SqlOperations, "append", append_later),
        _replaced(SqlStore, "write", write_twice),
    ):
        yield


@contextmanager
def reply_before_commit(run: Run) -> Iterator[None]:
    """The centre answers before its transaction has committed, and the counter never sends again what was confirmed."""
    run.central.reply_before_commit = True
    with _replaced(journal.SqlOperations, "rewind", lambda self, seq: None):
        yield


@contextmanager
def poison_blocks_queue(run: Run) -> Iterator[None]:
    """An operation that cannot be applied makes the centre refuse the whole push, for ever."""
    del run
    apply = ingest._apply

    def refuse(connection: sa.Connection, origin: Origin, operation: Any) -> tuple[Outcome, str]:  # noqa: ANN401
        outcome, detail = apply(connection, origin, operation)
        if outcome.result == PARKED:
            raise sa.exc.OperationalError("blocked", None, Exception("blocked"))
        return outcome, detail

    with _replaced(ingest, "_apply", refuse):
        yield


@contextmanager
def grant_forgets_request(run: Run) -> Iterator[None]:
    """Asking again for the same lease sets the points aside a second time."""
    del run
    with _replaced(leases, "stored", lambda connection, lease_id: None if lease_id else connection):
        yield


@contextmanager
def late_spend_hits_wallet(run: Run) -> Iterator[None]:
    """A spend that arrives after its lease was closed is taken from the wallet all the same."""
    del run

    def settle(self: CentralLease, points: int) -> tuple[CentralLease, int]:
        return self._moved(settled=points), points

    with _replaced(CentralLease, "settle", settle):
        yield


@contextmanager
def grant_not_stored_before_asking(run: Run) -> Iterator[None]:
    """The counter forgets what it asked for: a lost reply or a crash leaves points locked."""
    del run
    with (
        _replaced(Redeem, "_let_go", lambda self, book, lease_ids: None),
        _replaced(Redeem, "give_back_all", lambda self: 0),
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
        _replaced(SyncEngine, "_accept_push", believe),
        _replaced(engine, "_is_own", lambda *_: True),
        _replaced(journal.SqlOperations, "rewind", lambda self, seq: None),
    ):
        yield


MUTANTS: Final = {
    mutant.__name__: mutant
    for mutant in (
        no_dedupe,
        new_id_per_retry,
        outbox_in_second_transaction,
        reply_before_commit,
        poison_blocks_queue,
        grant_forgets_request,
        late_spend_hits_wallet,
        grant_not_stored_before_asking,
        ack_without_hash,
    )
}
"""Every mutant by name."""
