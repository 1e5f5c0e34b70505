"""The frozen state of the refund room, made whole out of the draft each time.

Must never change the draft; what a refund comes to the use case reckons.
"""

from urs_desktop.counter.use_cases.receipts import RefundReceipt
from urs_desktop.counter.use_cases.refundable import Quote, Refundable, quote
from urs_desktop.counter.values import Identity
from urs_desktop.domain import rounding
from urs_desktop.domain.money import Money
from urs_desktop.protocol.operations import PricedSaleBody
from urs_desktop.ui.presenters.formatting import Formats, plain
from urs_desktop.ui.presenters.refund_draft import RefundDraft
from urs_desktop.ui.presenters.refund_state import (
    QuoteView,
    RefundDoneView,
    RefundLineView,
    RefundPhase,
    RefundState,
)


def refund_state(draft: RefundDraft, identity: Identity, formats: Formats) -> RefundState:
    """Return what the room shows of this draft."""
    sale = draft.sale
    quoted = quote(sale, draft.chosen()) if sale and draft.chosen() and draft.phase is not RefundPhase.DONE else None
    return RefundState(
        phase=draft.phase,
        text=draft.text,
        found=draft.found,
        number=sale.number if sale else "",
        moment=formats.moment(sale.sale.happened_at) if sale else "",
        customer=_customer(draft),
        lines=_lines(draft, sale, quoted, formats) if sale else (),
        selected=draft.selected,
        quote=_quote(draft, sale, quoted, identity, formats) if sale and quoted else None,
        confirmed=sale.confirmed if sale else False,
        done=_done(draft.done, _customer(draft), formats) if draft.done else None,
        notice=draft.notice,
    )


def _customer(draft: RefundDraft) -> str:
    if draft.sale is None or draft.sale.sale.card is None:
        return ""
    return plain(draft.customer.name if draft.customer and draft.customer.name else draft.sale.sale.card)


def _lines(draft: RefundDraft, sale: Refundable, quoted: Quote | None, formats: Formats) -> tuple[RefundLineView, ...]:
    before, own = sale.before, sale.sold.total.currency
    worth = {line.n: line.total for line in quoted.lines} if quoted else {}
    return tuple(
        RefundLineView(
            description=plain(line.description) or plain(line.sku),
            sold=formats.number(line.quantity),
            back=formats.number(before[n]) if before[n] else "",
            left=sale.remaining[n - 1],
            chosen=draft.pieces.get(n, 0),
            worth=formats.money(Money(worth[n], own)) if n in worth else "",
        )
        for n, line in enumerate(sale.sale.lines, 1)
    )


def _quote(draft: RefundDraft, sale: Refundable, quoted: Quote, identity: Identity, formats: Formats) -> QuoteView:
    money, number, adds, own = formats.money, formats.number, quoted.adds, identity.currency
    available = draft.customer.available if draft.customer else None
    owed = max(0, adds.clawed - adds.points_back - available) if available is not None else 0
    tax = _tax(sale, quoted)
    return QuoteView(
        total=money(Money(adds.value, own)),
        cash=money(Money(adds.cash_back, own)) if adds.cash_back else "",
        points=number(adds.points_back) if adds.points_back else "",
        clawed=number(adds.clawed) if adds.clawed else "",
        owed=number(owed) if owed else "",
        tax=money(Money(tax, own)) if tax else "",
    )


def _tax(sale: Refundable, quoted: Quote) -> int:
    """Return what of the money that goes back is tax.

    What came back of a line so far decides, never one refund by itself, so that all of them give back the line's tax.
    """
    body = sale.sale
    if not isinstance(body, PricedSaleBody):
        return 0
    before, tax = sale.sold.values(sale.before), 0
    for line in quoted.lines:
        sold, value = body.lines[line.n - 1], before[line.n - 1]
        if sold.total > 0:
            after = rounding.half_up(sold.tax * (value + line.total), sold.total)
            tax += after - rounding.half_up(sold.tax * value, sold.total)
    return tax


def _done(receipt: RefundReceipt, customer: str, formats: Formats) -> RefundDoneView:
    body = receipt.refund
    return RefundDoneView(
        number=receipt.number,
        sale_number=receipt.sale_number,
        total=formats.money(receipt.total),
        cash=formats.money(receipt.cash_back) if receipt.cash_back.minor else "",
        points=formats.number(body.points_back) if body.points_back else "",
        clawed=formats.number(body.clawed) if body.clawed else "",
        customer=customer,
    )
