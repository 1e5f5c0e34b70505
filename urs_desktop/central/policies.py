"""Reward policies at the central store: a new version for every change, none ever altered.

Must never change what a version says: receipts cite it by hash for ever.
"""

from dataclasses import dataclass

import sqlalchemy as sa

from urs_desktop.central import feed, feed_items
from urs_desktop.central.schema import reward_policies, vendors
from urs_desktop.central.troubles import TroubleError
from urs_desktop.domain.policy import Category, RewardPolicy, in_force
from urs_desktop.domain.refusals import Refusal, RefusalCode
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
    reward_policies.c.category, reward_policies.c.vendor_id, reward_policies.c.currency, reward_policies.c.version
)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a new version shall say: threshold in minor units, rates in basis points, `valid_from` in milliseconds."""

    threshold: int
    reward_bp: int
    redeemable_bp: int
    valid_from: int


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
    moments = [since, now, *(p.valid_from for p in candidates if since < p.valid_from <= now)]
    return any(in_force(candidates, policy.category, vendor_id, moment) == policy for moment in moments)


def every(connection: sa.Connection) -> list[RewardPolicy]:
    """Return every version of every policy."""
    return [_policy(row) for row in connection.execute(_ALL)]


def add_version(
    connection: sa.Connection,
    category: Category,
    vendor_id: str | None,
    currency: str,
    terms: Terms,
    now: int,
    randomness: Randomness,
) -> RewardPolicy:
    """Store the next version of a category's or a vendor's policy and publish it.

    Raises Refusal(VENDOR_UNKNOWN), PolicyError for terms outside the programme or a vendor's outside its category's.
    """
    if vendor_id is not None:
        _check_vendor(connection, category, vendor_id)
    own, category_wide = _versions(connection, category, vendor_id, currency)
    _check_terms(category, terms, in_force(category_wide, category, "", terms.valid_from) if vendor_id else None)
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
    )
    _store(connection, policy, now)
    return policy


def _store(connection: sa.Connection, policy: RewardPolicy, now: int) -> None:
    connection.execute(
        sa.insert(reward_policies),
        {
            "policy_id": policy.policy_id,
            "version": policy.version,
            "category": policy.category.value,
            "vendor_id": policy.vendor_id,
            "currency": policy.currency,
            "threshold": policy.threshold,
            "reward_percentage": policy.reward_bp,
            "redeemable_percentage": policy.redeemable_bp,
            "valid_from": policy.valid_from,
            "digest": policy.digest(),
            "created_at": now,
        },
    )
    stream = feed.vendor_stream(policy.vendor_id) if policy.vendor_id else feed.GLOBAL
    feed.publish(connection, stream, "policy", [feed_items.policy_key(policy.policy_id, policy.version)])


def _versions(
    connection: sa.Connection, category: Category, vendor_id: str | None, currency: str
) -> tuple[list[RewardPolicy], list[RewardPolicy]]:
    candidates = of_vendor(connection, category, vendor_id or "", currency)
    own = [policy for policy in candidates if policy.vendor_id == vendor_id]
    return own, [policy for policy in candidates if policy.vendor_id is None]


def _check_vendor(connection: sa.Connection, category: Category, vendor_id: str) -> None:
    found = connection.execute(sa.select(vendors.c.category).where(vendors.c.vendor_id == vendor_id)).scalar()
    if found is None:
        raise Refusal(RefusalCode.VENDOR_UNKNOWN, vendor=vendor_id)
    if found != category.value:
        raise PolicyError(f"The vendor is {found}, so its own policy cannot be one for {category.value} vendors.")


def _check_terms(category: Category, terms: Terms, limits: RewardPolicy | None) -> None:
    if terms.threshold < 0:
        raise PolicyError("The threshold cannot be below zero.")
    if terms.redeemable_bp and not category.redeems:
        raise PolicyError("Points cannot be redeemed at small vendors: the redeemable percentage must be 0.")
    if limits is not None and terms.redeemable_bp > limits.redeemable_bp:
        raise PolicyError("A vendor's own policy cannot let points pay for more than its category's policy does.")


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
    )
