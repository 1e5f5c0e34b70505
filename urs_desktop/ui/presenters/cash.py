"""Cash as a cashier meets it: which notes a customer probably hands over, and how much change is too much to be true.

A barcode scanned into the cash field reads as a fortune; the limit on change catches it. Must never decide what is
owed.
"""

from typing import Final

from urs_desktop.domain import rounding
from urs_desktop.domain.money import Money

_NOTES: Final[dict[str, tuple[int, ...]]] = {
    "GBP": (5, 10, 20, 50),
    "EUR": (5, 10, 20, 50, 100, 200),
    "USD": (1, 5, 10, 20, 50, 100),
    "INR": (10, 20, 50, 100, 200, 500),
    "JPY": (1000, 2000, 5000, 10000),
}
"""Notes in circulation, in major units."""

_MOST_OFFERED = 4
_CHANGE_IN_LARGEST_NOTES = 10


def _notes(due: Money) -> tuple[int, ...]:
    """Return the notes of the currency in minor units; for others 1, 2, 5 times powers of ten about the amount."""
    whole = 10**due.currency.digits
    if due.currency.code in _NOTES:
        return tuple(note * whole for note in _NOTES[due.currency.code])
    magnitude = 10 ** max(len(str(abs(due.minor))) - 1, due.currency.digits)
    return tuple(step * magnitude for step in (1, 2, 5, 10))


def plausible_notes(due: Money) -> tuple[Money, ...]:
    """Return up to four amounts above `due` that notes make up, smallest first; none when nothing is due."""
    if due.minor <= 0:
        return ()
    rounded = {note * -rounding.floor(-due.minor, note) for note in _notes(due)}
    return tuple(Money(minor, due.currency) for minor in sorted(rounded - {due.minor})[:_MOST_OFFERED])


def is_plausible(tendered: Money, due: Money) -> bool:
    """Return whether the change is below ten of the largest note: more is a slip or a barcode."""
    return tendered.minor - due.minor < _CHANGE_IN_LARGEST_NOTES * max(_notes(due))
