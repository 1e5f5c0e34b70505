"""Who a customer is and was: whom those who were merged are today.

Proves the merges: by people who are known, in no circle, with nothing left behind that could be spent; and that of who
was erased nothing is left. Must never take
an entry's or a sale's word for who forwards to whom.
"""

from collections.abc import Iterator
from typing import Any, Final

import sqlalchemy as sa

from urs_desktop.central import merged
from urs_desktop.central.erased import NO_CARD
from urs_desktop.central.lots import MOVED
from urs_desktop.central.schema import (
    customer_merges,
    customer_records,
    entries,
    erasures,
    lot_moves,
    lots,
    operators,
    postings,
    wallets,
)
from urs_desktop.domain.ledger import EntryKind
from urs_desktop.protocol import tombstones

_Row = sa.Row[*tuple[Any, ...]]
_MERGES = (
    sa.select(customer_merges, customer_records.c.card_code, wallets, operators.c.operator_id)
    .select_from(
        customer_merges.join(customer_records, customer_records.c.customer_id == customer_merges.c.from_id)
        .join(wallets, wallets.c.customer_id == customer_merges.c.from_id)
        .outerjoin(operators, operators.c.operator_id == customer_merges.c.merged_by)
    )
    .order_by(customer_merges.c.merged_at, customer_merges.c.from_id)
)
_ERASED = (
    sa.select(erasures.c.mark, customer_records, wallets.c.available)
    .select_from(
        erasures.join(customer_records, customer_records.c.customer_id == erasures.c.customer_id).join(
            wallets, wallets.c.customer_id == erasures.c.customer_id
        )
    )
    .order_by(erasures.c.customer_id)
)
_SOURCE = lots.alias("source")
_MOVED = (
    sa.select(
        entries.c.entry_id,
        entries.c.customer_id,
        entries.c.created_at.label("moved_at"),
        lots.c.op_id,
        lots.c.vendor_id,
        lots.c.vests_at,
        lots.c.expires_at,
        lots.c.created_at,
        _SOURCE.c.lot_id.label("source_id"),
        _SOURCE.c.customer_id.label("giver"),
        _SOURCE.c.op_id.label("source_op"),
        _SOURCE.c.vendor_id.label("source_vendor"),
        _SOURCE.c.vests_at.label("source_vests"),
        _SOURCE.c.expires_at.label("source_expires"),
        _SOURCE.c.created_at.label("source_born"),
    )
    .select_from(
        entries.join(lots, lots.c.lot_id == entries.c.entry_id)
        .outerjoin(
            lot_moves,
            sa.and_(lot_moves.c.entry_id == entries.c.entry_id, lot_moves.c.lot_id != entries.c.entry_id),
        )
        .outerjoin(_SOURCE, _SOURCE.c.lot_id == lot_moves.c.lot_id)
    )
    .where(entries.c.kind == EntryKind.MERGE.value)
    .order_by(entries.c.entry_id)
)
_GIVERS = (
    sa.select(entries.c.entry_id, postings.c.owner)
    .select_from(postings.join(entries, entries.c.entry_id == postings.c.entry_id))
    .where(entries.c.kind == EntryKind.MERGE.value, postings.c.amount < 0)
)
_EARNED = (
    sa.select(entries.c.entry_id, entries.c.kind)
    .select_from(entries.join(customer_merges, customer_merges.c.from_id == entries.c.customer_id))
    .where(
        entries.c.kind.in_([EntryKind.EARN.value, EntryKind.HOLD.value, EntryKind.ADJUST.value]),
        entries.c.created_at > customer_merges.c.merged_at,
    )
)
_NUMBER_BYTES: Final = 2


class Identities:
    """Whom customers and cards are today."""

    def __init__(self, connection: sa.Connection) -> None:
        """Read who was merged into whom."""
        self._ends = merged.ends(connection)
        self._steps = dict(connection.execute(sa.select(customer_merges.c.from_id, customer_merges.c.into_id)).all())
        self._marks = {tombstones.mark(row.card_code): row.from_id for row in connection.execute(_MERGES)}
        self._marks.update({row.mark: row.customer_id for row in connection.execute(_ERASED)})

    def are_one(self, one: str | None, other: str | None) -> bool:
        """Return whether two customers are the same today; nobody is nobody."""
        if one is None or other is None:
            return one is other
        return self._ends.get(one, one) == self._ends.get(other, other)

    def forwards(self, customer_id: str, into: str) -> bool:
        """Return whether a customer was merged into another, directly or by way of others."""
        seen = set()
        step = self._steps.get(customer_id)
        while step is not None and step not in seen:
            if step == into:
                return True
            seen.add(step)
            step = self._steps.get(step)
        return False

    def had_card(self, customer_id: str, card: str) -> bool:
        """Return whether a card was that of this customer, now erased, or of one who was merged into this one."""
        owner = self._marks.get(tombstones.mark(card))
        return owner is not None and (owner == customer_id or self.forwards(owner, customer_id))


def check(connection: sa.Connection) -> Iterator[str]:
    """Yield a sentence for each merge, each movement of points by one, and each erasure that cannot be."""
    known = Identities(connection)
    for row in connection.execute(_MERGES):
        yield from _check_merge(row, known)
    for row in connection.execute(_ERASED):
        yield from _check_erased(row)
    for row in connection.execute(_EARNED):
        yield f"entry {row.entry_id.hex()} ({row.kind}) is of a customer who had been merged"
    givers: dict[bytes, set[str]] = {}
    for row in connection.execute(_GIVERS):
        givers.setdefault(row.entry_id, set()).add(row.owner)
    for row in connection.execute(_MOVED):
        yield from _check_move(row, known, givers.get(row.entry_id, set()))


def _check_merge(row: _Row, known: Identities) -> Iterator[str]:
    name = f"the merge of customer {row.from_id}"
    if known.forwards(row.from_id, row.from_id):
        yield f"{name} leads in a circle"
    if row.operator_id is None:
        yield f"{name} is by nobody who is known"
    left = (row.pending, row.available, row.owed)
    if any(left):
        yield f"{name} left {left} points pending, available and owed behind"


def _check_erased(row: _Row) -> Iterator[str]:
    said = (row.card_code, row.name, row.phone, row.email, row.person)
    if said != (NO_CARD + row.customer_id, "", "", "", None):
        yield f"customer {row.customer_id} was erased and there is a record of somebody"
    if row.available:
        yield f"customer {row.customer_id} was erased and could spend {row.available} points"


def _check_move(row: _Row, known: Identities, givers: set[str]) -> Iterator[str]:
    name = f"entry {row.entry_id.hex()} (MERGE)"
    if row.giver is None or givers != {row.giver} or not known.forwards(row.giver, row.customer_id):
        yield f"{name} moves points of somebody who was not merged into its customer"
        return
    own = (row.op_id, row.vendor_id, row.vests_at, row.expires_at, row.created_at)
    if own != (row.source_op, row.source_vendor, row.source_vests, row.source_expires, row.source_born):
        yield f"{name} made a lot that is not as the one it came from"
    if row.entry_id[:-_NUMBER_BYTES] != MOVED + row.source_id:
        yield f"{name} is not named after the lot it moves"
