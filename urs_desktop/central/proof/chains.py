"""Proves what counters sent: every hash and signature of every chain without a gap, every receipt against its bytes.

Invariant 9 of ledger.md. Must never trust a stored hash, result or amount that it can compute from the signed bytes.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from urs_desktop.central.origin import ACTIVE, DUPLICATE, PARKED, WRITTEN_OFF
from urs_desktop.central.outcomes import RESULT, WITH_RESOLUTIONS
from urs_desktop.central.proof.identities import Identities
from urs_desktop.central.refunds import sale_id
from urs_desktop.central.schema import (
    counter_changes,
    counters,
    customer_records,
    ended_epochs,
    operations,
    parked_operations,
    parked_resolutions,
    refund_lines,
    refund_tenders,
    refunds,
    repeated_operations,
    tenders,
    transaction_lines,
    transactions,
)
from urs_desktop.database.columns import storable
from urs_desktop.domain.refusals import Refusal
from urs_desktop.domain.text import card_code
from urs_desktop.protocol import chain
from urs_desktop.protocol.codec import MalformedError, decode_body
from urs_desktop.protocol.operations import Operation, RefundBody, SaleBody

_CHUNK: Final = 500
_ESCAPED_NUL: Final = b"\\u0000"
"""How JSON writes U+0000, which no stored text has (database.columns.storable)."""

_Receipt = SaleBody | RefundBody
_Row = sa.Row[*tuple[Any, ...]]

_OPERATIONS = (
    sa.select(
        operations.c.seq,
        operations.c.op_id,
        operations.c.kind,
        operations.c.schema,
        operations.c.body,
        operations.c.body_hash,
        operations.c.prev,
        operations.c.hash,
        operations.c.sig,
        RESULT,
    )
    .select_from(WITH_RESOLUTIONS)
    .where(operations.c.device_id == sa.bindparam("device"), operations.c.epoch == sa.bindparam("at_epoch"))
)
_REPEATED = (
    sa.select(
        repeated_operations.c.seq,
        repeated_operations.c.op_id,
        operations.c.kind,
        operations.c.schema,
        operations.c.body,
        operations.c.body_hash,
        repeated_operations.c.prev,
        repeated_operations.c.hash,
        repeated_operations.c.sig,
        sa.literal_column(f"'{DUPLICATE}'").label("result"),
    )
    .select_from(repeated_operations.join(operations, operations.c.op_id == repeated_operations.c.op_id))
    .where(
        repeated_operations.c.device_id == sa.bindparam("device"),
        repeated_operations.c.epoch == sa.bindparam("at_epoch"),
    )
)
_CHAIN = sa.union_all(_OPERATIONS, _REPEATED).order_by("seq")
_EPOCHS = sa.union_all(
    sa.select(
        counters.c.device_id,
        counters.c.public_key,
        counters.c.epoch,
        counters.c.nonce,
        counters.c.last_seq,
        counters.c.head,
    ),
    sa.select(
        ended_epochs.c.device_id,
        counters.c.public_key,
        ended_epochs.c.epoch,
        ended_epochs.c.nonce,
        ended_epochs.c.last_seq,
        ended_epochs.c.head,
    ).select_from(ended_epochs.join(counters, counters.c.device_id == ended_epochs.c.device_id)),
).subquery("epochs")
"""Every epoch of every counter: where its chain began and ended, or stands."""

_EVERY_EPOCH = sa.select(_EPOCHS).order_by(_EPOCHS.c.device_id, _EPOCHS.c.epoch)
_NOT_FOLLOWED = (
    sa.select(ended_epochs.c.device_id, ended_epochs.c.epoch)
    .select_from(
        ended_epochs.outerjoin(
            _EPOCHS,
            sa.and_(
                _EPOCHS.c.device_id == ended_epochs.c.device_id,
                _EPOCHS.c.epoch == ended_epochs.c.next_epoch,
                _EPOCHS.c.epoch > ended_epochs.c.epoch,
            ),
        )
    )
    .where(_EPOCHS.c.epoch.is_(None))
)
_LATEST_CHANGE = sa.select(
    counter_changes.c.device_id,
    counter_changes.c.state,
    sa.func.row_number()
    .over(partition_by=counter_changes.c.device_id, order_by=counter_changes.c.n.desc())
    .label("back"),
).subquery("latest")
_STATES = (
    sa.select(counters.c.device_id, counters.c.state, _LATEST_CHANGE.c.state.label("changed_to"))
    .select_from(
        counters.outerjoin(
            _LATEST_CHANGE,
            sa.and_(_LATEST_CHANGE.c.device_id == counters.c.device_id, _LATEST_CHANGE.c.back == 1),
        )
    )
    .where(counters.c.state != sa.func.coalesce(_LATEST_CHANGE.c.state, ACTIVE))
)
_SALES = (
    sa.select(transactions, customer_records.c.card_code)
    .select_from(transactions.outerjoin(customer_records, customer_records.c.customer_id == transactions.c.customer_id))
    .where(transactions.c.op_id.in_(sa.bindparam("ids", expanding=True)))
)
_REFUNDS = sa.select(refunds).where(refunds.c.op_id.in_(sa.bindparam("ids", expanding=True)))


def _parts(table: sa.Table) -> sa.Select[Any]:
    return (
        sa.select(table)
        .where(table.c.op_id.in_(sa.bindparam("ids", expanding=True)))
        .order_by(table.c.op_id, table.c.n)
    )


def _stray(table: sa.Table, kind: str) -> sa.Select[Any]:
    """Return the receipts no operation of this kind stands behind, or one of another counter."""
    return (
        sa.select(table.c.op_id)
        .select_from(
            table.outerjoin(WITH_RESOLUTIONS, operations.c.op_id == table.c.op_id).outerjoin(
                counters, counters.c.device_id == operations.c.device_id
            )
        )
        .where(
            sa.or_(
                operations.c.op_id.is_(None),
                operations.c.kind != kind,
                RESULT.element.in_((PARKED, WRITTEN_OFF)),
                operations.c.device_id != table.c.device_id,
                operations.c.epoch != table.c.epoch,
                sa.func.coalesce(parked_resolutions.c.resolved_at, operations.c.received_at) != table.c.received_at,
                counters.c.vendor_id != table.c.vendor_id,
            )
        )
    )


_KINDS: Final = {
    "sale": (_SALES, _parts(transaction_lines), _parts(tenders)),
    "refund": (_REFUNDS, _parts(refund_lines), _parts(refund_tenders)),
}
"""How a receipt of each kind is read: itself, its lines, its tenders."""

_PARKED = (
    sa.select(operations.c.op_id)
    .select_from(operations.outerjoin(parked_operations, parked_operations.c.op_id == operations.c.op_id))
    .where((operations.c.result == PARKED) != parked_operations.c.op_id.is_not(None))
)


def _unchained(table: sa.Table) -> sa.Select[Any]:
    """Return the operations of no counter, or of an epoch that its counter never had."""
    of_epoch = sa.and_(_EPOCHS.c.device_id == table.c.device_id, _EPOCHS.c.epoch == table.c.epoch)
    return (
        sa.select(table.c.op_id, table.c.device_id)
        .select_from(table.outerjoin(_EPOCHS, of_epoch))
        .where(_EPOCHS.c.device_id.is_(None))
    )


def check(connection: sa.Connection) -> Iterator[str]:
    """Yield a sentence for each operation, chain or receipt that does not follow from what counters signed."""
    for table in (operations, repeated_operations):
        for row in connection.execute(_unchained(table)):
            yield f"operation {row.op_id.hex()} is in no chain of counter {row.device_id.hex()}"
    known = Identities(connection)
    for row in connection.execute(_EVERY_EPOCH).all():
        yield from _check_chain(connection, row, known)
    for row in connection.execute(_NOT_FOLLOWED):
        yield f"counter {row.device_id.hex()}: epoch {row.epoch} has ended and no other follows it"
    for row in connection.execute(_STATES):
        yield f"counter {row.device_id.hex()} is {row.state}, which is not what its last change made it"
    for table, kind in ((transactions, "sale"), (refunds, "refund")):
        for row in connection.execute(_stray(table, kind)):
            yield f"{kind} {row.op_id.hex()} has no operation that its counter signed"
    for row in connection.execute(_PARKED):
        yield f"operation {row.op_id.hex()} is parked without a reason, or has one without being parked"


def _check_chain(connection: sa.Connection, till: _Row, known: Identities) -> Iterator[str]:
    name = f"counter {till.device_id.hex()}, epoch {till.epoch}"
    head, seq = chain.genesis(till.device_id, till.epoch, till.nonce), 0
    rows = iter(connection.execute(_CHAIN, {"device": till.device_id, "at_epoch": till.epoch}))
    while chunk := list(islice(rows, _CHUNK)):
        for row in chunk:
            if row.seq != seq + 1:
                yield f"{name}: operation {seq + 1} is missing before {row.seq}"
            yield from _check_operation(name, till, row, head)
            head, seq = row.hash, row.seq
        applied = [row for row in chunk if row.result not in (PARKED, DUPLICATE, WRITTEN_OFF)]
        for kind in _KINDS:
            chosen = [row for row in applied if row.kind == kind]
            yield from _check_receipts(connection, name, kind, chosen, known)
    if (seq, head) != (till.last_seq, till.head):
        yield f"{name}: the chain ends at operation {seq}, the counter's row says {till.last_seq} or another hash"


def _check_operation(name: str, till: _Row, row: _Row, head: bytes) -> Iterator[str]:
    operation = Operation(row.seq, row.op_id, row.kind, row.schema, row.body, row.prev, row.hash, row.sig)
    if row.prev != head:
        yield f"{name}: operation {row.seq} does not follow the one before it"
    if chain.operation_hash(till.device_id, till.epoch, operation) != row.hash:
        yield f"{name}: operation {row.seq} is not what its hash says"
    if chain.body_hash(row.body) != row.body_hash:
        yield f"{name}: operation {row.seq} has a body other than the one it is known by"
    if not chain.is_signed(till.public_key, operation):
        yield f"{name}: operation {row.seq} is not signed by the counter"


def _check_receipts(
    connection: sa.Connection, name: str, kind: str, chunk: Sequence[_Row], known: Identities
) -> Iterator[str]:
    if not chunk:
        return
    ids = {"ids": [row.op_id for row in chunk]}
    receipts, its_lines, its_tenders = _KINDS[kind]
    stored = {row.op_id: row for row in connection.execute(receipts, ids)}
    lines = _by_receipt(connection, its_lines, ids)
    paid = _by_receipt(connection, its_tenders, ids)
    for row in chunk:
        receipt = stored.get(row.op_id)
        if receipt is None:
            yield f"{name}: operation {row.seq} is a {kind} that is not stored"
        elif not _is_same(row, receipt, lines.get(row.op_id, []), paid.get(row.op_id, []), known):
            yield f"{name}: the stored {kind} of operation {row.seq} (receipt {receipt.receipt}) is not what was signed"


def _by_receipt(
    connection: sa.Connection, statement: sa.Select[Any], ids: dict[str, list[bytes]]
) -> dict[bytes, list[_Row]]:
    found: dict[bytes, list[_Row]] = {}
    for row in connection.execute(statement, ids):
        found.setdefault(row.op_id, []).append(row)
    return found


_HEADER: Final = ("receipt", "happened_at", "recorded_at", "currency", "total", "engine", "operator")


def _is_same(row: _Row, receipt: _Row, lines: Sequence[_Row], paid: Sequence[_Row], known: Identities) -> bool:
    try:
        body = decode_body(row.kind, row.schema, row.body)
    except MalformedError:
        return False
    if not isinstance(body, _Receipt):
        return False
    card = _card(body) if isinstance(body, SaleBody) else None
    if _ESCAPED_NUL in row.body:
        body = _as_stored(body)
    policy = (body.policy.policy_id, body.policy.version) if body.policy else (None, None)
    source = (body.source.journal, body.source.invoice) if body.source else (None, None)
    alike = (
        [getattr(body, name) for name in _HEADER] == [getattr(receipt, name) for name in _HEADER]
        and policy == (receipt.policy_id, receipt.policy_version)
        and source == (receipt.journal, receipt.invoice)
        and [(t.kind, t.amount, t.tendered) for t in paid] == [(t.kind, t.amount, t.tendered) for t in body.tenders]
        and [line.n for line in lines] == [n for n, _ in enumerate(body.lines, 1)]
    )
    if isinstance(body, SaleBody):
        return alike and _is_customers(card, receipt, known) and _is_same_sale(body, receipt, lines)
    return alike and _is_same_refund(body, receipt, lines)


def _is_customers(card: str | None, sale: _Row, known: Identities) -> bool:
    """Return whether a sale is stored for the customer whose card was signed, or whom that one was merged into."""
    if card is None or sale.card_code == card:
        return bool(sale.card_code == card)
    return sale.customer_id is not None and known.had_card(sale.customer_id, card)


def _as_stored(body: _Receipt) -> _Receipt:
    """Return a signed receipt with the texts that are stored for it."""
    stored: _Receipt = msgspec.convert(_texts_as_stored(msgspec.to_builtins(body)), type(body))
    return stored


def _texts_as_stored(value: Any) -> Any:  # noqa: ANN401 - whatever a body says
    if isinstance(value, dict):
        return {name: _texts_as_stored(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_texts_as_stored(each) for each in value]
    return storable(value) if isinstance(value, str) else value


def _is_same_sale(body: SaleBody, sale: _Row, lines: Sequence[_Row]) -> bool:
    return (body.points_paid, body.earned) == (sale.points_paid, sale.points_promised) and [
        _line(line) for line in lines
    ] == [_line(line) for line in body.lines]


def _is_same_refund(body: RefundBody, refund: _Row, lines: Sequence[_Row]) -> bool:
    override = (body.override.operator, body.override.reason) if body.override else (None, None)
    signed = [(line.n, line.sku, line.description, line.quantity, line.total) for line in body.lines]
    return (
        (body.cash_back, body.points_back, body.clawed) == (refund.cash_back, refund.points_back, refund.clawed)
        and override == (refund.override_operator, refund.override_reason)
        and refund.sale_op_id == sale_id(body)
        and signed == [(line.line, line.sku, line.description, line.quantity, line.total) for line in lines]
    )


def _card(body: SaleBody) -> str | None:
    try:
        return card_code(body.card or "")
    except Refusal:
        return None


def _line(line: Any) -> tuple[object, ...]:  # noqa: ANN401 - a stored row or a signed line, which have the same names
    return (
        line.sku,
        line.description,
        line.quantity,
        line.price,
        line.scale,
        line.total,
        line.earned,
    )
