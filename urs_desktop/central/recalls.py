"""Asking counters for standing leases back, because a customer wants the points elsewhere or may not redeem any more.

A recall is an item in the counter's own stream; the counter answers with a return. Must never close a lease by itself:
what was spent of it may be on its way.
"""

from typing import Final, NamedTuple

import sqlalchemy as sa

from urs_desktop.central import feed, merged
from urs_desktop.central.schema import leases

RECALL: Final = "recall"
"""The kind of the feed's items that name a lease to come back."""

_LINES = (
    sa.select(
        leases.c.lease_id,
        leases.c.device_id,
        (leases.c.granted - leases.c.settled - leases.c.returned).label("held"),
    )
    .where(
        leases.c.customer_id == sa.bindparam("customer"),
        leases.c.state == sa.literal_column("'open'"),
        leases.c.total == sa.literal_column("0"),
    )
    .order_by(leases.c.device_id, leases.c.lease_id)
)


class Standing(NamedTuple):
    """An open standing lease: which counter keeps how many points ready."""

    lease_id: str
    device_id: bytes
    held: int


def standing(connection: sa.Connection, customer_id: str) -> list[Standing]:
    """Return a customer's open standing leases, those that were granted for no total, counter by counter."""
    return [Standing(*row) for row in connection.execute(_LINES, {"customer": customer_id})]


def recall(connection: sa.Connection, customer_id: str, but: bytes | None = None) -> int:
    """Ask every counter, `but` one, for a customer's standing leases back; return how many there are.

    Takes the locks of the counters' streams, which come last of all.
    """
    wanted = [lease for lease in standing(connection, customer_id) if lease.device_id != but]
    for lease in wanted:
        feed.publish(connection, feed.device_stream(lease.device_id), RECALL, [lease.lease_id])
    return len(wanted)


def recall_of_card(connection: sa.Connection, card: str, but: bytes) -> int:
    """Ask every other counter for what it keeps of a card's points, as `recall`; a card nobody knows has none."""
    customer_id = merged.by_card(connection, card)
    return 0 if customer_id is None else recall(connection, customer_id, but)
