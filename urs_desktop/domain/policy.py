"""Reward policies: what a purchase earns and how much of it points may pay.

A policy is versioned and sealed by a hash that every sale names, so that anyone can recompute a receipt years later.
Must never round anywhere but in the one integer division of `earn` and the one of `redeemable`.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from urs_desktop.domain import rounding
from urs_desktop.domain.money import BASIS_POINTS, Money
from urs_desktop.domain.points import NO_POINTS, Points
from urs_desktop.domain.refusals import Refusal, RefusalCode

ENGINE_VERSION = 1
"""Version of the arithmetic below; it travels with every sale and changes only when a result would."""


_DIGEST_TAG = "URS policy 1"
_DATED_DIGEST_TAG = "URS policy 2"

DAY_MS = 24 * 60 * 60 * 1000
"""Milliseconds of the day in which `vests_after` and `expires_after` count."""


class Category(StrEnum):
    """The size of a vendor, which decides whether points can be redeemed there."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"

    @property
    def redeems(self) -> bool:
        """Whether customers may pay with points at vendors of this category; small vendors only give points."""
        return self is not Category.SMALL


def category(text: str) -> Category:
    """Return the category of this name; raises Refusal(CATEGORY_UNKNOWN)."""
    try:
        return Category(text.strip().lower())
    except ValueError:
        raise Refusal(RefusalCode.CATEGORY_UNKNOWN, text=text[:40]) from None


@dataclass(frozen=True, slots=True)
class PolicyReference:
    """Names one version of a policy and the hash of its content (32 bytes)."""

    policy_id: str
    version: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class RewardPolicy:
    """One version of a reward policy.

    `threshold` is in minor units of `currency`; the rates are in basis points (500 = 5 %); `valid_from` is in
    milliseconds since the epoch, `valid_until` likewise and excluded, None without end; `vendor_id` is None for a
    policy of the whole category. Points are pending for `vests_after` days and expire `expires_after` days after they
    were earned, 0 is at once and never.
    """

    policy_id: str
    version: int
    category: Category
    vendor_id: str | None
    currency: str
    threshold: int
    reward_bp: int
    redeemable_bp: int
    valid_from: int
    valid_until: int | None = None
    vests_after: int = 0
    expires_after: int = 0

    def digest(self) -> bytes:
        """Return SHA-256 over a tag and the fields of this version, as sorted JSON without spaces.

        Signed receipts cite it for ever: a version that has an end, vests or expires has a tag of its own, every
        other one the nine fields and the tag of the first.
        """
        return _digest(self)

    def reference(self) -> PolicyReference:
        """Return the name by which sales cite this version."""
        return PolicyReference(self.policy_id, self.version, self.digest())

    def holds_at(self, now: int) -> bool:
        """Return whether this version is valid at `now` (milliseconds)."""
        return self.valid_from <= now and (self.valid_until is None or now < self.valid_until)

    def vests_at(self, earned_at: int) -> int | None:
        """Return when points earned at `earned_at` can be spent, in milliseconds, or None for at once."""
        return earned_at + self.vests_after * DAY_MS if self.vests_after else None

    def expires_at(self, earned_at: int) -> int | None:
        """Return when points earned at `earned_at` expire, in milliseconds, or None for never."""
        return earned_at + self.expires_after * DAY_MS if self.expires_after else None

    def earn(self, base: Money) -> Points:
        """Return the points a purchase earns on `base`, the part of its total that was not paid with points.

        Nothing at or below the threshold ("exceeds" is strict); above it the rate applies to the whole base, rounded
        down once per receipt.
        """
        if base.minor <= self.threshold:
            return NO_POINTS
        return Points(rounding.floor(base.minor * self.reward_bp, BASIS_POINTS))

    def redeemable(self, total: Money) -> Points:
        """Return the most points that may pay for a purchase of `total`; none at small vendors."""
        if not self.category.redeems or total.minor <= 0:
            return NO_POINTS
        return Points(rounding.floor(total.minor * self.redeemable_bp, BASIS_POINTS))


@lru_cache(maxsize=1024)
def _digest(policy: RewardPolicy) -> bytes:
    """Reckoned once for each version: every sale compares the hash it cites."""
    sealed: dict[str, object] = {
        "tag": _DIGEST_TAG,
        "policy_id": policy.policy_id,
        "version": policy.version,
        "category": policy.category.value,
        "vendor_id": policy.vendor_id,
        "currency": policy.currency,
        "threshold": policy.threshold,
        "reward_bp": policy.reward_bp,
        "redeemable_bp": policy.redeemable_bp,
        "valid_from": policy.valid_from,
    }
    if (policy.valid_until, policy.vests_after, policy.expires_after) != (None, 0, 0):
        sealed |= {
            "tag": _DATED_DIGEST_TAG,
            "valid_until": policy.valid_until,
            "vests_after": policy.vests_after,
            "expires_after": policy.expires_after,
        }
    document = json.dumps(sealed, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(document.encode()).digest()


def in_force(
    policies: Iterable[RewardPolicy], vendor_category: Category, vendor_id: str, now: int
) -> RewardPolicy | None:
    """Return the policy that holds for a vendor at `now` (milliseconds), or None.

    The vendor's own policy comes before its category's; among several the one valid since latest, then the newest
    version.
    """
    held = [
        policy
        for policy in policies
        if policy.holds_at(now) and policy.category is vendor_category and policy.vendor_id in (None, vendor_id)
    ]
    return max(held, key=lambda p: (p.vendor_id is not None, p.valid_from, p.version), default=None)
