"""What the customer is about to buy: line items that are added, changed and voided before payment.

A basket is a value: every change returns a new one. Must never know a customer, a tender or a store.
"""

import re
from dataclasses import dataclass, replace

from urs_desktop.domain import money
from urs_desktop.domain.currency import Currency
from urs_desktop.domain.money import Money, UnitPrice
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
    """One line of a basket: `quantity` >= 1 pieces of a product at an exact unit price."""

    sku: str
    description: str
    quantity: int
    unit_price: UnitPrice

    @property
    def total(self) -> Money:
        """The line's total, rounded half-up once."""
        return self.unit_price.times(self.quantity)


@dataclass(frozen=True, slots=True)
class Basket:
    """The lines rung up so far, all in one currency."""

    currency: Currency
    lines: tuple[LineItem, ...] = ()

    @property
    def total(self) -> Money:
        """What the customer owes for all lines."""
        return money.total([line.total for line in self.lines], self.currency)

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
        return basket_of(self.currency, (*self.lines, line))

    def with_quantity(self, index: int, quantity: int) -> "Basket":
        """Return the basket with another quantity on a line; raises LINE_UNKNOWN or QUANTITY_OUT_OF_RANGE."""
        self._check_index(index)
        _check_quantity(quantity)
        changed = replace(self.lines[index], quantity=quantity)
        return basket_of(self.currency, (*self.lines[:index], changed, *self.lines[index + 1 :]))

    def without(self, index: int) -> "Basket":
        """Return the basket with a line voided; raises Refusal(LINE_UNKNOWN)."""
        self._check_index(index)
        return replace(self, lines=(*self.lines[:index], *self.lines[index + 1 :]))

    def _check_index(self, index: int) -> None:
        if not 0 <= index < len(self.lines):
            raise Refusal(RefusalCode.LINE_UNKNOWN, line=index + 1)


def basket_of(currency: Currency, lines: tuple[LineItem, ...]) -> Basket:
    """Return a basket of exactly these lines, none of them joined; raises Refusal(AMOUNT_OUT_OF_RANGE)."""
    basket = Basket(currency, lines)
    if basket.total.minor >= money.MAX_MINOR:
        raise Refusal(RefusalCode.AMOUNT_OUT_OF_RANGE, maximum=money.MAX_MINOR - 1)
    return basket


def _check_quantity(quantity: int) -> None:
    if not 1 <= quantity <= MAX_QUANTITY:
        raise Refusal(RefusalCode.QUANTITY_OUT_OF_RANGE, quantity=quantity, maximum=MAX_QUANTITY)
