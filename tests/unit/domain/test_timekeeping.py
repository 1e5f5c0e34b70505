"""When a counter's clock is not believed: put back, or far ahead of the last sign of life."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from urs_desktop.domain.timekeeping import MOST_AHEAD_MS, MOST_BEHIND_MS, clock_is_suspect

THEN = 1_800_000_000_000
DAY = 24 * 60 * 60 * 1000
TIMES = st.integers(1, 2**53)


@pytest.mark.parametrize(
    ("now", "hlc", "last_contact", "suspect"),
    [
        (THEN, 0, None, False),
        (THEN, THEN, None, False),
        (THEN - 2 * 60_000, THEN, None, False),
        (THEN - 2 * 60_000 - 1, THEN, None, True),
        (THEN - DAY, 0, THEN, False),
        (THEN + 4 * DAY, THEN, THEN, False),
        (THEN + 7 * DAY, THEN, None, False),
        (THEN + 7 * DAY + 1, THEN, None, True),
        (THEN + 9 * DAY, THEN, THEN + 3 * DAY, False),
        (THEN + 9 * DAY, THEN + 3 * DAY, THEN, False),
        (THEN + 11 * DAY, THEN, THEN + 3 * DAY, True),
        (THEN + 365 * DAY, 0, THEN, True),
    ],
)
def test_the_table(now: int, hlc: int, last_contact: int | None, suspect: bool) -> None:
    assert clock_is_suspect(now, hlc, last_contact) is suspect


@given(TIMES, TIMES, st.none() | TIMES)
def test_a_clock_is_believed_between_the_two_bounds_and_nowhere_else(now: int, hlc: int, last: int | None) -> None:
    believed = hlc - MOST_BEHIND_MS <= now <= max(hlc, last or 0) + MOST_AHEAD_MS
    assert clock_is_suspect(now, hlc, last) is not believed
