"""Whom a push concerns, read from its operations before any is applied, so that all locks are taken in one order.

Must never refuse an operation: one that cannot be read is parked later and concerns nobody.
"""

from collections.abc import Iterator, Sequence

import sqlalchemy as sa

from urs_desktop.central import locks
from urs_desktop.central.origin import Counter
from urs_desktop.domain.refusals import Refusal
from urs_desktop.domain.text import card_code
from urs_desktop.protocol.codec import MalformedError, decode_body
from urs_desktop.protocol.operations import (
    Body,
    EnrolBody,
    Operation,
    ProductsBody,
    RefundBody,
    ReturnBody,
    SaleBody,
)


def lock(connection: sa.Connection, till: Counter, operations: Sequence[Operation]) -> None:
    """Lock what the operations of a push will change; the counter's own row is locked already."""
    if not locks.needed(connection):
        return
    bodies = list(_readable(operations))
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
