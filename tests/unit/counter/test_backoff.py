"""How long to wait after failures, as a pure function.

Must never wait.
"""

from hypothesis import given
from hypothesis import strategies as st

from urs_desktop.counter.sync.backoff import FIRST_MS, LONGEST_MS, delay

failures = st.integers(1, 10**6)
jitters = st.integers(0, 255)


@given(failures, jitters)
def test_it_lies_in_the_upper_half_of_the_doubled_delay(count: int, jitter: int) -> None:
    full = min(LONGEST_MS, FIRST_MS * 2 ** min(count - 1, 40))
    assert full // 2 <= delay(count, jitter) <= full


@given(failures, jitters)
def test_more_failures_never_wait_less_and_more_jitter_never_less(count: int, jitter: int) -> None:
    assert delay(count + 1, jitter) >= delay(count, jitter)
    assert delay(count, min(255, jitter + 1)) >= delay(count, jitter)


@given(jitters)
def test_without_failures_there_is_no_wait(jitter: int) -> None:
    assert delay(0, jitter) == delay(-1, jitter) == 0


def test_from_one_second_to_ten_minutes() -> None:
    assert [delay(count, 255) for count in (1, 2, 3, 10, 11, 99)] == [1000, 2000, 4000, 512_000, 600_000, 600_000]
    assert [delay(count, 0) for count in (1, 2, 99)] == [500, 1000, 300_000]
