"""Proves what people decided: policies within their limits, proposals and adjustments, and money booked by hand.

What moves by hand moves because somebody agreed to it, and that is written down. Must never take an entry's word for
what was agreed.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

import sqlalchemy as sa

from urs_desktop.central import adjustments as by_hand
from urs_desktop.central import policies, proposals, settlement
from urs_desktop.central.causes import entry_ids
from urs_desktop.central.policies import NO_LIMITS, PolicyError, Terms, Version
from urs_desktop.central.proof.identities import Identities
from urs_desktop.central.schema import (
    adjustment_decisions,
    adjustments,
    entries,
    former_categories,
    operators,
    policy_decisions,
    policy_proposals,
    postings,
    vendors,
)
from urs_desktop.domain.ledger import EntryKind

_Row = sa.Row[*tuple[Any, ...]]
_Key = tuple[str, int]
_UUID_BYTES: Final = 16

_FORMER = sa.select(former_categories).order_by(former_categories.c.left_at)
_DECIDED = sa.select(
    policy_decisions,
    policy_proposals.c.proposal_id.label("proposed"),
    policy_proposals.c.category,
    policy_proposals.c.vendor_id,
    policy_proposals.c.currency,
    policy_proposals.c.threshold,
    policy_proposals.c.reward_percentage,
    policy_proposals.c.redeemable_percentage,
    policy_proposals.c.valid_from,
    policy_proposals.c.valid_until,
    policy_proposals.c.vests_after,
    policy_proposals.c.expires_after,
).select_from(
    policy_decisions.outerjoin(policy_proposals, policy_proposals.c.proposal_id == policy_decisions.c.proposal_id)
)
_AGREED = sa.select(
    adjustment_decisions,
    adjustments.c.customer_id,
    adjustments.c.points,
    adjustments.c.made_by.label("maker"),
    adjustments.c.made_at,
).select_from(
    adjustment_decisions.outerjoin(adjustments, adjustments.c.adjustment_id == adjustment_decisions.c.adjustment_id)
)
_MADE = sa.select(adjustments.c.adjustment_id, adjustments.c.made_by)
_MOVED = (
    sa.select(entries, postings.c.amount)
    .select_from(
        entries.outerjoin(
            postings, sa.and_(postings.c.entry_id == entries.c.entry_id, postings.c.account == sa.literal("AVAIL"))
        )
    )
    .where(entries.c.kind == EntryKind.ADJUST.value)
    .order_by(entries.c.entry_id)
)
_BY_HAND = (
    sa.select(entries)
    .where(entries.c.kind.in_([kind.value for kind in settlement.CAUSES]))
    .order_by(entries.c.created_at, entries.c.entry_id)
)


def check(connection: sa.Connection) -> Iterator[str]:
    """Yield a sentence for each policy, decision, adjustment or booking by hand that nobody could have allowed."""
    people = set(connection.execute(sa.select(operators.c.operator_id)).scalars())
    stored = policies.versions(connection)
    yield from _versions(connection, stored)
    yield from _proposals(connection, stored, people)
    yield from _adjustments(connection, people)
    yield from _settlement(connection)


def _versions(connection: sa.Connection, stored: list[Version]) -> Iterator[str]:
    now = {row.vendor_id: row.category for row in connection.execute(sa.select(vendors))}
    former: dict[str, list[tuple[int, str]]] = {}
    for row in connection.execute(_FORMER):
        former.setdefault(row.vendor_id, []).append((row.left_at, row.category))
    known = {(version.policy.policy_id, version.policy.version) for version in stored}
    for version in stored:
        policy = version.policy
        name = f"policy {policy.policy_id} version {policy.version}"
        if policy.version != 1 and (policy.policy_id, policy.version - 1) not in known:
            yield f"{name} follows a version that is not there"
        try:
            policies.check_terms(policy.category, _terms(version))
        except PolicyError as error:
            yield f"{name} is outside the programme: {error}"
        if policy.vendor_id is None:
            continue
        if version.limits != NO_LIMITS:
            yield f"{name} is a vendor's own and sets limits"
        had = _categories_at(former.get(policy.vendor_id, ()), now.get(policy.vendor_id), version.created_at)
        if policy.category.value not in had:
            yield f"{name} is for {policy.category} vendors, which vendor {policy.vendor_id} was not"
        if (said := _outside(version, stored)) is not None:
            yield f"{name} was outside its category's limits when it was made: {said}"


def _terms(version: Version) -> Terms:
    policy = version.policy
    return Terms(
        policy.threshold,
        policy.reward_bp,
        policy.redeemable_bp,
        policy.valid_from,
        policy.valid_until,
        policy.vests_after,
        policy.expires_after,
        version.limits,
    )


def _outside(version: Version, stored: Iterable[Version]) -> str | None:
    """Return what the category forbade when the version was made; of two made in one millisecond either was first."""
    policy = version.policy
    wide = policies.wide(stored, policy.category, policy.currency)
    moment = max(version.created_at, policy.valid_from)
    said = None
    for most in (version.created_at - 1, version.created_at):
        said = policies.outside(policy, [w for w in wide if w.created_at <= most], policy.category, moment)
        if said is None:
            return None
    return said


def _categories_at(former: Iterable[tuple[int, str]], now: str | None, moment: int) -> set[str | None]:
    """Return the category a vendor had at a moment, both where it changed in that very millisecond."""
    found: set[str | None] = set()
    for left_at, category in former:
        if left_at >= moment:
            found.add(category)
        if left_at > moment:
            return found
    return found | {now}


def _proposals(connection: sa.Connection, stored: list[Version], people: set[str]) -> Iterator[str]:
    approved: dict[_Key, Version] = {
        (version.policy.policy_id, version.policy.version): version for version in stored if version.approved_by
    }
    for row in connection.execute(_DECIDED):
        name = f"the decision on proposal {row.proposal_id}"
        if row.proposed is None:
            yield f"{name} decides on a proposal that is not there"
        if row.decided_by not in people:
            yield f"{name} is by nobody who is known"
        if row.decision == proposals.REJECTED:
            if row.policy_id is not None or row.policy_version is not None:
                yield f"{name} rejects it and names a policy"
            continue
        version = approved.pop((row.policy_id, row.policy_version), None)
        if version is None:
            yield f"{name} approves it and there is no such policy"
        elif row.proposed is not None and (version.created_at < row.decided_at or not _is_as_proposed(version, row)):
            yield f"{name} made a policy that is not what was proposed"
    for policy_id, number in approved:
        yield f"policy {policy_id} version {number} says it was approved and no decision on a proposal does"


def _is_as_proposed(version: Version, row: _Row) -> bool:
    policy = version.policy
    said = (
        version.approved_by,
        policy.category.value,
        policy.vendor_id,
        policy.currency,
        policy.threshold,
        policy.reward_bp,
        policy.redeemable_bp,
        policy.valid_from,
        policy.valid_until,
        policy.vests_after,
        policy.expires_after,
    )
    return said == (
        row.decided_by,
        row.category,
        row.vendor_id,
        row.currency,
        row.threshold,
        row.reward_percentage,
        row.redeemable_percentage,
        max(row.valid_from, row.decided_at),
        row.valid_until,
        row.vests_after,
        row.expires_after,
    )


def _adjustments(connection: sa.Connection, people: set[str]) -> Iterator[str]:
    for row in connection.execute(_MADE):
        if row.made_by not in people:
            yield f"adjustment {row.adjustment_id} was asked for by nobody who is known"
    moved = {row.entry_id: row for row in connection.execute(_MOVED)}
    known = Identities(connection)
    for row in connection.execute(_AGREED):
        name = f"adjustment {row.adjustment_id}"
        if row.maker is None:
            yield f"{name} was decided and is not there"
            continue
        if row.made_by != row.maker or row.checked_by == row.maker:
            yield f"{name} was not decided by another person than who asked for it"
        if row.checked_by not in people:
            yield f"{name} was decided by nobody who is known"
        said = _not_as_agreed(row, moved.pop(_entry_of(row.adjustment_id), None), known)
        if said is not None:
            yield f"{name} of {row.points} points {said}"
    for entry_id in moved:
        yield f"entry {entry_id.hex()} adjusts points and nobody agreed to it"


def _entry_of(adjustment_id: str) -> bytes:
    """Return the id of the entry an adjustment books first; no entry has that of an id no adjustment was given."""
    try:
        return next(entry_ids(by_hand.cause(adjustment_id)))
    except ValueError:
        return b""


def _not_as_agreed(agreed: _Row, entry: _Row | None, known: Identities) -> str | None:
    if agreed.decision == by_hand.REJECTED:
        return None if entry is None else f"was rejected and booked as entry {entry.entry_id.hex()}"
    if entry is None:
        return "was approved and never booked"
    is_customers = known.are_one(entry.customer_id, agreed.customer_id)
    if not is_customers or (entry.amount, entry.created_at) != (agreed.points, agreed.checked_at):
        return f"was booked otherwise, as entry {entry.entry_id.hex()}"
    return None


def _settlement(connection: sa.Connection) -> Iterator[str]:
    for row in connection.execute(_BY_HAND):
        name = f"entry {row.entry_id.hex()} ({row.kind} of {row.points})"
        prefix = settlement.CAUSES[EntryKind(row.kind)]
        given = row.entry_id[len(prefix) : len(prefix) + _UUID_BYTES]
        if row.entry_id != next(entry_ids(prefix + given)) or len(given) != _UUID_BYTES:
            yield f"{name} has an id that no booking gives"
        others = (row.customer_id, row.op_id, row.lease_id, row.debt_id, row.policy_id)
        if row.vendor_id is None or any(other is not None for other in others):
            yield f"{name} concerns more than one vendor's account"
    if (left := settlement.breakage(connection)) < 0:
        yield f"more breakage was shared than there is: {left}"
