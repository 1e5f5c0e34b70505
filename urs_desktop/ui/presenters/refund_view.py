"""The frozen state of the refund room, made whole out of the draft each time.

Must never change the draft; what a refund comes to the use case reckons.
"""

from urs_desktop.counter.use_cases.receipts import RefundReceipt
from urs_desktop.counter.use_cases.refundable import Quote, Refundable, quote
from urs_desktop.counter.values import Identity
from urs_desktop.domain.basket import Basket
from urs_desktop.domain.currency import cash_step
from urs_desktop.domain.money import Money
from urs_desktop.domain.purchase import TenderKind, round_cash
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
    sale, goods = draft.sale, draft.goods
    quoted = quote(sale, draft.chosen()) if sale and draft.chosen() and draft.phase is not RefundPhase.DONE else None
    lines = _lines(draft, sale, quoted, formats) if sale else _goods(goods, formats) if goods else ()
    told = _quote(draft, sale, quoted, identity, formats) if sale and quoted else _of_goods(goods, formats)
    return RefundState(
        phase=draft.phase,
        text=draft.text,
        found=draft.found,
        number=sale.number if sale else "",
        moment=formats.moment(sale.sale.happened_at) if sale else "",
        customer=_customer(draft),
        lines=lines,
        selected=draft.selected,
        quote=None if draft.phase is RefundPhase.DONE else told,
        confirmed=sale.confirmed if sale else False,
        may_use_card=bool(sale and sale.card_left),
        by_card=draft.by_card,
        reference=draft.reference,
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
    card = by_card(sale, quoted) if draft.by_card else 0
    cash = Money(adds.cash_back - card, own)
    return QuoteView(
        total=money(Money(adds.value, own)),
        cash=money(round_cash(cash, cash_step(own))) if cash.minor else "",
        card=money(Money(card, own)) if card else "",
        points=number(adds.points_back) if adds.points_back else "",
        clawed=number(adds.clawed) if adds.clawed else "",
        owed=number(owed) if owed else "",
        tax=money(Money(quoted.tax, own)) if quoted.tax else "",
    )


def by_card(sale: Refundable, quoted: Quote) -> int:
    """Return what of the money the terminal gives back: at most what it took, in minor units."""
    return min(sale.card_left, quoted.adds.cash_back)


def _goods(goods: Basket, formats: Formats) -> tuple[RefundLineView, ...]:
    return tuple(
        RefundLineView(
            description=plain(line.description) or plain(line.sku),
            sold="",
            back="",
            left=0,
            chosen=line.quantity,
            worth=formats.money(line.total),
        )
        for line in goods.lines
    )


def _of_goods(goods: Basket | None, formats: Formats) -> QuoteView | None:
    if goods is None or not goods.lines:
        return None
    tax = sum(each.tax for each in goods.priced())
    cash = formats.money(round_cash(goods.total, cash_step(goods.currency)))
    return QuoteView(formats.money(goods.total), cash, tax=formats.money(Money(tax, goods.currency)) if tax else "")


def _done(receipt: RefundReceipt, customer: str, formats: Formats) -> RefundDoneView:
    body, own = receipt.refund, receipt.currency
    given = {tender.kind: formats.money(Money(tender.tendered, own)) for tender in body.tenders}
    return RefundDoneView(
        number=receipt.number,
        sale_number=receipt.sale_number,
        total=formats.money(receipt.total),
        cash=given.get(TenderKind.CASH.value, ""),
        points=formats.number(body.points_back) if body.points_back else "",
        clawed=formats.number(body.clawed) if body.clawed else "",
        customer=customer,
        card=given.get(TenderKind.CARD.value, ""),
    )
