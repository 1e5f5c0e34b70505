"""Books the entries of domain.ledger: postings, and the stored balances that follow from them, in one go.

Wallets and lots move here and nowhere else, so that they cannot fall out of step with the postings. Must never book an
entry that domain.ledger did not make.
"""

from collections import Counter
from dataclasses import dataclass

import sqlalchemy as sa

from urs_desktop.central import feed
from urs_desktop.central.schema import entries, lot_uses, lots, postings, wallets
from urs_desktop.domain.ledger import AccountKind, Entry, EntryKind

_ENTRY = sa.insert(entries)
_POSTINGS = sa.insert(postings)
_LOT = sa.insert(lots)
_LOT_USES = sa.insert(lot_uses)
_WALLET = (
    sa.update(wallets)
    .where(
        wallets.c.customer_id == sa.bindparam("customer"),
        wallets.c.available + sa.bindparam("free") >= 0,
        wallets.c.held + sa.bindparam("set_aside") >= 0,
    )
    .values(available=wallets.c.available + sa.bindparam("free"), held=wallets.c.held + sa.bindparam("set_aside"))
)
_SPENDABLE_LOTS = (
    sa.select(lots.c.lot_id, lots.c.remaining)
    .where(lots.c.customer_id == sa.bindparam("customer"), lots.c.remaining > 0)
    .order_by(lots.c.expires_at.nulls_last(), lots.c.created_at, lots.c.lot_id)
    .with_for_update()
)
_TAKE = (
    sa.update(lots)
    .where(lots.c.lot_id == sa.bindparam("lot"), lots.c.remaining >= sa.bindparam("taken"))
    .values(remaining=lots.c.remaining - sa.bindparam("taken"))
)


class LedgerError(Exception):
    """A balance would have gone below zero or a lot is missing: a bug, never a refusal."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Why an entry is booked: its id, whom it concerns, and the operation or lease behind it; `now` in milliseconds."""

    entry_id: bytes
    vendor_id: str
    customer_id: str | None
    now: int
    op_id: bytes | None = None
    lease_id: str | None = None


def book(connection: sa.Connection, entry: Entry, cause: Cause) -> None:
    """Write an entry with its postings and move the wallet and the lots it concerns.

    Raises LedgerError, and IntegrityError for a cause that was booked before.
    """
    connection.execute(
        _ENTRY,
        {
            "entry_id": cause.entry_id,
            "kind": entry.kind.value,
            "points": entry.points,
            "customer_id": cause.customer_id,
            "vendor_id": cause.vendor_id,
            "lease_id": cause.lease_id,
            "op_id": cause.op_id,
            "created_at": cause.now,
        },
    )
    if entry.postings:
        connection.execute(_POSTINGS, _rows(entry, cause))
        _move_wallets(connection, entry)
    if entry.kind is EntryKind.EARN:
        _add_lot(connection, entry, cause)
    elif entry.kind is EntryKind.REDEEM:
        _use_lots(connection, entry, cause)


def _rows(entry: Entry, cause: Cause) -> list[dict[str, object]]:
    return [
        {
            "entry_id": cause.entry_id,
            "n": n,
            "account": posting.account.kind.value,
            "owner": posting.account.owner,
            "lease_id": posting.account.lease,
            "unit": posting.unit.value,
            "amount": posting.amount,
        }
        for n, posting in enumerate(entry.postings, 1)
    ]


def _move_wallets(connection: sa.Connection, entry: Entry) -> None:
    free: Counter[str] = Counter()
    set_aside: Counter[str] = Counter()
    for posting in entry.postings:
        if posting.account.kind is AccountKind.AVAIL:
            free[posting.account.owner] += posting.amount
        elif posting.account.kind is AccountKind.HELD:
            set_aside[posting.account.owner] += posting.amount
    for customer in sorted({*free, *set_aside}):
        moves = {"customer": customer, "free": free[customer], "set_aside": set_aside[customer]}
        if connection.execute(_WALLET, moves).rowcount != 1:
            raise LedgerError(f"{entry.kind} of {entry.points} does not fit the wallet {customer}")
        feed.mark_customer(connection, customer)


def _add_lot(connection: sa.Connection, entry: Entry, cause: Cause) -> None:
    connection.execute(
        _LOT,
        {
            "lot_id": cause.entry_id,
            "vendor_id": cause.vendor_id,
            "customer_id": cause.customer_id,
            "op_id": cause.op_id,
            "granted": entry.points,
            "remaining": entry.points,
            "vests_at": None,
            "expires_at": None,
            "created_at": cause.now,
        },
    )


def _use_lots(connection: sa.Connection, entry: Entry, cause: Cause) -> None:
    missing: int = entry.points
    uses: list[dict[str, object]] = []
    for lot_id, remaining in connection.execute(_SPENDABLE_LOTS, {"customer": cause.customer_id}).all():
        taken = min(missing, remaining)
        connection.execute(_TAKE, {"lot": lot_id, "taken": taken})
        uses.append({"entry_id": cause.entry_id, "lot_id": lot_id, "points": taken})
        missing -= taken
        if not missing:
            break
    if missing:
        raise LedgerError(f"the lots of {cause.customer_id} lack {missing} of {entry.points} points")
    connection.execute(_LOT_USES, uses)
