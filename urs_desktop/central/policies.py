"""Reward policies at the central store: a new version for every change, none ever altered.

A policy of a whole category says within which limits its vendors may define their own. Must never change what a
version says: receipts cite it by hash for ever.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from urs_desktop.central import feed, feed_items, locks, records
from urs_desktop.central.origin import Origin
from urs_desktop.central.schema import former_categories, reward_policies, vendors
from urs_desktop.central.troubles import TroubleError
from urs_desktop.domain.money import BASIS_POINTS
from urs_desktop.domain.policy import Category, RewardPolicy, in_force
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol.messages import FeedPolicy
from urs_desktop.protocol.operations import SalePolicy
from urs_desktop.system.ids import Randomness, uuid7

GRACE_MS = 72 * 60 * 60 * 1000
"""A policy that was replaced may still be reckoned with for this long: counters learn of a new one by the feed."""

_NAMED = sa.select(reward_policies).where(
    reward_policies.c.policy_id == sa.bindparam("policy_id"), reward_policies.c.version == sa.bindparam("version")
)
_OF_VENDOR = sa.select(reward_policies).where(
    reward_policies.c.category == sa.bindparam("category"),
    reward_policies.c.currency == sa.bindparam("currency"),
    sa.or_(reward_policies.c.vendor_id.is_(None), reward_policies.c.vendor_id == sa.bindparam("vendor_id")),
)
_ALL = sa.select(reward_policies).order_by(
    reward_policies.c.category,
    reward_policies.c.vendor_id.nulls_first(),
    reward_policies.c.currency,
    reward_policies.c.version,
)
_CATEGORY = sa.select(vendors.c.category).where(vendors.c.vendor_id == sa.bindparam("vendor_id"))
_WAS_OF_CATEGORY = sa.select(sa.func.max(former_categories.c.left_at)).where(
    former_categories.c.vendor_id == sa.bindparam("vendor_id"), former_categories.c.category == sa.bindparam("category")
)
_LATEST = sa.union_all(
    sa.select(sa.func.max(reward_policies.c.created_at)), sa.select(sa.func.max(former_categories.c.left_at))
)

MOST_DAYS: Final = 36_525
"""Points vest and expire within a hundred years."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a category's vendors may define for themselves: threshold in minor units, rates in basis points.

    None is no limit; but without `max_redeemable_bp` no vendor lets points pay for more than its category's policy.
    """

    max_threshold: int | None = None
    min_reward_bp: int | None = None
    max_reward_bp: int | None = None
    max_redeemable_bp: int | None = None


NO_LIMITS: Final = Limits()


@dataclass(frozen=True, slots=True)
class Terms:
    """What a new version shall say: threshold in minor units, rates in basis points, moments in milliseconds.

    `valid_until` is excluded, None without end; `vests_after` and `expires_after` in days, 0 is at once and never;
    `limits` only for the policy of a whole category.
    """

    threshold: int
    reward_bp: int
    redeemable_bp: int
    valid_from: int
    valid_until: int | None = None
    vests_after: int = 0
    expires_after: int = 0
    limits: Limits = NO_LIMITS


@dataclass(frozen=True, slots=True)
class Version:
    """One stored version: the policy, the hash stored with it, its limits, who approved it (operator's id) and when.

    `approved_by` is None for the programme's own and for what was set at the store's console.
    """

    policy: RewardPolicy
    digest: bytes
    limits: Limits
    approved_by: str | None
    created_at: int


class PolicyError(TroubleError):
    """Terms the programme does not allow; `str` is one sentence."""


def named(connection: sa.Connection, policy_id: str, version: int) -> RewardPolicy | None:
    """Return one version of a policy, or None."""
    row = connection.execute(_NAMED, {"policy_id": policy_id, "version": version}).one_or_none()
    return None if row is None else _policy(row)


def of_vendor(connection: sa.Connection, category: Category, vendor_id: str, currency: str) -> list[RewardPolicy]:
    """Return all versions that could hold for a vendor of this category and currency."""
    rows = connection.execute(_OF_VENDOR, {"category": category.value, "currency": currency, "vendor_id": vendor_id})
    return [_policy(row) for row in rows]


def may_be_used(policy: RewardPolicy, candidates: list[RewardPolicy], vendor_id: str, now: int) -> bool:
    """Return whether a policy is in force for a vendor at `now` or was within GRACE_MS before."""
    since = now - GRACE_MS
    turns = {turn for p in candidates for turn in (p.valid_from, p.valid_until) if turn is not None}
    moments = [since, now, *(turn for turn in turns if since < turn <= now)]
    return any(in_force(candidates, policy.category, vendor_id, at) == policy for at in moments)


def cited(
    connection: sa.Connection, origin: Origin, policy: SalePolicy | None, recorded_at: int
) -> RewardPolicy | None:
    """Return the version a receipt names if it is one its vendor could reckon with and says what the hash says.

    One of a category the vendor has left will do for a receipt recorded (milliseconds) no later than GRACE_MS after.
    """
    if policy is None:
        return None
    key = (policy.policy_id, policy.version)
    known = origin.batch.policies
    if key not in known:
        known[key] = named(connection, *key)
    found = known[key]
    if found is None or found.digest().hex() != policy.hash:
        return None
    vendor = origin.counter.vendor
    if found.currency != vendor.currency or found.vendor_id not in (None, vendor.vendor_id):
        return None
    if found.category.value != vendor.category:
        left = was_of_category(connection, vendor.vendor_id, found.category)
        return found if left is not None and recorded_at <= left + GRACE_MS else None
    return found


def was_of_category(connection: sa.Connection, vendor_id: str, category: Category) -> int | None:
    """Return when a vendor last left a category (milliseconds), None if it never did."""
    key = {"vendor_id": vendor_id, "category": category.value}
    left_at: int | None = connection.execute(_WAS_OF_CATEGORY, key).scalar()
    return left_at


def as_message(policy: RewardPolicy) -> FeedPolicy:
    """Return a policy as counters are told of it."""
    return FeedPolicy(
        policy_id=policy.policy_id,
        version=policy.version,
        category=policy.category.value,
        vendor_id=policy.vendor_id,
        currency=policy.currency,
        threshold=policy.threshold,
        reward_bp=policy.reward_bp,
        redeemable_bp=policy.redeemable_bp,
        valid_from=policy.valid_from,
        valid_until=policy.valid_until,
        vests_after=policy.vests_after,
        expires_after=policy.expires_after,
    )


def every(connection: sa.Connection) -> list[RewardPolicy]:
    """Return every version of every policy."""
    return [version.policy for version in versions(connection)]


def every_with_digest(connection: sa.Connection) -> list[tuple[RewardPolicy, bytes]]:
    """Return every version of every policy with the hash that was stored with it."""
    return [(version.policy, version.digest) for version in versions(connection)]


def versions(connection: sa.Connection) -> list[Version]:
    """Return every version of every policy with all that is stored of it."""
    return [_version(row) for row in connection.execute(_ALL)]


def add_version(
    connection: sa.Connection,
    category: Category,
    vendor_id: str | None,
    currency: str,
    terms: Terms,
    now: int,
    randomness: Randomness,
    approved_by: str | None = None,
) -> RewardPolicy:
    """Store the next version of a category's or a vendor's policy and publish it.

    Raises Refusal(VENDOR_UNKNOWN), PolicyError for terms outside the programme or a vendor's outside its category's.
    """
    lock(connection, vendor_id)
    now = moment(connection, now)
    check(connection, category, vendor_id, currency, terms, now)
    candidates = of_vendor(connection, category, vendor_id or "", currency)
    own = [policy for policy in candidates if policy.vendor_id == vendor_id]
    latest = max(own, key=lambda policy: policy.version, default=None)
    policy = RewardPolicy(
        policy_id=latest.policy_id if latest else str(uuid7(now, randomness)),
        version=latest.version + 1 if latest else 1,
        category=category,
        vendor_id=vendor_id,
        currency=currency,
        threshold=terms.threshold,
        reward_bp=terms.reward_bp,
        redeemable_bp=terms.redeemable_bp,
        valid_from=terms.valid_from,
        valid_until=terms.valid_until,
        vests_after=terms.vests_after,
        expires_after=terms.expires_after,
    )
    _store(connection, Version(policy, policy.digest(), terms.limits, approved_by, now))
    stream = feed.vendor_stream(vendor_id) if vendor_id else feed.GLOBAL
    publish(connection, stream, [policy])
    return policy


def publish(connection: sa.Connection, stream: str, versions: Iterable[RewardPolicy]) -> None:
    """Put versions into a stream of the feed."""
    keys = [feed_items.policy_key(policy.policy_id, policy.version) for policy in versions]
    feed.publish(connection, stream, "policy", keys)


def lock(connection: sa.Connection, vendor_id: str | None) -> None:
    """Let one transaction at a time add versions, decide on proposals or move a vendor to another category."""
    if vendor_id is not None:
        locks.vendor(connection, vendor_id)
    locks.programme(connection)


def moment(connection: sa.Connection, now: int) -> int:
    """Return `now`, or later: no earlier than the last change of a policy or a category, so that times tell the order.

    Only under `lock`: another transaction may have begun later and come before.
    """
    changes: list[int] = [at for at in connection.execute(_LATEST).scalars() if at is not None]
    return max(now, *changes) if changes else now


def check(
    connection: sa.Connection, category: Category, vendor_id: str | None, currency: str, terms: Terms, now: int
) -> None:
    """Refuse terms outside the programme, or outside what the category lets its vendors define when they begin.

    Raises Refusal(VENDOR_UNKNOWN), PolicyError.
    """
    check_terms(category, terms)
    check_limits(category, vendor_id, terms.limits)
    if vendor_id is None:
        return
    found = connection.execute(_CATEGORY, {"vendor_id": vendor_id}).scalar()
    if found is None:
        raise Refusal(RefusalCode.VENDOR_UNKNOWN, vendor=vendor_id)
    if found != category.value:
        raise PolicyError(f"The vendor is {found}, so its own policy cannot be one for {category.value} vendors.")
    said = outside(terms, wide(versions(connection), category, currency), category, max(now, terms.valid_from))
    if said is not None:
        raise PolicyError(said)


def check_terms(category: Category, terms: Terms) -> None:
    """Refuse terms that no policy of the category may have; raises PolicyError."""
    if terms.threshold < 0:
        raise PolicyError("The threshold cannot be below zero.")
    if not all(0 <= rate <= BASIS_POINTS for rate in (terms.reward_bp, terms.redeemable_bp)):
        raise PolicyError("A percentage goes from 0 to 100.")
    if terms.redeemable_bp and not category.redeems:
        raise PolicyError("Points cannot be redeemed at small vendors: the redeemable percentage must be 0.")
    if terms.valid_until is not None and terms.valid_until <= terms.valid_from:
        raise PolicyError("A policy must end after it begins.")
    if not all(0 <= days <= MOST_DAYS for days in (terms.vests_after, terms.expires_after)):
        raise PolicyError(f"Points vest and expire after 0 to {MOST_DAYS} days.")
    if terms.expires_after and terms.expires_after <= terms.vests_after:
        raise PolicyError("Points must expire after they vest.")


def check_limits(category: Category, vendor_id: str | None, limits: Limits) -> None:
    """Refuse limits no category may set; raises PolicyError."""
    if vendor_id is not None and limits != NO_LIMITS:
        raise PolicyError("Only the policy of a whole category sets limits to what vendors define for themselves.")
    if limits.max_threshold is not None and limits.max_threshold < 0:
        raise PolicyError("The threshold cannot be below zero.")
    rates = (limits.min_reward_bp, limits.max_reward_bp, limits.max_redeemable_bp)
    if not all(rate is None or 0 <= rate <= BASIS_POINTS for rate in rates):
        raise PolicyError("A percentage goes from 0 to 100.")
    if limits.max_redeemable_bp and not category.redeems:
        raise PolicyError("Points cannot be redeemed at small vendors: the redeemable percentage must be 0.")
    most = BASIS_POINTS if limits.max_reward_bp is None else limits.max_reward_bp
    if (limits.min_reward_bp or 0) > most:
        raise PolicyError("The least reward percentage is above the most.")


def wide(found: Iterable[Version], category: Category, currency: str) -> list[Version]:
    """Return those versions that are a whole category's in one currency."""
    return [
        version
        for version in found
        if (version.policy.category, version.policy.vendor_id, version.policy.currency) == (category, None, currency)
    ]


def outside(terms: Terms | RewardPolicy, found: Iterable[Version], category: Category, at: int) -> str | None:
    """Return one sentence about what in a vendor's own terms its category forbids `at` a moment, or None.

    `found` are the category's `wide` versions in the vendor's currency; while none of them holds, nothing is limited.
    """
    known = {version.policy: version for version in found}
    held = in_force(known, category, "", at)
    if held is None:
        return None
    limits = known[held].limits
    most = held.redeemable_bp if limits.max_redeemable_bp is None else limits.max_redeemable_bp
    if limits.max_threshold is not None and terms.threshold > limits.max_threshold:
        return "The threshold is above what the category lets its vendors set."
    if limits.min_reward_bp is not None and terms.reward_bp < limits.min_reward_bp:
        return "The reward percentage is below what the category lets its vendors give."
    if limits.max_reward_bp is not None and terms.reward_bp > limits.max_reward_bp:
        return "The reward percentage is above what the category lets its vendors give."
    if terms.redeemable_bp > most:
        return "A vendor's own policy cannot let points pay for more than its category allows."
    return None


def _store(connection: sa.Connection, version: Version) -> None:
    policy, limits = version.policy, version.limits
    row = {
        "policy_id": policy.policy_id,
        "version": policy.version,
        "category": policy.category.value,
        "vendor_id": policy.vendor_id,
        "currency": policy.currency,
        "threshold": policy.threshold,
        "reward_percentage": policy.reward_bp,
        "redeemable_percentage": policy.redeemable_bp,
        "valid_from": policy.valid_from,
        "valid_until": policy.valid_until,
        "vests_after": policy.vests_after,
        "expires_after": policy.expires_after,
        "digest": version.digest,
        "created_at": version.created_at,
        "max_threshold": limits.max_threshold,
        "min_reward_percentage": limits.min_reward_bp,
        "max_reward_percentage": limits.max_reward_bp,
        "max_redeemable_percentage": limits.max_redeemable_bp,
        "approved_by": version.approved_by,
    }
    records.write(connection, reward_policies, [row])


def _version(row: sa.Row[*tuple[object, ...]]) -> Version:
    values = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for it
    limits = Limits(
        max_threshold=values["max_threshold"],
        min_reward_bp=values["min_reward_percentage"],
        max_reward_bp=values["max_reward_percentage"],
        max_redeemable_bp=values["max_redeemable_percentage"],
    )
    return Version(_policy(row), values["digest"], limits, values["approved_by"], values["created_at"])


def _policy(row: sa.Row[*tuple[object, ...]]) -> RewardPolicy:
    values = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for it
    return RewardPolicy(
        policy_id=values["policy_id"],
        version=values["version"],
        category=Category(values["category"]),
        vendor_id=values["vendor_id"],
        currency=values["currency"],
        threshold=values["threshold"],
        reward_bp=values["reward_percentage"],
        redeemable_bp=values["redeemable_percentage"],
        valid_from=values["valid_from"],
        valid_until=values["valid_until"],
        vests_after=values["vests_after"],
        expires_after=values["expires_after"],
    )
