"""A push arrives: each operation of a counter is applied exactly once, in order, and proved before it is.

Source: sync.md 2.3. The transaction belongs to the caller, who commits before it answers. Must never refuse a sale,
let one poisonous operation stop those behind it, or advance over an operation that is not the counter's.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa

from urs_desktop.central import catalogue, concerns, customers, feed, leases, outcomes, parked, records, refunds, sales
from urs_desktop.central.causes import entry_ids
from urs_desktop.central.operators import Operator
from urs_desktop.central.origin import DUPLICATE, PARKED, REVOKED, Batch, Counter, Origin, Outcome, counter
from urs_desktop.central.schema import counters, operations, parked_operations, repeated_operations
from urs_desktop.database.columns import storable
from urs_desktop.database.engine import reason_of, sqlstate_of
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol import chain
from urs_desktop.protocol.codec import MalformedError, decode_body
from urs_desktop.protocol.messages import Became, PushReply, PushRequest, PushResult
from urs_desktop.protocol.operations import (
    MAX_BODY_BYTES,
    MAX_PUSH_OPERATIONS,
    Body,
    EnrolBody,
    EventBody,
    Operation,
    PricedSaleBody,
    ProductsBody,
    RefundBody,
    ResolveBody,
    ReturnBody,
    SaleBody,
    ShiftBody,
    TaxedProductsBody,
)
from urs_desktop.system.ids import Randomness

KIND_UNKNOWN: Final = "kind_unknown"
BODY_MALFORMED: Final = "body_malformed"
BODY_TOO_LARGE: Final = "body_too_large"
CONSTRAINT: Final = "constraint"
INTERNAL: Final = "internal"
"""Why an operation was parked, beside the codes of domain.refusals; INTERNAL is a bug of this program."""

OK, EPOCH, FORK, BAD_SIG, GAP = "ok", "epoch", "fork", "bad_sig", "gap"
"""The verdicts of a push, see protocol.messages.PushReply."""

_MOST_DETAIL: Final = 500
_MOST_INTEGER: Final = 2**63 - 1
_ID_BYTES: Final = 16
_HASH_BYTES: Final = 32
_MOST_KIND: Final = 64

_log = logging.getLogger(__name__)

_AT = (
    sa.select(operations.c.seq, operations.c.hash, operations.c.result, operations.c.code)
    .where(
        operations.c.device_id == sa.bindparam("device"),
        operations.c.epoch == sa.bindparam("at_epoch"),
        operations.c.seq.in_(sa.bindparam("seqs", expanding=True)),
    )
    .union_all(
        sa.select(
            repeated_operations.c.seq,
            repeated_operations.c.hash,
            sa.literal_column(f"'{DUPLICATE}'").label("result"),
            sa.literal_column("''").label("code"),
        ).where(
            repeated_operations.c.device_id == sa.bindparam("device"),
            repeated_operations.c.epoch == sa.bindparam("at_epoch"),
            repeated_operations.c.seq.in_(sa.bindparam("seqs", expanding=True)),
        )
    )
)
_KNOWN = sa.select(
    operations.c.op_id, operations.c.device_id, operations.c.kind, operations.c.schema, operations.c.body_hash
).where(operations.c.op_id.in_(sa.bindparam("ids", expanding=True)))
_ADVANCE = (
    sa.update(counters)
    .where(counters.c.device_id == sa.bindparam("device"))
    .values(last_seq=sa.bindparam("now_seq"), head=sa.bindparam("now_head"), last_seen=sa.bindparam("now"))
)


def _keep(_connection: sa.Connection, _origin: Origin, _body: Body) -> Outcome:
    """Keep an operation that is a record and nothing else."""
    return Outcome()


_HANDLERS: Final[dict[type, Callable[[sa.Connection, Origin, Any], Outcome]]] = {
    SaleBody: sales.apply_sale,
    PricedSaleBody: sales.apply_sale,
    EnrolBody: customers.apply_enrolment,
    ProductsBody: catalogue.apply_products,
    TaxedProductsBody: catalogue.apply_products,
    ReturnBody: leases.apply_return,
    RefundBody: refunds.apply_refund,
    ResolveBody: lambda connection, origin, body: parked.apply_resolution(connection, origin, body, _apply),
    EventBody: _keep,
    ShiftBody: _keep,
}


@dataclass(slots=True)
class _Rows:
    """What is written once all operations of a push are through: their rows, and those parked or repeated."""

    operations: list[dict[str, object]] = field(default_factory=list)
    repeated: list[dict[str, object]] = field(default_factory=list)
    parked: list[dict[str, object]] = field(default_factory=list)


class _NotInOrderError(Exception):
    """Nothing of the push is applied; `verdict` says why."""

    def __init__(self, verdict: str) -> None:
        super().__init__(verdict)
        self.verdict = verdict


class _UnfitError(Exception):
    """This program cannot read an operation's body."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


