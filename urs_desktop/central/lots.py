"""Which lots a movement of points takes from or gives back to.

Earliest expiry first, then oldest; a lease first reserves what outlives it; what a refund gives back goes where it came
from. Must never move anything: it chooses, central.ledger books.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Final

import sqlalchemy as sa

from urs_desktop.central.causes import entry_ids
from urs_desktop.central.ledger import LotMove
from urs_desktop.central.schema import entries, lot_moves, lots
from urs_desktop.domain.ledger import EntryKind
from urs_desktop.domain.points import Points

_IN_ORDER = (lots.c.expires_at.nulls_last(), lots.c.created_at, lots.c.lot_id)
_BALANCES = sa.select(lots.c.lot_id, lots.c.op_id, lots.c.pending, lots.c.available, lots.c.held, lots.c.expires_at)
_OF_CUSTOMER = (
    _BALANCES.where(lots.c.customer_id == sa.bindparam("customer"), lots.c.available + lots.c.pending > 0)
    .order_by(*_IN_ORDER)
    .with_for_update()
)
_OF_LEASE = (
    sa.select(lot_moves.c.lot_id, sa.func.sum(lot_moves.c.held).label("points"), lots.c.expires_at)
    .select_from(
        lot_moves.join(entries, entries.c.entry_id == lot_moves.c.entry_id).join(
            lots, lots.c.lot_id == lot_moves.c.lot_id
        )
    )
    .where(entries.c.lease_id == sa.bindparam("lease"))
    .group_by(lot_moves.c.lot_id, lots.c.expires_at, lots.c.created_at, lots.c.lot_id)
    .having(sa.func.sum(lot_moves.c.held) > 0)
    .order_by(*_IN_ORDER)
)
_SPENT_ON = (
    sa.select(
        lot_moves.c.lot_id, (-sa.func.sum(lot_moves.c.held)).label("points"), lots.c.expires_at, lots.c.customer_id
    )
    .select_from(
        lot_moves.join(entries, entries.c.entry_id == lot_moves.c.entry_id).join(
            lots, lots.c.lot_id == lot_moves.c.lot_id
        )
    )
    .where(entries.c.op_id == sa.bindparam("op"), entries.c.kind == sa.literal_column(f"'{EntryKind.REDEEM.value}'"))
    .group_by(lot_moves.c.lot_id, lots.c.expires_at, lots.c.customer_id, lots.c.created_at, lots.c.lot_id)
    .order_by(*_IN_ORDER)
)
_MOVABLE = (
    sa.select(lots)
    .where(lots.c.customer_id == sa.bindparam("customer"), lots.c.available + lots.c.pending > 0)
    .order_by(*_IN_ORDER)
    .with_for_update()
)
_MOVES = (
    sa.select(sa.func.count())
    .select_from(lot_moves.join(entries, entries.c.entry_id == lot_moves.c.entry_id))
    .where(
        lot_moves.c.lot_id == sa.bindparam("lot"),
        lot_moves.c.entry_id != lot_moves.c.lot_id,
        entries.c.kind == sa.literal_column(f"'{EntryKind.MERGE.value}'"),
    )
)

MOVED: Final = b"moved/"
"""The id of an entry that moves points of a lot on begins with this and the lot's id; its number says how often."""


@dataclass(frozen=True, slots=True)
class Part:
    """So many points of one lot, which expires at `expires_at` (milliseconds) or never; `customer_id` if it matters."""

    lot_id: bytes
    points: int
    expires_at: int | None
    customer_id: str = ""

    def is_over(self, now: int) -> bool:
        """Return whether the lot has expired by `now`."""
        return self.expires_at is not None and self.expires_at <= now


@dataclass(frozen=True, slots=True)
class Taken:
    """What can be taken from a customer's lots: the moves, how much in all, and how much of it had not vested."""

    moves: tuple[LotMove, ...]
    points: Points
    pending: Points


