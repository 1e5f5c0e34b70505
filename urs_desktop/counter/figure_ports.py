"""What the counter can say of its own sales in figures, and what it asks of the central store about all counters.

Days and hours are whoever asks's: intervals are given by their edges. Must never name SQL, HTTP, Qt or a file.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from urs_desktop.protocol.figures import FiguresReply, FiguresRequest, ReceiptsReply, ReceiptsRequest

SLOT_MS: Final = 900_000
"""Edges of intervals are whole quarters of an hour since the epoch: every time zone's days and hours begin at one."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What was sold in an interval, less what came back in it.

    `sales` and `refunds` are numbers of receipts; `revenue` in minor units is what customers owed less what refunds
    gave; `issued` points earned less those taken back, `redeemed` points paid with less those given back.
    """

    sales: int = 0
    refunds: int = 0
    revenue: int = 0
    issued: int = 0
    redeemed: int = 0

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(
            self.sales + other.sales,
            self.refunds + other.refunds,
            self.revenue + other.revenue,
            self.issued + other.issued,
            self.redeemed + other.redeemed,
        )

    @property
    def profit(self) -> int:
        """Revenue less rewards in minor units: a point issued is one minor unit."""
        return self.revenue - self.issued


@dataclass(frozen=True, slots=True)
class ProductFigures:
    """What was sold of a product less what came back: `pieces`, and `revenue` in minor units."""

    sku: str
    description: str
    pieces: int
    revenue: int


@dataclass(frozen=True, slots=True)
class ReceiptFigures:
    """One receipt: `total` in minor units, points `issued` and `redeemed`; those of a refund are below zero."""

    receipt: int
    is_refund: bool
    happened_at: int
    total: int
    issued: int
    redeemed: int


class Analytics(Protocol):
    """The sales of this counter in figures; times in milliseconds, an interval holds its start and not its end."""

    def reach(self) -> tuple[int, int] | None:
        """Return when the first and the last receipt happened, None without any."""

    def figures(self, edges: Sequence[int]) -> Sequence[Figures]:
        """Return the figures of each interval between neighbouring edges, which grow and are multiples of SLOT_MS."""

    def products(self, start: int, end: int, limit: int) -> Sequence[ProductFigures]:
        """Return up to `limit` products by their revenue, then by SKU."""

    def receipts(self, start: int, end: int, limit: int) -> Sequence[ReceiptFigures]:
        """Return up to `limit` receipts, the newest first."""


class VendorAnalytics(Protocol):
    """What the counter asks of the central store about all counters of its vendor; both raise CentralUnavailableError.

    They raise Refusal too, for a counter that is out of service.
    """

    def figures(self, request: FiguresRequest) -> FiguresReply:
        """Return the figures of every counter."""

    def receipts(self, request: ReceiptsRequest) -> ReceiptsReply:
        """Return the receipts of an interval."""
