"""The rules for people at a counter: their codes, PINs and badges, and how long wrong guesses make somebody wait.

A PIN and a badge are secrets: no refusal of theirs holds what was typed. Must never know a person or a clock.
"""

import re
from typing import Final

from urs_desktop.domain.refusals import Refusal, RefusalCode

MAX_STAFF_CODE: Final = 6
FEWEST_PIN_DIGITS: Final = 6
MOST_PIN_DIGITS: Final = 12
FEWEST_BADGE: Final = 8
MOST_BADGE: Final = 64
FREE_FAILURES: Final = 3
"""So many wrong guesses in a row cost no time; the last of them is followed by the first wait."""

MOST_FAILURES: Final = 10
"""So many wrong guesses in a row, and a manager has to reset."""

_FIRST_WAIT_MS: Final = 30_000
_LONGEST_WAIT_MS: Final = 900_000
_FEWEST_DIFFERENT: Final = 3
_STAFF_CODE: Final = re.compile(f"[A-Z0-9]{{1,{MAX_STAFF_CODE}}}")
_UP: Final = "0123456789" * 3
_KEYPAD_WALKS: Final = ("147258369", "123456789", "789456123", "159357", "357159", "741852963", "369258147", "123321")
_WELL_KNOWN: Final = frozenset(
    {
        *("112358", "314159", "271828", "141421", "100200", "123654", "101112", "121314", "131415", "246810"),
        *("102030", "102938", "123698", "123789", "147852", "159753", "147896", "159951", "420420", "696969"),
        *("123455", "122333", "112233", "332211", "445566", "778899", "001122", "998877", "123123123"),
    }
)
"""What people take when they are asked for six digits, beside runs, repetitions and walks over the keys."""


def staff_code(text: str) -> str:
    """Return the code of a member of staff, in capitals; raises Refusal(STAFF_CODE_MALFORMED)."""
    code = text.strip().upper()
    if _STAFF_CODE.fullmatch(code) is None:
        raise Refusal(RefusalCode.STAFF_CODE_MALFORMED, maximum=MAX_STAFF_CODE)
    return code


def is_pin(text: str) -> bool:
    """Return whether a text has the form of a PIN: 6 to 12 digits."""
    return text.isascii() and text.isdecimal() and FEWEST_PIN_DIGITS <= len(text) <= MOST_PIN_DIGITS


def new_pin(text: str) -> str:
    """Return a PIN that may be taken; raises Refusal(PIN_MALFORMED or PIN_TRIVIAL), neither with what was typed."""
    if not is_pin(text):
        raise Refusal(RefusalCode.PIN_MALFORMED, minimum=FEWEST_PIN_DIGITS, maximum=MOST_PIN_DIGITS)
    if _is_trivial(text):
        raise Refusal(RefusalCode.PIN_TRIVIAL, different=_FEWEST_DIFFERENT)
    return text


def _is_trivial(pin: str) -> bool:
    backwards = pin[::-1]
    if len(set(pin)) < _FEWEST_DIFFERENT or pin in _UP or backwards in _UP:
        return True
    if pin in _WELL_KNOWN or any(pin in walk or backwards in walk for walk in _KEYPAD_WALKS):
        return True
    return any(_repeats(pin, length) for length in range(1, len(pin) // 2 + 1)) or _is_year_and_date(pin)


def _repeats(pin: str, length: int) -> bool:
    """Return whether the PIN is its first digits over and over (123123, 12341234)."""
    return len(pin) % length == 0 and pin == pin[:length] * (len(pin) // length)


def _is_year_and_date(pin: str) -> bool:
    """Return whether the PIN is a whole date with a year of four digits, as birthdays are written."""
    if len(pin) != len("19900131"):
        return False
    orders = ((pin[:4], pin[4:6], pin[6:]), (pin[4:], pin[2:4], pin[:2]), (pin[4:], pin[:2], pin[2:4]))
    return any(year[:2] in ("19", "20") and "01" <= m <= "12" and "01" <= d <= "31" for year, m, d in orders)


def badge_code(text: str) -> str:
    """Return a badge's code; raises Refusal(BADGE_MALFORMED) for what is too short, too long or might be a PIN."""
    code = text.strip()
    if not FEWEST_BADGE <= len(code) <= MOST_BADGE or is_pin(code) or not code.isprintable():
        raise Refusal(RefusalCode.BADGE_MALFORMED, minimum=FEWEST_BADGE, maximum=MOST_BADGE)
    return code


def wait_after(failures: int) -> int:
    """Return how long, in milliseconds, nobody may guess again after so many wrong guesses in a row."""
    if failures < FREE_FAILURES:
        return 0
    return min(_LONGEST_WAIT_MS, _FIRST_WAIT_MS << min(failures - FREE_FAILURES, MOST_FAILURES))


def left_to_wait(failures: int, failed_at: int, now: int) -> int:
    """Return how many milliseconds are left at `now` of the wait that began at `failed_at`.

    A clock that was set back cannot make it longer than the whole wait.
    """
    whole = wait_after(failures)
    return max(0, min(whole, failed_at + whole - now))
