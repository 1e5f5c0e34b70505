"""What happens to a customer's points: each movement with the lots it concerns, booked as one or more entries.

Points that become available first repay what the customer owes. Must never be bypassed: no other module books an entry
that moves a wallet.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import sqlalchemy as sa

from urs_desktop.central import erased, ledger, lots, merged
from urs_desktop.central.causes import Cause
from urs_desktop.central.ledger import LedgerError, LotMove, NewLot, Origin
from urs_desktop.central.lots import Part
from urs_desktop.central.schema import entries
from urs_desktop.domain import ledger as rules
from urs_desktop.domain.ledger import EntryKind
from urs_desktop.domain.points import NO_POINTS, Points
from urs_desktop.domain.policy import RewardPolicy

_REPAYING = entries.alias("repaying")
_REPAID = (
    sa.select(sa.func.coalesce(sa.func.sum(_REPAYING.c.points), 0))
    .where(_REPAYING.c.debt_id == entries.c.entry_id)
    .scalar_subquery()
)
_DEBTS = (
    sa.select(entries.c.entry_id, entries.c.vendor_id, (entries.c.points - _REPAID).label("rest"))
    .where(
        entries.c.kind.in_([EntryKind.DEBT.value, EntryKind.ASSUME.value]),
        entries.c.customer_id == sa.bindparam("customer"),
        entries.c.points > _REPAID,
    )
    .order_by(entries.c.created_at, entries.c.entry_id)
)


def earn(connection: sa.Connection, cause: Cause, points: Points, policy: RewardPolicy) -> None:
    """Give a customer points for a purchase, in a lot of their own that vests and expires as its policy says."""
    lot = NewLot(policy.vests_at(cause.now), policy.expires_at(cause.now))
    pending = lot.vests_at is not None
    entry = rules.earn(_vendor(cause), _customer(cause), points, pending=pending)
    booked = ledger.book(connection, entry, cause, lot=lot)
    if not pending:
        _recover(connection, cause, booked.repayable)


def vest(connection: sa.Connection, cause: Cause, lot_id: bytes, points: Points) -> None:
    """Let the points of a lot be spent from now."""
    move = LotMove(lot_id, pending=-points, available=points)
    booked = ledger.book(connection, rules.vest(_customer(cause), points), cause, [move])
    _recover(connection, cause, booked.repayable)
    _move_on(connection, cause)


def expire(connection: sa.Connection, cause: Cause, parts: Sequence[Part]) -> None:
    """Let available points go whose time is over."""
    points = lots.total(parts)
    if points:
        ledger.book(connection, rules.expire(_customer(cause), points), cause, _moves(parts, available=-1))


def hold(connection: sa.Connection, cause: Cause, points: Points, until: int) -> int | None:
    """Set points aside for the lease of the cause, which may settle `until` then; return when the first expire.

    Times in milliseconds, None for never.
    """
    parts = _whole(lots.to_hold(connection, _customer(cause), points, cause.now, until), points)
    entry = rules.hold(_customer(cause), _lease(cause), points)
    ledger.book(connection, entry, cause, _moves(parts, available=-1, held=1))
    return min((part.expires_at for part in parts if part.expires_at is not None), default=None)


def void(connection: sa.Connection, cause: Cause, points: Points) -> None:
    """Give points back that the lease of the cause held; what expired meanwhile expires now."""
    parts = _whole(lots.of_lease(connection, _lease(cause), points), points)
    over = [part for part in parts if part.is_over(cause.now)]
    entry = rules.void(_customer(cause), _lease(cause), points)
    booked = ledger.book(connection, entry, cause, _moves(parts, available=1, held=-1))
    expire(connection, cause, over)
    _recover(connection, cause, min(booked.repayable, points - lots.total(over)))
    _move_on(connection, cause)


def redeem(connection: sa.Connection, cause: Cause, points: Points) -> None:
    """Pay the vendor of the cause with points its lease holds."""
    parts = _whole(lots.of_lease(connection, _lease(cause), points), points)
    entry = rules.redeem(_vendor(cause), _customer(cause), _lease(cause), points)
    ledger.book(connection, entry, cause, _moves(parts, held=-1))


def late(connection: sa.Connection, cause: Cause, points: Points) -> None:
    """Note points a vendor accepted that no lease covers, if any."""
    if points > 0:
        ledger.book(connection, rules.late(points), cause)


def unlate(connection: sa.Connection, cause: Cause, points: Points) -> None:
    """Note points accepted late for goods that came back, if any: they return to nobody."""
    if points > 0:
        ledger.book(connection, rules.unlate(points), cause)


def give_back(connection: sa.Connection, cause: Cause, sale: bytes, before: Points, after: Points) -> None:
    """Give back what a sale was redeemed with, to its lots, once `after` points in all are back and `before` were.

    The lots may be of several customers, of whom one was merged into another since.
    """
    points = Points(after - before)
    if points <= 0:
        return
    parts = _whole(lots.to_give_back(connection, sale, before, after), points)
    for owner in dict.fromkeys(part.customer_id for part in parts):
        its = [part for part in parts if part.customer_id == owner]
        _give_back(connection, replace(cause, customer_id=owner or cause.customer_id), its)


def _give_back(connection: sa.Connection, cause: Cause, parts: Sequence[Part]) -> None:
    over = lots.total(part for part in parts if part.is_over(cause.now))
    alive = [part for part in parts if not part.is_over(cause.now)]
    entry = rules.unredeem(_vendor(cause), _customer(cause), lots.total(parts), over)
    booked = ledger.book(connection, entry, cause, _moves(alive, available=1))
    _recover(connection, cause, booked.repayable)
    _move_on(connection, cause)


def claw_back(connection: sa.Connection, cause: Cause, sale: bytes, points: Points) -> Points:
    """Take back points a sale earned; return those the wallet did not have, which the customer owes from now."""
    if points <= 0:
        return NO_POINTS
    taken = lots.to_claw(connection, _customer(cause), sale, points)
    if taken.points:
        entry = rules.clawback(_vendor(cause), _customer(cause), taken.points, taken.pending)
        ledger.book(connection, entry, cause, taken.moves)
    owed = Points(points - taken.points)
    if owed:
        ledger.book(connection, rules.debt(_vendor(cause), _customer(cause), owed), cause)
    return owed


def adjust(connection: sa.Connection, cause: Cause, points: int) -> None:
    """Give (more than 0) or take (less) what two people agreed on; raises LedgerError beyond what is available."""
    entry = rules.adjust(_customer(cause), points)
    if points > 0:
        booked = ledger.book(connection, entry, cause, lot=NewLot())
        _recover(connection, cause, booked.repayable)
        return
    parts = _whole(lots.to_spend(connection, _customer(cause), -points), -points)
    ledger.book(connection, entry, cause, _moves(parts, available=-1))


def merge(connection: sa.Connection, cause: Cause, into: str) -> None:
    """Let all that a customer owes be owed, and all that no lease holds be owned, by the one it was merged into."""
    customer = _customer(cause)
    repayable = 0
    for debt in connection.execute(_DEBTS, {"customer": customer}).all():
        because = replace(cause, customer_id=into, vendor_id=debt.vendor_id, debt_id=debt.entry_id)
        owed = Points(int(debt.rest))
        repayable = ledger.book(connection, rules.assume(customer, into, owed), because).repayable
    moved = _move_lots(connection, cause, into)
    _recover(connection, replace(cause, customer_id=into), repayable if moved is None else moved)


def forfeit(connection: sa.Connection, cause: Cause) -> None:
    """Let all available points of a customer go, who was erased: nobody can spend them."""
    expire(connection, cause, lots.available(connection, _customer(cause)))


def _move_on(connection: sa.Connection, cause: Cause) -> None:
    """Move what became available on to whom the customer was merged into, or let it go if the customer was erased."""
    if erased.is_erased(connection, _customer(cause)):
        forfeit(connection, cause)
        return
    into = merged.into(connection, _customer(cause))
    if into is not None:
        _recover(connection, replace(cause, customer_id=into), _move_lots(connection, cause, into) or 0)


def _move_lots(connection: sa.Connection, cause: Cause, into: str) -> int | None:
    """Move all that no lease holds into new lots of another customer's, who then can repay so much (None: no lot)."""
    repayable = None
    for lot in lots.to_move(connection, _customer(cause)):
        pending = lot.pending > 0
        points = Points(lot.pending or lot.available)
        entry = rules.merge(_customer(cause), into, points, pending=pending)
        because = Cause(lots.ids_of_moves(connection, lot.lot_id), lot.vendor_id, into, cause.now, cause.op_id)
        taken = LotMove(lot.lot_id, pending=-points) if pending else LotMove(lot.lot_id, available=-points)
        new = NewLot(lot.vests_at, lot.expires_at, Origin(lot.vendor_id, lot.op_id, lot.created_at))
        repayable = ledger.book(connection, entry, because, [taken], lot=new).repayable
    return repayable


