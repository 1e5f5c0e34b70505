"""What time does to points: they vest and they expire, each lot once.

Done before a customer's points are granted or taken back, and for everybody by the upkeep. Must never touch what a
lease holds: that expires when it comes back.
"""

import logging
from typing import Final

import sqlalchemy as sa

from urs_desktop.central import locks, points
from urs_desktop.central.causes import Cause, entry_ids
from urs_desktop.central.ledger import LedgerError
from urs_desktop.central.lots import Part
from urs_desktop.central.schema import lots, reward_policies, settings, transactions
from urs_desktop.central.upserts import insert_or_replace
from urs_desktop.domain.points import Points
from urs_desktop.domain.policy import PolicyReference

DUE_UNTIL: Final = "points_due_until"
"""Setting: everything that was to vest or expire up to this time (milliseconds) has been done."""

_NOTED_EVERY_MS: Final = 60 * 60 * 1000

MOST_CUSTOMERS: Final = 200
"""One call of `everybody` serves at most so many customers."""

_LAG_MS: Final = 60_000
"""What came in so long ago by its own clock has been booked: a request takes the time before it waits for its locks."""

_TIME_BYTES: Final = 8

_log = logging.getLogger(__name__)

_VESTING = sa.and_(lots.c.pending > 0, lots.c.vests_at <= sa.bindparam("now"))
_EXPIRING = sa.and_(lots.c.available > 0, lots.c.expires_at <= sa.bindparam("now"))
_LOTS = (
    sa.select(
        lots,
        transactions.c.policy_id,
        transactions.c.policy_version,
        reward_policies.c.digest,
    )
    .select_from(
        lots.outerjoin(transactions, transactions.c.op_id == lots.c.op_id).outerjoin(
            reward_policies,
            sa.and_(
                reward_policies.c.policy_id == transactions.c.policy_id,
                reward_policies.c.version == transactions.c.policy_version,
            ),
        )
    )
    .where(lots.c.customer_id == sa.bindparam("customer"))
    .order_by(lots.c.created_at, lots.c.lot_id)
)
_VESTING_OF = _LOTS.where(_VESTING)
_EXPIRING_OF = _LOTS.where(_EXPIRING)
_CUSTOMERS = (
    sa.union(sa.select(lots.c.customer_id).where(_VESTING), sa.select(lots.c.customer_id).where(_EXPIRING))
    .order_by("customer_id")
    .limit(MOST_CUSTOMERS)
)
_ANY_LOT = sa.select(lots.c.lot_id).limit(1)
_DONE = insert_or_replace(settings, ["key"])


def of_customer(connection: sa.Connection, customer_id: str, now: int) -> None:
    """Let a customer's points vest and expire that are due at `now`; the wallet is locked by the caller."""
    for row in connection.execute(_VESTING_OF, {"customer": customer_id, "now": now}).all():
        points.vest(connection, _cause(b"vest/", row, now), row.lot_id, Points(row.pending))
    for row in connection.execute(_EXPIRING_OF, {"customer": customer_id, "now": now}).all():
        parts = [Part(row.lot_id, row.available, row.expires_at)]
        points.expire(connection, _cause(b"expire/", row, now), parts)


def everybody(connection: sa.Connection, now: int) -> int:
    """Do what is due for up to MOST_CUSTOMERS and return for how many.

    Where there are none that is noted, at most once in _NOTED_EVERY_MS, so that `verify` can demand it.
    """
    customers = connection.execute(_CUSTOMERS, {"now": now}).scalars().all()
    locks.wallets_of(connection, customers)
    if not customers and _is_to_be_noted(connection, now):
        connection.execute(_DONE, {"key": DUE_UNTIL, "value": str(now - _LAG_MS)})
    return sum(_done(connection, customer_id, now) for customer_id in customers)


def _is_to_be_noted(connection: sa.Connection, now: int) -> bool:
    """Return whether the last note is old; a store without points writes nothing by itself."""
    old = now - _LAG_MS - done_until(connection) >= _NOTED_EVERY_MS
    return old and connection.execute(_ANY_LOT).first() is not None


def _done(connection: sa.Connection, customer_id: str, now: int) -> bool:
    """Do what is due for one customer; where it cannot be done it is logged and keeps nobody else's points."""
    try:
        with connection.begin_nested():
            of_customer(connection, customer_id, now)
    except (LedgerError, sa.exc.IntegrityError):
        _log.exception("what is due for customer %s cannot be booked", customer_id)
        return False
    return True


def done_until(connection: sa.Connection) -> int:
    """Return up to which time everything due has been done, 0 if that was never noted."""
    value = connection.execute(sa.select(settings.c.value).where(settings.c.key == DUE_UNTIL)).scalar()
    return int(value) if value else 0


def _cause(what: bytes, row: sa.Row[*tuple[object, ...]], now: int) -> Cause:
    values = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for it
    digest = values["digest"]
    policy = None if digest is None else PolicyReference(values["policy_id"], values["policy_version"], digest)
    # By the time as well: points that come back to a lot by a clock that lags behind the upkeep's expire once more.
    ids = entry_ids(what + values["lot_id"] + now.to_bytes(_TIME_BYTES, "big"))
    return Cause(ids, values["vendor_id"], values["customer_id"], now, policy=policy)
