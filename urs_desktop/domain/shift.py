"""A shift's money: what should be in the drawer, what was counted, and the difference.

Must never know a counter, a clock or a screen.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from urs_desktop.domain.currency import Currency, cash_step
from urs_desktop.domain.refusals import Refusal, RefusalCode

MAX_PIECES: Final = 99_999
"""So many coins or notes of one value can be counted at most."""

_VALUES: Final[dict[str, tuple[int, ...]]] = {
    "GBP": (5000, 2000, 1000, 500, 200, 100, 50, 20, 10, 5, 2, 1),
    "EUR": (20000, 10000, 5000, 2000, 1000, 500, 200, 100, 50, 20, 10, 5, 2, 1),
    "USD": (10000, 5000, 2000, 1000, 500, 200, 100, 50, 25, 10, 5, 1),
    "CAD": (10000, 5000, 2000, 1000, 500, 200, 100, 25, 10, 5),
    "CHF": (100000, 20000, 10000, 5000, 2000, 1000, 500, 200, 100, 50, 20, 10, 5),
    "INR": (50000, 20000, 10000, 5000, 2000, 1000, 500, 200, 100, 50, 1),
    "JPY": (10000, 5000, 2000, 1000, 500, 100, 50, 10, 5, 1),
    "SEK": (100000, 50000, 20000, 10000, 5000, 2000, 1000, 500, 200, 100),
    "DKK": (100000, 50000, 20000, 10000, 5000, 2000, 1000, 500, 200, 100, 50),
    "NOK": (100000, 50000, 20000, 10000, 5000, 2000, 1000, 500, 100),
    "AUD": (10000, 5000, 2000, 1000, 500, 200, 100, 50, 20, 10, 5),
}
"""Coins and notes in circulation, in minor units."""


def denominations(of: Currency) -> tuple[int, ...]:
    """Return the coins and notes of a currency in minor units, the largest first; for others 1, 2, 5 and so on."""
    if of.code in _VALUES:
        return _VALUES[of.code]
    smallest = cash_step(of)
    whole = 10**of.digits
    steps = [step * power for power in (1, 10, 100, 1000, 10_000) for step in (1, 2, 5)]
    return tuple(value for value in reversed(steps) if smallest <= value <= 500 * whole)


def counted_cash(counted: Mapping[int, int]) -> int:
    """Return what the counted coins and notes come to, value to pieces, in minor units.

    Raises Refusal(QUANTITY_OUT_OF_RANGE) for a number of pieces nobody has.
    """
    for pieces in counted.values():
        if not 0 <= pieces <= MAX_PIECES:
            raise Refusal(RefusalCode.QUANTITY_OUT_OF_RANGE, quantity=pieces, maximum=MAX_PIECES)
    return sum(value * pieces for value, pieces in counted.items())


@dataclass(frozen=True, slots=True)
class Tax:
    """The tax of one rate over a shift: what it was reckoned on and the tax, in minor units."""

    rate: int
    included: bool
    net: int
    tax: int


@dataclass(frozen=True, slots=True)
class ShiftTotals:
    """Everything a shift took and gave, in minor units, numbers of receipts and points.

    `gross` before discounts; `total` what customers owed; `tenders` and `refund_tenders` by kind; `rounding` what
    rounding cash added. `first` and `last` are receipt numbers, 0 where there is none.
    """

    first: int = 0
    last: int = 0
    sales: int = 0
    refunds: int = 0
    gross: int = 0
    discount: int = 0
    total: int = 0
    refunded: int = 0
    rounding: int = 0
    earned: int = 0
    redeemed: int = 0
    points_back: int = 0
    clawed: int = 0
    paid_in: int = 0
    paid_out: int = 0
    drawer: int = 0
    voids: int = 0
    tenders: tuple[tuple[str, int], ...] = ()
    refund_tenders: tuple[tuple[str, int], ...] = ()
    taxes: tuple[Tax, ...] = ()

    def cash(self, opening: int) -> int:
        """Return what should be in the drawer that held `opening` at the start."""
        taken, given = dict(self.tenders).get("cash", 0), dict(self.refund_tenders).get("cash", 0)
        return opening + taken + self.rounding - given + self.paid_in - self.paid_out


def by_kind(amounts: Iterable[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    """Return the sums of amounts by kind, in the order of the kinds' names."""
    sums: dict[str, int] = {}
    for kind, amount in amounts:
        sums[kind] = sums.get(kind, 0) + amount
    return tuple(sorted(sums.items()))
