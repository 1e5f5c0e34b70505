"""Proves that no entry comes from nowhere: a sale, a refund, a lease, a lot's time or a debt stands behind each.

Balances that add up say nothing about that: whoever writes an earning with all its rows and seals makes points. What
people decide is proved in proof.approvals. Must never be content with a reference that names something: it is compared
with what it names.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import sqlalchemy as sa

from urs_desktop.central.proof.identities import Identities
from urs_desktop.central.schema import entries, erasures, leases, lot_moves, lots, refunds, transactions
from urs_desktop.domain.ledger import EntryKind

_OF_SALES: Final = (EntryKind.EARN, EntryKind.REDEEM, EntryKind.LATE)
_OF_REFUNDS: Final = (EntryKind.UNREDEEM, EntryKind.UNLATE, EntryKind.CLAWBACK, EntryKind.DEBT)
_WITHOUT_CUSTOMER: Final = (EntryKind.LATE, EntryKind.UNLATE, EntryKind.FEE, EntryKind.SHARE, EntryKind.SETTLE)
_NOBODY: Final = ""


def _without(receipts: sa.Table, kinds: tuple[EntryKind, ...]) -> sa.Select[Any]:
    """Return the entries of these kinds whose operation is no receipt of the same vendor."""
    same = sa.and_(receipts.c.op_id == entries.c.op_id, receipts.c.vendor_id == entries.c.vendor_id)
    return (
        sa.select(entries.c.entry_id, entries.c.kind)
        .select_from(entries.outerjoin(receipts, same))
        .where(entries.c.kind.in_(kinds), receipts.c.op_id.is_(None))
    )


_OTHER_CUSTOMERS = (
    sa.select(
        entries.c.entry_id, entries.c.kind, entries.c.customer_id, transactions.c.customer_id.label("right_customer")
    )
    .select_from(entries.join(transactions, transactions.c.op_id == entries.c.op_id))
    .where(
        entries.c.kind.in_(_OF_SALES),
        sa.func.coalesce(entries.c.customer_id, _NOBODY) != sa.func.coalesce(transactions.c.customer_id, _NOBODY),
    )
)
_SALE = transactions.alias("sale")
_OTHER_CUSTOMERS_OF_REFUNDS = (
    sa.select(entries.c.entry_id, entries.c.kind, entries.c.customer_id, _SALE.c.customer_id.label("right_customer"))
    .select_from(
        entries.join(refunds, refunds.c.op_id == entries.c.op_id).outerjoin(
            _SALE, _SALE.c.op_id == refunds.c.sale_op_id
        )
    )
    .where(
        entries.c.kind.in_(_OF_REFUNDS),
        sa.func.coalesce(entries.c.customer_id, _NOBODY) != sa.func.coalesce(_SALE.c.customer_id, _NOBODY),
    )
)
_WITHOUT_LEASE = (
    sa.select(entries.c.entry_id, entries.c.kind)
    .select_from(
        entries.outerjoin(
            leases, sa.and_(leases.c.lease_id == entries.c.lease_id, leases.c.customer_id == entries.c.customer_id)
        )
    )
    .where(
        entries.c.kind.in_((EntryKind.HOLD, EntryKind.VOID, EntryKind.REDEEM)),
        sa.or_(
            leases.c.lease_id.is_(None),
            leases.c.vendor_id != entries.c.vendor_id,
            sa.and_(entries.c.kind == EntryKind.HOLD, leases.c.created_at != entries.c.created_at),
        ),
    )
)
_WAS_ERASED = sa.exists().where(
    erasures.c.customer_id == entries.c.customer_id, erasures.c.erased_at <= entries.c.created_at
)
_BEFORE_ITS_TIME = (
    sa.select(entries.c.entry_id, entries.c.kind)
    .distinct()
    .select_from(
        entries.join(lot_moves, lot_moves.c.entry_id == entries.c.entry_id).join(
            lots, lots.c.lot_id == lot_moves.c.lot_id
        )
    )
    .where(
        sa.or_(
            sa.and_(
                entries.c.kind == EntryKind.EXPIRE,
                ~_WAS_ERASED,
                sa.or_(lots.c.expires_at.is_(None), lots.c.expires_at > entries.c.created_at),
            ),
            sa.and_(
                entries.c.kind == EntryKind.VEST,
                sa.or_(lots.c.vests_at.is_(None), lots.c.vests_at > entries.c.created_at),
            ),
        )
    )
)
_FOR_NOBODY = sa.select(entries.c.entry_id, entries.c.kind).where(
    entries.c.customer_id.is_(None), entries.c.kind.not_in(_WITHOUT_CUSTOMER)
)
_NOWHERE: Final = {
    _without(transactions, _OF_SALES): "comes from no sale of its vendor",
    _without(refunds, _OF_REFUNDS): "comes from no refund of its vendor",
    _WITHOUT_LEASE: "comes from no lease of its customer",
    _BEFORE_ITS_TIME: "came before its lots' time",
    _FOR_NOBODY: "moves points of no customer",
}

_DIFFERENT: Final = {
    _OTHER_CUSTOMERS: "is another customer's than its sale",
    _OTHER_CUSTOMERS_OF_REFUNDS: "is another customer's than the sale refunded",
}
"""Entries of others than their receipt's customer, which may be only of one who was merged with that."""

_DEBTS = sa.select(entries.c.entry_id, entries.c.customer_id, entries.c.vendor_id, entries.c.points).where(
    entries.c.kind.in_((EntryKind.DEBT, EntryKind.ASSUME))
)
_RECOVERED = sa.select(
    entries.c.entry_id, entries.c.kind, entries.c.debt_id, entries.c.customer_id, entries.c.vendor_id, entries.c.points
).where(entries.c.kind.in_((EntryKind.RECOVER, EntryKind.ASSUME)))


def check(connection: sa.Connection) -> Iterator[str]:
    """Yield a sentence for each entry behind which nothing stands that may cause it."""
    for statement, words in _NOWHERE.items():
        for row in connection.execute(statement):
            yield f"entry {row.entry_id.hex()} ({row.kind}) {words}"
    known = Identities(connection)
    for statement, words in _DIFFERENT.items():
        for row in connection.execute(statement):
            if not known.are_one(row.customer_id, row.right_customer):
                yield f"entry {row.entry_id.hex()} ({row.kind}) {words}"
    yield from _debts(connection, known)


def _debts(connection: sa.Connection, known: Identities) -> Iterator[str]:
    owed = {row.entry_id: row for row in connection.execute(_DEBTS)}
    repaid: Counter[bytes] = Counter()
    for row in connection.execute(_RECOVERED):
        debt = owed.get(row.debt_id)
        if debt is None or debt.vendor_id != row.vendor_id or not _may_repay(row, debt, known):
            yield f"entry {row.entry_id.hex()} ({row.kind}) repays no debt of its customer to its vendor"
        else:
            repaid[row.debt_id] += row.points
    for entry_id, points in repaid.items():
        if points > owed[entry_id].points:
            yield f"entry {entry_id.hex()} (DEBT) of {owed[entry_id].points} was repaid with {points} points"


def _may_repay(row: Any, debt: Any, known: Identities) -> bool:  # noqa: ANN401 - rows of _RECOVERED and _DEBTS
    """Return whether an entry repays a debt of its own customer, or takes over that of one who was merged into it."""
    if row.kind == EntryKind.ASSUME:
        return known.forwards(debt.customer_id, row.customer_id)
    return bool(debt.customer_id == row.customer_id)
