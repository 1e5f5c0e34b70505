"""The feed: what counters shall know, in streams whose positions have no gap.

A position is taken under the row lock of its stream's head in the transaction that writes the item, so whoever has
read up to a position has missed nothing before it. Sales touch no stream: they mark their customer, and `fan_out`
moves the marks to the vendors' streams. Each time the store begins to serve, positions go on above all that were
given before, in whichever history: one restored from a backup never gives a position twice. Must never send a customer
to a counter of a vendor that is not the customer's.
"""

from collections import Counter as Counted
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, Final

import sqlalchemy as sa

from urs_desktop.central import locks, visibility
from urs_desktop.central.feed_items import Key, contents
from urs_desktop.central.origin import Counter, counter
from urs_desktop.central.schema import (
    customer_records,
    customer_vendors,
    dirty_customers,
    feed_gaps,
    feed_items,
    settings,
    streams,
)
from urs_desktop.central.upserts import insert_or_add, insert_or_replace
from urs_desktop.protocol.codec import MalformedError
from urs_desktop.protocol.messages import FeedItem, FeedReply

GLOBAL: Final = "global"
"""The stream every counter reads."""

MAX_LIMIT: Final = 1000
"""At most this many items in one answer, and this many customers in one fan-out."""

_PARTS: Final = 3
_DIGITS: Final = 18

_BASE_KEY: Final = "feed_base"
_PER_MS: Final = 1000
"""More positions than can be given in a millisecond."""

_BASE = sa.select(settings.c.value).where(settings.c.key == _BASE_KEY)
_PUT_BASE = insert_or_replace(settings, ["key"])
_ADVANCE = insert_or_add(streams, ["stream"], "head").returning(streams.c.head)
_ITEMS = insert_or_replace(feed_items, ["stream", "kind", "key"])
_MARK = insert_or_add(dirty_customers, ["customer_id"], "changes")
_HEADS = sa.select(streams.c.stream, streams.c.head).where(streams.c.stream.in_(sa.bindparam("names", expanding=True)))
_ANY_DIRTY = sa.select(dirty_customers.c.customer_id).limit(1)
_DIRTY = (
    sa.select(dirty_customers.c.customer_id)
    .order_by(dirty_customers.c.customer_id)
    .limit(sa.bindparam("most"))
    .with_for_update(skip_locked=True)
)
_CLEAN = sa.delete(dirty_customers).where(dirty_customers.c.customer_id.in_(sa.bindparam("customers", expanding=True)))
_LINKS = (
    sa.select(
        customer_vendors.c.vendor_id, customer_vendors.c.customer_id, customer_vendors.c.shown, *visibility.COLUMNS
    )
    .select_from(
        customer_vendors.join(customer_records, customer_records.c.customer_id == customer_vendors.c.customer_id)
    )
    .where(customer_vendors.c.customer_id.in_(sa.bindparam("customers", expanding=True)))
    .order_by(customer_vendors.c.vendor_id, customer_vendors.c.customer_id)
    .with_for_update(of=customer_vendors, key_share=True, skip_locked=True)
)
_LINKED = sa.select(customer_vendors.c.customer_id).where(
    customer_vendors.c.customer_id.in_(sa.bindparam("customers", expanding=True))
)
_SHOW = (
    sa.update(customer_vendors)
    .where(
        customer_vendors.c.customer_id == sa.bindparam("customer"),
        customer_vendors.c.vendor_id == sa.bindparam("vendor"),
    )
    .values(shown=sa.bindparam("now_shown"))
)
_UNSEEN = (
    sa.select(customer_vendors.c.customer_id)
    .where(
        # As a literal, so that both databases see that the index of these rows alone serves.
        customer_vendors.c.shown == sa.literal_column(str(visibility.WHOLE)),
        customer_vendors.c.seen_at < sa.bindparam("since"),
    )
    .order_by(customer_vendors.c.seen_at)
    .limit(sa.bindparam("most"))
)
_IN_GAP = sa.select(sa.literal(1)).where(
    feed_gaps.c.stream == sa.bindparam("name"),
    feed_gaps.c.after < sa.bindparam("at"),
    feed_gaps.c.upto >= sa.bindparam("at"),
)
_AFTER = (
    sa.select(feed_items.c.kind, feed_items.c.key, feed_items.c.position)
    .where(feed_items.c.stream == sa.bindparam("name"), feed_items.c.position > sa.bindparam("after"))
    .order_by(feed_items.c.position)
    .limit(sa.bindparam("most"))
)


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a counter has read: a position in the global, its vendor's and its own stream."""

    everyone: int = 0
    vendor: int = 0
    device: int = 0

    def __str__(self) -> str:
        """Return the cursor as counters keep it, without looking inside."""
        return f"{self.everyone}.{self.vendor}.{self.device}"


