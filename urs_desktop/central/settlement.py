"""What the programme and a vendor owe each other beside points: fees, shares of the breakage, payments that settle.

Booked as entries of the ledger without a customer; statements are made of them. Must never share more breakage than
there is, nor change what a sale booked. Source: ledger.md "Double entry" and "Settlement between vendors".
"""

from collections import Counter
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from urs_desktop.central import ledger, locks, vendors
from urs_desktop.central.causes import Cause, entry_ids
from urs_desktop.central.schema import entries, postings
from urs_desktop.central.troubles import TroubleError
from urs_desktop.domain import ledger as rules
from urs_desktop.domain.ledger import AccountKind, Entry, EntryKind
from urs_desktop.domain.money import MAX_MINOR
from urs_desktop.system.ids import Randomness, uuid7

CAUSES: Final = {EntryKind.FEE: b"fee/", EntryKind.SHARE: b"share/", EntryKind.SETTLE: b"settle/"}
"""With what the ids of these entries begin; a random id of each booking follows."""

_OF_VENDOR = (
    sa.select(postings.c.account, sa.func.sum(postings.c.amount).label("amount"))
    .where(
        postings.c.owner == sa.bindparam("vendor"),
        postings.c.account.in_((AccountKind.DUE.value, AccountKind.REDEEMED.value, AccountKind.ISSUE.value)),
    )
    .group_by(postings.c.account)
)
_BY_KIND = (
    sa.select(entries.c.kind, sa.func.sum(postings.c.amount).label("amount"))
    .select_from(postings.join(entries, entries.c.entry_id == postings.c.entry_id))
    .where(
        postings.c.owner == sa.bindparam("vendor"),
        postings.c.account == AccountKind.DUE.value,
        entries.c.kind.in_([kind.value for kind in CAUSES]),
    )
    .group_by(entries.c.kind)
)
_GIVEN = (
    sa.select(entries.c.kind, sa.func.sum(entries.c.points).label("amount"))
    .where(
        entries.c.vendor_id == sa.bindparam("vendor"),
        entries.c.kind.in_((EntryKind.LATE.value, EntryKind.UNLATE.value)),
    )
    .group_by(entries.c.kind)
)
_BREAKAGE = sa.select(sa.func.coalesce(sa.func.sum(postings.c.amount), 0)).where(
    postings.c.account == AccountKind.BREAKAGE.value
)


class SettlementError(TroubleError):
    """An amount cannot be booked; `str` is one sentence."""


@dataclass(frozen=True, slots=True)
class Account:
    """Where a vendor stands with the programme, in minor units and points (one each), over all time.

    `due` is what the programme owes it (below 0: what it owes the programme), `redeemed` and `issued` the points spent
    at it and those it gave (less what refunds took), `exposure` the points it accepted that no lease covered, which
    nobody pays it for; `fees` charged, `shares` of the breakage credited, `settled` paid to it (below 0: by it).
    """

    due: int
    redeemed: int
    issued: int
    exposure: int
    fees: int
    shares: int
    settled: int


def fee(connection: sa.Connection, vendor_id: str, amount: int, now: int, randomness: Randomness) -> bytes:
    """Charge a vendor a fee (more than 0) or give one back (less), in minor units; return the entry's id.

    Raises Refusal(VENDOR_UNKNOWN), SettlementError for nothing and for more than was charged.
    """
    _begin(connection, vendor_id, amount)
    if amount + account(connection, vendor_id).fees < 0:
        raise SettlementError("More cannot be given back than the vendor was charged in fees.")
    return _book(connection, rules.fee(vendor_id, amount), vendor_id, now, randomness)


def share(connection: sa.Connection, vendor_id: str, amount: int, now: int, randomness: Randomness) -> bytes:
    """Credit a vendor a share of the breakage (more than 0) or take one back (less), in minor units; return the id.

    Raises Refusal(VENDOR_UNKNOWN), SettlementError for nothing, for more than there is and more than was credited.
    """
    _begin(connection, vendor_id, amount)
    locks.programme(connection)
    if amount > breakage(connection):
        raise SettlementError("The breakage holds less than that: no more can be shared than there is.")
    if amount + account(connection, vendor_id).shares < 0:
        raise SettlementError("More cannot be taken back than the vendor was credited in shares.")
    return _book(connection, rules.share(vendor_id, amount), vendor_id, now, randomness)


def settle(connection: sa.Connection, vendor_id: str, amount: int, now: int, randomness: Randomness) -> bytes:
    """Note a payment to a vendor (more than 0) or from it (less), in minor units; return the entry's id.

    Raises Refusal(VENDOR_UNKNOWN), SettlementError for nothing.
    """
    _begin(connection, vendor_id, amount)
    return _book(connection, rules.settle(vendor_id, amount), vendor_id, now, randomness)


def account(connection: sa.Connection, vendor_id: str) -> Account:
    """Return where a vendor stands; raises Refusal(VENDOR_UNKNOWN)."""
    vendors.one(connection, vendor_id)
    key = {"vendor": vendor_id}
    sums: Counter[str] = Counter()
    for statement in (_OF_VENDOR, _BY_KIND, _GIVEN):
        sums.update({str(name): int(amount) for name, amount in connection.execute(statement, key)})
    return Account(
        due=sums[AccountKind.DUE],
        redeemed=sums[AccountKind.REDEEMED],
        issued=-sums[AccountKind.ISSUE],
        exposure=sums[EntryKind.LATE] - sums[EntryKind.UNLATE],
        fees=-sums[EntryKind.FEE],
        shares=sums[EntryKind.SHARE],
        settled=-sums[EntryKind.SETTLE],
    )


def breakage(connection: sa.Connection) -> int:
    """Return what expired points left behind and no vendor has a share of yet, in minor units."""
    return int(connection.execute(_BREAKAGE).scalar_one())


def _begin(connection: sa.Connection, vendor_id: str, amount: int) -> None:
    if not 0 < abs(amount) < MAX_MINOR:
        raise SettlementError("The amount must not be zero, nor more than an amount can be.")
    locks.vendor(connection, vendor_id)
    vendors.one(connection, vendor_id)


def _book(connection: sa.Connection, entry: Entry, vendor_id: str, now: int, randomness: Randomness) -> bytes:
    ids = entry_ids(CAUSES[entry.kind] + uuid7(now, randomness).bytes)
    return ledger.book(connection, entry, Cause(ids, vendor_id, None, now)).entry_id
