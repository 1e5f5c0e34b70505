"""How a sale that was worked on is signed: its discounts, taxes, price changes, card references and cash rounding.

What needs none of that stays a plain body. Must never reckon: every figure is the settled purchase's.
"""

import msgspec

from urs_desktop.domain.basket import Basket, LineItem
from urs_desktop.domain.permissions import Permission
from urs_desktop.domain.pricing import NO_TAX, Priced
from urs_desktop.domain.purchase import Purchase, TenderKind
from urs_desktop.protocol.operations import (
    PaidTender,
    PricedLine,
    PricedSaleBody,
    SaleBody,
    SaleLine,
    SaleOverride,
)


def needs_pricing(purchase: Purchase) -> bool:
    """Return whether only a priced body can say what this purchase is."""
    worked_on = any(line.tax != NO_TAX or line.discount or line.price_change for line in purchase.basket.lines)
    by_card = any(tender.kind is TenderKind.CARD for tender in purchase.tenders)
    return worked_on or by_card or purchase.basket.discount is not None or purchase.rounding != 0


def priced_body(plain: SaleBody, purchase: Purchase) -> PricedSaleBody:
    """Return the plain body of a purchase with all that was worked on."""
    fields = {name: getattr(plain, name) for name in SaleBody.__struct_fields__ if name not in ("lines", "tenders")}
    worked = zip(plain.lines, purchase.basket.lines, purchase.priced, strict=True)
    return PricedSaleBody(
        **fields,
        lines=tuple(_line(line, item, priced) for line, item, priced in worked),
        tenders=tuple(
            PaidTender(tender.kind.value, tender.amount.minor, tender.tendered.minor, tender.reference)
            for tender in purchase.tenders
        ),
        rounding=purchase.rounding,
        overrides=_overrides(purchase.basket),
    )


def _line(line: SaleLine, item: LineItem, priced: Priced) -> PricedLine:
    change, discount = item.price_change, item.discount
    reasons = [each.reason for each in (change, discount) if each is not None and each.reason]
    return PricedLine(
        **msgspec.structs.asdict(line),
        discount=priced.discount,
        tax=priced.tax,
        tax_rate=item.tax.basis_points,
        tax_included=item.tax.included,
        list_price=change.list_price.units if change else None,
        list_scale=change.list_price.scale if change else 0,
        reason="; ".join(reasons),
    )


def _overrides(basket: Basket) -> tuple[SaleOverride, ...]:
    """Return who allowed what the cashier may not do alone, line by line and, as line 0, for the whole receipt."""
    overrides = []
    for n, line in enumerate(basket.lines, 1):
        for what, work in ((Permission.PRICE_OVERRIDE, line.price_change), (Permission.DISCOUNT, line.discount)):
            if work is not None and work.allowed_by:
                overrides.append(SaleOverride(what.value, n, work.allowed_by, work.reason))
    whole = basket.discount
    if whole is not None and whole.allowed_by:
        overrides.append(SaleOverride(Permission.DISCOUNT.value, 0, whole.allowed_by, whole.reason))
    return tuple(overrides)
