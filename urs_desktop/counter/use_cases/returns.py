"""The returns of a journal's invoice: refunds of what the customer bought before, oldest purchase first.

A row names a product and a quantity but no receipt, so it is matched with the customer's earlier purchases of exactly
that product at this counter, and refunded at what was paid then. Must never touch another customer's purchase or a
later one, nor deal with an invoice twice.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from urs_desktop.counter.ports import Book
from urs_desktop.counter.use_cases.journal import Invoice, ReturnedRow
from urs_desktop.counter.use_cases.recording import Recorder
from urs_desktop.counter.use_cases.refund import RefundOrder, refund_in
from urs_desktop.counter.use_cases.refundable import Refundable, of_own
from urs_desktop.counter.use_cases.ring_up import identity_of
from urs_desktop.counter.values import Identity, ReplayedReturns, StoredSale
from urs_desktop.protocol.operations import SaleSource


@dataclass(slots=True)
class _Purchase:
    """A purchase some of which comes back: what is left of each line, and what this invoice takes."""

    sale: Refundable
    left: list[int]
    taken: Counter[int] = field(default_factory=Counter)

    def take(self, sku: str, most: int) -> int:
        """Take up to `most` pieces of a product, line by line; returns how many were left to take."""
        found = 0
        for index, line in enumerate(self.sale.sale.lines):
            pieces = min(most - found, self.left[index]) if line.sku == sku else 0
            if pieces:
                self.left[index] -= pieces
                self.taken[index + 1] += pieces
                found += pieces
        return found


def refund_returns(book: Book, recorder: Recorder, journal: str, invoice: Invoice) -> None:
    """Refund what an invoice's returned rows can be matched with, one refund a purchase, and remember it.

    Works inside the caller's transaction. Raises Refusal as Refunding.complete.
    """
    identity = identity_of(book)
    purchases: dict[bytes, _Purchase] = {}
    fates: Counter[str] = Counter()
    for row in invoice.returns:
        customer = row.customer or invoice.customer
        sales = book.sales.of_customer(customer, row.sku, row.happened_at) if customer else ()
        fates[_fate(row, _matched(book, identity, purchases, sales, row), sales)] += 1
    source = SaleSource(journal, invoice.number, invoice.digest)
    for purchase in sorted(purchases.values(), key=_age):
        if purchase.taken:
            happened_at = invoice.returns[0].happened_at
            order = RefundOrder(purchase.sale, dict(purchase.taken), happened_at=happened_at, source=source)
            refund_in(book, recorder, order)
    book.refunds.put_returns(
        ReplayedReturns(
            journal,
            invoice.number,
            invoice.digest,
            stored=fates["stored"],
            without_sale=fates["without_sale"],
            exceeding=fates["exceeding"],
        )
    )


def _matched(
    book: Book,
    identity: Identity,
    purchases: dict[bytes, _Purchase],
    sales: Sequence[StoredSale],
    row: ReturnedRow,
) -> int:
    """Take a row's pieces from the sales, the first one first; returns how many were left to take."""
    found = 0
    for sale in sales:
        if found == row.quantity:
            break
        if sale.op_id not in purchases:
            known = of_own(book, identity, sale)
            purchases[sale.op_id] = _Purchase(known, list(known.remaining))
        found += purchases[sale.op_id].take(row.sku, row.quantity - found)
    return found


def _fate(row: ReturnedRow, found: int, sales: Sequence[StoredSale]) -> str:
    if not sales:
        return "without_sale"
    return "stored" if found == row.quantity else "exceeding"


def _age(purchase: _Purchase) -> tuple[int, int]:
    return purchase.sale.sale.happened_at, purchase.sale.sale.receipt
