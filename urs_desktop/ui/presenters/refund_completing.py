"""Completing a refund when anything may fail on the way: afterwards it is known whether the refund was kept.

A failure after the commit looks like one before it; the book is asked before anybody is told. Must never let goods be
refunded again because nobody saw that they were.
"""

from urs_desktop.counter.use_cases.receipts import RefundReceipt
from urs_desktop.counter.use_cases.refund import RefundOrder
from urs_desktop.counter.use_cases.refundable import pieces_in
from urs_desktop.counter.use_cases.till import Till
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol.operations import RefundBody


class RefundInDoubtError(Exception):
    """Completing failed with `cause`, and the book could not be asked whether the refund was kept."""

    def __init__(self, cause: Exception) -> None:
        """Take what failed."""
        super().__init__(str(cause))
        self.cause = cause


def complete(till: Till, order: RefundOrder) -> RefundReceipt:
    """Complete the refund, and return it too if it was kept although something failed.

    Raises Refusal with nothing kept, RefundInDoubtError when that cannot be said, any other error with nothing kept.
    """
    before = till.reporting.status().receipts
    try:
        return till.refunding.complete(order)
    except Refusal:
        raise
    except Exception as error:
        try:
            kept = _kept(till, order, before)
        except Exception as why:
            raise RefundInDoubtError(error) from why
        if kept is None:
            raise
        return kept


def _kept(till: Till, order: RefundOrder, before: int) -> RefundReceipt | None:
    """Return the refund of this order among the receipts after number `before`, or None when none of them is it."""
    for number in range(till.reporting.status().receipts, before, -1):
        try:
            receipt = till.reporting.refund_receipt(number)
        except Refusal as refusal:
            if refusal.code is not RefusalCode.RECEIPT_UNKNOWN:
                raise
        else:
            if _is_of(receipt.refund, order):
                return receipt
    return None


def _is_of(refund: RefundBody, order: RefundOrder) -> bool:
    """Return whether a refund is what this order asks for: the same pieces of the same sale, or the same goods."""
    if order.sale is not None:
        return refund.sale == order.sale.op_id.hex() and pieces_in(refund.lines) == order.pieces
    goods = order.goods.lines if order.goods else ()
    return refund.sale is None and [(line.sku, line.quantity, line.total) for line in refund.lines] == [
        (line.sku, line.quantity, line.total.minor) for line in goods
    ]
