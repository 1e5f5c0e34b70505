"""Sales and refunds pushed to a central store, one call each.

Must never look at what came of them but for the answer of the push.
"""

from typing import Any

from tests.contract.central.shop import Shop
from tests.contract.central.till import NOW, Till
from urs_desktop.protocol.operations import Operation, RefundOverride, SaleSpend

OVERRIDE = RefundOverride("operator", "no receipt")


def result(shop: Shop, till: Till | None = None, now: int = NOW) -> tuple[str, str]:
    last = shop.push(till=till, now=now).results[-1]
    return last.result, last.code


def sold(shop: Shop, *lines: tuple[int, int], card: str | None = "C-1", **changes: Any) -> Operation:  # noqa: ANN401
    """Push a sale of these lines (pieces and what they cost together) and return its operation."""
    operation = shop.till.sale(card=card, policy=shop.policy, sold=lines, **changes)
    assert result(shop)[0] == "applied"
    return operation


def paid_with(shop: Shop, points: int, *lines: tuple[int, int], now: int = NOW) -> Operation:
    """Push a sale of these lines paid with so many points and return its operation."""
    grant = shop.grant(points, total=sum(total for _, total in lines), now=now)
    assert grant.granted == points
    spend = SaleSpend(grant.lease_id, points, 0)
    sale = shop.till.sale(policy=shop.policy, points_paid=points, spends=(spend,), sold=lines)
    assert result(shop, now=now) == ("applied", "")
    return sale


def refunded(shop: Shop, sale: Operation, *all_pieces: dict[int, int], till: Till | None = None) -> None:
    """Push refunds of a sale one after the other, each promising what it gives."""
    source = till or shop.till
    for n, pieces in enumerate(all_pieces):
        source.refund(sale, pieces, policy=shop.policy, before=all_pieces[:n])
        assert result(shop, source) == ("applied", "")