def to_hold(connection: sa.Connection, customer_id: str, points: int, now: int, until: int) -> list[Part]:
    """Return where a lease that may settle `until` then takes its points: first from lots that outlive it."""
    rows = connection.execute(_OF_CUSTOMER, {"customer": customer_id}).all()
    free = [Part(r.lot_id, r.available, r.expires_at) for r in rows if r.available]
    alive = [part for part in free if not part.is_over(now)]
    return _first([*(p for p in alive if not p.is_over(until)), *(p for p in alive if p.is_over(until))], points)


def to_spend(connection: sa.Connection, customer_id: str, points: int) -> list[Part]:
    """Return where available points are taken from."""
    return _first(available(connection, customer_id), points)


def available(connection: sa.Connection, customer_id: str) -> list[Part]:
    """Return all that a customer has available, in the order in which it is spent."""
    rows = connection.execute(_OF_CUSTOMER, {"customer": customer_id}).all()
    return [Part(r.lot_id, r.available, r.expires_at) for r in rows if r.available]


def of_lease(connection: sa.Connection, lease_id: str, points: int) -> list[Part]:
    """Return which lots give the next `points` a lease spends or gives back."""
    rows = connection.execute(_OF_LEASE, {"lease": lease_id})
    return _first([Part(r.lot_id, int(r.points), r.expires_at) for r in rows], points)


def to_claw(connection: sa.Connection, customer_id: str, sale: bytes, points: int) -> Taken:
    """Return what can be taken back of the points of a sale: from its own lot, then from the customer's others.

    Last of all from those the sale was paid with, in the order in which its refunds fill them: so many small refunds
    and one large one end alike.
    """
    rows = connection.execute(_OF_CUSTOMER, {"customer": customer_id}).all()
    own = [row for row in rows if row.op_id == sale]
    refilled = _spent_on(connection, sale) if sum(row.pending + row.available for row in own) < points else []
    place = {part.lot_id: n for n, part in enumerate(refilled, 1)}
    others = sorted((row for row in rows if row.op_id != sale), key=lambda row: place.get(row.lot_id, 0))
    moves: list[LotMove] = []
    missing = points
    pending = 0
    for row in [*own, *others]:
        waits = min(missing, row.pending)
        free = min(missing - waits, row.available)
        if waits or free:
            moves.append(LotMove(row.lot_id, pending=-waits, available=-free))
        missing -= waits + free
        pending += waits
    return Taken(tuple(moves), Points(points - missing), Points(pending))


def to_give_back(connection: sa.Connection, sale: bytes, before: int, after: int) -> list[Part]:
    """Return where the points a sale was paid with go back to, once `after` of them are back and `before` were.

    What was spent last goes back first, so that many small refunds and one large one end alike.
    """
    spent = _spent_on(connection, sale)
    already = {part.lot_id: part.points for part in _first(spent, before)}
    parts = [replace(p, points=p.points - already.get(p.lot_id, 0)) for p in _first(spent, after)]
    return [part for part in parts if part.points]


def to_move(connection: sa.Connection, customer_id: str) -> Sequence[sa.Row[Any]]:
    """Return the lots of a customer of which no lease holds all."""
    return connection.execute(_MOVABLE, {"customer": customer_id}).all()


def ids_of_moves(connection: sa.Connection, lot_id: bytes) -> Iterator[bytes]:
    """Yield the ids of the next entries that move points of a lot on to another customer."""
    moved: int = connection.execute(_MOVES, {"lot": lot_id}).scalar_one()
    return islice(entry_ids(MOVED + lot_id), moved, None)


def total(parts: Iterable[Part]) -> Points:
    """Return the points of several parts."""
    return Points(sum(part.points for part in parts))


def _spent_on(connection: sa.Connection, sale: bytes) -> list[Part]:
    """Return what a sale was redeemed with by lot, what was spent last first."""
    rows = connection.execute(_SPENT_ON, {"op": sale})
    spent = [Part(r.lot_id, int(r.points), r.expires_at, r.customer_id) for r in rows]
    spent.reverse()
    return spent


def _first(parts: Sequence[Part], points: int) -> list[Part]:
    """Return the first `points` of the parts, or all if they are fewer."""
    found: list[Part] = []
    missing = points
    for part in parts:
        taken = min(missing, part.points)
        if taken > 0:
            found.append(replace(part, points=taken))
            missing -= taken
    return found
