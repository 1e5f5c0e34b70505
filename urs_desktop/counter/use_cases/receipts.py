"""What the customer's receipts say, of sales and of refunds, and the numbers printed on them.

A receipt is made from what is on disk, never from what was about to be stored. Must never reckon: every figure was
stored with its sale or refund.
"""

import re
from dataclasses import dataclass
from typing import Final

from urs_desktop.counter.ports import Book
from urs_desktop.counter.values import Identity, StoredRefund
from urs_desktop.domain.currency import Currency
from urs_desktop.domain.money import Money
from urs_desktop.domain.points import Points
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol.operations import RefundBody, SaleBody

_PRINTED: Final = re.compile(r"(?:(?P<counter>[0-9]{1,9})-)?(?P<receipt>[0-9]{1,15})", re.ASCII)
_SHOWN: Final = 40


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the customer's receipt says, made only after the sale is on disk.

    `number` is `<counter>-<receipt>`; `balance` the points after this sale as far as this counter knows, at `as_of`.
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


@dataclass(frozen=True, slots=True)
class RefundReceipt:
    """What the customer gets for goods that came back, made only after the refund is on disk.

    `sale_number` is the receipt of the sale, empty without one or where another counter's is not known here; `balance`
    as on a Receipt: lower by what was taken back, not yet higher by what is given back.
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


def printed(counter: int, receipt: int) -> str:
    """Return a receipt's number as it is printed."""
    return f"{counter}-{receipt:06d}"


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


def receipt_of(book: Book, identity: Identity, body: SaleBody) -> Receipt:
    """Return the receipt of a stored sale; the balance is what the centre said last."""
    customer = book.customers.by_card(body.card) if body.card else None
    change = sum(tender.tendered - tender.amount for tender in body.tenders)
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
    )
