"""What the customer's receipts say, of sales and of refunds, and the numbers printed on them.

A receipt is made from what is on disk, never from what was about to be stored. Must never reckon: every figure was
stored with its sale or refund.
"""

import re
from dataclasses import dataclass
from typing import Final

from urs_desktop.counter.ports import Book
from urs_desktop.counter.values import AdjustedReceipt, Identity, StoredRefund
from urs_desktop.domain.currency import Currency
from urs_desktop.domain.money import Money
from urs_desktop.domain.points import Points
from urs_desktop.domain.purchase import printed
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol.operations import PricedSaleBody, RefundBody, SaleBody

_PRINTED: Final = re.compile(r"(?:(?P<counter>[0-9]{1,9})-)?(?P<receipt>[0-9]{1,15})", re.ASCII)
_SHOWN: Final = 40


@dataclass(frozen=True, slots=True)
class PointsMoved:
    """What a receipt moves, in points: `earned` by a sale; `back` and `clawed` by a refund."""

    earned: int = 0
    back: int = 0
    clawed: int = 0

    @property
    def net(self) -> int:
        """What the customer has more, or less, by them."""
        return self.earned + self.back - self.clawed


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A receipt, numbered as printed, whose `posted` points are not those it `promised`, or were not all covered.

    `late` are points it was paid with that the vendor gives; `code` is the central store's stable reason.
    """

    number: str
    is_refund: bool
    promised: PointsMoved
    posted: PointsMoved
    late: int
    code: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the customer's receipt says, made only after the sale is on disk.

    `number` is `<counter>-<receipt>`; `balance` the points after this sale as far as this counter knows, at `as_of`.
    `adjusted` is what the central store made of this sale, if it was not as promised; `notes` are the customer's
    earlier receipts of that kind, of which this one tells.
    """

    number: str
    sale: SaleBody
    vendor_name: str
    location: str
    currency: Currency
    total: Money
    change: Money
    balance: Points | None
    as_of: int | None
    adjusted: Adjustment | None = None
    notes: tuple[Adjustment, ...] = ()


@dataclass(frozen=True, slots=True)
class RefundReceipt:
    """What the customer gets for goods that came back, made only after the refund is on disk.

    `sale_number` is the receipt of the sale, empty without one or where another counter's is not known here; `balance`
    as on a Receipt: lower by what was taken back, not yet higher by what is given back; so is `adjusted`.
    """

    number: str
    refund: RefundBody
    sale_number: str
    vendor_name: str
    location: str
    currency: Currency
    total: Money
    cash_back: Money
    balance: Points | None
    as_of: int | None
    adjusted: Adjustment | None = None


def read_number(text: str, identity: Identity) -> tuple[int, int]:
    """Return counter and receipt of a number as printed, or of this counter's receipt by itself.

    Raises Refusal(RECEIPT_UNKNOWN) for any other text.
    """
    match = _PRINTED.fullmatch(text.strip())
    if match is None:
        raise unknown(text)
    return int(match["counter"] or identity.number), int(match["receipt"])


def unknown(text: str) -> Refusal:
    """Return the refusal of a receipt nobody knows."""
    return Refusal(RefusalCode.RECEIPT_UNKNOWN, receipt=text.strip()[:_SHOWN])


def adjustment_of(book: Book, identity: Identity, adjusted: AdjustedReceipt) -> Adjustment:
    """Return what was posted for a receipt beside what it promised; raises Refusal(RECEIPT_UNKNOWN)."""
    sale = book.sales.by_receipt(adjusted.receipt)
    refund = None if sale else book.refunds.by_receipt(adjusted.receipt)
    if sale is not None:
        promised = PointsMoved(earned=sale.body.earned)
    elif refund is not None:
        promised = PointsMoved(back=refund.body.points_back, clawed=refund.body.clawed)
    else:
        raise unknown(str(adjusted.receipt))
    return Adjustment(
        number=printed(identity.number, adjusted.receipt),
        is_refund=refund is not None,
        promised=promised,
        posted=PointsMoved(adjusted.earned, adjusted.back, adjusted.clawed),
        late=adjusted.late,
        code=adjusted.code,
    )


def _adjusted(book: Book, identity: Identity, receipt: int) -> Adjustment | None:
    adjusted = book.outcomes.of_receipt(receipt)
    return None if adjusted is None else adjustment_of(book, identity, adjusted)


def receipt_of(book: Book, identity: Identity, body: SaleBody) -> Receipt:
    """Return the receipt of a stored sale; the balance is what the centre said last."""
    customer = book.customers.by_card(body.card) if body.card else None
    rounding = body.rounding if isinstance(body, PricedSaleBody) else 0
    change = sum(tender.tendered - tender.amount for tender in body.tenders) - rounding
    return Receipt(
        number=printed(identity.number, body.receipt),
        sale=body,
        vendor_name=identity.vendor_name,
        location=identity.location,
        currency=identity.currency,
        total=Money(body.total, identity.currency),
        change=Money(change, identity.currency),
        balance=customer.available if customer else None,
        as_of=customer.as_of if customer else None,
        adjusted=_adjusted(book, identity, body.receipt),
        notes=tuple(adjustment_of(book, identity, each) for each in book.outcomes.told_on(body.receipt)),
    )


def refund_receipt_of(book: Book, identity: Identity, refund: StoredRefund, sale_number: str = "") -> RefundReceipt:
    """Return the receipt of a stored refund; `sale_number` where the sale is another counter's."""
    body = refund.body
    sale = book.sales.by_operation(bytes.fromhex(body.sale)) if body.sale else None
    customer = book.customers.by_card(body.card) if body.card else None
    return RefundReceipt(
        number=printed(identity.number, body.receipt),
        refund=body,
        sale_number=printed(identity.number, sale.receipt) if sale else sale_number,
        vendor_name=identity.vendor_name,
        location=identity.location,
        currency=identity.currency,
        total=Money(body.total, identity.currency),
        cash_back=Money(body.cash_back, identity.currency),
        balance=customer.available if customer else None,
        as_of=customer.as_of if customer else None,
        adjusted=_adjusted(book, identity, body.receipt),
    )
