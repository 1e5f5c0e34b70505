"""On which terms the programme sets points aside for later: settings of this store, and each vendor's own limits.

Must never be what keeps wallets from being overdrawn: terms only bound how much is locked, for how long, and at whose
risk.
"""

from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from urs_desktop.central import vendors
from urs_desktop.central.schema import settings, vendor_limits
from urs_desktop.central.upserts import insert_or_replace
from urs_desktop.domain.lease import STANDING_GRANT_MS, STANDING_SETTLE_MS
from urs_desktop.domain.money import MAX_MINOR
from urs_desktop.domain.refusals import Refusal, RefusalCode

_HOUR_MS: Final = 60 * 60 * 1000
_DAY_MS: Final = 24 * _HOUR_MS
_PREFIX: Final = "lease_"
_PERCENT: Final = 100

_ALL = sa.select(settings).where(settings.c.key.like(f"{_PREFIX}%"))
_PUT = insert_or_replace(settings, ["key"])
_LIMITS = sa.select(vendor_limits).where(vendor_limits.c.vendor_id == sa.bindparam("vendor"))
_PUT_LIMITS = insert_or_replace(vendor_limits, ["vendor_id"])


@dataclass(frozen=True, slots=True)
class LeaseTerms:
    """On which terms standing leases are granted.

    Spendable for `spend_hours` and settled within `settle_days`; at most `share_percent` of a customer's points at
    `counters` counters, and `most_points` of them at one.
    """

    spend_hours: int = STANDING_GRANT_MS // _HOUR_MS
    settle_days: int = STANDING_SETTLE_MS // _DAY_MS
    share_percent: int = 50
    counters: int = 3
    most_points: int = 5_000

    @property
    def spend_ms(self) -> int:
        """How long a standing lease can be spent, in milliseconds."""
        return self.spend_hours * _HOUR_MS

    @property
    def settle_ms(self) -> int:
        """After how many milliseconds what a standing lease still holds is free again."""
        return self.settle_days * _DAY_MS


@dataclass(frozen=True, slots=True)
class VendorLimits:
    """What one vendor lets its counters hold and risk, in points.

    At most `lease_cap` are set aside for its counters in all; without a lease and a connection a counter may take
    `floor_customer` from one customer and `floor_counter` in all, and the vendor bears what the wallets do not cover.
    """

    lease_cap: int = 1_000_000
    floor_customer: int = 0
    floor_counter: int = 0


def terms(connection: sa.Connection) -> LeaseTerms:
    """Return the terms of this store."""
    stored = {row.key.removeprefix(_PREFIX): int(row.value) for row in connection.execute(_ALL)}
    return LeaseTerms(**stored)


def set_terms(connection: sa.Connection, new: LeaseTerms) -> None:
    """Replace the terms, for leases from now on; raises Refusal(AMOUNT_OUT_OF_RANGE)."""
    _check(new.spend_hours, 1, 24 * 365)
    _check(new.settle_days, 1, 3650)
    _check(new.share_percent, 0, _PERCENT)
    _check(new.counters, 0, 1000)
    _check(new.most_points, 0, MAX_MINOR - 1)
    if new.settle_ms < new.spend_ms:
        raise Refusal(RefusalCode.AMOUNT_OUT_OF_RANGE, maximum=new.settle_ms // _HOUR_MS)
    rows = [{"key": f"{_PREFIX}{name}", "value": str(getattr(new, name))} for name in LeaseTerms.__slots__]
    connection.execute(_PUT, rows)


def limits(connection: sa.Connection, vendor_id: str) -> VendorLimits:
    """Return a vendor's limits; raises Refusal(VENDOR_UNKNOWN)."""
    vendors.one(connection, vendor_id)
    row = connection.execute(_LIMITS, {"vendor": vendor_id}).one_or_none()
    return VendorLimits() if row is None else VendorLimits(row.lease_cap, row.floor_customer, row.floor_counter)


def set_limits(connection: sa.Connection, vendor_id: str, new: VendorLimits) -> None:
    """Replace a vendor's limits; its counters learn them at their next hello, which they have to say now.

    Raises Refusal(VENDOR_UNKNOWN or AMOUNT_OUT_OF_RANGE).
    """
    limits(connection, vendor_id)
    values = {name: getattr(new, name) for name in VendorLimits.__slots__}
    for value in values.values():
        _check(value, 0, MAX_MINOR - 1)
    connection.execute(_PUT_LIMITS, {"vendor_id": vendor_id, **values})
    vendors.end_sessions(connection, vendor_id)


def _check(value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise Refusal(RefusalCode.AMOUNT_OUT_OF_RANGE, maximum=most)
