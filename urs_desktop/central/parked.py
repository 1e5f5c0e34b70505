"""Parked operations are never lost: applied after all, repaired or written off, each once and for ever.

By an operation of the counter that made them, or by an operator of the store. What is tried again and fails stays
parked. Must never change an operation as it was signed, rewrite a receipt, or apply one twice.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import msgspec
import sqlalchemy as sa

from urs_desktop.central import concerns, feed, outcomes, records, refunds
from urs_desktop.central.causes import entry_ids
from urs_desktop.central.operators import Operator
from urs_desktop.central.origin import ADJUSTED, PARKED, WRITTEN_OFF, Batch, Origin, Outcome, counter
from urs_desktop.central.schema import counters, operations, parked_operations, parked_resolutions, sessions, vendors
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol.messages import Became, Resolved
from urs_desktop.protocol.operations import Operation, ResolveBody
from urs_desktop.system.ids import Randomness

KIND: Final = "parked.resolve"
"""The kind of a counter's operation that says what shall become of a parked one."""

RETRY, REPAIR, WRITE_OFF = "retry", "repair", "write_off"

NOT_PARKED: Final = "not_parked"
"""No operation of this counter with that id was ever parked: nothing was done."""

RESOLVED_BEFORE: Final = "resolved_before"
"""The operation was resolved already: nothing was done."""

NOT_REPAIRABLE: Final = "not_repairable"
"""A receipt is never rewritten, and a repair needs what to replace the body with: nothing was done."""

_MOST_TOLD: Final = 200
_RECEIPTS: Final = ("sale", "refund")

Apply = Callable[[sa.Connection, Origin, Operation], tuple[Outcome, str]]
"""What applies an operation in a savepoint and says what became of it (central.ingest)."""

_PARKED = (
    sa.select(operations, parked_resolutions.c.result.label("resolved"))
    .select_from(
        parked_operations.join(operations, operations.c.op_id == parked_operations.c.op_id).outerjoin(
            parked_resolutions, parked_resolutions.c.op_id == parked_operations.c.op_id
        )
    )
    .where(operations.c.op_id == sa.bindparam("op"))
)
_OPEN = (
    sa.select(
        parked_operations,
        operations.c.kind,
        operations.c.seq,
        operations.c.device_id,
        counters.c.number,
        vendors.c.name.label("vendor"),
    )
    .select_from(
        parked_operations.join(operations, operations.c.op_id == parked_operations.c.op_id)
        .join(counters, counters.c.device_id == operations.c.device_id)
        .join(vendors, vendors.c.vendor_id == counters.c.vendor_id)
        .outerjoin(parked_resolutions, parked_resolutions.c.op_id == parked_operations.c.op_id)
    )
    .where(parked_resolutions.c.op_id.is_(None))
    .order_by(parked_operations.c.parked_at, parked_operations.c.op_id)
)
_BY_OPERATORS = (
    sa.select(parked_resolutions.c.op_id)
    .select_from(parked_resolutions.join(operations, operations.c.op_id == parked_resolutions.c.op_id))
    .where(operations.c.device_id == sa.bindparam("device"), parked_resolutions.c.by_op_id.is_(None))
    .order_by(parked_resolutions.c.resolved_at.desc(), parked_resolutions.c.op_id)
    .limit(_MOST_TOLD)
)
_END_SESSIONS = sa.delete(sessions).where(sessions.c.device_id == sa.bindparam("device"))


@dataclass(frozen=True, slots=True)
class ParkedRecord:
    """An operation parked and not resolved: whose it is, why, and a detail for those who look after the store."""

    op_id: bytes
    vendor: str
    number: int
    seq: int
    kind: str
    reason: str
    detail: str
    parked_at: int


def every(connection: sa.Connection) -> list[ParkedRecord]:
    """Return the operations that are parked still, the oldest first."""
    return [
        ParkedRecord(r.op_id, r.vendor, r.number, r.seq, r.kind, r.reason, r.detail, r.parked_at)
        for r in connection.execute(_OPEN)
    ]


