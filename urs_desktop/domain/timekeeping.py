"""Whether a counter's clock can be believed, from what it has seen before.

A wrong clock never makes points: it mistimes when they may be spent and who answers for them. Must never correct a
time, nor keep a counter from selling. Source: sync.md 1 and 2.6, "Clock rollback".
"""

MOST_BEHIND_MS = 2 * 60 * 1000
"""A clock may be so far behind the newest stamp: two machines' clocks differ, and a stamp may run ahead a little."""

MOST_AHEAD_MS = 7 * 24 * 60 * 60 * 1000
"""A clock may be so far ahead of the last sign of life: a long weekend is normal, a month without any is not."""


def clock_is_suspect(now: int, hlc: int, last_contact: int | None) -> bool:
    """Return whether the clock was put back, or jumped ahead; all in milliseconds since the epoch.

    `now` by the wall clock, `hlc` the newest stamp of the counter's operations (0: none), `last_contact` when the
    central store last answered by this same clock, or None. Where nothing was seen yet nothing is doubted.
    """
    if now < hlc - MOST_BEHIND_MS:
        return True
    newest = max(hlc, last_contact or 0)
    return newest > 0 and now > newest + MOST_AHEAD_MS
