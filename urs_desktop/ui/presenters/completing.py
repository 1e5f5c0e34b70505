"""Completing a sale when anything may fail on the way: afterwards it is known whether the sale was kept.

A failure after the commit looks like one before it; the book is asked before anybody is told. Must never complete an
order that the book already holds.
"""

from dataclasses import dataclass

from urs_desktop.counter.use_cases.receipts import Receipt
from urs_desktop.counter.use_cases.ring_up import SaleOrder
from urs_desktop.counter.use_cases.till import Till
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol.operations import SaleBody

_FARTHEST_BACK = 50


class SaleInDoubtError(Exception):
    """Completing failed and the book could not be asked whether the sale was kept after receipt number `before`."""

    def __init__(self, before: int, cause: str) -> None:
        """Take the number of the newest receipt before the sale, and what failed."""
        super().__init__(cause)
        self.before = before


@dataclass(frozen=True, slots=True)
class Completed:
    """A sale that is on disk; `after_all` when that was found out only after a failure."""

    receipt: Receipt
    after_all: bool = False


def complete(till: Till, order: SaleOrder, last_receipt: int | None, *, in_doubt: bool) -> Completed:
    """Complete the order, once: `in_doubt` looks first whether an earlier attempt was kept after `last_receipt`.

    Raises Refusal with nothing kept, SaleInDoubtError when that cannot be said, any other error with nothing kept.
    """
    before = till.reporting.status().receipts if last_receipt is None else last_receipt
    if in_doubt:
        kept = _kept_or_doubt(till, order, before, None)
        if kept is not None:
            return Completed(kept, after_all=True)
    try:
        return Completed(till.ring_up.complete(order))
    except Refusal:
        raise
    except Exception as error:
        kept = _kept_or_doubt(till, order, before, error)
        if kept is None:
            raise
        return Completed(kept, after_all=True)


def look_for(till: Till, order: SaleOrder, before: int) -> Completed | None:
    """Return a doubted order if it was kept after all, None if it was not; raises SaleInDoubtError."""
    kept = _kept_or_doubt(till, order, before, None)
    return None if kept is None else Completed(kept, after_all=True)


def _kept_or_doubt(till: Till, order: SaleOrder, before: int, cause: Exception | None) -> Receipt | None:
    try:
        return kept_sale(till, order, before)
    except Exception as error:
        raise SaleInDoubtError(before, str(cause or error)) from error


def kept_sale(till: Till, order: SaleOrder, before: int) -> Receipt | None:
    """Return the receipt of this order among those after number `before`, or None when none of them is it."""
    newest = till.reporting.status().receipts
    for number in range(newest, max(before, newest - _FARTHEST_BACK), -1):
        receipt = _sale_receipt(till, number)
        if receipt is not None and _is_of(receipt.sale, order):
            return receipt
    return None


def _sale_receipt(till: Till, number: int) -> Receipt | None:
    """Return the receipt with this number if it is a sale's; refunds have receipts of the same numbers."""
    try:
        return till.reporting.receipt(number)
    except Refusal as refusal:
        if refusal.code is not RefusalCode.RECEIPT_UNKNOWN:
            raise
        return None


def _is_of(sale: SaleBody, order: SaleOrder) -> bool:
    lines = tuple((line.sku, line.description, line.quantity, line.price, line.scale) for line in sale.lines)
    ordered = tuple(
        (line.sku, line.description, line.quantity, line.unit_price.units, line.unit_price.scale)
        for line in order.basket.lines
    )
    same_who = (sale.card, sale.points_paid, sale.source) == (order.card, order.points, order.source)
    return same_who and lines == ordered
