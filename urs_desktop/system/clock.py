"""The clock as something that is passed in, so that rules and tests never read the machine's.

Must never be called by urs_desktop.domain.
"""

import time
from typing import Protocol

_NS_PER_MS = 1_000_000


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> int:
        """Return milliseconds since the epoch, UTC."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> int:
        """Return milliseconds since the epoch, UTC."""
        return time.time_ns() // _NS_PER_MS
