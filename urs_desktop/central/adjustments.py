"""Points given or taken by hand: one person asks, another one decides, and only then do they move.

The decision and what it books are one transaction. Must never let one person do both, nor take more than is available.
"""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from urs_desktop.central import due, erased, inspection, leases, locks, merged, points, records
from urs_desktop.central.causes import Cause, entry_ids
from urs_desktop.central.operators import Operator
from urs_desktop.central.schema import adjustment_decisions, adjustments, customer_records, operators, wallets
from urs_desktop.central.troubles import TroubleError
from urs_desktop.domain.money import MAX_MINOR
from urs_desktop.domain.text import clean_text
from urs_desktop.system.ids import Randomness, uuid7

APPROVED: Final = "approved"
REJECTED: Final = "rejected"
CAUSE: Final = b"adjust/"
"""The ids of what an adjustment books begin with this and the adjustment's own id."""

_MAKER = operators.alias("maker")
_CHECKER = operators.alias("checker")
_ALL = (
    sa.select(
        adjustments.c.adjustment_id,
        adjustments.c.customer_id,
        adjustments.c.points,
        adjustments.c.reason,
        adjustments.c.made_by,
        adjustments.c.made_at,
        adjustment_decisions.c.decision,
        adjustment_decisions.c.checked_at,
        customer_records.c.card_code,
        _MAKER.c.name.label("maker"),
        _CHECKER.c.name.label("checker"),
    )
    .select_from(
        adjustments.join(customer_records, customer_records.c.customer_id == adjustments.c.customer_id)
        .join(_MAKER, _MAKER.c.operator_id == adjustments.c.made_by)
        .outerjoin(adjustment_decisions, adjustment_decisions.c.adjustment_id == adjustments.c.adjustment_id)
        .outerjoin(_CHECKER, _CHECKER.c.operator_id == adjustment_decisions.c.checked_by)
    )
    .order_by(adjustments.c.made_at, adjustments.c.adjustment_id)
)
_ONE = _ALL.where(adjustments.c.adjustment_id == sa.bindparam("adjustment"))
_AVAILABLE = sa.select(wallets.c.available).where(wallets.c.customer_id == sa.bindparam("customer"))


class AdjustmentError(TroubleError):
    """Points cannot be given or taken like this; `str` is one sentence."""


@dataclass(frozen=True, slots=True)
class Adjustment:
    """Points to give (more than 0) or take (less); `maker` and `checker` are names, moments in milliseconds.

    While nobody has decided, `decision` and `checker` are empty and `checked_at` is None.
    """

    adjustment_id: str
    customer_id: str
    card: str
    points: int
    reason: str
    maker_id: str
    maker: str
    made_at: int
    decision: str
    checker: str
    checked_at: int | None


def propose(
    connection: sa.Connection,
    customer: str,
    points: int,
    reason: str,
    maker: Operator,
    now: int,
    randomness: Randomness,
) -> str:
    """Store that somebody wants points given to a customer (card code or phone) or taken; return the id.

    The reason is kept for ever and must name no person. Raises Refusal(CUSTOMER_UNKNOWN or TEXT_MALFORMED),
    AdjustmentError for no points or no reason.
    """
    if not 0 < abs(points) < MAX_MINOR:
        raise AdjustmentError("An adjustment gives or takes at least one point, and not more than there can be.")
    why = clean_text(reason)
    if not why:
        raise AdjustmentError("An adjustment needs a reason.")
    adjustment_id = str(uuid7(now, randomness))
    row = {
        "adjustment_id": adjustment_id,
        "customer_id": inspection.customer_id(connection, customer),
        "points": points,
        "reason": why,
        "made_by": maker.operator_id,
        "made_at": now,
    }
    records.write(connection, adjustments, [row])
    return adjustment_id


def approve(connection: sa.Connection, adjustment_id: str, checker: Operator, now: int) -> Adjustment:
    """Agree to an adjustment and move the points; return it as it was asked for.

    Raises AdjustmentError, with nothing decided, for one that is unknown, decided, the checker's own, or takes more
    than the customer has available.
    """
    found = _undecided(connection, adjustment_id, checker)
    customer_id = merged.end(connection, found.customer_id)
    if erased.is_erased(connection, customer_id):
        raise AdjustmentError("The customer was erased: no points can be given or taken.")
    leases.reclaim_due(connection, now, customer_id)
    due.of_customer(connection, customer_id, now)
    available: int = connection.execute(_AVAILABLE, {"customer": customer_id}).scalar_one()
    if available + found.points < 0:
        raise AdjustmentError(f"The customer has {available} points available: {-found.points} cannot be taken.")
    _decide(connection, found, APPROVED, checker, now)
    points.adjust(connection, Cause(entry_ids(cause(adjustment_id)), None, customer_id, now), found.points)
    return found


def reject(connection: sa.Connection, adjustment_id: str, checker: Operator, now: int) -> Adjustment:
    """Decide that nothing moves; raises AdjustmentError for one that is unknown, decided or the checker's own."""
    found = _undecided(connection, adjustment_id, checker)
    _decide(connection, found, REJECTED, checker, now)
    return found


def every(connection: sa.Connection) -> list[Adjustment]:
    """Return all adjustments in the order in which they were asked for."""
    return [_adjustment(row) for row in connection.execute(_ALL)]


def cause(adjustment_id: str) -> bytes:
    """Return with what the ids of the entries of an adjustment begin; raises ValueError for what is no id of one."""
    return CAUSE + UUID(adjustment_id).bytes


def _undecided(connection: sa.Connection, adjustment_id: str, checker: Operator) -> Adjustment:
    """Return an adjustment that this person may decide, with the customer's wallet locked."""
    found = _one(connection, adjustment_id)
    locks.wallets_of(connection, [found.customer_id])
    found = _one(connection, adjustment_id)
    if found.decision:
        raise AdjustmentError(f"This adjustment was {found.decision} before.")
    if found.maker_id == checker.operator_id:
        raise AdjustmentError("An adjustment is decided by another person than who asked for it.")
    return found


def _one(connection: sa.Connection, adjustment_id: str) -> Adjustment:
    row = connection.execute(_ONE, {"adjustment": adjustment_id}).one_or_none()
    if row is None:
        raise AdjustmentError(f"There is no adjustment {adjustment_id}.")
    return _adjustment(row)


def _decide(connection: sa.Connection, found: Adjustment, decision: str, checker: Operator, now: int) -> None:
    row = {
        "adjustment_id": found.adjustment_id,
        "made_by": found.maker_id,
        "decision": decision,
        "checked_by": checker.operator_id,
        "checked_at": now,
    }
    records.write(connection, adjustment_decisions, [row])


def _adjustment(row: sa.Row[*tuple[Any, ...]]) -> Adjustment:
    return Adjustment(
        adjustment_id=row.adjustment_id,
        customer_id=row.customer_id,
        card=row.card_code,
        points=row.points,
        reason=row.reason,
        maker_id=row.made_by,
        maker=row.maker,
        made_at=row.made_at,
        decision=row.decision or "",
        checker=row.checker or "",
        checked_at=row.checked_at,
    )
