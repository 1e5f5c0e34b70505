"""The sales of the fake store in figures, reckoned from the signed bodies each time.

Held to the same contract as the SQLite store. Must never keep a sum.
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Protocol

from urs_desktop.counter.figure_ports import Figures, ProductFigures, ReceiptFigures
from urs_desktop.counter.values import Product, StoredRefund, StoredSale
from urs_desktop.protocol.figures import (
    CounterFigures,
    FiguresReply,
    FiguresRequest,
    ProductSold,
    ReceiptsReply,
    ReceiptsRequest,
    ReceiptTold,
)
from urs_desktop.protocol.operations import RefundBody, SaleBody
from urs_desktop.system.clock import Clock


class FakeAnalytics:
    """Reads sales and refunds."""

    def __init__(
        self,
        sales: Mapping[int, StoredSale],
        refunds: Mapping[int, StoredRefund],
        products: Mapping[str, Product],
    ) -> None:
        self._sales = sales
        self._refunds = refunds
        self._products = products

    def _bodies(self, start: int, end: int) -> Iterator[SaleBody | RefundBody]:
        stored: Iterable[StoredSale | StoredRefund] = (*self._sales.values(), *self._refunds.values())
        yield from (each.body for each in stored if start <= each.body.happened_at < end)

    def reach(self) -> tuple[int, int] | None:
        stored: Iterable[StoredSale | StoredRefund] = (*self._sales.values(), *self._refunds.values())
        times = [each.body.happened_at for each in stored]
        return (min(times), max(times)) if times else None

    def figures(self, edges: Sequence[int]) -> Sequence[Figures]:
        return [sum((_figures(body) for body in self._bodies(start, end)), Figures()) for start, end in pairwise(edges)]

    def products(self, start: int, end: int, limit: int) -> Sequence[ProductFigures]:
        pieces: defaultdict[str, int] = defaultdict(int)
        revenue: defaultdict[str, int] = defaultdict(int)
        for body in self._bodies(start, end):
            sign = 1 if isinstance(body, SaleBody) else -1
            for line in body.lines:
                pieces[line.sku] += sign * line.quantity
                revenue[line.sku] += sign * line.total
        best = sorted(revenue, key=lambda sku: (-revenue[sku], sku))[:limit]
        return [ProductFigures(sku, self._name(sku), pieces[sku], revenue[sku]) for sku in best]

    def _name(self, sku: str) -> str:
        if sku in self._products:
            return self._products[sku].description
        lines = [line for _, sale in sorted(self._sales.items()) for line in sale.body.lines if line.sku == sku]
        return lines[-1].description if lines else ""

    def receipts(self, start: int, end: int, limit: int) -> Sequence[ReceiptFigures]:
        found = [_receipt(body) for body in self._bodies(start, end)]
        return sorted(found, key=lambda each: (each.happened_at, each.receipt), reverse=True)[:limit]


def _figures(body: SaleBody | RefundBody) -> Figures:
    if isinstance(body, SaleBody):
        return Figures(1, 0, body.total, body.earned, body.points_paid)
    return Figures(0, 1, -body.total, -body.clawed, -body.points_back)


def _receipt(body: SaleBody | RefundBody) -> ReceiptFigures:
    of, is_refund = _figures(body), isinstance(body, RefundBody)
    return ReceiptFigures(body.receipt, is_refund, body.happened_at, of.revenue, of.issued, of.redeemed)


def vendor_figures(made: Sequence[tuple[int, SaleBody]], request: FiguresRequest, now: int) -> FiguresReply:
    """Return the figures of a vendor's counters from the sales that arrived, each with its counter's number."""
    rows = [
        CounterFigures(
            counter=number,
            n=n,
            sales=of.sales,
            refunds=0,
            revenue=of.revenue,
            issued=of.issued,
            redeemed=of.redeemed,
        )
        for n, (start, end) in enumerate(pairwise(request.edges))
        for number in sorted({number for number, _ in made})
        if (of := sum((_figures(b) for own, b in made if own == number and start <= b.happened_at < end), Figures()))
        != Figures()
    ]
    sold: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for _, body in made:
        if request.edges and request.edges[0] <= body.happened_at < request.edges[-1]:
            for line in body.lines:
                sold[line.sku] = [sold[line.sku][0] + line.quantity, sold[line.sku][1] + line.total]
    best = sorted(sold, key=lambda sku: (-sold[sku][1], sku))[: request.products]
    return FiguresReply(
        rows=tuple(rows),
        products=tuple(
            ProductSold(sku=sku, description=f"{sku} of the vendor", pieces=sold[sku][0], revenue=sold[sku][1])
            for sku in best
        ),
        first=min((body.happened_at for _, body in made), default=None),
        last=max((body.happened_at for _, body in made), default=None),
        as_of=now,
    )


def vendor_receipts(made: Sequence[tuple[int, SaleBody]], request: ReceiptsRequest) -> ReceiptsReply:
    """Return the receipts of an interval, newest first."""
    found = [
        ReceiptTold(
            counter=number,
            receipt=body.receipt,
            is_refund=False,
            happened_at=body.happened_at,
            total=body.total,
            issued=body.earned,
            redeemed=body.points_paid,
        )
        for number, body in made
        if request.start <= body.happened_at < request.end and request.counter in (0, number)
    ]
    found.sort(key=lambda each: (each.happened_at, each.receipt), reverse=True)
    return ReceiptsReply(receipts=tuple(found[: request.limit]))


class Made(Protocol):
    """A sale that arrived at the central store."""

    body: SaleBody


class VendorFigures:
    """The part of the fake central store that tells what the vendor's counters sold."""

    _sales: Mapping[tuple[int, int], Made]
    _lock: threading.Lock
    clock: Clock
    _reach: Callable[[str], None]

    def figures(self, request: FiguresRequest) -> FiguresReply:
        with self._lock:
            self._reach("figures")
            return vendor_figures(self._made(), request, self.clock.now())

    def receipts(self, request: ReceiptsRequest) -> ReceiptsReply:
        with self._lock:
            self._reach("receipts")
            return vendor_receipts(self._made(), request)

    def _made(self) -> list[tuple[int, SaleBody]]:
        return [(number, sale.body) for (number, _), sale in self._sales.items()]
