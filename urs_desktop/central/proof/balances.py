"""Proves what is stored of points: wallets, lots and leases are the sums of what was posted and moved.

What a lot says of where it comes from and when it vests and expires follows from its entry and the policy of that.
Invariants 4 and 8 of ledger.md. Must never compare a stored balance with another stored one alone.
"""

from collections.abc import Iterator
from typing import Any, Final

import sqlalchemy as sa

from urs_desktop.central import due, policies
from urs_desktop.central.schema import customer_records, entries, leases, lot_moves, lots, postings, wallets

_BALANCES: Final = ("pending", "available", "held")


def _posted(account: str) -> sa.Label[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((postings.c.account == account, postings.c.amount), else_=0)), 0).label(
        account
    )


_POSTED = (
    sa.select(postings.c.owner, _posted("PENDING"), _posted("AVAIL"), _posted("HELD"), _posted("DEBT"))
    .where(postings.c.account.in_(("PENDING", "AVAIL", "HELD", "DEBT")))
    .group_by(postings.c.owner)
)
_RECORD, _WALLET = customer_records.c.customer_id, wallets.c.customer_id
_UNPAIRED = (
    sa.select(_RECORD, _WALLET.label("wallet"), _RECORD.is_not(None).label("has_record"))
    .select_from(customer_records.outerjoin(wallets, _RECORD == _WALLET, full=True))
    .where(sa.or_(_RECORD.is_(None), _WALLET.is_(None)))
)
_IN_LOTS = sa.select(
    lots.c.customer_id,
    *(sa.func.sum(lots.c[name]).label(name) for name in _BALANCES),
).group_by(lots.c.customer_id)
_MOVED = (
    sa.select(lot_moves.c.lot_id, *(sa.func.sum(lot_moves.c[name]).label(name) for name in _BALANCES))
    .group_by(lot_moves.c.lot_id)
    .subquery("moved")
)
_LOTS = sa.select(
    lots,
    *(_MOVED.c[name].label(f"moved_{name}") for name in _BALANCES),
    entries.c.kind,
    entries.c.op_id.label("entry_op"),
    entries.c.created_at.label("entry_at"),
    entries.c.policy_id,
    entries.c.policy_version,
).select_from(
    lots.outerjoin(_MOVED, _MOVED.c.lot_id == lots.c.lot_id).outerjoin(entries, entries.c.entry_id == lots.c.lot_id)
)


def check(connection: sa.Connection) -> Iterator[str]:
    """Yield a sentence for each wallet, lot or lease that is not what was posted."""
    yield from _wallets(connection)
    yield from _lots(connection)
    yield from _leases(connection)


def _wallets(connection: sa.Connection) -> Iterator[str]:
    posted = {row.owner: (row.PENDING, row.AVAIL, row.HELD, -row.DEBT) for row in connection.execute(_POSTED)}
    in_lots = {row.customer_id: (row.pending, row.available, row.held) for row in connection.execute(_IN_LOTS)}
    for row in connection.execute(sa.select(wallets)):
        stored = (row.pending, row.available, row.held, row.owed)
        sums = posted.pop(row.customer_id, (0, 0, 0, 0))
        if stored != sums:
            yield (
                f"wallet {row.customer_id} says {stored} pending, available, held and owed, its postings {tuple(sums)}"
            )
        lot_sums = in_lots.pop(row.customer_id, (0, 0, 0))
        if lot_sums != stored[:3]:
            yield f"the lots of customer {row.customer_id} hold {tuple(lot_sums)} points, the wallet {stored[:3]}"
        if row.owed and row.available:
            yield f"customer {row.customer_id} owes {row.owed} points and could spend {row.available}"
    for customer_id in sorted({*posted, *in_lots}):
        yield f"postings or lots name customer {customer_id}, who has no wallet"
    for row in connection.execute(_UNPAIRED):
        yield f"customer {row.customer_id} has no wallet" if row.has_record else f"wallet {row.wallet} is nobody's"


