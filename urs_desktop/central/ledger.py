"""Books the entries of domain.ledger: postings, lots, wallets and the entry itself, in one go.

Wallets and lots move here and nowhere else, so that they cannot fall out of step with the postings. The entry is
written last and closes its postings. Must never book an entry that domain.ledger did not make.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import sqlalchemy as sa

from urs_desktop.central import feed, records
from urs_desktop.central.causes import Cause
from urs_desktop.central.schema import entries, lot_moves, lots, postings, wallets
from urs_desktop.domain.ledger import AccountKind, Entry

_WALLET = (
    sa.update(wallets)
    .where(wallets.c.customer_id == sa.bindparam("customer"))
    .values(
        pending=wallets.c.pending + sa.bindparam("waits"),
        available=wallets.c.available + sa.bindparam("free"),
        held=wallets.c.held + sa.bindparam("set_aside"),
        owed=wallets.c.owed - sa.bindparam("debt"),
    )
    .returning(wallets.c.available, wallets.c.owed)
)
_LOT = sa.insert(lots)
_MOVE_LOT = (
    sa.update(lots)
    .where(lots.c.lot_id == sa.bindparam("lot"))
    .values(
        pending=lots.c.pending + sa.bindparam("waits"),
        available=lots.c.available + sa.bindparam("free"),
        held=lots.c.held + sa.bindparam("set_aside"),
    )
)
_IN_LOTS: Final = (AccountKind.PENDING, AccountKind.AVAIL, AccountKind.HELD)
_OF_CUSTOMERS: Final = {
    AccountKind.PENDING: "waits",
    AccountKind.AVAIL: "free",
    AccountKind.HELD: "set_aside",
    AccountKind.DEBT: "debt",
}


class LedgerError(Exception):
    """An entry fits neither the lots nor the wallet it concerns: a bug, never a refusal."""


class Booked(NamedTuple):
    """An entry that was booked: its id, and how many points its customers have available and owe at once."""

    entry_id: bytes
    repayable: int


@dataclass(frozen=True, slots=True)
class LotMove:
    """What an entry adds to the balances of one lot."""

    lot_id: bytes
    pending: int = 0
    available: int = 0
    held: int = 0


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the points of a lot come from: who issued them (None: the programme), for which sale, and when."""

    vendor_id: str | None
    op_id: bytes | None
    created_at: int


@dataclass(frozen=True, slots=True)
class NewLot:
    """A lot that begins with the entry that makes it; times in milliseconds.

    One that takes over points of another lot has the `origin` of that.
    """

    vests_at: int | None = None
    expires_at: int | None = None
    origin: Origin | None = None


def book(
    connection: sa.Connection, entry: Entry, cause: Cause, moves: Sequence[LotMove] = (), *, lot: NewLot | None = None
) -> Booked:
    """Write an entry, move the lots and the wallet it concerns, and return its id and what can repay a debt now.

    With `lot` its points begin a lot of the entry's own id, beside what `moves` says of others. Raises LedgerError if
    the moves are not what the postings say, IntegrityError for a balance below zero and for a cause that was booked
    before.
    """
    entry_id = next(cause.ids)
    if lot is not None:
        moves = [*moves, _first_move(entry, entry_id)]
        _begin_lot(connection, entry, cause, entry_id, lot)
    _check_moves(entry, moves)
    records.write(connection, postings, _posting_rows(entry, entry_id))
    _move_lots(connection, entry_id, moves)
    repayable = _move_wallets(connection, entry)
    records.write(connection, entries, [_header(entry, cause, entry_id)])
    return Booked(entry_id, repayable)


def _first_move(entry: Entry, entry_id: bytes) -> LotMove:
    waits = any(posting.account.kind is AccountKind.PENDING for posting in entry.postings)
    return LotMove(entry_id, pending=entry.points) if waits else LotMove(entry_id, available=entry.points)


def _check_moves(entry: Entry, moves: Sequence[LotMove]) -> None:
    posted = Counter(dict.fromkeys(_IN_LOTS, 0))
    for posting in entry.postings:
        if posting.account.kind in posted:
            posted[posting.account.kind] += posting.amount
    moved = (sum(m.pending for m in moves), sum(m.available for m in moves), sum(m.held for m in moves))
    if moved != tuple(posted[kind] for kind in _IN_LOTS):
        raise LedgerError(f"{entry.kind} of {entry.points} posts {dict(posted)}, its lots move by {moved}")


def _begin_lot(connection: sa.Connection, entry: Entry, cause: Cause, entry_id: bytes, lot: NewLot) -> None:
    first = _first_move(entry, entry_id)
    origin = lot.origin or Origin(cause.vendor_id, cause.op_id, cause.now)
    connection.execute(
        _LOT,
        {
            "lot_id": entry_id,
            "vendor_id": origin.vendor_id,
            "customer_id": cause.customer_id,
            "op_id": origin.op_id,
            "granted": entry.points,
            "pending": first.pending,
            "available": first.available,
            "held": 0,
            "vests_at": lot.vests_at,
            "expires_at": lot.expires_at,
            "created_at": origin.created_at,
        },
    )


def _move_lots(connection: sa.Connection, entry_id: bytes, moves: Sequence[LotMove]) -> None:
    rows = [
        {"entry_id": entry_id, "lot_id": m.lot_id, "pending": m.pending, "available": m.available, "held": m.held}
        for m in moves
    ]
    records.write(connection, lot_moves, rows)
    for move in moves:
        if move.lot_id == entry_id:
            continue  # it begins with what it holds
        change = {"lot": move.lot_id, "waits": move.pending, "free": move.available, "set_aside": move.held}
        if connection.execute(_MOVE_LOT, change).rowcount != 1:
            raise LedgerError(f"lot {move.lot_id.hex()} is not there")


def _move_wallets(connection: sa.Connection, entry: Entry) -> int:
    """Move the wallets and return how many points their customers now have available and owe at once."""
    changes: dict[str, dict[str, int]] = {}
    for posting in entry.postings:
        name = _OF_CUSTOMERS.get(posting.account.kind)
        if name is not None:
            change = changes.setdefault(posting.account.owner, dict.fromkeys(_OF_CUSTOMERS.values(), 0))
            change[name] += posting.amount
    repayable = 0
    for customer, change in sorted(changes.items()):
        after = connection.execute(_WALLET, {"customer": customer, **change}).one_or_none()
        if after is None:
            raise LedgerError(f"{entry.kind} of {entry.points} names customer {customer}, who has no wallet")
        repayable += min(after.available, after.owed)
        feed.mark_customer(connection, customer)
    return repayable


def _posting_rows(entry: Entry, entry_id: bytes) -> list[dict[str, object]]:
    return [
        {
            "entry_id": entry_id,
            "n": n,
            "account": posting.account.kind.value,
            "owner": posting.account.owner,
            "lease_id": posting.account.lease,
            "unit": posting.unit.value,
            "amount": posting.amount,
        }
        for n, posting in enumerate(entry.postings, 1)
    ]


def _header(entry: Entry, cause: Cause, entry_id: bytes) -> dict[str, object]:
    policy = cause.policy
    return {
        "entry_id": entry_id,
        "kind": entry.kind.value,
        "points": entry.points,
        "customer_id": cause.customer_id,
        "vendor_id": cause.vendor_id,
        "lease_id": cause.lease_id,
        "op_id": cause.op_id,
        "debt_id": cause.debt_id,
        "policy_id": policy.policy_id if policy else None,
        "policy_version": policy.version if policy else None,
        "policy_digest": policy.digest if policy else None,
        "created_at": cause.now,
    }
