"""Proves what counters sent: every hash and signature of every chain without a gap, and every sale against its bytes.

Must never trust a stored hash, result or amount that it can compute from the signed bytes.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Final

import sqlalchemy as sa

from urs_desktop.central.origin import DUPLICATE, PARKED
from urs_desktop.central.schema import (
    counters,
    customer_records,
    operations,
    parked_operations,
    repeated_operations,
    tenders,
    transaction_lines,
    transactions,
)
from urs_desktop.domain.refusals import Refusal
from urs_desktop.domain.text import card_code
from urs_desktop.protocol import chain
from urs_desktop.protocol.codec import MalformedError, decode_body
from urs_desktop.protocol.operations import Operation, SaleBody

_CHUNK: Final = 500
_Row = sa.Row[*tuple[Any, ...]]

_OPERATIONS = sa.select(
    operations.c.seq,
    operations.c.op_id,
    operations.c.kind,
    operations.c.schema,
    operations.c.body,
    operations.c.body_hash,
    operations.c.prev,
    operations.c.hash,
    operations.c.sig,
    operations.c.result,
).where(operations.c.device_id == sa.bindparam("device"), operations.c.epoch == sa.bindparam("at_epoch"))
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
_SALES = (
    sa.select(transactions, customer_records.c.card_code)
    .select_from(transactions.outerjoin(customer_records, customer_records.c.customer_id == transactions.c.customer_id))
    .where(transactions.c.op_id.in_(sa.bindparam("ids", expanding=True)))
)
_LINES = (
    sa.select(transaction_lines)
    .where(transaction_lines.c.op_id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(transaction_lines.c.op_id, transaction_lines.c.n)
)
_TENDERS = (
    sa.select(tenders)
    .where(tenders.c.op_id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(tenders.c.op_id, tenders.c.n)
)
_STRAY_SALES = (
    sa.select(transactions.c.op_id)
    .select_from(transactions.outerjoin(operations, operations.c.op_id == transactions.c.op_id))
    .where(sa.or_(operations.c.op_id.is_(None), operations.c.kind != "sale", operations.c.result == PARKED))
)
_PARKED = (
    sa.select(operations.c.op_id)
    .select_from(operations.outerjoin(parked_operations, parked_operations.c.op_id == operations.c.op_id))
    .where((operations.c.result == PARKED) != parked_operations.c.op_id.is_not(None))
)


def check_counters(connection: sa.Connection) -> Iterator[str]:
    """Yield a sentence for each operation, chain or sale that does not follow from what counters signed."""
    for row in connection.execute(sa.select(counters).order_by(counters.c.device_id)).all():
        yield from _check_chain(connection, row)
    for row in connection.execute(_STRAY_SALES):
        yield f"sale {row.op_id.hex()} has no operation that a counter signed"
    for row in connection.execute(_PARKED):
        yield f"operation {row.op_id.hex()} is parked without a reason, or has one without being parked"


def _check_chain(connection: sa.Connection, till: _Row) -> Iterator[str]:
    name = f"counter {till.device_id.hex()}"
    head, seq = chain.genesis(till.device_id, till.epoch, till.nonce), 0
    rows = iter(connection.execute(_CHAIN, {"device": till.device_id, "at_epoch": till.epoch}))
    while chunk := list(islice(rows, _CHUNK)):
        for row in chunk:
            if row.seq != seq + 1:
                yield f"{name}: operation {seq + 1} is missing before {row.seq}"
            yield from _check_operation(name, till, row, head)
            head, seq = row.hash, row.seq
        yield from _check_sales(connection, name, [row for row in chunk if row.result not in (PARKED, DUPLICATE)])
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


def _check_sales(connection: sa.Connection, name: str, chunk: Sequence[_Row]) -> Iterator[str]:
    signed = {row.op_id: row for row in chunk if row.kind == "sale"}
    if not signed:
        return
    ids = {"ids": list(signed)}
    stored = {row.op_id: row for row in connection.execute(_SALES, ids)}
    lines: dict[bytes, list[_Row]] = {}
    for line in connection.execute(_LINES, ids):
        lines.setdefault(line.op_id, []).append(line)
    paid: dict[bytes, list[_Row]] = {}
    for tender in connection.execute(_TENDERS, ids):
        paid.setdefault(tender.op_id, []).append(tender)
    for op_id, row in signed.items():
        sale = stored.get(op_id)
        if sale is None:
            yield f"{name}: operation {row.seq} is a sale that is not stored"
        elif not _is_same(row, sale, lines.get(op_id, []), paid.get(op_id, [])):
            yield f"{name}: the stored sale of operation {row.seq} (receipt {sale.receipt}) is not what was signed"


def _is_same(row: _Row, sale: _Row, lines: Sequence[_Row], paid: Sequence[_Row]) -> bool:
    try:
        body = decode_body(row.kind, row.schema, row.body)
    except MalformedError:
        return False
    if not isinstance(body, SaleBody):
        return False
    names = ("receipt", "happened_at", "recorded_at", "currency", "total", "points_paid", "engine", "operator")
    as_signed = [getattr(body, name) for name in names] == [getattr(sale, name) for name in names]
    return (
        as_signed
        and sale.points_promised == body.earned
        and sale.card_code == _card(body)
        and [_line(line) for line in lines] == [_line(line) for line in body.lines]
        and [(t.kind, t.amount, t.tendered) for t in paid] == [(t.kind, t.amount, t.tendered) for t in body.tenders]
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
