"""A completed sale as lines of text for the receipt on screen.

Must never reckon: every figure was stored with the sale.
"""

from urs_desktop.counter.use_cases.receipts import Adjustment, Receipt
from urs_desktop.domain.money import Money, UnitPrice
from urs_desktop.ui.presenters.formatting import Formats, plain
from urs_desktop.ui.presenters.sell_state import AdjustmentView, ReceiptLine, ReceiptView


def receipt_view(receipt: Receipt, customer: str, formats: Formats, now: int) -> ReceiptView:
    """Return the receipt as shown at `now` (milliseconds); `customer` is the customer's name, or empty."""
    sale, currency = receipt.sale, receipt.currency
    return ReceiptView(
        number=receipt.number,
        vendor=plain(receipt.vendor_name),
        location=plain(receipt.location),
        moment=formats.moment(sale.happened_at),
        lines=tuple(
            ReceiptLine(
                description=plain(line.description) or plain(line.sku),
                amount=f"{formats.number(line.quantity)} \u00d7 "
                f"{formats.unit_price(UnitPrice(line.price, line.scale, currency))}",
                total=formats.money(Money(line.total, currency)),
            )
            for line in sale.lines
        ),
        total=formats.money(receipt.total),
        tenders=tuple((tender.kind, formats.money(Money(tender.tendered, currency))) for tender in sale.tenders),
        change=formats.money(receipt.change),
        has_change=receipt.change.minor != 0,
        card=plain(sale.card or ""),
        customer=customer,
        earned=formats.number(sale.earned),
        redeemed=formats.number(sale.points_paid),
        balance="" if receipt.balance is None else formats.number(receipt.balance),
        balance_age=formats.age(receipt.as_of, now),
        balance_is_before=receipt.as_of is not None and receipt.as_of <= sale.recorded_at,
        adjustments=tuple(
            adjustment_view(each, formats) for each in (receipt.adjusted, *receipt.notes) if each is not None
        ),
    )


def adjustment_view(adjusted: Adjustment, formats: Formats) -> AdjustmentView:
    """Return what a receipt promised and what was posted for it, as it is shown."""
    promised, posted, number = adjusted.promised, adjusted.posted, formats.number
    return AdjustmentView(
        number=adjusted.number,
        code=adjusted.code,
        promised=number(promised.back if adjusted.is_refund else promised.earned),
        posted=number(posted.back if adjusted.is_refund else posted.earned),
        late=number(adjusted.late) if adjusted.late else "",
        is_refund=adjusted.is_refund,
        promised_clawed=number(promised.clawed) if adjusted.is_refund else "",
        posted_clawed=number(posted.clawed) if adjusted.is_refund else "",
    )