def apply_resolution(connection: sa.Connection, origin: Origin, body: ResolveBody, apply: Apply) -> Outcome:
    """Do what a counter decided about an operation it had parked.

    The outcome is that of the operation it names: as if it were applied now, or ADJUSTED with the reason for which it
    stays parked.
    """
    named = concerns.resolved_by(body)
    row = connection.execute(_PARKED, {"op": named}).one_or_none()
    if row is None or row.device_id != origin.counter.device_id:
        return Outcome(ADJUSTED, NOT_PARKED)
    if row.resolved is not None:
        return Outcome(ADJUSTED, RESOLVED_BEFORE)
    problem = _problem(body, row.kind)
    if problem:
        return Outcome(ADJUSTED, problem)
    done = {"op_id": named, "action": body.action, "by_op_id": origin.op_id, "operator": body.operator}
    if body.action == WRITE_OFF:
        _write(connection, origin, body, done, Outcome(WRITTEN_OFF))
        return Outcome()
    operation = _operation(row)
    if body.replacement is not None:
        operation = msgspec.structs.replace(operation, body=body.replacement.encode())
    outcome = _apply(connection, origin, operation, row.epoch, apply)
    if outcome.result == PARKED:
        return Outcome(ADJUSTED, outcome.code)
    _write(connection, origin, body, done, outcome)
    return outcome


def _problem(body: ResolveBody, kind: str) -> str:
    """Return why nothing may be done that a counter decided about an operation of this kind, or nothing."""
    if body.action == WRITE_OFF:
        return "" if _is_allowed(body) else RefusalCode.OVERRIDE_NEEDED
    if body.action not in (RETRY, REPAIR) or (body.action == REPAIR) != (body.replacement is not None):
        return NOT_REPAIRABLE
    return NOT_REPAIRABLE if body.action == REPAIR and kind in _RECEIPTS else ""


def retry(
    connection: sa.Connection, op_id: bytes, operator: Operator, now: int, randomness: Randomness, apply: Apply
) -> Became:
    """Apply a parked operation once more at the word of an operator of the store; return what it is now.

    Its counter has to say hello before its next request, and learns of it from the answer. Raises
    Refusal(OPERATION_NOT_PARKED) for one that is not, or no longer.
    """
    row = connection.execute(_PARKED, {"op": op_id}).one_or_none()
    if row is None or row.resolved is not None:
        raise Refusal(RefusalCode.OPERATION_NOT_PARKED, operation=op_id.hex())
    till = counter(connection, row.device_id, locked=True)
    row = connection.execute(_PARKED, {"op": op_id}).one()  # another transaction had the counter until now, maybe
    if row.resolved is not None:
        raise Refusal(RefusalCode.OPERATION_NOT_PARKED, operation=op_id.hex())
    operation = _operation(row)
    concerns.lock(connection, till, [operation])
    origin = Origin(till, op_id, now, randomness, Batch(), entry_ids(op_id))
    outcome = _apply(connection, origin, operation, row.epoch, apply)
    if outcome.result == PARKED:
        return Became(result=PARKED, code=outcome.code)
    done = {"op_id": op_id, "action": RETRY, "operator": operator.operator_id}
    _write(connection, origin, None, done, outcome)
    feed.publish(connection, feed.vendor_stream(till.vendor_id), "product", list(origin.batch.skus))
    connection.execute(_END_SESSIONS, {"device": till.device_id})
    return outcomes.of(connection, [op_id])[op_id]


def resolved_here(connection: sa.Connection, device_id: bytes) -> tuple[Resolved, ...]:
    """Return what became of a counter's operations that operators of the store resolved, of the newest of them."""
    ids = connection.execute(_BY_OPERATORS, {"device": device_id}).scalars().all()
    became = outcomes.of(connection, ids) if ids else {}
    return tuple(Resolved(op_id=op_id, became=each) for op_id, each in became.items())


def _operation(row: sa.Row[*tuple[object, ...]]) -> Operation:
    values = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for it
    return Operation(**{name: values[name] for name in Operation.__struct_fields__})


def _apply(connection: sa.Connection, origin: Origin, operation: Operation, epoch: int, apply: Apply) -> Outcome:
    """Apply an operation as if it came now, in the epoch in which it was made; its entries have the ids of its own."""
    till = replace(origin.counter, epoch=epoch)
    origin.batch.awaited.update(refunds.awaited(connection, till.vendor_id, [operation.op_id]))
    own = replace(origin, counter=till, op_id=operation.op_id, entry_ids=entry_ids(operation.op_id), policy=None)
    outcome, _ = apply(connection, own, operation)
    return outcome


def _is_allowed(body: ResolveBody) -> bool:
    override = body.override
    if override is None or not override.operator.strip() or not override.reason.strip():
        return False
    return override.operator.strip().casefold() != (body.operator or "").strip().casefold()


def _write(
    connection: sa.Connection, origin: Origin, body: ResolveBody | None, done: Mapping[str, object], outcome: Outcome
) -> None:
    override = body.override if body is not None else None
    row = {
        **done,
        "result": outcome.result,
        "code": outcome.code,
        "override_operator": override.operator if override else None,
        "override_reason": override.reason if override else None,
        "resolved_at": origin.now,
    }
    records.write(connection, parked_resolutions, [row])