def push(
    connection: sa.Connection,
    device_id: bytes,
    request: PushRequest,
    now: int,
    randomness: Randomness,
    out_of_time: Callable[[], bool] = lambda: False,
) -> PushReply:
    """Apply the operations that continue the counter's chain and say how far it now reaches.

    `out_of_time` may end it early: what is done by then is a valid answer. Raises Refusal(COUNTER_UNKNOWN),
    MalformedError for operations that cannot be hashed, and the database's own errors, after which the caller rolls
    back and lets the counter try again.
    """
    till = counter(connection, device_id, locked=True)
    if request.epoch != till.epoch:
        return _reply(request, till, EPOCH, till.last_seq, till.head, [])
    given = request.operations[:MAX_PUSH_OPERATIONS]
    for operation in given:
        _check_shape(operation)
    try:
        results, fresh = _in_order(connection, till, given)
        _check_chain(till, fresh)
        known = _check_known(connection, till, fresh)
    except _NotInOrderError as error:
        return _reply(request, till, error.verdict, till.last_seq, till.head, [])
    concerns.lock(connection, till, fresh)
    awaited = refunds.awaited(connection, till.vendor_id, [operation.op_id for operation in fresh])
    batch, rows = Batch(awaited=awaited), _Rows()
    seq, head = till.last_seq, till.head
    for operation in fresh:
        if seq > till.last_seq and out_of_time():
            break
        if operation.kind == parked.KIND:  # what it is about may be in this push
            _record(connection, rows)
        origin = Origin(till, operation.op_id, now, randomness, batch, entry_ids(operation.op_id))
        results.append(_take(connection, origin, operation, known, rows))
        seq, head = operation.seq, operation.hash
    _write(connection, till, rows, batch, (seq, head), now)
    return _reply(request, till, OK, seq, head, outcomes.told(connection, till, results))


def retry_parked(
    connection: sa.Connection, op_id: bytes, operator: Operator, now: int, randomness: Randomness
) -> Became:
    """Apply a parked operation once more at the word of an operator of the store, as `parked.retry`."""
    return parked.retry(connection, op_id, operator, now, randomness, _apply)


def _check_shape(operation: Operation) -> None:
    fits = (
        1 <= operation.seq <= _MOST_INTEGER
        and 0 <= operation.schema <= _MOST_INTEGER
        and len(operation.op_id) == _ID_BYTES
        and len(operation.prev) == len(operation.hash) == _HASH_BYTES
        and len(operation.kind) <= _MOST_KIND
        and storable(operation.kind) == operation.kind  # it is hashed, so it has to be stored as it came
    )
    if not fits:
        raise MalformedError("an operation has a number, an id, a hash or a kind that cannot be one")


def _in_order(
    connection: sa.Connection, till: Counter, given: Sequence[Operation]
) -> tuple[list[PushResult], list[Operation]]:
    """Return the results of the operations already here, and those that continue the chain without a gap."""
    old = [operation.seq for operation in given if operation.seq <= till.last_seq]
    rows = connection.execute(_AT, {"device": till.device_id, "at_epoch": till.epoch, "seqs": old}) if old else ()
    stored = {row.seq: row for row in rows}
    results: list[PushResult] = []
    fresh: list[Operation] = []
    for operation in given:
        place = operation.seq - till.last_seq
        if place > len(fresh) + 1:
            if not fresh:
                raise _NotInOrderError(GAP)
            break
        if place == len(fresh) + 1:
            fresh.append(operation)
            continue
        here = fresh[place - 1].hash if place > 0 else stored[operation.seq].hash
        if here != operation.hash:
            raise _NotInOrderError(FORK)
        if place <= 0:
            row = stored[operation.seq]
            results.append(PushResult(seq=operation.seq, result=row.result, code=row.code))
    return results, fresh


def _check_chain(till: Counter, fresh: Sequence[Operation]) -> None:
    head = till.head
    for operation in fresh:
        if operation.prev != head:
            raise _NotInOrderError(FORK)
        if chain.operation_hash(till.device_id, till.epoch, operation) != operation.hash:
            raise _NotInOrderError(BAD_SIG)
        head = operation.hash
    # Each hash covers all before it, so the last signature proves them all; each by itself is verified later.
    if fresh and not chain.is_signed(till.public_key, fresh[-1]):
        raise _NotInOrderError(BAD_SIG)


def _check_known(connection: sa.Connection, till: Counter, fresh: Sequence[Operation]) -> dict[bytes, object]:
    """Return the operations already applied, by op_id, to which those of this push are added as they are applied."""
    if not fresh:
        return {}
    rows = connection.execute(_KNOWN, {"ids": [operation.op_id for operation in fresh]})
    stored: dict[bytes, object] = {row.op_id: (row.device_id, row.kind, row.schema, row.body_hash) for row in rows}
    seen = dict(stored)
    for operation in fresh:
        content = (till.device_id, operation.kind, operation.schema, chain.body_hash(operation.body))
        if seen.setdefault(operation.op_id, content) != content:
            raise _NotInOrderError(FORK)
    return stored


