"""Blocking a customer: no new points are set aside for one until unblocked; what was granted before stands.

Must never touch a sale, an earning or a lease: a block is about what is granted next.
"""

from typing import Final

import sqlalchemy as sa

from urs_desktop.central import customers, feed, locks, recalls
from urs_desktop.central.schema import customer_records

_IS_SET: Final = customer_records.c.blocked_at.is_not(None)
_CHANGE = (
    sa.update(customer_records)
    .where(customer_records.c.customer_id == sa.bindparam("customer"), sa.bindparam("is_blocked") != _IS_SET)
    .values(blocked_at=sa.bindparam("at"))
)


def block(connection: sa.Connection, card: str, now: int) -> bool:
    """Grant this card's customer no points from now and ask for the lines back; return whether that is new.

    Raises Refusal(CUSTOMER_UNKNOWN).
    """
    return _change(connection, card, now)


def unblock(connection: sa.Connection, card: str) -> bool:
    """Let points be granted again; return whether they were not. Raises Refusal(CUSTOMER_UNKNOWN)."""
    return _change(connection, card, None)


def _change(connection: sa.Connection, card: str, at: int | None) -> bool:
    customer_id = customers.known(connection, card)
    locks.wallets_of(connection, [customer_id])
    values = {"customer": customer_id, "at": at, "is_blocked": at is not None}
    changed = connection.execute(_CHANGE, values).rowcount == 1
    if changed:
        feed.mark_customer(connection, customer_id)
    if changed and at is not None:
        recalls.recall(connection, customer_id)
    return changed
