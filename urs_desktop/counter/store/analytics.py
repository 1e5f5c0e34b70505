"""The sales of this counter in figures, in SQL: sums of quarters of an hour, products by day, receipts of an interval.

Whatever the range, only sums and a page of receipts are read, never every sale. Must never write.
"""

from collections.abc import Sequence
from itertools import pairwise

import sqlalchemy as sa
from sqlalchemy import bindparam, func, select

from urs_desktop.counter.figure_ports import SLOT_MS, Figures, ProductFigures, ReceiptFigures
from urs_desktop.counter.store import schema
from urs_desktop.domain.policy import DAY_MS

_t, _d = schema.slot_tallies.c, schema.product_tallies.c
_s, _r = schema.sales.c, schema.refunds.c
_l, _b = schema.sale_lines.c, schema.refund_lines.c
_ENDS = sa.union_all(
    *(select(end(at).label("at")) for at in (_s.happened_at, _r.happened_at) for end in (func.min, func.max))
).subquery()
_REACH = select(func.min(_ENDS.c.at), func.max(_ENDS.c.at))
_SUMS = select(
    *(func.coalesce(func.sum(column), 0) for column in (_t.sales, _t.refunds, _t.revenue, _t.issued, _t.redeemed))
).where(_t.slot >= bindparam("start"), _t.slot < bindparam("end"))


def _in_part(column: sa.Column[int]) -> sa.ColumnElement[bool]:
    """Return whether a time is in one of the two parts of days at the ends of a range."""
    head = sa.and_(column >= bindparam("start"), column < bindparam("whole_from"))
    return sa.or_(head, sa.and_(column >= bindparam("whole_to"), column < bindparam("end")))


_SOLD = sa.union_all(
    select(_d.sku, _d.pieces, _d.revenue).where(_d.day >= bindparam("first_day"), _d.day < bindparam("end_day")),
    select(_l.sku, _l.quantity, _l.total).join_from(schema.sales, schema.sale_lines).where(_in_part(_s.happened_at)),
    select(_b.sku, -_b.quantity, -_b.total)
    .join_from(schema.refunds, schema.refund_lines)
    .where(_in_part(_r.happened_at)),
).subquery()
_TOP = (
    select(_SOLD.c.sku, func.sum(_SOLD.c.pieces).label("pieces"), func.sum(_SOLD.c.revenue).label("revenue"))
    .group_by(_SOLD.c.sku)
    .order_by(func.sum(_SOLD.c.revenue).desc(), _SOLD.c.sku)
    .limit(bindparam("limit"))
    .subquery()
)
_LAST_SAID = select(_l.description).where(_l.sku == _TOP.c.sku).order_by(_l.receipt.desc()).limit(1).scalar_subquery()
_PRODUCTS = (
    select(_TOP.c.sku, func.coalesce(schema.products.c.description, _LAST_SAID, ""), _TOP.c.pieces, _TOP.c.revenue)
    .outerjoin_from(_TOP, schema.products, schema.products.c.sku == _TOP.c.sku)
    .order_by(_TOP.c.revenue.desc(), _TOP.c.sku)
)


def _newest(table: sa.Table, *columns: sa.ColumnElement[int]) -> sa.Select[tuple[int, ...]]:
    at = table.c.happened_at
    page = (
        select(table.c.receipt, at, *columns)
        .where(at >= bindparam("start"), at < bindparam("end"))
        .order_by(at.desc(), table.c.receipt.desc())
        .limit(bindparam("limit"))
    )
    return select(*page.subquery().c)


_RECEIPTS = sa.union_all(
    _newest(schema.sales, sa.literal_column("0").label("refund"), _s.total, _s.earned, _s.points_paid),
    _newest(
        schema.refunds,
        sa.literal_column("1").label("refund"),
        (-_r.total).label("total"),
        (-_r.clawed).label("earned"),
        (-_r.points_back).label("points_paid"),
    ),
).subquery()
_PAGE = select(_RECEIPTS).order_by(_RECEIPTS.c.happened_at.desc(), _RECEIPTS.c.receipt.desc()).limit(bindparam("limit"))


class SqlAnalytics:
    """The sales in figures, as counter.figure_ports.Analytics."""

    def __init__(self, connection: sa.Connection) -> None:
        """Take the transaction's connection."""
        self._connection = connection

    def reach(self) -> tuple[int, int] | None:
        """Return when the first and the last receipt happened."""
        first, last = self._connection.execute(_REACH).one()
        return None if first is None else (first, last)

    def figures(self, edges: Sequence[int]) -> Sequence[Figures]:
        """Return the figures of each interval between neighbouring edges."""
        slots = [edge // SLOT_MS for edge in edges]
        keys = [{"start": start, "end": end} for start, end in pairwise(slots)]
        return [Figures(*self._connection.execute(_SUMS, key).one()) for key in keys]

    def products(self, start: int, end: int, limit: int) -> Sequence[ProductFigures]:
        """Return up to `limit` products by their revenue, then by SKU."""
        first_day, end_day = -(-start // DAY_MS), end // DAY_MS
        whole_from, whole_to = first_day * DAY_MS, end_day * DAY_MS
        if first_day >= end_day:  # no whole day in it: all of it is a part
            whole_from = whole_to = end
        key = {
            "start": start,
            "end": end,
            "first_day": first_day,
            "end_day": end_day,
            "whole_from": whole_from,
            "whole_to": whole_to,
            "limit": limit,
        }
        return [ProductFigures(*row) for row in self._connection.execute(_PRODUCTS, key)]

    def receipts(self, start: int, end: int, limit: int) -> Sequence[ReceiptFigures]:
        """Return up to `limit` receipts, the newest first."""
        rows = self._connection.execute(_PAGE, {"start": start, "end": end, "limit": limit})
        return [
            ReceiptFigures(receipt, bool(refund), at, total, earned, paid)
            for receipt, at, refund, total, earned, paid in rows
        ]