def _take(
    connection: sa.Connection, origin: Origin, operation: Operation, known: dict[bytes, object], rows: _Rows
) -> PushResult:
    place = {
        "device_id": origin.counter.device_id,
        "epoch": origin.counter.epoch,
        "seq": operation.seq,
        "op_id": operation.op_id,
        "prev": operation.prev,
        "hash": operation.hash,
        "sig": operation.sig,
        "received_at": origin.now,
    }
    if operation.op_id in known:
        rows.repeated.append(place)
        return PushResult(seq=operation.seq, result=DUPLICATE)
    if origin.counter.state == REVOKED:
        # Kept for review: who looks after the store may have it applied after all.
        outcome, detail = Outcome(PARKED, RefusalCode.COUNTER_REVOKED), ""
    else:
        outcome, detail = _apply(connection, origin, operation)
    known[operation.op_id] = True
    content = {
        "kind": operation.kind,
        "schema": operation.schema,
        "body": operation.body,
        "body_hash": chain.body_hash(operation.body),
        "result": outcome.result,
        "code": outcome.code,
    }
    rows.operations.append({**place, **content})
    if outcome.result == PARKED:
        reason = {"op_id": operation.op_id, "reason": outcome.code, "detail": detail, "parked_at": origin.now}
        rows.parked.append(reason)
    return PushResult(seq=operation.seq, result=outcome.result, code=outcome.code)


def _apply(connection: sa.Connection, origin: Origin, operation: Operation) -> tuple[Outcome, str]:
    """Apply an operation and return what became of it, and for a parked one a detail for those who run the store.

    What it did is undone if it is parked. Raises the database's own errors when trying again may succeed.
    """
    try:
        body = _body(operation)
        with connection.begin_nested():
            return _HANDLERS[type(body)](connection, origin, body), ""
    except Exception as error:
        if _may_pass(error):
            raise
        code, detail = _reason(error)
        if code == INTERNAL:
            place = (operation.op_id.hex(), origin.counter.device_id.hex())
            _log.exception("operation %s of counter %s parked", *place)
        return Outcome(PARKED, code), storable(detail[:_MOST_DETAIL])


def _body(operation: Operation) -> Body:
    if len(operation.body) > MAX_BODY_BYTES:
        raise _UnfitError(BODY_TOO_LARGE, f"{len(operation.body)} bytes")
    try:
        body = decode_body(operation.kind, operation.schema, operation.body)
    except MalformedError as error:
        raise _UnfitError(BODY_MALFORMED, str(error)) from error
    if body is None:
        raise _UnfitError(KIND_UNKNOWN, f"{operation.kind} {operation.schema}")
    return body


def _reason(error: Exception) -> tuple[str, str]:
    """Return the code and the detail under which an operation that failed is parked."""
    if isinstance(error, _UnfitError):
        return error.code, error.detail
    if isinstance(error, Refusal):
        return error.code, str(error)
    if isinstance(error, sa.exc.DBAPIError):
        # Not all it says: a database server repeats the row, and with it what may be a person's.
        code = CONSTRAINT if isinstance(error, sa.exc.IntegrityError) else INTERNAL
        return code, f"{type(error).__name__}: {reason_of(error)}"
    return INTERNAL, f"{type(error).__name__}: {error}"


def _may_pass(error: Exception) -> bool:
    """Return whether the fault lies with the database's state now, so that trying again may succeed."""
    about_the_statement = (
        sa.exc.DataError,
        sa.exc.IntegrityError,
        sa.exc.InterfaceError,
        sa.exc.ProgrammingError,
    )
    if isinstance(error, sa.exc.DBAPIError):
        code = sqlstate_of(error)
        if code.startswith("54"):  # more than PostgreSQL can hold of a value, now and for ever
            return False
        # A right or a table that is missing (PostgreSQL's class 42) is no operation's fault.
        of_the_server = error.connection_invalidated or code.startswith("42")
        return of_the_server or not isinstance(error, about_the_statement)
    return isinstance(error, sa.exc.TimeoutError | sa.exc.InvalidRequestError | OSError | MemoryError)


def _write(
    connection: sa.Connection, till: Counter, rows: _Rows, batch: Batch, reached: tuple[int, bytes], now: int
) -> None:
    if reached[0] == till.last_seq:
        return
    _record(connection, rows)
    connection.execute(_ADVANCE, {"device": till.device_id, "now_seq": reached[0], "now_head": reached[1], "now": now})
    # Last of all, because a vendor's stream is shared by its counters: the lock is held as briefly as can be.
    feed.publish(connection, feed.vendor_stream(till.vendor_id), "product", list(batch.skus))


def _record(connection: sa.Connection, rows: _Rows) -> None:
    """Write the rows of the operations that are through, and forget them."""
    for table, new in (
        (operations, rows.operations),
        (repeated_operations, rows.repeated),
        (parked_operations, rows.parked),
    ):
        records.write(connection, table, new)
        new.clear()


def _reply(
    request: PushRequest, till: Counter, verdict: str, seq: int, head: bytes, results: list[PushResult]
) -> PushReply:
    return PushReply(
        request_id=request.request_id,
        verdict=verdict,
        epoch=till.epoch,
        seq=seq,
        head=head,
        results=tuple(results),
    )
