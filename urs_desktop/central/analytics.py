"""What the counters of a vendor sold, in figures and receipt by receipt, for the vendor's dashboard.

A counter gets its own vendor's figures alone. Points issued are those posted, not those a receipt promised. Must never
change anything, nor name a customer.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import bindparam, func, literal, select

from urs_desktop.central.origin import counter
from urs_desktop.central.schema import counters, products, refund_lines, refunds, transaction_lines, transactions
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol.figures import (
    MOST_EDGES,
    MOST_PRODUCTS,
    MOST_RECEIPTS,
    CounterFigures,
    FiguresReply,
    FiguresRequest,
    ProductSold,
    ReceiptsReply,
    ReceiptsRequest,
    ReceiptTold,
)

_LONGEST: Final = 2**62
"""No time is further away than that, in milliseconds."""

_t, _r = transactions.c, refunds.c
_tl, _rl = transaction_lines.c, refund_lines.c


def _of_vendor(table: sa.Table) -> tuple[sa.ColumnElement[bool], ...]:
    at = table.c.happened_at
    return table.c.vendor_id == bindparam("vendor"), at >= bindparam("start"), at < bindparam("end")


_REACH = tuple(
    select(end(table.c.happened_at)).where(table.c.vendor_id == bindparam("vendor"))
    for table in (transactions, refunds)
    for end in (func.min, func.max)
)
_SUMS = (
    select(
        _t.device_id,
        func.count().label("sales"),
        literal(0).label("refunds"),
        func.sum(_t.total),
        func.sum(_t.points_posted),
        func.sum(_t.points_paid),
    )
    .where(*_of_vendor(transactions))
    .group_by(_t.device_id),
    select(
        _r.device_id,
        literal(0),
        func.count(),
        -func.sum(_r.total),
        -func.sum(_r.clawed),
        -func.sum(_r.points_back),
    )
    .where(*_of_vendor(refunds))
    .group_by(_r.device_id),
)
_NUMBERS = select(counters.c.device_id, counters.c.number).where(counters.c.vendor_id == bindparam("vendor"))
_SOLD = sa.union_all(
    select(_tl.sku, _tl.description, _tl.quantity, _tl.total)
    .join_from(transactions, transaction_lines)
    .where(*_of_vendor(transactions)),
    select(_rl.sku, _rl.description, -_rl.quantity, -_rl.total)
    .join_from(refunds, refund_lines)
    .where(*_of_vendor(refunds)),
).subquery()
_TOP = (
    select(
        _SOLD.c.sku,
        func.max(_SOLD.c.description).label("description"),
        func.sum(_SOLD.c.quantity).label("pieces"),
        func.sum(_SOLD.c.total).label("revenue"),
    )
    .group_by(_SOLD.c.sku)
    .order_by(func.sum(_SOLD.c.total).desc(), _SOLD.c.sku)
    .limit(bindparam("most"))
    .subquery()
)
_PRODUCTS = (
    select(
        _TOP.c.sku,
        func.coalesce(products.c.description, _TOP.c.description).label("description"),
        _TOP.c.pieces,
        _TOP.c.revenue,
    )
    .outerjoin_from(_TOP, products, sa.and_(products.c.sku == _TOP.c.sku, products.c.vendor_id == bindparam("vendor")))
    .order_by(_TOP.c.revenue.desc(), _TOP.c.sku)
)


_NAMED: Final = counters.c.number == bindparam("counter", type_=sa.BigInteger)


def _newest(table: sa.Table, is_refund: int, *figures: sa.ColumnElement[int]) -> sa.Select[Any]:
    """Return the newest receipts of a vendor, of all its counters or of the one that is named."""
    page = (
        select(counters.c.number, table.c.receipt, table.c.happened_at, literal(is_refund).label("refund"), *figures)
        .join_from(table, counters, counters.c.device_id == table.c.device_id)
        .where(*_of_vendor(table), sa.or_(bindparam("counter", type_=sa.BigInteger) == 0, _NAMED))
        .order_by(table.c.happened_at.desc(), table.c.receipt.desc())
        .limit(bindparam("most"))
    )
    return select(*page.subquery().c)


_RECEIPTS = sa.union_all(
    _newest(
        transactions,
        0,
        _t.total.label("total"),
        _t.points_posted.label("issued"),
        _t.points_paid.label("redeemed"),
    ),
    _newest(
        refunds,
        1,
        (-_r.total).label("total"),
        (-_r.clawed).label("issued"),
        (-_r.points_back).label("redeemed"),
    ),
).subquery()
_PAGE = (
    select(_RECEIPTS)
    .order_by(_RECEIPTS.c.happened_at.desc(), _RECEIPTS.c.receipt.desc(), _RECEIPTS.c.number)
    .limit(bindparam("most"))
)


def figures(connection: sa.Connection, device_id: bytes, request: FiguresRequest, now: int) -> FiguresReply:
    """Return what the counters of the counter's own vendor sold, interval by interval, and the best products.

    Edges beyond MOST_EDGES and products beyond MOST_PRODUCTS are cut off. Raises Refusal(COUNTER_UNKNOWN), and
    AMOUNT_OUT_OF_RANGE for edges that do not grow or that no time can be.
    """
    vendor = counter(connection, device_id).vendor_id
    edges = request.edges[:MOST_EDGES]
    _check(edges)
    numbers = {row.device_id: row.number for row in connection.execute(_NUMBERS, {"vendor": vendor})}
    ends = [connection.execute(end, {"vendor": vendor}).scalar_one() for end in _REACH]
    times = [end for end in ends if end is not None]
    rows = [
        row
        for n, (start, end) in enumerate(pairwise(edges))
        for row in _interval(connection, {"vendor": vendor, "start": start, "end": end}, n, numbers)
    ]
    return FiguresReply(
        rows=tuple(rows),
        products=_products(connection, vendor, edges, max(0, min(request.products, MOST_PRODUCTS))),
        first=min(times, default=None),
        last=max(times, default=None),
        as_of=now,
    )


def _check(edges: Sequence[int]) -> None:
    grow = all(start < end for start, end in pairwise(edges))
    if not grow or any(abs(edge) > _LONGEST for edge in edges):
        raise Refusal(RefusalCode.AMOUNT_OUT_OF_RANGE, maximum=_LONGEST)


def _interval(
    connection: sa.Connection, key: dict[str, Any], n: int, numbers: dict[bytes, int]
) -> list[CounterFigures]:
    sums: dict[int, list[int]] = {}
    for statement in _SUMS:
        for device, *figures in connection.execute(statement, key):
            had = sums.setdefault(numbers[device], [0, 0, 0, 0, 0])
            sums[numbers[device]] = [one + int(more) for one, more in zip(had, figures, strict=True)]
    return [
        CounterFigures(
            counter=number, n=n, sales=sales, refunds=back, revenue=revenue, issued=issued, redeemed=redeemed
        )
        for number, (sales, back, revenue, issued, redeemed) in sorted(sums.items())
    ]


def _products(connection: sa.Connection, vendor: str, edges: Sequence[int], most: int) -> tuple[ProductSold, ...]:
    if not most or not edges:
        return ()
    key = {"vendor": vendor, "start": edges[0], "end": edges[-1], "most": most}
    return tuple(
        ProductSold(sku=row.sku, description=row.description, pieces=int(row.pieces), revenue=int(row.revenue))
        for row in connection.execute(_PRODUCTS, key)
    )


def receipts(connection: sa.Connection, device_id: bytes, request: ReceiptsRequest) -> ReceiptsReply:
    """Return the newest receipts of an interval, of all counters of the vendor or of the one that is named.

    Raises Refusal(COUNTER_UNKNOWN), and AMOUNT_OUT_OF_RANGE for times that no time can be.
    """
    vendor = counter(connection, device_id).vendor_id
    if max(abs(request.start), abs(request.end), abs(request.counter)) > _LONGEST:
        raise Refusal(RefusalCode.AMOUNT_OUT_OF_RANGE, maximum=_LONGEST)
    key = {
        "vendor": vendor,
        "start": request.start,
        "end": request.end,
        "counter": request.counter,
        "most": max(0, min(request.limit, MOST_RECEIPTS)),
    }
    return ReceiptsReply(
        receipts=tuple(
            ReceiptTold(
                counter=row.number,
                receipt=row.receipt,
                is_refund=bool(row.refund),
                happened_at=row.happened_at,
                total=row.total,
                issued=row.issued,
                redeemed=row.redeemed,
            )
            for row in connection.execute(_PAGE, key)
        )
    )
