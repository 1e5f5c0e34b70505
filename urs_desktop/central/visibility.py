"""Which customers a vendor's counters may hold: the vendor's own who agreed to it and were seen there of late.

Others appear at a counter only while their card is presented. One who is blocked is told without a name, so that the
counter can refuse. Must never let a customer through whom another vendor alone knows: without a link there is nothing.
Source: sync.md 2.5.
"""

from typing import Any, Final

import sqlalchemy as sa

from urs_desktop.central.schema import customer_records, customer_vendors, settings
from urs_desktop.central.troubles import TroubleError
from urs_desktop.central.upserts import insert_or_replace

HIDDEN: Final = 0
WHOLE: Final = 1
CARD_ONLY: Final = 2
"""What a vendor's counters may hold of a customer, as `customer_vendors.shown` says what they were last sent."""

WINDOW: Final = "customer_window_days"
"""Setting: who was not seen at a vendor for so many days is forgotten by its counters."""

DEFAULT_DAYS: Final = 180
MOST_DAYS: Final = 3650
_DAY_MS: Final = 24 * 60 * 60 * 1000

COLUMNS: Final = (customer_records.c.consent_at, customer_records.c.blocked_at, customer_vendors.c.seen_at)
"""What `shown` needs of a customer and its link to a vendor."""

_GET = sa.select(settings.c.value).where(settings.c.key == WINDOW)
_PUT = insert_or_replace(settings, ["key"])


class WindowError(TroubleError):
    """A window that cannot be one; `str` is one sentence."""


def days(connection: sa.Connection) -> int:
    """Return for how many days a vendor's counters remember who was seen there."""
    value = connection.execute(_GET).scalar()
    return DEFAULT_DAYS if value is None else int(value)


def set_days(connection: sa.Connection, count: int) -> None:
    """Set for how many days; raises WindowError."""
    if not 1 <= count <= MOST_DAYS:
        raise WindowError(f"Counters remember customers for 1 to {MOST_DAYS} days.")
    connection.execute(_PUT, {"key": WINDOW, "value": str(count)})


def seen_since(connection: sa.Connection, now: int) -> int:
    """Return since when (milliseconds) a customer must have been seen to be held at `now`."""
    return now - days(connection) * _DAY_MS


def shown(row: sa.Row[*tuple[Any, ...]], since: int) -> int:
    """Return what counters may hold of a customer, from a row with COLUMNS: HIDDEN, WHOLE or CARD_ONLY."""
    if row.consent_at is not None and row.seen_at >= since:
        return WHOLE
    return HIDDEN if row.blocked_at is None else CARD_ONLY
