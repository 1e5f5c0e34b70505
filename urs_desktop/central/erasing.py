"""Erasing a customer: the person's record goes, a numbered tombstone and the ledger stay.

Points still there go to breakage, and so does whatever comes back later; a lease that is open is settled as ever. The
list of erasures is kept for ever and applied again to a restored backup. The card never finds or makes anybody again:
a receipt that arrives late must not bring back who asked to be forgotten, and a new card costs nothing. Must never
keep a name, phone, e-mail or card code. Source: sync.md 2.8; security.md 9.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from urs_desktop.central import customers, due, erased, feed, leases, locks, merged, points, records
from urs_desktop.central.causes import Cause, entry_ids
from urs_desktop.central.schema import customer_records, customer_vendors, erasures
from urs_desktop.domain.text import as_stored
from urs_desktop.protocol import tombstones

CAUSE: Final = b"erased/"
"""The id of the entry by which points go to breakage begins with this and the customer's number."""

_LIST = sa.select(erasures.c.customer_id, erasures.c.mark, erasures.c.erased_by, erasures.c.erased_at).order_by(
    erasures.c.erased_at, erasures.c.customer_id
)
_CARDS = sa.select(customer_records.c.customer_id, customer_records.c.card_code)
_CARD = sa.select(customer_records.c.card_code).where(customer_records.c.customer_id == sa.bindparam("customer"))
_FORGET = (
    sa.update(customer_records)
    .where(customer_records.c.customer_id == sa.bindparam("customer"))
    .values(card_code=sa.bindparam("no_card"), blocked_at=None, **customers.NOBODY)
)
_VENDORS = sa.select(customer_vendors.c.vendor_id, customer_vendors.c.customer_id).where(
    customer_vendors.c.customer_id.in_(sa.bindparam("customers", expanding=True))
)
_UNLINK = sa.delete(customer_vendors).where(
    customer_vendors.c.customer_id.in_(sa.bindparam("customers", expanding=True))
)


@dataclass(frozen=True, slots=True)
class Erasure:
    """One line of the list: whose number, the mark of the card, which operator's id, and when (milliseconds)."""

    customer_id: str
    mark: str
    erased_by: str
    erased_at: int


def erase(connection: sa.Connection, card: str, by: str, now: int) -> list[Erasure]:
    """Erase the card's customer, and all who were merged into it; `by` is the operator's id. Return what was listed.

    Raises Refusal(CUSTOMER_UNKNOWN or CUSTOMER_ERASED).
    """
    locks.merges_alone(connection)
    customer_id = merged.by_card(connection, as_stored(card))
    if customer_id is None:
        raise erased.nobody(connection, as_stored(card))
    ends = merged.ends(connection)
    group = [customer_id, *(old for old, end in ends.items() if end == customer_id)]
    listed = [Erasure(each, _mark_of(connection, each), by, now) for each in sorted(group)]
    _forget(connection, listed, ends, now)
    return listed


def every(connection: sa.Connection) -> list[Erasure]:
    """Return the list of erasures, oldest first."""
    return [Erasure(*row) for row in connection.execute(_LIST)]


def apply_again(connection: sa.Connection, listed: Iterable[Erasure], now: int) -> int:
    """Erase again whom a restored backup brought back; return how many had not been erased here.

    Who is found by neither number nor card gets a tombstone all the same: a counter may still send the card's receipts.
    """
    locks.merges_alone(connection)
    locks.new_customers(connection)
    known = {tombstones.mark(row.card_code): row.customer_id for row in connection.execute(_CARDS)}
    there = set(known.values())
    gone = erased.marks(connection)
    fresh: dict[str, Erasure] = {}
    for line in listed:
        if line.mark in gone or line.mark in {other.mark for other in fresh.values()}:
            continue
        number = known.get(line.mark, line.customer_id)
        if number not in there:
            customers.add(connection, _no_card(number), number, now)
        fresh[number] = Erasure(number, line.mark, line.erased_by, min(line.erased_at, now))
    _forget(connection, list(fresh.values()), merged.ends(connection), now)
    return len(fresh)


def _forget(connection: sa.Connection, listed: Sequence[Erasure], ends: Mapping[str, str], now: int) -> None:
    """Erase those listed; `ends` says whom each merged customer forwards to."""
    numbers = sorted(line.customer_id for line in listed)
    if not numbers:
        return
    locks.wallets_of(connection, numbers)
    for number in numbers:
        leases.reclaim_due(connection, now, number)
        due.of_customer(connection, number, now)
    rows = [
        {"customer_id": e.customer_id, "mark": e.mark, "erased_by": e.erased_by, "erased_at": e.erased_at}
        for e in listed
    ]
    records.write(connection, erasures, rows)
    for number in numbers:
        points.forfeit(connection, Cause(entry_ids(CAUSE + number.encode()), None, number, now))
        connection.execute(_FORGET, {"customer": number, "no_card": _no_card(number)})
    told = _to_be_told(connection, numbers, ends)
    connection.execute(_UNLINK, {"customers": numbers})
    for vendor_id, whom in sorted(told.items()):
        feed.publish(connection, feed.vendor_stream(vendor_id), "customer", sorted(whom))


def _to_be_told(connection: sa.Connection, numbers: Sequence[str], ends: Mapping[str, str]) -> dict[str, set[str]]:
    """Return whom each vendor's counters have to forget: of whoever is theirs every card, those merged before too.

    A counter where a merged card was used knows the card, and its vendor is linked to the customer it forwards to.
    """
    people: dict[str, set[str]] = {}
    for number in numbers:
        people.setdefault(ends.get(number, number), set()).add(number)
    told: dict[str, set[str]] = {}
    for row in connection.execute(_VENDORS, {"customers": numbers}):
        told.setdefault(row.vendor_id, set()).update(people[ends.get(row.customer_id, row.customer_id)])
    return told


def _mark_of(connection: sa.Connection, customer_id: str) -> str:
    card: str = connection.execute(_CARD, {"customer": customer_id}).scalar_one()
    return tombstones.mark(card)


def _no_card(customer_id: str) -> str:
    return erased.NO_CARD + customer_id
