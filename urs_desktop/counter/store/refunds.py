"""Refunds and what became of a journal's returns, in SQL.

Everything of one refund is written by one transaction of the caller. Must never commit by itself, nor decide what may
be refunded.
"""

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa
from msgspec.structs import asdict
from sqlalchemy import bindparam, insert, select

from urs_desktop.counter.store import schema
from urs_desktop.counter.values import KnownRefund, ReplayedReturns, StoredRefund
from urs_desktop.protocol.codec import decode_body
from urs_desktop.protocol.operations import SCHEMA, RefundBody

_r, _o, _e, _x = schema.refunds.c, schema.operations.c, schema.refunds_elsewhere.c, schema.replayed_returns.c
_REFUND = select(_r.receipt, _o.op_id, _r.seq, _o.body).join_from(schema.refunds, schema.operations)
_BY_RECEIPT = _REFUND.where(_r.receipt == bindparam("receipt"))
_BY_SOURCE = _REFUND.where(_r.journal == bindparam("journal"), _r.invoice == bindparam("invoice")).order_by(_r.receipt)
_OF_SALE = _REFUND.where(_r.sale_op_id == bindparam("sale")).order_by(_r.receipt)
_ELSEWHERE = (
    select(_e.op_id, _e.line, _e.quantity).where(_e.receipt == bindparam("receipt")).order_by(_e.op_id, _e.line)
)
_RETURNS = select(schema.replayed_returns).where(_x.journal == bindparam("journal"), _x.invoice == bindparam("invoice"))
_COUNT = select(sa.func.count()).select_from(schema.refunds)
_PUT_RETURNS = insert(schema.replayed_returns)
_PUT_ROWS: Final = {
    table: insert(table)
    for table in (schema.refunds, schema.refund_lines, schema.refund_tenders, schema.refunds_elsewhere)
}


class SqlRefunds:
    """The refunds, as counter.ports.Refunds."""

    def __init__(self, connection: sa.Connection) -> None:
        """Take the transaction's connection."""
        self._connection = connection

    def put(self, refund: StoredRefund) -> None:
        """Store a refund with its lines, tenders and the refunds of others it was reckoned after."""
        for table, rows in {**_rows(refund), schema.refunds_elsewhere: _others(refund)}.items():
            if rows:
                self._connection.execute(_PUT_ROWS[table], rows)

    def by_receipt(self, receipt: int) -> StoredRefund | None:
        """Return the refund with this receipt number."""
        found = self._all(_BY_RECEIPT, {"receipt": receipt})
        return found[0] if found else None

    def by_source(self, journal: str, invoice: str) -> Sequence[StoredRefund]:
        """Return the refunds replayed from this invoice of this journal, in the order of their receipts."""
        return self._all(_BY_SOURCE, {"journal": journal, "invoice": invoice})

    def of_sale(self, sale: bytes) -> Sequence[StoredRefund]:
        """Return the refunds of the sale whose operation has this id, in the order of their receipts."""
        return self._all(_OF_SALE, {"sale": sale})

    def _all(self, statement: sa.Select[Any], values: dict[str, object]) -> list[StoredRefund]:
        rows = self._connection.execute(statement, values).all()
        return [_refund(row, self._elsewhere(row[0])) for row in rows]

    def _elsewhere(self, receipt: int) -> tuple[KnownRefund, ...]:
        known: dict[bytes, dict[int, int]] = {}
        for op_id, line, quantity in self._connection.execute(_ELSEWHERE, {"receipt": receipt}):
            known.setdefault(op_id, {})[line] = quantity
        return tuple(KnownRefund(op_id, pieces) for op_id, pieces in known.items())

    def agrees(self, refund: StoredRefund) -> bool:
        """Return whether the rows kept for reports say what the signed body says."""
        return all(self._stored(table, refund.receipt) == rows for table, rows in _rows(refund).items())

    def _stored(self, table: sa.Table, receipt: int) -> list[dict[str, Any]]:
        chosen = select(table).where(table.c.receipt == receipt).order_by(*table.primary_key)
        return [dict(row) for row in self._connection.execute(chosen).mappings()]

    def count(self) -> int:
        """Return the number of refunds."""
        return self._connection.execute(_COUNT).scalar_one()

    def put_returns(self, returns: ReplayedReturns) -> None:
        """Store that the returns of an invoice have been dealt with; once for each invoice."""
        self._connection.execute(_PUT_RETURNS, {name: getattr(returns, name) for name in ReplayedReturns.__slots__})

    def returns_of(self, journal: str, invoice: str) -> ReplayedReturns | None:
        """Return what became of the returns of this invoice of this journal, or None when nothing did yet."""
        key = {"journal": journal, "invoice": invoice}
        row = self._connection.execute(_RETURNS, key).mappings().one_or_none()
        return None if row is None else ReplayedReturns(**row)


def _rows(refund: StoredRefund) -> dict[sa.Table, list[dict[str, Any]]]:
    """Return the rows of a refund, table by table, as they are stored and as verification expects them."""
    body, source, override = refund.body, refund.body.source, refund.body.override
    key = {"receipt": refund.receipt}
    return {
        schema.refunds: [
            {
                **key,
                "seq": refund.seq,
                "happened_at": body.happened_at,
                "recorded_at": body.recorded_at,
                "sale_op_id": None if body.sale is None else bytes.fromhex(body.sale),
                "card": body.card,
                "total": body.total,
                "cash_back": body.cash_back,
                "points_back": body.points_back,
                "clawed": body.clawed,
                "override_operator": override.operator if override else None,
                "override_reason": override.reason if override else None,
                "journal": source.journal if source else None,
                "invoice": source.invoice if source else None,
            }
        ],
        schema.refund_lines: [
            {
                **key,
                "n": n,
                "line": line.n,
                "sku": line.sku,
                "description": line.description,
                "quantity": line.quantity,
                "total": line.total,
            }
            for n, line in enumerate(body.lines, 1)
        ],
        schema.refund_tenders: [{**key, "n": n, **asdict(tender)} for n, tender in enumerate(body.tenders, 1)],
    }


def _others(refund: StoredRefund) -> list[dict[str, Any]]:
    return [
        {"receipt": refund.receipt, "op_id": other.op_id, "line": line, "quantity": quantity}
        for other in refund.others
        for line, quantity in other.pieces.items()
    ]


def _refund(row: sa.Row[*tuple[Any, ...]], others: tuple[KnownRefund, ...]) -> StoredRefund:
    receipt, op_id, seq, data = row
    body = decode_body("refund", SCHEMA, data)
    if not isinstance(body, RefundBody):
        message = f"operation {seq} of receipt {receipt} is no refund"
        raise TypeError(message)
    return StoredRefund(receipt, op_id, seq, body, others)