def _lots(connection: sa.Connection) -> Iterator[str]:
    done_until = due.done_until(connection)
    known = {(policy.policy_id, policy.version): policy for policy in policies.every(connection)}
    for row in connection.execute(_LOTS):
        name = f"lot {row.lot_id.hex()}"
        stored = (row.pending, row.available, row.held)
        moved = (row.moved_pending or 0, row.moved_available or 0, row.moved_held or 0)
        if stored != moved:
            yield f"{name} has {stored} pending, available and held, its moves come to {moved}"
        policy = known.get((row.policy_id, row.policy_version))
        times = (policy.vests_at(row.created_at), policy.expires_at(row.created_at)) if policy else (None, None)
        if row.kind == "MERGE":
            pass  # it has what its lot had before, which proof.identities compares
        elif (row.op_id, row.created_at, row.vests_at, row.expires_at) != (row.entry_op, row.entry_at, *times):
            yield f"{name} names another sale or other times than its entry and the policy of that"
        if min(stored) < 0 or sum(stored) > row.granted:
            yield f"{name} holds {stored} of the {row.granted} points it was granted"
        if row.available and row.expires_at is not None and row.expires_at <= done_until:
            yield f"{name} has expired and still has {row.available} points to spend"
        if row.pending and (row.vests_at is None or row.vests_at <= done_until):
            yield f"{name} has vested and still has {row.pending} points pending"


def _of_lease(kind: str) -> sa.Label[int]:
    total = sa.func.sum(sa.case((entries.c.kind == kind, entries.c.points), else_=0))
    return sa.func.coalesce(total, 0).label(kind)


_BY_LEASE = (
    sa.select(entries.c.lease_id, _of_lease("HOLD"), _of_lease("REDEEM"), _of_lease("VOID"))
    .where(entries.c.lease_id.is_not(None))
    .group_by(entries.c.lease_id)
)
_HELD_BY_LEASE = (
    sa.select(postings.c.lease_id, sa.func.sum(postings.c.amount).label("held"))
    .where(postings.c.account == "HELD")
    .group_by(postings.c.lease_id)
)
_LOTS_BY_LEASE = (
    sa.select(entries.c.lease_id, lot_moves.c.lot_id, sa.func.sum(lot_moves.c.held).label("held"))
    .select_from(lot_moves.join(entries, entries.c.entry_id == lot_moves.c.entry_id))
    .where(entries.c.lease_id.is_not(None))
    .group_by(entries.c.lease_id, lot_moves.c.lot_id)
    .having(sa.func.sum(lot_moves.c.held) < 0)
)


def _leases(connection: sa.Connection) -> Iterator[str]:
    booked: dict[str, Any] = {row.lease_id: (row.HOLD, row.REDEEM, row.VOID) for row in connection.execute(_BY_LEASE)}
    held: dict[str, int] = {row.lease_id: row.held for row in connection.execute(_HELD_BY_LEASE)}
    for row in connection.execute(sa.select(leases)):
        numbers = (row.granted, row.settled, row.returned)
        if booked.pop(row.lease_id, (0, 0, 0)) != numbers:
            yield f"lease {row.lease_id} says {numbers} granted, settled and returned, its entries otherwise"
        rest = row.granted - row.settled - row.returned
        if (row.state == "open") != (rest > 0):
            yield f"lease {row.lease_id} is {row.state} and holds {rest} points"
        posted = held.pop(row.lease_id, 0)
        if posted != rest:
            yield f"lease {row.lease_id} holds {rest} points, its postings {posted}"
    for lease_id in sorted({*held, *(lease_id for lease_id, numbers in booked.items() if any(numbers))}):
        yield f"postings hold {held.get(lease_id, 0)} points for lease {lease_id}, which is not there"
    for row in connection.execute(_LOTS_BY_LEASE):
        yield f"lease {row.lease_id} took more of lot {row.lot_id.hex()} than it held"
