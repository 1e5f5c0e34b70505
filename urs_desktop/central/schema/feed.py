"""Tables of the feed: what changed, in the order in which it was committed.

Items hold no content, only which thing changed and at which position; the content is read when it is sent. Must never
have a position that was not taken under its stream's row lock.
"""

from typing import Final

import sqlalchemy as sa

from urs_desktop.central.schema.base import integer, one_of, table, text

streams: Final = table("streams", text("stream", primary_key=True), integer("head"))
"""The last position given in each stream: `global`, `vendor:<id>`, `device:<id>`."""

feed_gaps: Final = table(
    "feed_gaps",
    text("stream", sa.ForeignKey("streams.stream"), primary_key=True),
    integer("after", primary_key=True),
    integer("upto"),
    sa.CheckConstraint("after < upto", name="gap"),
)
"""Positions this store never gave: those above `after` up to `upto`. A counter that was there read another history."""

feed_items: Final = table(
    "feed_items",
    text("stream", sa.ForeignKey("streams.stream"), primary_key=True),
    text("kind", primary_key=True),
    text("key", primary_key=True),
    integer("position"),
    sa.UniqueConstraint("stream", "position"),
    one_of("kind", "policy", "product", "customer", "recall", "gone"),
)
"""The latest position at which each thing changed.

`key` is policy id and version, sku, customer id, for a recall the id of a lease, and for who is gone the card.
"""

dirty_customers: Final = table(
    "dirty_customers",
    text("customer_id", sa.ForeignKey("customer_records.customer_id"), primary_key=True),
    integer("changes"),
)
"""Customers that changed since the last fan-out, so that no sale waits for a vendor's stream."""
