"""Merging a customer into another, for ever: points and debts move on, the old card concerns the other from now.

Leases of the old customer keep their id and their customer until they are over; what they give back moves on at once
(points.void). The person's record moves too, so that nobody is found twice. Must never be undone, nor lead in a circle.
Source: sync.md 2.8.
"""

from typing import Any, Final

import sqlalchemy as sa

from urs_desktop.central import due, erased, feed, leases, locks, merged, points, records
from urs_desktop.central.causes import Cause, entry_ids
from urs_desktop.central.operators import Operator
from urs_desktop.central.schema import customer_merges, customer_records, customer_vendors
from urs_desktop.central.troubles import TroubleError
from urs_desktop.central.upserts import insert_or_move_on
from urs_desktop.central.visibility import HIDDEN
from urs_desktop.domain.text import as_stored, clean_text

CAUSE: Final = b"merged/"
"""The ids of the entries by which debts move begin with this and the id of who was merged."""

_RECORD = sa.select(customer_records).where(customer_records.c.customer_id == sa.bindparam("customer"))
_CHANGE = (
    sa.update(customer_records)
    .where(customer_records.c.customer_id == sa.bindparam("customer"))
    .values({name: sa.bindparam(f"new_{name}") for name in ("name", "phone", "email", "consent_at", "blocked_at")})
)
_LINKS = (
    sa.select(customer_vendors)
    .where(customer_vendors.c.customer_id == sa.bindparam("customer"))
    .order_by(customer_vendors.c.vendor_id)
)
_LINK = insert_or_move_on(customer_vendors, ["customer_id", "vendor_id"], "seen_at", 1)


class MergeError(TroubleError):
    """These customers cannot be merged; `str` is one sentence."""


def merge(connection: sa.Connection, card: str, other: str, by: Operator, reason: str, now: int) -> str:
    """Merge the customer with `card` into the one with the card `other`; return the latter's id.

    The reason is kept for ever and must name no person. Raises Refusal(CUSTOMER_UNKNOWN, CUSTOMER_ERASED,
    TEXT_MALFORMED), MergeError for no reason, for one who was merged before, and for a circle.
    """
    why = clean_text(reason)
    if not why:
        raise MergeError("Merging needs a reason.")
    locks.merges_alone(connection)
    old = merged.own_card(connection, as_stored(card))
    new = merged.by_card(connection, as_stored(other))
    if old is None or new is None:
        raise erased.nobody(connection, as_stored(card if old is None else other))
    if merged.into(connection, old) is not None:
        raise MergeError("This customer was merged before: the card concerns another customer already.")
    if old == new:
        raise MergeError("Both cards are the same customer's.")
    locks.wallets_of(connection, [old, new])
    for customer_id in sorted((old, new)):
        leases.reclaim_due(connection, now, customer_id)
        due.of_customer(connection, customer_id, now)
    row = {"from_id": old, "into_id": new, "merged_by": by.operator_id, "reason": why, "merged_at": now}
    records.write(connection, customer_merges, [row])
    points.merge(connection, Cause(entry_ids(CAUSE + old.encode()), None, old, now), new)
    _move_record(connection, old, new)
    _link(connection, old, new)
    feed.mark_customers(connection, [old, new])
    return new


def _move_record(connection: sa.Connection, old: str, new: str) -> None:
    """Give the person's record what it lacks and leave the card alone behind; a block stays, consent is not taken."""
    theirs = connection.execute(_RECORD, {"customer": old}).one()
    kept = connection.execute(_RECORD, {"customer": new}).one()
    whole: dict[str, Any] = {
        "new_name": kept.name or theirs.name,
        "new_phone": kept.phone or theirs.phone,
        "new_email": kept.email or theirs.email,
        "new_consent_at": kept.consent_at,
        "new_blocked_at": theirs.blocked_at if kept.blocked_at is None else kept.blocked_at,
    }
    nothing = {"new_name": "", "new_phone": "", "new_email": "", "new_consent_at": None, "new_blocked_at": None}
    connection.execute(_CHANGE, {"customer": old, **nothing})
    connection.execute(_CHANGE, {"customer": new, **whole})


def _link(connection: sa.Connection, old: str, new: str) -> None:
    """Make the other one a customer of the same vendors; the old links stay, so that counters can be told to forget."""
    links = [
        {"customer_id": new, "vendor_id": row.vendor_id, "since": row.since, "seen_at": row.seen_at, "shown": HIDDEN}
        for row in connection.execute(_LINKS, {"customer": old})
    ]
    if links:
        connection.execute(_LINK, links)
