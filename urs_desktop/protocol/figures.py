"""What a counter asks the central store about the sales of its vendor's counters, in figures and by receipt.

Reports, never evidence: nothing of it is signed or stored. Must never name a customer.
"""

from typing import Final

from urs_desktop.protocol.messages import Message, Reply

MOST_EDGES: Final = 800
MOST_PRODUCTS: Final = 100
MOST_RECEIPTS: Final = 500
"""More than so many are cut off."""


class FiguresRequest(Message, frozen=True, kw_only=True):
    """Asks for the figures of each interval between neighbouring `edges` (milliseconds, growing) and top products.

    Without edges it only asks when the first and the last receipt happened.
    """

    edges: tuple[int, ...]
    products: int = 20


class CounterFigures(Reply, frozen=True, kw_only=True):
    """The figures of a counter in interval `n` (from 0), as counter.figure_ports.Figures; without receipts none."""

    counter: int
    n: int
    sales: int
    refunds: int
    revenue: int
    issued: int
    redeemed: int


class ProductSold(Reply, frozen=True, kw_only=True):
    """A product over all intervals, less what came back; `revenue` in minor units."""

    sku: str
    description: str
    pieces: int
    revenue: int


class FiguresReply(Reply, frozen=True, kw_only=True):
    """The figures by counter and interval, products by revenue, the `first` and `last` receipt's times, `as_of` now."""

    rows: tuple[CounterFigures, ...]
    products: tuple[ProductSold, ...]
    first: int | None
    last: int | None
    as_of: int


class ReceiptsRequest(Message, frozen=True, kw_only=True):
    """Asks for the newest `limit` receipts from `start` to before `end` (milliseconds), of a counter or 0 for all."""

    start: int
    end: int
    counter: int = 0
    limit: int = 200


class ReceiptTold(Reply, frozen=True, kw_only=True):
    """One receipt: amounts in minor units and points, below zero for a refund."""

    counter: int
    receipt: int
    is_refund: bool
    happened_at: int
    total: int
    issued: int
    redeemed: int


class ReceiptsReply(Reply, frozen=True, kw_only=True):
    """The receipts, newest first."""

    receipts: tuple[ReceiptTold, ...]
