"""A sale that is to be refunded, as far as this counter knows it, and what refunding some of it would come to.

Known are the signed sale, the policy it was reckoned with, and every refund of it made here or named by the central
store. Must never store anything or ask anybody.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from urs_desktop.counter.ports import Book
from urs_desktop.counter.use_cases.policies import policy_cited
from urs_desktop.counter.values import Identity, KnownRefund, StoredSale
from urs_desktop.domain.currency import Currency
from urs_desktop.domain.money import Money
from urs_desktop.domain.points import Points
from urs_desktop.domain.policy import RewardPolicy
from urs_desktop.domain.purchase import TenderKind, printed
from urs_desktop.domain.refund import (
    RefundState,
    Sold,
    SoldLine,
    TaxedLine,
    TaxRate,
    pieces_of,
    refund_state,
    taxes_within,
)
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol.messages import SaleReply
from urs_desktop.protocol.operations import PricedSaleBody, RefundBody, RefundLine, SaleBody


@dataclass(frozen=True, slots=True)
class Refundable:
    """A sale and the refunds of it that are known, by op id.

    `number` is its receipt as printed; `confirmed` whether the central store said which refunds it knows: without that,
    those of other counters may be missing. `card_left` is what the terminal took and, as far as is known here, did not
    give back yet, in minor units.
    """

    number: str
    op_id: bytes
    sale: SaleBody
    sold: Sold
    refunds: tuple[KnownRefund, ...]
    confirmed: bool
    card_left: int = 0

    @property
    def before(self) -> Counter[int]:
        """The pieces of each line that came back already."""
        return pieces_of([refund.pieces for refund in self.refunds])

    @property
    def remaining(self) -> tuple[int, ...]:
        """The pieces of each line that can still be refunded."""
        return self.sold.remaining(self.before)

    def knowing(self, refunds: Iterable[KnownRefund]) -> "Refundable":
        """Return the sale with these refunds known too."""
        known = {refund.op_id: refund for refund in (*refunds, *self.refunds)}
        return replace(self, refunds=tuple(known[op_id] for op_id in sorted(known)))


@dataclass(frozen=True, slots=True)
class Quote:
    """What a refund of `pieces` (line number to quantity) adds, before anything is confirmed.

    `lines` are what it gives line by line, `remaining` the pieces of each line of the sale that are left after it,
    `tax` the tax in what comes back, in minor units.
    """

    pieces: Mapping[int, int]
    adds: RefundState
    lines: tuple[RefundLine, ...]
    remaining: tuple[int, ...]
    tax: int = 0


def sold_of(sale: SaleBody, policy: RewardPolicy | None, currency: Currency) -> Sold:
    """Return a signed sale as refunds see it, in the counter's currency; raises Refusal(CURRENCIES_MIXED)."""
    if sale.currency != currency.code:
        raise Refusal(RefusalCode.CURRENCIES_MIXED, one=currency.code, other=sale.currency)
    return Sold(
        lines=tuple(SoldLine(line.quantity, line.total) for line in sale.lines),
        total=Money(sale.total, currency),
        points_paid=Points(sale.points_paid),
        earned=Points(sale.earned),
        policy=policy,
    )


def promised(body: RefundBody) -> RefundState:
    """Return what a signed refund says that it adds."""
    return RefundState(body.total, Points(body.points_back), body.cash_back, Points(body.clawed))


def pieces_in(lines: Iterable[RefundLine]) -> Counter[int]:
    """Return the pieces of each line that a refund's lines name; a quantity below one is none."""
    pieces: Counter[int] = Counter()
    for line in lines:
        pieces[line.n] += max(0, line.quantity)
    return pieces


def known_here(book: Book, sale: bytes) -> list[KnownRefund]:
    """Return the refunds of a sale (op id) that were made here, and those of others they were reckoned after."""
    known = []
    for refund in book.refunds.of_sale(sale):
        known += [KnownRefund(refund.op_id, pieces_in(refund.body.lines)), *refund.others]
    return known


