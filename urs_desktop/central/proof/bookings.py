"""Proves every entry: its postings are exactly those the rules make, and its lots moved as they say.

Invariant 1 of ledger.md. Must never believe an entry's sums where it can make the entry anew.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any, Final

import sqlalchemy as sa

from urs_desktop.central.schema import entries, lot_moves, lots, postings
from urs_desktop.domain import ledger as rules
from urs_desktop.domain.ledger import Entry, EntryKind
from urs_desktop.domain.points import Points

_Row = sa.Row[*tuple[Any, ...]]
_UNBALANCED = (
    sa.select(postings.c.entry_id, postings.c.unit, sa.func.sum(postings.c.amount).label("over"))
    .group_by(postings.c.entry_id, postings.c.unit)
    .having(sa.func.sum(postings.c.amount) != 0)
)
_ENTRIES = sa.select(entries).order_by(entries.c.entry_id)
_POSTINGS = sa.select(postings).order_by(postings.c.entry_id, postings.c.n)
_MOVED = (
    sa.select(
        lot_moves.c.entry_id,
        sa.func.sum(lot_moves.c.pending).label("pending"),
        sa.func.sum(lot_moves.c.available).label("available"),
        sa.func.sum(lot_moves.c.held).label("held"),
    )
    .group_by(lot_moves.c.entry_id)
    .order_by(lot_moves.c.entry_id)
)
_STRAY = (
    sa.select(lots.c.lot_id)
    .select_from(lots.outerjoin(entries, entries.c.entry_id == lots.c.lot_id))
    .where(
        sa.or_(
            entries.c.entry_id.is_(None),
            entries.c.points != lots.c.granted,
            entries.c.customer_id != lots.c.customer_id,
            sa.func.coalesce(entries.c.vendor_id, "") != sa.func.coalesce(lots.c.vendor_id, ""),
            entries.c.kind.not_in((EntryKind.EARN.value, EntryKind.ADJUST.value, EntryKind.MERGE.value)),
        )
    )
)
_WITHOUT_LOT = (
    sa.select(entries.c.entry_id)
    .select_from(entries.outerjoin(lots, lots.c.lot_id == entries.c.entry_id))
    .where(entries.c.kind.in_((EntryKind.EARN.value, EntryKind.MERGE.value)), lots.c.lot_id.is_(None))
)
_IN_LOTS: Final = ("PENDING", "AVAIL", "HELD")


def check(connection: sa.Connection) -> Iterator[str]:
    """Yield a sentence for each entry that the rules do not make, that does not balance or moves lots otherwise."""
    for row in connection.execute(_UNBALANCED):
        yield f"entry {row.entry_id.hex()} does not balance: {row.over} {row.unit} too many"
    posted = groupby(connection.execute(_POSTINGS), key=attrgetter("entry_id"))
    moved = iter(connection.execute(_MOVED))
    next_posted, next_moved = next(posted, None), next(moved, None)
    for entry in connection.execute(_ENTRIES):
        own: list[_Row] = []
        while next_posted is not None and next_posted[0] <= entry.entry_id:
            if next_posted[0] == entry.entry_id:
                own = list(next_posted[1])
            else:
                yield f"postings of entry {next_posted[0].hex()} belong to no entry"
            next_posted = next(posted, None)
        moves = (0, 0, 0)
        while next_moved is not None and next_moved.entry_id <= entry.entry_id:
            if next_moved.entry_id == entry.entry_id:
                moves = (next_moved.pending, next_moved.available, next_moved.held)
            else:
                yield f"lots were moved by entry {next_moved.entry_id.hex()}, which is not there"
            next_moved = next(moved, None)
        yield from _check_entry(entry, own, moves)
    if next_posted is not None or next_moved is not None:
        yield "postings or moves of lots belong to no entry"
    for lot in connection.execute(_STRAY):
        yield f"lot {lot.lot_id.hex()} is not what its entry granted"
    for entry in connection.execute(_WITHOUT_LOT):
        yield f"entry {entry.entry_id.hex()} earned or moved points that are in no lot"


def _check_entry(entry: _Row, own: Sequence[_Row], moves: tuple[int, int, int]) -> Iterator[str]:
    name = f"entry {entry.entry_id.hex()} ({entry.kind} of {entry.points})"
    try:
        expected = _made_anew(entry, own)
    except (AssertionError, ValueError):
        expected = None
    stored = {(p.account, p.owner, p.lease_id, p.unit): p.amount for p in own}
    if expected is None or len(stored) != len(own) or stored != _by_account(expected):
        yield f"{name} has postings the rules do not make: {sorted(stored.items())}"
    in_lots = Counter(dict.fromkeys(_IN_LOTS, 0))
    for posting in own:
        if posting.account in in_lots:
            in_lots[posting.account] += posting.amount
    if moves != tuple(in_lots[account] for account in _IN_LOTS):
        yield f"{name} posts {dict(in_lots)}, its lots moved by {moves}"


def _by_account(entry: Entry) -> dict[tuple[str, str, str, str], int]:
    return {(p.account.kind.value, p.account.owner, p.account.lease, p.unit.value): p.amount for p in entry.postings}


def _made_anew(entry: _Row, own: Sequence[_Row]) -> Entry:
    """Return the entry its header asks for; what the header does not say (signs, parts) is read off the postings."""
    kind, points = EntryKind(entry.kind), Points(entry.points)
    customer, vendor, lease = entry.customer_id or "", entry.vendor_id or "", entry.lease_id or ""
    amounts = {posting.account: posting.amount for posting in own}
    giver = next((p.owner for p in own if p.owner != customer), "")
    made = {
        EntryKind.MERGE: lambda: rules.merge(giver, customer, points, pending="PENDING" in amounts),
        EntryKind.ASSUME: lambda: rules.assume(giver, customer, points),
        EntryKind.EARN: lambda: rules.earn(vendor, customer, points, pending="PENDING" in amounts),
        EntryKind.VEST: lambda: rules.vest(customer, points),
        EntryKind.HOLD: lambda: rules.hold(customer, lease, points),
        EntryKind.VOID: lambda: rules.void(customer, lease, points),
        EntryKind.REDEEM: lambda: rules.redeem(vendor, customer, lease, points),
        EntryKind.LATE: lambda: rules.late(points),
        EntryKind.UNLATE: lambda: rules.unlate(points),
        EntryKind.EXPIRE: lambda: rules.expire(customer, points),
        EntryKind.UNREDEEM: lambda: rules.unredeem(vendor, customer, points, Points(amounts.get("EXPIRED", 0))),
        EntryKind.CLAWBACK: lambda: rules.clawback(vendor, customer, points, Points(-amounts.get("PENDING", 0))),
        EntryKind.DEBT: lambda: rules.debt(vendor, customer, points),
        EntryKind.RECOVER: lambda: rules.recover(vendor, customer, points),
        EntryKind.ADJUST: lambda: rules.adjust(customer, points if amounts.get("AVAIL", 0) > 0 else -points),
        EntryKind.FEE: lambda: rules.fee(vendor, points if amounts.get("FEES", 0) > 0 else -points),
        EntryKind.SHARE: lambda: rules.share(vendor, points if amounts.get("DUE", 0) > 0 else -points),
        EntryKind.SETTLE: lambda: rules.settle(vendor, points if amounts.get("BANK", 0) > 0 else -points),
    }
    return made[kind]()
