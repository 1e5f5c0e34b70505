"""Proves what is shown: the report's projections are what the entries and receipts come to.

Must never read a projection to reckon another.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from urs_desktop.central.schema import entries, postings, refunds, transaction_lines, transactions

_SALES = sa.select(
    transactions.c.op_id,
    transactions.c.vendor_id,
    transactions.c.customer_id,
    transactions.c.total,
    transactions.c.received_at,
)
_REFUNDS = sa.select(refunds.c.op_id, refunds.c.sale_op_id, refunds.c.vendor_id, refunds.c.total, refunds.c.received_at)
_LINES = sa.select(transaction_lines.c.op_id, transaction_lines.c.sku, transaction_lines.c.quantity)
_ENTRIES = sa.select(entries.c.op_id, entries.c.kind, entries.c.points, entries.c.vendor_id)
_WALLETS = (
    sa.select(postings.c.owner, sa.func.sum(postings.c.amount).label("points"))
    .where(postings.c.account.in_(("AVAIL", "HELD")))
    .group_by(postings.c.owner)
)
_REWARDED = {"EARN": 1, "CLAWBACK": -1, "DEBT": -1}
_REDEEMED = {"REDEEM": 1, "LATE": 1, "UNREDEEM": -1, "UNLATE": -1}
_Rows = dict[tuple[Any, ...], tuple[Any, ...]]


def check(connection: sa.Connection) -> Iterator[str]:
    """Yield a sentence for each row of a projection that differs from what it is a projection of."""
    sales = {row.op_id: row for row in connection.execute(_SALES)}
    sale_of = {op_id: op_id for op_id in sales}
    came_back = connection.execute(_REFUNDS).all()
    sale_of.update({row.op_id: row.sale_op_id for row in came_back})
    rewarded: Counter[bytes] = Counter()
    redeemed: Counter[bytes] = Counter()
    given: Counter[str] = Counter()
    for entry in connection.execute(_ENTRIES):
        sale = sale_of.get(entry.op_id)
        if sale is not None:
            rewarded[sale] += _REWARDED.get(entry.kind, 0) * entry.points
            redeemed[sale] += _REDEEMED.get(entry.kind, 0) * entry.points
        given[entry.vendor_id] += _REWARDED.get(entry.kind, 0) * entry.points
    yield from _differ(
        connection,
        "reward_allocations",
        ("transaction_id",),
        ("customer_id", "vendor_id", "reward_points", "redeemed_points"),
        {
            (op_id,): (sale.customer_id, sale.vendor_id, rewarded[op_id], redeemed[op_id])
            for op_id, sale in sales.items()
            if sale.customer_id is not None
        },
    )
    bought: dict[tuple[str, str, str], set[bytes]] = defaultdict(set)
    pieces: dict[str, Counter[str]] = defaultdict(Counter)
    for line in connection.execute(_LINES):
        sale = sales.get(line.op_id)
        if sale is None:
            continue  # chains.check says so of a sale that is gone
        pieces[sale.vendor_id][line.sku] += line.quantity
        if sale.customer_id is not None:
            bought[sale.vendor_id, sale.customer_id, line.sku].add(line.op_id)
    yield from _differ(
        connection,
        "frequency_of_buying",
        ("vendor_id", "customer_id", "sku"),
        ("frequency_of_buying",),
        {key: (len(receipts),) for key, receipts in bought.items()},
    )
    yield from _differ(
        connection,
        "analytics",
        ("vendor_id",),
        ("popular_product", "total_transactions", "total_revenue", "updated_at", "total_rewards", "profitability"),
        _analytics(list(sales.values()), came_back, pieces, given),
    )
    yield from _balances(connection)


def _analytics(
    sales: list[Any],
    came_back: Sequence[Any],
    pieces: dict[str, Counter[str]],
    given: Counter[str],
) -> _Rows:
    count: Counter[str] = Counter(sale.vendor_id for sale in sales)
    revenue: Counter[str] = Counter()
    latest: dict[str, int] = {}
    for row, sign in [*((sale, 1) for sale in sales), *((refund, -1) for refund in came_back)]:
        revenue[row.vendor_id] += sign * row.total
        latest[row.vendor_id] = max(latest.get(row.vendor_id, row.received_at), row.received_at)
    return {
        (vendor,): (
            min(pieces[vendor].items(), key=lambda item: (-item[1], item[0].encode()))[0] if pieces[vendor] else None,
            count[vendor],
            revenue[vendor],
            latest[vendor],
            given[vendor],
            revenue[vendor] - given[vendor],
        )
        for vendor in latest
    }


def _balances(connection: sa.Connection) -> Iterator[str]:
    posted = {(row.owner,): (row.points,) for row in connection.execute(_WALLETS)}
    shown = connection.execute(sa.text("SELECT customer_id, wallet_balance FROM customers")).all()
    expected: _Rows = {(row.customer_id,): posted.get((row.customer_id,), (0,)) for row in shown}
    yield from _differ(connection, "customers", ("customer_id",), ("wallet_balance",), expected)


def _differ(
    connection: sa.Connection, view: str, key: tuple[str, ...], columns: tuple[str, ...], expected: _Rows
) -> Iterator[str]:
    listed = ", ".join((*key, *columns))
    missing = dict(expected)
    for row in connection.execute(sa.text(f"SELECT {listed} FROM {view}")):  # noqa: S608 - names from above
        name, shown = tuple(row[: len(key)]), tuple(row[len(key) :])
        right = missing.pop(name, None)
        if shown != right:
            yield f"{view} says {_words(columns, shown)} for {_text(name)}, the ledger {_words(columns, right)}"
    for name in missing:
        yield f"{view} has no row for {_text(name)}"


def _text(name: tuple[Any, ...]) -> str:
    return ", ".join(value.hex() if isinstance(value, bytes) else str(value) for value in name)


def _words(columns: tuple[str, ...], values: tuple[Any, ...] | None) -> str:
    return "nothing" if values is None else ", ".join(f"{n} {v}" for n, v in zip(columns, values, strict=True))