def of_own(book: Book, identity: Identity, sale: StoredSale) -> Refundable:
    """Return a sale of this counter with the refunds known here; raises Refusal(POLICY_UNKNOWN)."""
    sold = sold_of(sale.body, policy_cited(book, sale.body.policy), identity.currency)
    number = printed(identity.number, sale.receipt)
    left = card_left(book, sale.op_id, sale.body)
    bare = Refundable(number, sale.op_id, sale.body, sold, (), confirmed=False, card_left=left)
    return bare.knowing(known_here(book, sale.op_id))


def as_told(book: Book, identity: Identity, number: str, reply: SaleReply) -> Refundable:
    """Return a sale as the central store told it, with the refunds known to either end.

    Raises Refusal(POLICY_UNKNOWN, CURRENCIES_MIXED).
    """
    sold = sold_of(reply.signed, policy_cited(book, reply.sale.policy, reply.policy), identity.currency)
    left = card_left(book, reply.op_id, reply.signed)
    told = Refundable(number, reply.op_id, reply.signed, sold, refunds_in(reply), confirmed=True, card_left=left)
    return told.knowing(known_here(book, reply.op_id))


def card_left(book: Book, op_id: bytes, sale: SaleBody) -> int:
    """Return what a terminal took for a sale and refunds made here did not give back by card, in minor units."""
    taken = sum(tender.amount for tender in sale.tenders if tender.kind == TenderKind.CARD.value)
    if not taken:
        return 0
    bodies = [refund.body for refund in book.refunds.of_sale(op_id)]
    given = sum(t.amount for body in bodies for t in body.tenders if t.kind == TenderKind.CARD.value)
    return max(0, taken - given)


def refunds_in(reply: SaleReply) -> tuple[KnownRefund, ...]:
    """Return the refunds the central store named."""
    return tuple(KnownRefund(refund.op_id, pieces_in(refund.lines)) for refund in reply.refunds)


def quote(sale: Refundable, pieces: Mapping[int, int] | None = None) -> Quote:
    """Return what refunding these pieces adds, or everything that is left.

    Raises Refusal(REFUND_EMPTY, LINE_UNKNOWN, QUANTITY_OUT_OF_RANGE, REFUND_EXCEEDS_SALE).
    """
    before = sale.before
    if pieces is None:
        pieces = {n: left for n, left in enumerate(sale.remaining, 1) if left}
    sale.sold.check(pieces, before)
    after = before + Counter(pieces)
    worth = [new - old for new, old in zip(sale.sold.values(after), sale.sold.values(before), strict=True)]
    return Quote(
        pieces=dict(pieces),
        adds=refund_state(sale.sold, after).since(refund_state(sale.sold, before)),
        lines=tuple(
            RefundLine(n, sale.sale.lines[n - 1].sku, sale.sale.lines[n - 1].description, pieces[n], worth[n - 1])
            for n in sorted(pieces)
        ),
        remaining=sale.sold.remaining(after),
        tax=sum(taxes_back(sale.sale, before, pieces).values()),
    )


def taxes_back(sale: SaleBody, before: Mapping[int, int], pieces: Mapping[int, int]) -> Counter[TaxRate]:
    """Return the tax of each rate in a refund of `pieces` after refunds of `before`, in minor units."""
    if not isinstance(sale, PricedSaleBody):
        return Counter()
    lines = [TaxedLine((line.tax_rate, line.tax_included), line.tax, line.quantity) for line in sale.lines]
    taxes = taxes_within(lines, Counter(before) + Counter(pieces))
    taxes.subtract(taxes_within(lines, before))
    return taxes


def before_refund(book: Book, refund: RefundBody) -> tuple[SaleBody, Counter[int]] | None:
    """Return the sale of a refund made here, and the pieces of it that had come back before as far as was known then.

    None without a receipt and for a sale of another counter, which is not kept here.
    """
    sale = None if refund.sale is None else book.sales.by_operation(bytes.fromhex(refund.sale))
    if sale is None:
        return None
    known: dict[bytes, Mapping[int, int]] = {}
    for other in book.refunds.of_sale(sale.op_id):
        if other.receipt < refund.receipt:
            known[other.op_id] = pieces_in(other.body.lines)
        if other.receipt <= refund.receipt:
            known |= {each.op_id: each.pieces for each in other.others}
    return sale.body, pieces_of(list(known.values()))
