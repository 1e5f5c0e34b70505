"""Whom a push concerns, read from its operations before any is applied, so that all locks are taken in one order.

Must never refuse an operation: one that cannot be read is parked later and concerns nobody.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import sqlalchemy as sa

from urs_desktop.central import locks
from urs_desktop.central.origin import Counter
from urs_desktop.central.schema import operations as signed
from urs_desktop.domain.refusals import Refusal
from urs_desktop.domain.text import card_code
from urs_desktop.protocol.codec import MalformedError, decode_body
from urs_desktop.protocol.operations import (
    Body,
    EnrolBody,
    Operation,
    ProductsBody,
    RefundBody,
    ResolveBody,
    ReturnBody,
    SaleBody,
)

_HEX_ID: Final = 32
_NAMED = sa.select(signed.c.op_id, signed.c.kind, signed.c.schema, signed.c.body).where(
    signed.c.op_id.in_(sa.bindparam("ids", expanding=True))
)


def lock(connection: sa.Connection, till: Counter, operations: Sequence[Operation]) -> None:
    """Lock what the operations of a push will change; the counter's own row is locked already."""
    if not locks.needed(connection):
        return
    bodies = list(_readable(operations))
    bodies += _parked(connection, bodies)
    if any(isinstance(body, ProductsBody | RefundBody) for body in bodies):
        locks.vendor(connection, till.vendor_id)
    refunded = {_sale(body) for body in bodies if isinstance(body, RefundBody)} - {b""}
    locks.sales_of(connection, till.vendor_id, refunded)
    locks.concerned(
        connection,
        cards={card for body in bodies for card in _cards(body)},
        lease_ids={lease for body in bodies for lease in _leases(body)},
        sales=refunded,
    )


def resolved_by(body: ResolveBody) -> bytes:
    """Return the op id of the parked operation a body is about; empty for one that is none."""
    try:
        return bytes.fromhex(body.op_id) if len(body.op_id) == _HEX_ID else b""
    except ValueError:
        return b""


def _parked(connection: sa.Connection, bodies: Sequence[Body]) -> Iterator[Body]:
    """Yield the bodies that resolutions apply: those of the operations they name, and what replaces them."""
    named = {resolved_by(body): body for body in bodies if isinstance(body, ResolveBody)}
    if not named:
        return
    for row in connection.execute(_NAMED, {"ids": sorted(named)}):
        replacement = named[row.op_id].replacement
        for data in (row.body, *([replacement.encode()] if replacement is not None else [])):
            yield from _readable([Operation(0, row.op_id, row.kind, row.schema, data, b"")])


def _readable(operations: Sequence[Operation]) -> Iterator[Body]:
    for operation in operations:
        try:
            body = decode_body(operation.kind, operation.schema, operation.body)
        except MalformedError:
            continue
        if body is not None:
            yield body


def _cards(body: Body) -> Iterator[str]:
    if isinstance(body, SaleBody | EnrolBody) and body.card is not None:
        try:
            yield card_code(body.card)
        except Refusal:
            return


def _leases(body: Body) -> Iterator[str]:
    if isinstance(body, ReturnBody):
        yield body.lease
    elif isinstance(body, SaleBody):
        yield from (spend.lease for spend in body.spends)


def _sale(body: RefundBody) -> bytes:
    try:
        return bytes.fromhex(body.sale or "")
    except ValueError:
        return b""
