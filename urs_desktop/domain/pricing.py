"""What a line costs once it was worked on: discounts taken off, tax in it or on it, another price than the catalogue's.

Each line is rounded once for its discount and once for its tax; a receipt discount is shared out so that the shares
add up to it exactly. Must never let a discount exceed what it is taken off, nor tax change what a price includes.
"""

from dataclasses import dataclass
from typing import Final

from urs_desktop.domain import rounding
from urs_desktop.domain.money import BASIS_POINTS, Money, UnitPrice, parse_amount, parse_percentage
from urs_desktop.domain.refusals import Refusal, RefusalCode

MAX_TAX: Final = 100_00
"""A tax rate is at most 100 %, in basis points."""


@dataclass(frozen=True, slots=True)
class TaxRate:
    """A tax of `basis_points` that the price includes already, or that is added to it."""

    basis_points: int = 0
    included: bool = True

    def of(self, price: int) -> int:
        """Return the tax in (or on) `price` minor units, rounded half-up once."""
        if self.included:
            return rounding.half_up(price * self.basis_points, BASIS_POINTS + self.basis_points)
        return rounding.half_up(price * self.basis_points, BASIS_POINTS)


NO_TAX: Final = TaxRate()
"""The rate of a product nobody gave one."""


def tax_rate(basis_points: int, *, included: bool) -> TaxRate:
    """Return a tax rate; raises Refusal(PERCENTAGE_MALFORMED) below 0 or above MAX_TAX."""
    if not 0 <= basis_points <= MAX_TAX:
        raise Refusal(RefusalCode.PERCENTAGE_MALFORMED, text=str(basis_points))
    return TaxRate(basis_points, included=included)


@dataclass(frozen=True, slots=True)
class Discount:
    """What is taken off: `basis_points` of it, or `minor` units; why, and who allowed it if the cashier may not.

    For a line it is taken off all its pieces together.
    """

    basis_points: int = 0
    minor: int = 0
    reason: str = ""
    allowed_by: str = ""

    def off(self, amount: int) -> int:
        """Return what is taken off `amount` minor units, rounded half-up once; never more than all of it."""
        if self.basis_points:
            return min(amount, rounding.half_up(amount * self.basis_points, BASIS_POINTS))
        return min(amount, self.minor)


@dataclass(frozen=True, slots=True)
class PriceChange:
    """Another price than the catalogue's `list_price` is charged: why, and who allowed it if the cashier may not."""

    list_price: UnitPrice
    reason: str = ""
    allowed_by: str = ""


@dataclass(frozen=True, slots=True)
class Priced:
    """What a line comes to, in minor units.

    `gross` before discounts, `discount` all that is taken off, `tax` what is in `total` of it, `total` what is owed.
    """

    gross: int
    discount: int
    tax: int
    total: int


def price(gross: int, discount: int, tax: TaxRate) -> Priced:
    """Return what a line of `gross` minor units comes to less `discount`, with its tax."""
    base = gross - discount
    amount = tax.of(base)
    return Priced(gross, discount, amount, base if tax.included else base + amount)


def parse_discount(text: str, amount: Money) -> Discount:
    """Read a discount off `amount`: `10%` or `2.50`; raises Refusal.

    PERCENTAGE_MALFORMED, AMOUNT_MALFORMED, AMOUNT_TOO_PRECISE, or DISCOUNT_TOO_LARGE for more than the amount and for
    less than nothing. Nothing off (`0`) is the discount that takes a discount away.
    """
    text = text.strip()
    if text.endswith("%"):
        return Discount(basis_points=parse_percentage(text))
    off = parse_amount(text, amount.currency)
    if not 0 <= off.minor <= amount.minor:
        raise Refusal(RefusalCode.DISCOUNT_TOO_LARGE, discount=off.minor, most=amount.minor)
    return Discount(minor=off.minor)
