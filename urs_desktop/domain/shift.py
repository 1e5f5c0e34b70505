"""A shift's money: what should be in the drawer, what was counted, and the difference.

Must never know a counter, a clock or a screen.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from urs_desktop.domain import rounding
from urs_desktop.domain.currency import Currency, cash_step
from urs_desktop.domain.money import parse_amount
from urs_desktop.domain.refusals import Refusal, RefusalCode

MAX_PIECES: Final = 99_999
"""So many coins or notes of one value can be counted at most."""

_STEPS: Final[dict[str, str]] = {
    "GBP": "50 20 10 5 2 1 0.50 0.20 0.10 0.05 0.02 0.01",
    "EUR": "200 100 50 20 10 5 2 1 0.50 0.20 0.10 0.05 0.02 0.01",
    "USD": "100 50 20 10 5 2 1 0.50 0.25 0.10 0.05 0.01",
    "CAD": "100 50 20 10 5 2 1 0.25 0.10 0.05",
    "AUD": "100 50 20 10 5 2 1 0.50 0.20 0.10 0.05",
    "NZD": "100 50 20 10 5 2 1 0.50 0.20 0.10",
    "CHF": "1000 200 100 50 20 10 5 2 1 0.50 0.20 0.10 0.05",
    "INR": "500 200 100 50 20 10 5 2 1 0.50 0.01",
    "JPY": "10000 5000 2000 1000 500 100 50 10 5 1",
    "KRW": "50000 10000 5000 1000 500 100 50 10 1",
    "CNY": "100 50 20 10 5 1 0.50 0.10 0.01",
    "HKD": "1000 500 100 50 20 10 5 2 1 0.50 0.20 0.10 0.01",
    "SGD": "1000 100 50 10 5 2 1 0.50 0.20 0.10 0.05 0.01",
    "SEK": "1000 500 200 100 50 20 10 5 2 1",
    "NOK": "1000 500 200 100 50 20 10 5 1",
    "DKK": "1000 500 200 100 50 20 10 5 2 1 0.50",
    "ISK": "10000 5000 2000 1000 500 100 50 10 5 1",
    "PLN": "500 200 100 50 20 10 5 2 1 0.50 0.20 0.10 0.05 0.02 0.01",
    "CZK": "5000 2000 1000 500 200 100 50 20 10 5 2 1",
    "HUF": "20000 10000 5000 2000 1000 500 200 100 50 20 10 5",
    "RON": "500 200 100 50 20 10 5 1 0.50 0.10 0.05 0.01",
    "TRY": "200 100 50 20 10 5 1 0.50 0.25 0.10 0.05 0.01",
    "AED": "1000 500 200 100 50 20 10 5 1 0.50 0.25 0.01",
    "SAR": "500 200 100 50 20 10 5 2 1 0.50 0.25 0.10 0.05 0.01",
    "ZAR": "200 100 50 20 10 5 2 1 0.50 0.20 0.10 0.01",
    "BRL": "200 100 50 20 10 5 2 1 0.50 0.25 0.10 0.05 0.01",
    "MXN": "1000 500 200 100 50 20 10 5 2 1 0.50 0.20 0.10 0.01",
    "THB": "1000 500 100 50 20 10 5 2 1 0.50 0.25 0.01",
    "MYR": "100 50 20 10 5 1 0.50 0.20 0.10 0.05 0.01",
    "PHP": "1000 500 200 100 50 20 10 5 1 0.25 0.05 0.01",
    "IDR": "100000 50000 20000 10000 5000 2000 1000 500 200 100 0.01",
    "VND": "500000 200000 100000 50000 20000 10000 5000 2000 1000 500 200 100 1",
    "TWD": "2000 1000 500 200 100 50 10 5 1",
    "ILS": "200 100 50 20 10 5 2 1 0.50 0.10 0.01",
    "EGP": "200 100 50 20 10 5 1 0.50 0.25 0.01",
    "NGN": "1000 500 200 100 50 20 10 5 2 1 0.50 0.01",
    "KES": "1000 500 200 100 50 40 20 10 5 1 0.50 0.01",
    "PKR": "5000 1000 500 100 50 20 10 5 2 1 0.01",
    "BDT": "1000 500 200 100 50 20 10 5 2 1 0.01",
    "LKR": "5000 1000 500 100 50 20 10 5 2 1 0.01",
    "UAH": "1000 500 200 100 50 20 10 5 2 1 0.50 0.10 0.01",
    "CLP": "20000 10000 5000 2000 1000 500 100 50 10 1",
    "COP": "100000 50000 20000 10000 5000 2000 1000 500 200 100 50 0.01",
    "PEN": "200 100 50 20 10 5 2 1 0.50 0.20 0.10 0.01",
    "KWD": "20 10 5 1 0.500 0.250 0.100 0.050 0.020 0.010 0.005 0.001",
}
"""Notes and coins in circulation, in major units; where cash is not rounded the last one is the minor unit itself."""

_IN_TENS: Final = (1, 2, 5)
_POWERS: Final = 7
"""Where the notes are not listed: 1, 2, 5, 10 and so on times the smallest coin, so many tens."""

_SHARE_OF_NOTE: Final = 20
_LEAST_UNITS: Final = 5


def denominations(of: Currency) -> tuple[int, ...]:
    """Return the notes and coins of a currency in minor units, the largest first; for others 1, 2, 5 and so on.

    Any amount that cash can come to can be counted with them.
    """
    if of.code in _STEPS:
        return tuple(parse_amount(text, of).minor for text in _STEPS[of.code].split())
    smallest = cash_step(of)
    steps = (smallest * step * 10**power for power in range(_POWERS) for step in _IN_TENS)
    return tuple(sorted(steps, reverse=True))


def difference_limit(of: Currency) -> int:
    """Return how many minor units over or short a cashier may close a shift with alone.

    A twentieth of the second largest note, and five whole units at least.
    """
    least: int = _LEAST_UNITS * 10**of.digits
    return max(rounding.floor(denominations(of)[1], _SHARE_OF_NOTE), least)


MOST_COUNTS: Final = 2
"""A cashier may be this often too far off; then somebody else closes the shift, whatever is counted.

Else a blind count could be tried again and again until it tells what should be there.
"""


def closes_alone(counted: int, expected: int, refused: int, of: Currency) -> bool:
    """Return whether a cashier may close a shift with this cash (minor units) after `refused` counts too far off."""
    return refused < MOST_COUNTS and abs(counted - expected) <= difference_limit(of)


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
    rounding cash added, less what it added to cash that went back. `first` and `last` are receipt numbers, 0 where
    there is none. `miscounts` counts of the drawer that were too far off. `refund_taxes` is the tax in what was
    refunded, as far as this counter knows the sales: `untaxed` refunds are of sales it does not.
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
    miscounts: int = 0
    tenders: tuple[tuple[str, int], ...] = ()
    refund_tenders: tuple[tuple[str, int], ...] = ()
    taxes: tuple[Tax, ...] = ()
    refund_taxes: tuple[Tax, ...] = ()
    untaxed: int = 0

    @property
    def tax(self) -> int:
        """All the tax in what customers owed, in minor units."""
        return sum(tax.tax for tax in self.taxes)

    def cash(self, opening: int) -> int:
        """Return what should be in the drawer that held `opening` at the start."""
        taken, given = dict(self.tenders).get("cash", 0), dict(self.refund_tenders).get("cash", 0)
        return opening + taken + self.rounding - given + self.paid_in - self.paid_out
