"""Amounts of money: whole minor units of one currency, from the column to the label.

Amounts and exact unit prices are parsed here and nowhere else. Must never hold a float, guess a decimal separator or
mix two currencies.
"""

import re
from dataclasses import dataclass
from typing import Final, Self

from urs_desktop.domain import rounding
from urs_desktop.domain.currency import Currency
from urs_desktop.domain.refusals import Refusal, RefusalCode

MAX_MINOR: Final = 10**15
"""No amount, total or price may reach this many minor units: far above any sale, far below 2**53 and 2**63."""

MAX_PRICE_SCALE: Final = 9
"""A unit price may have at most this many decimals."""

MAX_PRICE_UNITS: Final = 2**53 - 1
"""A unit price's `units` are at most this: the greatest integer that JSON (RFC 8785) carries exactly."""

BASIS_POINTS: Final = 10_000
"""A rate of 100 %."""

_DECIMAL: Final = re.compile(r"(?P<sign>-?)(?P<whole>[0-9]{1,15})(?:\.(?P<fraction>[0-9]{1,12}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in whole minor units (pence, cents) of one currency; may be negative."""

    minor: int
    currency: Currency

    def __add__(self, other: Self) -> Self:
        """Return the sum; raises Refusal(CURRENCIES_MIXED)."""
        self._same_currency(other)
        return type(self)(self.minor + other.minor, self.currency)

    def __sub__(self, other: Self) -> Self:
        """Return the difference; raises Refusal(CURRENCIES_MIXED)."""
        self._same_currency(other)
        return type(self)(self.minor - other.minor, self.currency)

    def _same_currency(self, other: Self) -> None:
        if self.currency != other.currency:
            raise Refusal(RefusalCode.CURRENCIES_MIXED, one=self.currency.code, other=other.currency.code)


def zero(currency: Currency) -> Money:
    """Return no money at all in this currency."""
    return Money(0, currency)


def total(amounts: list[Money] | tuple[Money, ...], currency: Currency) -> Money:
    """Return the sum of amounts, all in `currency`."""
    result = zero(currency)
    for amount in amounts:
        result += amount
    return result


@dataclass(frozen=True, slots=True)
class UnitPrice:
    """The exact price of one piece: `units` / 10**`scale` major units of the currency.

    Tills and journals know prices finer than a minor unit (0.0833), so the price keeps every decimal it was given and
    only the line is rounded.
    """

    units: int
    scale: int
    currency: Currency

    def times(self, quantity: int) -> Money:
        """Return the price of `quantity` pieces: multiplied exactly, rounded half-up to the minor unit once.

        Raises Refusal(AMOUNT_OUT_OF_RANGE) when the product is MAX_MINOR or more.
        """
        numerator = self.units * quantity * 10**self.currency.digits
        minor = rounding.half_up(numerator, 10**self.scale)
        if abs(minor) >= MAX_MINOR:
            raise Refusal(RefusalCode.AMOUNT_OUT_OF_RANGE, maximum=MAX_MINOR - 1)
        return Money(minor, self.currency)


def unit_price(units: int, scale: int, currency: Currency) -> UnitPrice:
    """Return the price `units` / 10**`scale`; raises Refusal(PRICE_OUT_OF_RANGE) as `parse_unit_price` does."""
    if not 0 <= scale <= MAX_PRICE_SCALE or not 0 <= units <= MAX_PRICE_UNITS:
        raise Refusal(RefusalCode.PRICE_OUT_OF_RANGE, text=f"{units} / 10**{scale}")
    return UnitPrice(units, scale, currency)


def parse_unit_price(text: str, currency: Currency) -> UnitPrice:
    """Read a price such as `2.55` or `0.0833`: digits, a point for decimals, nothing else.

    Raises Refusal(PRICE_MALFORMED) for any other text (`1,50` among them) and Refusal(PRICE_OUT_OF_RANGE) for more
    than MAX_PRICE_SCALE decimals, from MAX_MINOR minor units on, or beyond MAX_PRICE_UNITS.
    """
    match = _DECIMAL.fullmatch(text.strip())
    if match is None:
        raise Refusal(RefusalCode.PRICE_MALFORMED, text=text[:40])
    fraction = match["fraction"] or ""
    units = int(match["sign"] + match["whole"] + fraction)
    in_range = abs(units) * 10**currency.digits < MAX_MINOR * 10 ** len(fraction)
    if len(fraction) > MAX_PRICE_SCALE or abs(units) > MAX_PRICE_UNITS or not in_range:
        raise Refusal(RefusalCode.PRICE_OUT_OF_RANGE, text=text[:40])
    return UnitPrice(units, len(fraction), currency)


def parse_amount(text: str, currency: Currency) -> Money:
    """Read an amount such as `10` or `10.00`, exactly.

    Raises Refusal(AMOUNT_MALFORMED) for text that is no decimal, Refusal(AMOUNT_TOO_PRECISE) for decimals the
    currency does not have, Refusal(AMOUNT_OUT_OF_RANGE) from MAX_MINOR minor units on.
    """
    match = _DECIMAL.fullmatch(text.strip())
    if match is None:
        raise Refusal(RefusalCode.AMOUNT_MALFORMED, text=text[:40])
    fraction = (match["fraction"] or "").rstrip("0")
    if len(fraction) > currency.digits:
        raise Refusal(RefusalCode.AMOUNT_TOO_PRECISE, text=text[:40], digits=currency.digits)
    minor = int(match["sign"] + match["whole"] + fraction.ljust(currency.digits, "0"))
    if abs(minor) >= MAX_MINOR:
        raise Refusal(RefusalCode.AMOUNT_OUT_OF_RANGE, maximum=MAX_MINOR - 1)
    return Money(minor, currency)


def parse_percentage(text: str) -> int:
    """Read a percentage from `0` to `100`, with up to two decimals, as basis points; `5` is 500.

    Raises Refusal(PERCENTAGE_MALFORMED).
    """
    match = _DECIMAL.fullmatch(text.strip().removesuffix("%").strip())
    decimals = 2
    if match is None or match["sign"] or len(match["fraction"] or "") > decimals:
        raise Refusal(RefusalCode.PERCENTAGE_MALFORMED, text=text[:40])
    basis_points = int(match["whole"] + (match["fraction"] or "").ljust(decimals, "0"))
    if basis_points > BASIS_POINTS:
        raise Refusal(RefusalCode.PERCENTAGE_MALFORMED, text=text[:40])
    return basis_points
