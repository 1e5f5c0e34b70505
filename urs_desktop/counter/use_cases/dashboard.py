"""What was sold, in figures: by hour, day or month of the shop, of this counter or of all the vendor's counters.

Days are those of the shop's time zone, and of the journal's time where a sale was replayed. Must never read every sale,
nor pass off one counter's figures as the vendor's.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import StrEnum
from itertools import pairwise
from typing import Final

from urs_desktop.counter.figure_ports import SLOT_MS, Figures, ProductFigures, ReceiptFigures, VendorAnalytics
from urs_desktop.counter.ports import Book, Store
from urs_desktop.counter.use_cases.ring_up import identity_of
from urs_desktop.protocol.figures import CounterFigures, FiguresReply, FiguresRequest, ReceiptsRequest
from urs_desktop.system.clock import Clock

MOST_DAYS: Final = 92
"""A longer time is shown by months."""

MOST_PRODUCTS: Final = 20
MOST_RECEIPTS: Final = 200
_HOUR_MS: Final = 3_600_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


class Span(StrEnum):
    """A time to look at; all but ALL end with today, ALL is from the first receipt to the last."""

    TODAY = "today"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    ALL = "all"


_DAYS: Final = {Span.TODAY: 1, Span.WEEK: 7, Span.MONTH: 30, Span.QUARTER: 90}


class Step(StrEnum):
    """How long one interval is."""

    HOUR = "hour"
    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Interval:
    """From `start` to before `end`, in milliseconds, and what was sold in it."""

    start: int
    end: int
    figures: Figures


@dataclass(frozen=True, slots=True)
class Overview:
    """What was sold over a time, interval by interval, by counter number, and the best products.

    `everywhere` for all counters of the vendor, else this one alone; `as_of` when it was asked, in milliseconds.
    """

    span: Span
    step: Step
    everywhere: bool
    as_of: int
    intervals: tuple[Interval, ...]
    counters: tuple[tuple[int, Figures], ...]
    products: tuple[ProductFigures, ...]

    @property
    def total(self) -> Figures:
        """All intervals together."""
        return sum((each.figures for each in self.intervals), Figures())


@dataclass(frozen=True, slots=True)
class FoundReceipt:
    """A receipt behind a figure, and the number of the counter that made it."""

    counter: int
    figures: ReceiptFigures


class Dashboard:
    """Answers what was sold. Every call waits and belongs on the pool."""

    def __init__(self, store: Store, clock: Clock, central: VendorAnalytics, zone: tzinfo | None = None) -> None:
        """Take the store, the clock, the way to the central store and the shop's time zone (None: the machine's)."""
        self._store = store
        self._clock = clock
        self._central = central
        self._zone = zone

    def here(self, span: Span) -> Overview:
        """Return what this counter sold; raises Refusal(NOT_ENROLLED)."""
        now = self._clock.now()

        def look(book: Book) -> Overview:
            edges, step = self._edges(span, now, book.analytics.reach() if span is Span.ALL else None)
            figures = book.analytics.figures(edges)
            intervals = _intervals(edges, figures)
            number = identity_of(book).number
            products = book.analytics.products(edges[0], edges[-1], MOST_PRODUCTS)
            total = sum(figures, Figures())
            return Overview(span, step, False, now, intervals, ((number, total),), tuple(products))  # noqa: FBT003

        return self._store.read(look)

    def everywhere(self, span: Span) -> Overview:
        """Return what all counters of the vendor sold, as the central store knows.

        Raises CentralUnavailableError, or Refusal for a counter that is out of service.
        """
        now = self._clock.now()
        edges, step = self._edges(span, now, self._reach() if span is Span.ALL else None)
        reply = self._central.figures(FiguresRequest(edges=tuple(edges), products=MOST_PRODUCTS))
        products = tuple(
            ProductFigures(each.sku, each.description, each.pieces, each.revenue) for each in reply.products
        )
        intervals = _intervals(edges, _by_interval(reply, len(edges) - 1))
        return Overview(span, step, True, reply.as_of, intervals, _by_counter(reply), products)  # noqa: FBT003

    def _reach(self) -> tuple[int, int] | None:
        reply = self._central.figures(FiguresRequest(edges=(), products=0))
        return None if reply.first is None or reply.last is None else (reply.first, reply.last)

    def receipts(self, start: int, end: int, *, everywhere: bool, counter: int = 0) -> tuple[FoundReceipt, ...]:
        """Return the newest receipts behind a figure, at most MOST_RECEIPTS; of one counter where that is named.

        Raises CentralUnavailableError where other counters' are asked for.
        """
        if not everywhere:
            return self._store.read(lambda book: _receipts_here(book, start, end))
        asked = ReceiptsRequest(start=start, end=end, counter=counter, limit=MOST_RECEIPTS)
        return tuple(
            FoundReceipt(
                told.counter,
                ReceiptFigures(told.receipt, told.is_refund, told.happened_at, told.total, told.issued, told.redeemed),
            )
            for told in self._central.receipts(asked).receipts
        )

    def _edges(self, span: Span, now: int, reach: tuple[int, int] | None) -> tuple[list[int], Step]:
        """Return where the intervals of a time begin and where the last ends, and how long each is."""
        today = self._day_of(now)
        if span is Span.TODAY:
            start, end = self._begin(today), self._begin(today + timedelta(days=1))
            return [*range(start, end, _HOUR_MS), end], Step.HOUR
        begins, ends = today - timedelta(days=_DAYS.get(span, 1) - 1), today
        if reach is not None:
            begins, ends = self._day_of(reach[0]), self._day_of(reach[1])
        if (ends - begins).days < MOST_DAYS:
            days = range((ends - begins).days + 2)
            return [self._begin(begins + timedelta(days=day)) for day in days], Step.DAY
        return [self._begin(month) for month in _months(begins, ends)], Step.MONTH

    def _day_of(self, milliseconds: int) -> date:
        return (_EPOCH + timedelta(milliseconds=milliseconds)).astimezone(self._zone).date()

    def _begin(self, day: date) -> int:
        """Return when a day of the shop begins, in milliseconds; a whole quarter of an hour since the epoch."""
        midnight = datetime(day.year, day.month, day.day, tzinfo=self._zone)
        at = (midnight.astimezone(UTC) - _EPOCH) // _MILLISECOND
        return at - at % SLOT_MS


def _months(first: date, last: date) -> Iterator[date]:
    """Yield the first days of the months from one day's to the one after the other's."""
    year, month = first.year, first.month
    while True:
        yield date(year, month, 1)
        if (year, month) > (last.year, last.month):
            return
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)  # noqa: PLR2004 - months of a year


def _intervals(edges: Sequence[int], figures: Sequence[Figures]) -> tuple[Interval, ...]:
    return tuple(Interval(start, end, each) for (start, end), each in zip(pairwise(edges), figures, strict=True))


def _by_interval(reply: FiguresReply, count: int) -> list[Figures]:
    sums = [Figures()] * count
    for row in reply.rows:
        if 0 <= row.n < count:
            sums[row.n] += _figures(row)
    return sums


def _by_counter(reply: FiguresReply) -> tuple[tuple[int, Figures], ...]:
    sums: dict[int, Figures] = {}
    for row in reply.rows:
        sums[row.counter] = sums.get(row.counter, Figures()) + _figures(row)
    return tuple(sorted(sums.items()))


def _figures(row: CounterFigures) -> Figures:
    return Figures(row.sales, row.refunds, row.revenue, row.issued, row.redeemed)


def _receipts_here(book: Book, start: int, end: int) -> tuple[FoundReceipt, ...]:
    number = identity_of(book).number
    return tuple(FoundReceipt(number, each) for each in book.analytics.receipts(start, end, MOST_RECEIPTS))
