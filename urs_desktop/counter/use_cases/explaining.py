"""Why a receipt earned its points, and what its refunds took back: the sealed figures beside the steps of the rules.

Reads only. Must never explain what a receipt does not say: where the rules give other points than the receipt, both are
there to be seen.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from urs_desktop.counter.ports import Book, Store
from urs_desktop.counter.use_cases.receipts import (
    Adjustment,
    RefundReceipt,
    adjustment_of,
    read_number,
    refund_receipt_of,
)
from urs_desktop.counter.use_cases.refund import Refunding
from urs_desktop.counter.use_cases.refundable import Refundable
from urs_desktop.counter.use_cases.ring_up import identity_of
from urs_desktop.counter.values import Identity, KnownRefund, StoredRefund
from urs_desktop.domain.currency import Currency
from urs_desktop.domain.explanation import Explanation, RefundStep, explain
from urs_desktop.domain.purchase import printed
from urs_desktop.protocol.operations import RefundBody, SaleBody


@dataclass(frozen=True, slots=True)
class ExplainedRefund:
    """One refund: its receipt as printed and as it was signed, or neither where another counter made it."""

    op_id: bytes
    number: str
    signed: RefundBody | None
    step: RefundStep


@dataclass(frozen=True, slots=True)
class Explained:
    """A sale with the arithmetic of its points and its refunds; `confirmed` as on a Refundable.

    `adjusted` are this receipt and those of its refunds that the central store posted otherwise than they promised, as
    far as this counter made them.
    """

    number: str
    sale: SaleBody
    currency: Currency
    steps: Explanation
    refunds: tuple[ExplainedRefund, ...]
    confirmed: bool
    adjusted: tuple[Adjustment, ...] = ()


class Explaining:
    """Explains receipts of this vendor."""

    def __init__(self, store: Store, refunding: Refunding) -> None:
        """Take the store and who finds sales."""
        self._store = store
        self._refunding = refunding

    def receipt(self, text: str) -> Explained | RefundReceipt:
        """Return the explanation of a sale by its receipt, or by that of one of its refunds.

        A refund without a receipt, or of another counter's sale, whose number is not on it, is returned as it is.
        Raises Refusal as Refunding.find.
        """
        refund, text = self._store.read(lambda book: _resolved(book, text))
        if refund is not None:
            return refund
        sale = self._refunding.find(text)
        return self._store.read(lambda book: _explained(book, sale))


def _resolved(book: Book, text: str) -> tuple[RefundReceipt | None, str]:
    """Return the number of the sale to explain, or the refund if there is no sale to it here."""
    identity = identity_of(book)
    counter, number = read_number(text, identity)
    refund = book.refunds.by_receipt(number) if counter == identity.number else None
    if refund is None:
        return None, text
    receipt = refund_receipt_of(book, identity, refund)
    return (None, receipt.sale_number) if receipt.sale_number else (receipt, text)


def _explained(book: Book, sale: Refundable) -> Explained:
    identity = identity_of(book)
    own = {refund.op_id: refund for refund in book.refunds.of_sale(sale.op_id)}
    steps = explain(sale.sold, [refund.pieces for refund in sale.refunds])
    refunds = zip(sale.refunds, steps.refunds, strict=True)
    return Explained(
        sale.number,
        sale.sale,
        identity.currency,
        steps,
        tuple(_refund(identity.number, known, own.get(known.op_id), step) for known, step in refunds),
        sale.confirmed,
        _adjusted(book, identity, sale.number, own.values()),
    )


def _adjusted(book: Book, identity: Identity, sale: str, refunds: Iterable[StoredRefund]) -> tuple[Adjustment, ...]:
    counter, receipt = read_number(sale, identity)
    receipts = [receipt] if counter == identity.number else []
    found = [book.outcomes.of_receipt(each) for each in (*receipts, *(refund.receipt for refund in refunds))]
    return tuple(adjustment_of(book, identity, each) for each in found if each is not None)


def _refund(counter: int, known: KnownRefund, own: StoredRefund | None, step: RefundStep) -> ExplainedRefund:
    if own is None:
        return ExplainedRefund(known.op_id, "", None, step)
    return ExplainedRefund(known.op_id, printed(counter, own.receipt), own.body, step)
