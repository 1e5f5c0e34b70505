"""Proves the accounts of the programme: signs, what backs unredeemed points, what each vendor is due.

Invariants 2, 3, 6 and 7 of ledger.md, and 5 over whole vendors. Must never sum what it is to prove from the postings
it is compared with: the other side comes from the entries' headers.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import sqlalchemy as sa

from urs_desktop.central.schema import entries, postings
from urs_desktop.domain.ledger import PROGRAMME

_ACCOUNTS = sa.select(
    postings.c.account,
    postings.c.owner,
    postings.c.lease_id,
    postings.c.unit,
    sa.func.sum(postings.c.amount).label("sum"),
).group_by(postings.c.account, postings.c.owner, postings.c.lease_id, postings.c.unit)
_HEADERS = sa.select(entries.c.kind, entries.c.vendor_id, sa.func.sum(entries.c.points).label("points")).group_by(
    entries.c.kind, entries.c.vendor_id
)
_SIGNED = (
    sa.select(entries.c.vendor_id, postings.c.account, sa.func.sum(postings.c.amount).label("sum"))
    .select_from(postings.join(entries, entries.c.entry_id == postings.c.entry_id))
    .where(entries.c.kind.in_(("ADJUST", "FEE", "SHARE", "SETTLE")), postings.c.account.not_in(("DUE", "ISSUE")))
    .where(postings.c.unit == "money")
    .group_by(entries.c.vendor_id, postings.c.account)
)
_NEVER_BELOW: Final = ("PENDING", "AVAIL", "HELD", "REDEEMED", "EXPIRED")
_NEVER_ABOVE: Final = ("ISSUE", "DEBT")
_UNITS: Final = dict.fromkeys(("DUE", "POOL", "FEES", "BREAKAGE", "BANK"), "money")


def check(connection: sa.Connection) -> Iterator[str]:
    """Yield a sentence for each account that breaks an invariant."""
    by_owner: Counter[tuple[str, str]] = Counter()
    in_all: Counter[str] = Counter()
    for row in connection.execute(_ACCOUNTS):
        by_owner[row.account, row.owner] += row.sum
        in_all[row.account] += row.sum
        in_all[row.unit] += row.sum
        if row.unit != _UNITS.get(row.account, "points"):
            yield f"account {row.account} of {row.owner} has {row.unit} in it"
        yield from _check_sign(row)
    in_wallets = in_all["PENDING"] + in_all["AVAIL"] + in_all["HELD"]
    if in_all["POOL"] != in_wallets:
        yield f"the pool has {in_all['POOL']} for {in_wallets} unredeemed points"
    for unit in ("points", "money"):
        if in_all[unit]:
            yield f"the accounts in {unit} do not sum to zero but to {in_all[unit]}"
    yield from _check_vendors(connection, by_owner)


def _check_sign(row: Any) -> Iterator[str]:  # noqa: ANN401 - a row of _ACCOUNTS
    below = row.account in _NEVER_BELOW and row.sum < 0
    # What the programme takes back by hand may be more than it ever gave by hand.
    above = row.account in _NEVER_ABOVE and row.sum > 0 and row.owner != PROGRAMME
    if below or above:
        yield f"account {row.account} of {row.owner} has the wrong sign: {row.sum}"


def _check_vendors(connection: sa.Connection, by_owner: Counter[tuple[str, str]]) -> Iterator[str]:
    booked: Counter[tuple[str, str]] = Counter()
    owners = {owner for account, owner in by_owner if account in ("ISSUE", "DUE", "REDEEMED")}
    for row in connection.execute(_HEADERS):
        booked[row.kind, row.vendor_id or PROGRAMME] += row.points
    signed: Counter[tuple[str, str]] = Counter()
    for row in connection.execute(_SIGNED):
        signed[row.account, row.vendor_id or PROGRAMME] += row.sum
    for owner in sorted(owners):
        earned = booked["EARN", owner]
        taken, owed = booked["CLAWBACK", owner], booked["DEBT", owner]
        redeemed = booked["REDEEM", owner] - booked["UNREDEEM", owner]
        adjusted = signed["POOL", owner]
        if -by_owner["ISSUE", owner] != earned - taken - owed + adjusted:
            yield f"account ISSUE of {owner} is {by_owner['ISSUE', owner]}, its sales earned and refunds took otherwise"
        if by_owner["REDEEMED", owner] != redeemed:
            yield f"account REDEEMED of {owner} is {by_owner['REDEEMED', owner]}, its entries say {redeemed}"
        moved = -adjusted - signed["FEES", owner] - signed["BREAKAGE", owner] - signed["BANK", owner]
        right = redeemed - (earned - taken) + booked["RECOVER", owner] + moved
        if by_owner["DUE", owner] != right:
            yield f"account DUE of {owner} is {by_owner['DUE', owner]}, redeemed less earned comes to {right}"