def _recover(connection: sa.Connection, cause: Cause, repayable: int) -> None:
    """Repay the customer's debts, oldest first, with so many points, which are available and owed."""
    if not repayable:
        return
    customer, left = _customer(cause), repayable
    for debt in connection.execute(_DEBTS, {"customer": customer}).all():
        points = Points(min(left, int(debt.rest)))
        if points:
            parts = _whole(lots.to_spend(connection, customer, points), points)
            because = replace(cause, vendor_id=debt.vendor_id, debt_id=debt.entry_id)
            ledger.book(
                connection, rules.recover(debt.vendor_id, customer, points), because, _moves(parts, available=-1)
            )
        left -= points


def _moves(parts: Iterable[Part], *, available: int = 0, held: int = 0) -> list[LotMove]:
    return [LotMove(p.lot_id, available=available * p.points, held=held * p.points) for p in parts]


def _whole(parts: list[Part], points: int) -> list[Part]:
    if lots.total(parts) != points:
        raise LedgerError(f"lots give {lots.total(parts)} of {points} points")
    return parts


def _customer(cause: Cause) -> str:
    if cause.customer_id is None:
        raise LedgerError("points move without a customer")
    return cause.customer_id


def _vendor(cause: Cause) -> str:
    if cause.vendor_id is None:
        raise LedgerError("points move without a vendor")
    return cause.vendor_id


def _lease(cause: Cause) -> str:
    if cause.lease_id is None:
        raise LedgerError("points are held without a lease")
    return cause.lease_id