def parse_cursor(text: str) -> Cursor:
    """Read a cursor; empty is the beginning. Raises MalformedError for anything this store never sent."""
    if not text:
        return Cursor()
    parts = text.split(".")
    if len(parts) != _PARTS or not all(p.isascii() and p.isdigit() and len(p) <= _DIGITS for p in parts):
        raise MalformedError("the cursor is not one this store gave")
    return Cursor(*map(int, parts))


def vendor_stream(vendor_id: str) -> str:
    """Return the name of the stream that all counters of a vendor read."""
    return f"vendor:{vendor_id}"


def device_stream(device_id: bytes) -> str:
    """Return the name of the stream that one counter reads."""
    return f"device:{device_id.hex()}"


def begin(connection: sa.Connection, now: int) -> None:
    """Let positions go on above all that any store with this database's past can have given until now.

    For whoever begins to serve, or puts right what a backup brought back: nobody else can tell that it is one.
    """
    base = max(_base(connection), now * _PER_MS)
    connection.execute(_PUT_BASE, {"key": _BASE_KEY, "value": str(base)})


def _base(connection: sa.Connection) -> int:
    return int(connection.execute(_BASE).scalar() or 0)


def publish(connection: sa.Connection, stream: str, kind: str, keys: Sequence[str]) -> None:
    """Put things that changed at the end of a stream; each appears there once, at its latest position."""
    if not keys:
        return
    head = connection.execute(_ADVANCE, {"stream": stream, "head": len(keys)}).scalar_one()
    before, base = head - len(keys), _base(connection)
    if before < base:
        # The stream's first since the store began to serve; its row is locked, so nobody else is here.
        connection.execute(sa.insert(feed_gaps), {"stream": stream, "after": before, "upto": base})
        connection.execute(_ADVANCE, {"stream": stream, "head": base - before})
    first = max(before, base) + 1
    connection.execute(
        _ITEMS,
        [{"stream": stream, "kind": kind, "key": key, "position": first + n} for n, key in enumerate(keys)],
    )


def mark_customer(connection: sa.Connection, customer_id: str) -> None:
    """Note that a customer changed, for the next fan-out."""
    connection.execute(_MARK, {"customer_id": customer_id, "changes": 1})


def mark_customers(connection: sa.Connection, customers: Iterable[str]) -> None:
    """Note that many customers changed, in the order in which everybody marks them."""
    marks = [{"customer_id": customer, "changes": 1} for customer in sorted(set(customers))]
    if marks:
        connection.execute(_MARK, marks)


def mark_unseen(connection: sa.Connection, now: int, most: int = MAX_LIMIT) -> int:
    """Note up to `most` customers whom a vendor has not seen for so long that its counters forget them; how many."""
    since = visibility.seen_since(connection, now)
    unseen = connection.execute(_UNSEEN, {"since": since, "most": most}).scalars().all()
    mark_customers(connection, unseen)
    return len(unseen)


def fan_out(connection: sa.Connection, now: int, most: int = MAX_LIMIT) -> int:
    """Move up to `most` marked customers to the streams of all their vendors; return how many were marked.

    A vendor's stream gets those its counters may hold, and those they held and may no more. Those that another fan-out
    is moving are passed over, and so are those that a sale is marking: its commit leaves them marked. The streams are
    taken in the order of their names.
    """
    customers = connection.execute(_DIRTY, {"most": most}).scalars().all()
    if not customers:
        return 0
    links = connection.execute(_LINKS, {"customers": customers}).all()
    busy = _busy(connection, customers, links)
    customers = [customer for customer in customers if customer not in busy]
    if customers:
        connection.execute(_CLEAN, {"customers": customers})
        _tell(connection, [row for row in links if row.customer_id not in busy], visibility.seen_since(connection, now))
    return len(customers)


