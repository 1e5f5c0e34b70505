"""Rules of the central store, broken one at a time.

Must never break two rules at once but for what would hide the first.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import sqlalchemy as sa

from tests.simulation.mutants.replacing import defenceless, replaced
from tests.simulation.run import Run
from urs_desktop.central import ingest, leases, lots, refunds
from urs_desktop.central.causes import entry_ids
from urs_desktop.central.ledger import LotMove
from urs_desktop.central.lots import Taken
from urs_desktop.central.origin import PARKED, Batch, Origin, Outcome, counter
from urs_desktop.counter.store import journal
from urs_desktop.domain.lease import CentralLease
from urs_desktop.domain.points import Points
from urs_desktop.protocol.messages import PushReply, PushRequest

_ID_BYTES = 16


@contextmanager
def no_dedupe(run: Run) -> Iterator[None]:
    """The centre applies an operation it already has once more."""
    original = ingest.push

    def push(connection: sa.Connection, device: bytes, request: PushRequest, *rest: Any) -> PushReply:  # noqa: ANN401
        till = counter(connection, device, locked=True)
        for operation in request.operations:
            if operation.seq <= till.last_seq:
                again = msgspec.structs.replace(operation, op_id=run.shop.central.randomness.token_bytes(_ID_BYTES))
                ids = entry_ids(again.op_id)
                origin = Origin(till, again.op_id, run.world.now, run.shop.central.randomness, Batch(), ids)
                ingest._apply(connection, origin, again)
        return original(connection, device, request, *rest)

    with defenceless(run.shop.central, "transactions"), replaced(ingest, "push", push):
        yield


@contextmanager
def reply_before_commit(run: Run) -> Iterator[None]:
    """The centre answers before its transaction has committed, and the counter never sends again what was confirmed."""
    run.shop.central.reply_before_commit = True
    with replaced(journal.SqlOperations, "rewind", lambda self, seq: None):
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

    with replaced(ingest, "_apply", refuse):
        yield


@contextmanager
def grant_forgets_request(run: Run) -> Iterator[None]:
    """Asking again for the same lease sets the points aside a second time."""
    del run
    with replaced(leases, "stored", lambda connection, lease_id: None if lease_id else connection):
        yield


@contextmanager
def late_spend_hits_wallet(run: Run) -> Iterator[None]:
    """A spend that arrives after its lease was closed is taken from the wallet all the same."""

    def settle(self: CentralLease, points: int) -> tuple[CentralLease, int]:
        return self._moved(settled=points), points

    with defenceless(run.shop.central, "leases"), replaced(CentralLease, "settle", settle):
        yield


@contextmanager
def parked_is_thrown_away(run: Run) -> Iterator[None]:
    """What cannot be applied is answered as parked and not kept."""
    del run
    write = ingest._write

    def forget(connection: sa.Connection, till: Any, rows: Any, *rest: Any) -> None:  # noqa: ANN401 - ingest's own
        rows.operations[:] = [row for row in rows.operations if row["result"] != PARKED]
        rows.parked.clear()
        write(connection, till, rows, *rest)

    with replaced(ingest, "_write", forget):
        yield


@contextmanager
def part_is_answered_as_whole(run: Run) -> Iterator[None]:
    """A push that ended early is answered as if all of it had been taken."""
    del run
    reply = ingest._reply

    def claim(request: PushRequest, *rest: Any) -> PushReply:  # noqa: ANN401 - ingest's own
        answer = reply(request, *rest)
        if answer.verdict != ingest.OK or not request.operations:
            return answer
        last = request.operations[-1]
        return msgspec.structs.replace(answer, seq=last.seq, head=last.hash)

    with replaced(ingest, "_reply", claim), replaced(journal.SqlOperations, "rewind", lambda self, seq: None):
        yield


@contextmanager
def double_refund(run: Run) -> Iterator[None]:
    """A refund books all that its sale's refunds come to, whatever others booked before it."""
    del run
    sums = refunds._sums

    def forget(connection: sa.Connection, statement: Any, sale: bytes) -> Counter[str]:  # noqa: ANN401 - a select
        return Counter() if statement is refunds._BOOKED_BY_REFUNDS else sums(connection, statement, sale)

    with replaced(refunds, "_sums", forget):
        yield


@contextmanager
def clawback_ignores_leases(run: Run) -> Iterator[None]:
    """A refund takes back points that a lease has set aside."""

    def take(connection: sa.Connection, customer_id: str, sale: bytes, points: int) -> Taken:
        del sale
        moves: list[LotMove] = []
        missing = points
        for row in connection.execute(lots._OF_CUSTOMER, {"customer": customer_id}).all():
            if (taken := min(missing, row.available + row.held)) > 0:
                moves.append(LotMove(row.lot_id, available=-taken))
                missing -= taken
        return Taken(tuple(moves), Points(points - missing), Points(0))

    with defenceless(run.shop.central, "lots", "wallets"), replaced(lots, "to_claw", take):
        yield


@contextmanager
def reclaim_never_comes(run: Run) -> Iterator[None]:
    """Points stay locked for as long as their counter does not give them back."""
    del run
    with replaced(leases, "reclaim_due", lambda connection, now, customer_id=None: 0):
        yield
