"""Codes, PINs and badges: which may be taken, and how long wrong guesses make one wait."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.domain.staffing import (
    FREE_FAILURES,
    MOST_FAILURES,
    badge_code,
    is_pin,
    left_to_wait,
    new_pin,
    staff_code,
    wait_after,
)

DIGITS = st.text("0123456789", min_size=1, max_size=16)


def refused(call: object) -> RefusalCode:
    with pytest.raises(Refusal) as caught:
        call()  # type: ignore[operator]
    return caught.value.code


@pytest.mark.parametrize("pin", ["284619", "7305142", "915372846105"])
def test_a_pin_that_may_be_taken(pin: str) -> None:
    assert new_pin(pin) == pin


@pytest.mark.parametrize(
    "pin", ["", "12345", "2846190573261", "28461a", "284 619", "\uff12\uff18\uff14\uff16\uff11\uff19", "-28461"]
)
def test_a_pin_that_is_none(pin: str) -> None:
    assert refused(lambda: new_pin(pin)) is RefusalCode.PIN_MALFORMED


@pytest.mark.parametrize(
    "pin",
    [
        *("111111", "121212", "112112", "123123", "123456", "234567", "654321", "890123", "098765", "147258", "159357"),
        *("112233", "19900131", "31121984", "12311984", "20240229", "284284", "28462846", "741852"),
    ],
)
def test_a_pin_that_everybody_guesses(pin: str) -> None:
    assert refused(lambda: new_pin(pin)) is RefusalCode.PIN_TRIVIAL


@given(DIGITS)
def test_no_refusal_holds_what_was_typed(pin: str) -> None:
    said = ""
    try:
        taken = new_pin(pin)
    except Refusal as refusal:
        said = f"{refusal} {refusal!r}"
    else:
        assert is_pin(taken)
        assert len(set(taken)) >= 3
    assert len(pin) <= 2 or pin not in said, "6 and 12 are the bounds"


@pytest.mark.parametrize(("text", "code"), [("anna", "ANNA"), (" 7 ", "7"), ("b0", "B0")])
def test_a_code_in_capitals(text: str, code: str) -> None:
    assert staff_code(text) == code


@pytest.mark.parametrize("text", ["", "  ", "ANNAMARIA", "A B", "Å", "A-1"])
def test_no_code(text: str) -> None:
    assert refused(lambda: staff_code(text)) is RefusalCode.STAFF_CODE_MALFORMED


@pytest.mark.parametrize("text", ["", "1234567", "284619", "284619284619", "x" * 65, "tab\tin-it-9"])
def test_no_badge(text: str) -> None:
    assert refused(lambda: badge_code(text)) is RefusalCode.BADGE_MALFORMED


def test_a_badge_is_never_a_pin_nor_a_code() -> None:
    for badge in ("STAFF-1234", "1234567890123", "abcdefgh"):
        assert badge_code(badge) == badge
        assert not is_pin(badge)
        assert refused(lambda badge=badge: staff_code(badge)) is RefusalCode.STAFF_CODE_MALFORMED


def test_the_waits() -> None:
    seconds = [wait_after(failures) // 1000 for failures in range(MOST_FAILURES + 1)]
    assert seconds == [0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900]
    assert wait_after(10_000) == 900_000


@given(st.integers(0, 200), st.integers(0, 2**41), st.integers(0, 2**41))
def test_a_wait_ends_and_is_never_longer_than_the_whole(failures: int, failed_at: int, now: int) -> None:
    left = left_to_wait(failures, failed_at, now)
    assert 0 <= left <= wait_after(failures)
    assert (left == 0) == (failures < FREE_FAILURES or now >= failed_at + wait_after(failures))
