"""A completed sale as lines of text for the receipt on screen.

Must never reckon: every figure was stored with the sale.
"""

from typing import TypedDict

from urs_desktop.counter.use_cases.receipts import Adjustment, Receipt
from urs_desktop.domain.currency import Currency
from urs_desktop.domain.money import Money, UnitPrice
from urs_desktop.protocol.operations import PricedLine, PricedSaleBody, SaleBody, SaleLine
from urs_desktop.ui.presenters.formatting import Formats, plain
from urs_desktop.ui.presenters.sell_state import AdjustmentView, ReceiptLine, ReceiptView, TaxView


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
                **_worked(line, currency, formats),
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
        **_priced(sale, currency, formats),
    )


class _Worked(TypedDict, total=False):
    list_price: str
    discount: str


class _Priced(TypedDict, total=False):
    discount: str
    taxes: tuple[TaxView, ...]
    rounding: str


def _worked(line: SaleLine, currency: Currency, formats: Formats) -> _Worked:
    """Return what was done to the price of a line; nothing where it is the catalogue's."""
    if not isinstance(line, PricedLine):
        return {}
    listed = None if line.list_price is None else UnitPrice(line.list_price, line.list_scale, currency)
    return {
        "list_price": formats.unit_price(listed) if listed else "",
        "discount": formats.money(Money(-line.discount, currency)) if line.discount else "",
    }


def _priced(sale: SaleBody, currency: Currency, formats: Formats) -> _Priced:
    """Return what was taken off in all, the taxes by rate, and what cash was rounded by."""
    if not isinstance(sale, PricedSaleBody):
        return {}
    off = sum(line.discount for line in sale.lines)
    rates = sorted({(line.tax_rate, line.tax_included) for line in sale.lines if line.tax_rate})
    return {
        "discount": formats.money(Money(-off, currency)) if off else "",
        "taxes": tuple(_tax(sale, rate, included, currency, formats) for rate, included in rates),
        "rounding": formats.money(Money(sale.rounding, currency)) if sale.rounding else "",
    }


def _tax(sale: PricedSaleBody, rate: int, included: bool, currency: Currency, formats: Formats) -> TaxView:  # noqa: FBT001
    lines = [line for line in sale.lines if (line.tax_rate, line.tax_included) == (rate, included)]
    tax = sum(line.tax for line in lines)
    net = sum(line.total for line in lines) - tax
    money = formats.money
    return TaxView(formats.percentage(rate), money(Money(net, currency)), money(Money(tax, currency)), included)


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
