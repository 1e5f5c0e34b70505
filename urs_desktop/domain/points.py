"""Reward points: whole numbers, one point being one minor unit of the programme's currency, for ever.

A type of its own so that points and minor units cannot be swapped unseen. Must never be a fraction.
"""

import re
from typing import Final, NewType

from urs_desktop.domain.currency import Currency
from urs_desktop.domain.money import Money
from urs_desktop.domain.refusals import Refusal, RefusalCode

Points = NewType("Points", int)
"""A number of whole points."""

NO_POINTS = Points(0)
_WHOLE: Final = re.compile(r"[0-9]{1,15}", re.ASCII)


def parse_points(text: str) -> Points:
    """Read a number of points: digits and nothing else; raises Refusal(POINTS_MALFORMED)."""
    if _WHOLE.fullmatch(text.strip()) is None:
        raise Refusal(RefusalCode.POINTS_MALFORMED, text=text[:40])
    return Points(int(text))


def value_of(points: Points, currency: Currency) -> Money:
    """Return what points are worth when they pay: one minor unit each."""
    return Money(points, currency)
