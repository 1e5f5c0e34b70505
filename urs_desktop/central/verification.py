"""Proves the store from what was signed: every chain and signature, every sale, entry, balance, lot and lease.

It recomputes and compares; each finding names the row that does not fit. Must never repair anything: what is wrong is
evidence.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, Final

import sqlalchemy as sa

from urs_desktop.central.chain_verification import check_counters
from urs_desktop.central.schema import entries, leases, lot_uses, lots, postings, transactions, wallets

_PAGE: Final = "PRAGMA integrity_check"


def verify(connection: sa.Connection) -> list[str]:
    """Return one sentence for each thing that does not fit; empty when everything does."""
    return [finding for check in _CHECKS for finding in check(connection)]


def _file(connection: sa.Connection) -> Iterator[str]:
    if connection.dialect.name != "sqlite":
        return
    for row in connection.exec_driver_sql(_PAGE):
        if row[0] != "ok":
            yield f"the database file is damaged: {row[0]}"
    for row in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        yield f"{row[0]} row {row[1]} names a row of {row[2]} that is not there"


_UNBALANCED = (
    sa.select(postings.c.entry_id, postings.c.unit, sa.func.sum(postings.c.amount).label("over"))
    .group_by(postings.c.entry_id, postings.c.unit)
    .having(sa.func.sum(postings.c.amount) != 0)
)
_MOVED = (
    sa.select(postings.c.entry_id, sa.func.sum(postings.c.amount).label("points"))
    .where(postings.c.unit == "points", postings.c.amount > 0)
    .group_by(postings.c.entry_id)
    .subquery("moved")
)
_MISSTATED = (
    sa.select(entries.c.entry_id, entries.c.kind, entries.c.points, _MOVED.c.points.label("moved"))
    .select_from(entries.outerjoin(_MOVED, _MOVED.c.entry_id == entries.c.entry_id))
    .where(
        sa.or_(
            sa.and_(entries.c.kind != "LATE", sa.func.coalesce(_MOVED.c.points, 0) != entries.c.points),
            sa.and_(entries.c.kind == "LATE", _MOVED.c.points.is_not(None)),
        )
    )
)


def _entries(connection: sa.Connection) -> Iterator[str]:
    for row in connection.execute(_UNBALANCED):
        yield f"entry {row.entry_id.hex()} does not balance: {row.over} {row.unit} too many"
    for entry in connection.execute(_MISSTATED):
        yield f"entry {entry.entry_id.hex()} ({entry.kind} of {entry.points}) has postings over {entry.moved or 0}"


def _balance(account: str) -> sa.Select[Any]:
    return (
        sa.select(postings.c.owner, sa.func.sum(postings.c.amount))
        .where(postings.c.account == account)
        .group_by(postings.c.owner)
    )


_AVAIL, _HELD = _balance("AVAIL"), _balance("HELD")


def _pairs(connection: sa.Connection, statement: sa.Select[Any]) -> dict[str, int]:
    return {row[0]: row[1] for row in connection.execute(statement)}


def _wallets(connection: sa.Connection) -> Iterator[str]:
    avail, held = _pairs(connection, _AVAIL), _pairs(connection, _HELD)
    for row in connection.execute(sa.select(wallets)):
        posted = (avail.pop(row.customer_id, 0), held.pop(row.customer_id, 0))
        if posted != (row.available, row.held):
            yield (
                f"wallet {row.customer_id} says {row.available} available and {row.held} held, "
                f"its postings {posted[0]} and {posted[1]}"
            )
    for customer_id in sorted({*avail, *held}):
        yield f"postings name customer {customer_id}, who has no wallet"


_REMAINING = sa.select(lots.c.customer_id, sa.func.sum(lots.c.remaining)).group_by(lots.c.customer_id)
_USED = sa.select(lot_uses.c.lot_id, sa.func.sum(lot_uses.c.points).label("points")).group_by(lot_uses.c.lot_id)
_TAKEN = sa.select(lot_uses.c.entry_id, sa.func.sum(lot_uses.c.points).label("points")).group_by(lot_uses.c.entry_id)


def _lots(connection: sa.Connection) -> Iterator[str]:
    remaining = _pairs(connection, _REMAINING)
    for row in connection.execute(sa.select(wallets)):
        in_lots = remaining.get(row.customer_id, 0)
        if in_lots != row.available + row.held:
            yield f"the lots of customer {row.customer_id} hold {in_lots} points, the wallet {row.available + row.held}"
    used = _USED.subquery("used")
    spent = sa.func.coalesce(used.c.points, 0)
    wrong = (
        sa.select(lots.c.lot_id, lots.c.granted, lots.c.remaining, spent.label("spent"))
        .select_from(lots.outerjoin(used, used.c.lot_id == lots.c.lot_id))
        .where(sa.or_(lots.c.granted - spent != lots.c.remaining, lots.c.remaining < 0))
    )
    for row in connection.execute(wrong):
        yield f"lot {row.lot_id.hex()} has {row.remaining} of {row.granted} points left after {row.spent} were used"


def _lot_entries(connection: sa.Connection) -> Iterator[str]:
    earned = (
        sa.select(entries.c.entry_id, entries.c.points, lots.c.granted)
        .select_from(entries.outerjoin(lots, lots.c.lot_id == entries.c.entry_id))
        .where(entries.c.kind == "EARN", sa.func.coalesce(lots.c.granted, -1) != entries.c.points)
    )
    for row in connection.execute(earned):
        yield f"entry {row.entry_id.hex()} earned {row.points} points, its lot was granted {row.granted or 0}"
    taken = _TAKEN.subquery("taken")
    redeemed = (
        sa.select(entries.c.entry_id, entries.c.points, taken.c.points.label("taken"))
        .select_from(entries.outerjoin(taken, taken.c.entry_id == entries.c.entry_id))
        .where(entries.c.kind == "REDEEM", sa.func.coalesce(taken.c.points, 0) != entries.c.points)
    )
    for row in connection.execute(redeemed):
        yield f"entry {row.entry_id.hex()} redeemed {row.points} points, lots gave {row.taken or 0}"


def _of_lease(kind: str) -> sa.Label[int]:
    total = sa.func.sum(sa.case((entries.c.kind == kind, entries.c.points), else_=0))
    return sa.func.coalesce(total, 0).label(kind)


_BY_LEASE = (
    sa.select(entries.c.lease_id, _of_lease("HOLD"), _of_lease("REDEEM"), _of_lease("VOID"))
    .where(entries.c.lease_id.is_not(None))
    .group_by(entries.c.lease_id)
)
_HELD_BY_LEASE = (
    sa.select(postings.c.lease_id, sa.func.sum(postings.c.amount))
    .where(postings.c.account == "HELD")
    .group_by(postings.c.lease_id)
)


def _leases(connection: sa.Connection) -> Iterator[str]:
    booked = {row.lease_id: (row.HOLD, row.REDEEM, row.VOID) for row in connection.execute(_BY_LEASE)}
    held = _pairs(connection, _HELD_BY_LEASE)
    for row in connection.execute(sa.select(leases)):
        numbers = (row.granted, row.settled, row.returned)
        if booked.get(row.lease_id, (0, 0, 0)) != numbers:
            yield f"lease {row.lease_id} says {numbers} granted, settled and returned, its entries otherwise"
        rest = row.granted - row.settled - row.returned if row.state == "open" else 0
        posted = held.pop(row.lease_id, 0)
        if posted != rest:
            yield f"lease {row.lease_id} holds {rest} points, its postings {posted}"
    for lease_id, amount in held.items():
        yield f"postings hold {amount} points for lease {lease_id}, which is not there"


_ACCOUNTS = sa.select(
    postings.c.account, postings.c.owner, postings.c.lease_id, sa.func.sum(postings.c.amount).label("balance")
).group_by(postings.c.account, postings.c.owner, postings.c.lease_id)
_POSITIVE: Final = ("AVAIL", "HELD", "REDEEMED")
_OWED: Final = {"DUE": 1, "REDEEMED": -1, "ISSUE": -1}
"""What the programme owes a vendor is what was redeemed there less what it earned customers (ISSUE is negative)."""


def _accounts(connection: sa.Connection) -> Iterator[str]:
    sums: Counter[str] = Counter()
    owed: Counter[str] = Counter()
    for row in connection.execute(_ACCOUNTS):
        sums[row.account] += row.balance
        wrong_sign = row.balance < 0 if row.account in _POSITIVE else row.account == "ISSUE" and row.balance > 0
        if wrong_sign:
            yield f"account {row.account} of {row.owner} has the wrong sign: {row.balance}"
        owed[row.owner] += _OWED.get(row.account, 0) * row.balance
    for vendor_id, difference in owed.items():
        if difference:
            yield f"account DUE of vendor {vendor_id} is {difference} away from what was redeemed less what was earned"
    in_wallets = sums["AVAIL"] + sums["HELD"]
    if sums["POOL"] != in_wallets:
        yield f"the pool has {sums['POOL']} for {in_wallets} points in wallets"
    if sums["POOL"] + sums["DUE"]:
        yield f"the money accounts do not sum to zero but to {sums['POOL'] + sums['DUE']}"


_POSTED = (
    sa.select(entries.c.op_id, sa.func.sum(entries.c.points).label("points"))
    .where(entries.c.kind == "EARN")
    .group_by(entries.c.op_id)
    .subquery("posted")
)
_PAID = (
    sa.select(entries.c.op_id, sa.func.sum(entries.c.points).label("points"))
    .where(entries.c.kind.in_(("REDEEM", "LATE")))
    .group_by(entries.c.op_id)
    .subquery("paid")
)
_MISPOSTED = (
    sa.select(
        transactions.c.op_id,
        transactions.c.points_posted,
        transactions.c.points_paid,
        sa.func.coalesce(_POSTED.c.points, 0).label("earned"),
        sa.func.coalesce(_PAID.c.points, 0).label("spent"),
    )
    .select_from(
        transactions.outerjoin(_POSTED, _POSTED.c.op_id == transactions.c.op_id).outerjoin(
            _PAID, _PAID.c.op_id == transactions.c.op_id
        )
    )
    .where(
        sa.or_(
            sa.func.coalesce(_POSTED.c.points, 0) != transactions.c.points_posted,
            sa.and_(transactions.c.points_paid >= 0, sa.func.coalesce(_PAID.c.points, 0) != transactions.c.points_paid),
        )
    )
)


def _sales(connection: sa.Connection) -> Iterator[str]:
    for row in connection.execute(_MISPOSTED):
        yield (
            f"sale {row.op_id.hex()} says {row.points_posted} points earned and {row.points_paid} paid, "
            f"its entries {row.earned} and {row.spent}"
        )


_CHECKS: Final[tuple[Callable[[sa.Connection], Iterator[str]], ...]] = (
    _file,
    check_counters,
    _entries,
    _sales,
    _wallets,
    _lots,
    _lot_entries,
    _leases,
    _accounts,
)
