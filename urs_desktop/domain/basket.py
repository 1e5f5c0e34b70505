"""What the customer is about to buy: line items that are added, changed and voided before payment.

A basket is a value: every change returns a new one. Must never know a customer, a tender or a store.
"""

import re
from dataclasses import dataclass, replace

from urs_desktop.domain import money, rounding
from urs_desktop.domain.currency import Currency
from urs_desktop.domain.money import Money, UnitPrice
from urs_desktop.domain.pricing import NO_TAX, Discount, PriceChange, Priced, TaxRate, price
from urs_desktop.domain.refusals import Refusal, RefusalCode

MAX_QUANTITY = 999_999
"""A line may hold at most this many pieces."""

_QUANTITY = re.compile(r"-?[0-9]{1,12}", re.ASCII)


def parse_quantity(text: str) -> int:
    """Read a whole number of pieces, which may be negative (a return).

    Raises Refusal(QUANTITY_MALFORMED) for anything else, Refusal(QUANTITY_OUT_OF_RANGE) beyond MAX_QUANTITY.
    """
    if _QUANTITY.fullmatch(text.strip()) is None:
        raise Refusal(RefusalCode.QUANTITY_MALFORMED, text=text[:40])
    quantity = int(text)
    if abs(quantity) > MAX_QUANTITY:
        raise Refusal(RefusalCode.QUANTITY_OUT_OF_RANGE, quantity=quantity, maximum=MAX_QUANTITY)
    return quantity


@dataclass(frozen=True, slots=True)
class LineItem:
    """One line of a basket: `quantity` >= 1 pieces of a product at an exact unit price, and what was done to it."""

    sku: str
    description: str
    quantity: int
    unit_price: UnitPrice
    tax: TaxRate = NO_TAX
    discount: Discount | None = None
    price_change: PriceChange | None = None

    @property
    def gross(self) -> Money:
        """What the pieces cost before any discount, rounded half-up once."""
        return self.unit_price.times(self.quantity)

    @property
    def total(self) -> Money:
        """What is owed for the line by itself, a discount on the whole receipt left aside."""
        return Money(self.priced().total, self.unit_price.currency)

    def own_discount(self) -> int:
        """Return what the line's own discount takes off, in minor units."""
        return self.discount.off(self.gross.minor) if self.discount else 0

    def priced(self, share: int = 0) -> Priced:
        """Return what the line comes to with `share` minor units of a receipt discount."""
        return price(self.gross.minor, self.own_discount() + share, self.tax)


@dataclass(frozen=True, slots=True)
class Basket:
    """The lines rung up so far, all in one currency, and a discount on all of them together."""

    currency: Currency
    lines: tuple[LineItem, ...] = ()
    discount: Discount | None = None

    def priced(self) -> tuple[Priced, ...]:
        """Return what each line comes to, its share of the receipt discount taken off."""
        if self.discount is None:
            return tuple(line.priced() for line in self.lines)
        left = [line.gross.minor - line.own_discount() for line in self.lines]
        shares = rounding.largest_remainder(self.discount.off(sum(left)), left)
        return tuple(line.priced(share) for line, share in zip(self.lines, shares, strict=True))

    @property
    def total(self) -> Money:
        """What the customer owes for all lines, discounts taken off and tax included."""
        return Money(sum(each.total for each in self.priced()), self.currency)

    @property
    def before_discount(self) -> Money:
        """What a receipt discount is taken off: the lines less their own discounts, without tax that is added."""
        return money.total(
            [Money(line.gross.minor - line.own_discount(), self.currency) for line in self.lines], self.currency
        )

    @property
    def taken_off(self) -> int:
        """What discounts and prices below the catalogue's take off in all, in minor units."""
        below = sum(
            max(0, line.price_change.list_price.times(line.quantity).minor - line.gross.minor)
            for line in self.lines
            if line.price_change
        )
        return below + sum(each.discount for each in self.priced())

    @property
    def pieces(self) -> int:
        """The number of pieces over all lines."""
        return sum(line.quantity for line in self.lines)

    def add(self, line: LineItem) -> "Basket":
        """Return the basket with the line; a product already there at the same price gains the quantity instead.

        Raises Refusal(QUANTITY_OUT_OF_RANGE), PRICE_OUT_OF_RANGE for a price below zero, CURRENCIES_MIXED or
        AMOUNT_OUT_OF_RANGE.
        """
        _check_quantity(line.quantity)
        if line.unit_price.units < 0:
            raise Refusal(RefusalCode.PRICE_OUT_OF_RANGE, text=str(line.unit_price.units))
        if line.unit_price.currency != self.currency:
            raise Refusal(RefusalCode.CURRENCIES_MIXED, one=self.currency.code, other=line.unit_price.currency.code)
        for index, present in enumerate(self.lines):
            if replace(present, quantity=line.quantity) == line:
                return self.with_quantity(index, present.quantity + line.quantity)
        return basket_of(self.currency, (*self.lines, line), self.discount)

    def with_quantity(self, index: int, quantity: int) -> "Basket":
        """Return the basket with another quantity on a line; raises LINE_UNKNOWN or QUANTITY_OUT_OF_RANGE."""
        self._check_index(index)
        _check_quantity(quantity)
        return self.with_line(index, replace(self.lines[index], quantity=quantity))

    def with_line(self, index: int, line: LineItem) -> "Basket":
        """Return the basket with another line in a place; raises LINE_UNKNOWN or AMOUNT_OUT_OF_RANGE."""
        self._check_index(index)
        return basket_of(self.currency, (*self.lines[:index], line, *self.lines[index + 1 :]), self.discount)

    def with_discount(self, discount: Discount | None) -> "Basket":
        """Return the basket with a discount on the whole receipt, or without one."""
        return replace(self, discount=discount)

    def without(self, index: int) -> "Basket":
        """Return the basket with a line voided; raises Refusal(LINE_UNKNOWN).

        The last line takes the receipt discount with it: what was allowed for these goods is no licence for others.
        """
        self._check_index(index)
        left = (*self.lines[:index], *self.lines[index + 1 :])
        return replace(self, lines=left, discount=self.discount if left else None)

    def _check_index(self, index: int) -> None:
        if not 0 <= index < len(self.lines):
            raise Refusal(RefusalCode.LINE_UNKNOWN, line=index + 1)


def basket_of(currency: Currency, lines: tuple[LineItem, ...], discount: Discount | None = None) -> Basket:
    """Return a basket of exactly these lines, none of them joined; raises Refusal(AMOUNT_OUT_OF_RANGE)."""
    basket = Basket(currency, lines, discount)
    if basket.total.minor >= money.MAX_MINOR:
        raise Refusal(RefusalCode.AMOUNT_OUT_OF_RANGE, maximum=money.MAX_MINOR - 1)
    return basket


def _check_quantity(quantity: int) -> None:
    if not 1 <= quantity <= MAX_QUANTITY:
        raise Refusal(RefusalCode.QUANTITY_OUT_OF_RANGE, quantity=quantity, maximum=MAX_QUANTITY)