def _busy(connection: sa.Connection, customers: Sequence[str], links: Sequence[Any]) -> set[str]:
    """Return the customers some link of whom a push is changing: it waits for their marks, so these wait for it."""
    if not locks.needed(connection):
        return set()
    missing = Counted(connection.execute(_LINKED, {"customers": customers}).scalars())
    missing.subtract(row.customer_id for row in links)
    return {customer for customer, count in missing.items() if count}


def _tell(connection: sa.Connection, links: Sequence[Any], since: int) -> None:
    """Publish customers to the streams of their vendors, and note what those were told."""
    shown = {row: visibility.shown(row, since) for row in links}
    changes = [
        {"customer": row.customer_id, "vendor": row.vendor_id, "now_shown": now}
        for row, now in shown.items()
        if now != row.shown
    ]
    if changes:
        connection.execute(_SHOW, changes)
    for vendor_id, rows in groupby(links, key=lambda row: str(row.vendor_id)):
        told = [row.customer_id for row in rows if shown[row] or row.shown]
        publish(connection, vendor_stream(vendor_id), "customer", told)


def something_new(connection: sa.Connection, device_id: bytes, cursor: str) -> bool:
    """Return whether `read` could find something after the cursor; reads only."""
    till = counter(connection, device_id)
    position = parse_cursor(cursor)
    if connection.execute(_ANY_DIRTY).first() is not None:
        return True
    heads = _heads(connection, till)
    return any(heads[name] != after for name, after in _positions(till, position).items())


def read(connection: sa.Connection, device_id: bytes, cursor: str, limit: int, now: int) -> FeedReply:
    """Return up to `limit` (1 to MAX_LIMIT) items after `cursor` and the cursor after them.

    Fans out first, so it needs a writing transaction. A position this store never gave (it was restored from a backup)
    starts that stream anew: items are upserts. Raises MalformedError for a cursor that is none, and
    Refusal(COUNTER_UNKNOWN).
    """
    till = counter(connection, device_id)
    position = parse_cursor(cursor)
    fan_out(connection, now)
    room = max(1, min(limit, MAX_LIMIT))
    heads = _heads(connection, till)
    positions = _positions(till, position)
    found: list[Key] = []
    for name, after in positions.items():
        start = after if _was_given(connection, name, after, heads[name]) else 0
        rows = connection.execute(_AFTER, {"name": name, "after": start, "most": room - len(found)}).all()
        found.extend(Key(row.kind, row.key) for row in rows)
        # Short of the room there is nothing left up to the head: superseded positions need no second look.
        positions[name] = rows[-1].position if len(found) == room and rows else start
        if len(found) < room:
            positions[name] = heads[name]
    more = any(positions[name] != heads[name] for name in positions)
    return FeedReply(
        items=_filled(connection, till, found, now),
        cursor=str(replace(position, **dict(zip(("everyone", "vendor", "device"), positions.values(), strict=True)))),
        more=more or connection.execute(_ANY_DIRTY).first() is not None,
    )


def _was_given(connection: sa.Connection, name: str, position: int, head: int) -> bool:
    if not 0 < position <= head:
        return position == 0
    return connection.execute(_IN_GAP, {"name": name, "at": position}).first() is None


def _filled(connection: sa.Connection, till: Counter, found: list[Key], now: int) -> tuple[FeedItem, ...]:
    by_key = contents(connection, till, found, now)
    return tuple(by_key[key] for key in found if key in by_key)


def _positions(till: Counter, position: Cursor) -> dict[str, int]:
    return {
        GLOBAL: position.everyone,
        vendor_stream(till.vendor_id): position.vendor,
        device_stream(till.device_id): position.device,
    }


def _heads(connection: sa.Connection, till: Counter) -> dict[str, int]:
    names = [GLOBAL, vendor_stream(till.vendor_id), device_stream(till.device_id)]
    known = {row.stream: row.head for row in connection.execute(_HEADS, {"names": names})}
    return {name: known.get(name, 0) for name in names}
