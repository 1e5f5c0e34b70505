"""The figures of a dashboard as text and as bars, and as a file.

Must never reckon: what it writes the use case summed.
"""

import csv
import io
from typing import Final

from urs_desktop.counter.figure_ports import Figures
from urs_desktop.counter.use_cases.dashboard import FoundReceipt, Interval, Overview, Step
from urs_desktop.counter.values import Identity
from urs_desktop.domain.money import Money
from urs_desktop.domain.purchase import printed
from urs_desktop.ui.presenters.dashboard_state import Bar, DashboardState, Sums
from urs_desktop.ui.presenters.formatting import Formats, plain

_COLUMNS: Final = ("from", "to", "sales", "refunds", "revenue", "points issued", "points redeemed", "rewards", "profit")


class DashboardView:
    """Writes figures for one counter in one locale."""

    def __init__(self, identity: Identity, formats: Formats) -> None:
        """Take who the counter is and how figures are written."""
        self._identity = identity
        self._formats = formats

    def state(self, overview: Overview | None) -> DashboardState:
        """Return what is shown of an overview beside its bars."""
        total, number = overview.total if overview else Figures(), self._formats.number
        return DashboardState(
            sums=Sums(
                number(total.sales),
                number(total.refunds),
                number(total.issued),
                number(total.redeemed),
                self._money(total.revenue),
                self._money(total.profit),
            ),
            products=tuple(
                (plain(each.description) or plain(each.sku), number(each.pieces), self._money(each.revenue))
                for each in (overview.products if overview else ())
            ),
            is_empty=overview is None or not (total.sales or total.refunds),
            digits=self._identity.currency.digits,
        )

    def bars(self, overview: Overview | None, *, by_counter: bool) -> tuple[Bar, ...]:
        """Return a bar for each interval, or for each counter."""
        if overview is None:
            return ()
        if by_counter:
            return tuple(self._bar(str(number), str(number), figures) for number, figures in overview.counters)
        return tuple(self._bar(*self._names(each, overview.step), each.figures) for each in overview.intervals)

    def _names(self, interval: Interval, step: Step) -> tuple[str, str]:
        """Return how an interval is called under a chart and in the table."""
        formats, start = self._formats, interval.start
        if step is Step.HOUR:
            hours = f"{formats.time_of_day(start)} \u2013 {formats.time_of_day(interval.end)}"
            return formats.time_of_day(start), hours
        if step is Step.DAY:
            return formats.short_day(start), formats.day(start)
        return formats.month(start), formats.month(start)

    def _bar(self, label: str, title: str, of: Figures) -> Bar:
        number = self._formats.number
        row = (
            title,
            number(of.sales),
            number(of.refunds),
            self._money(of.revenue),
            number(of.issued),
            number(of.redeemed),
            self._money(of.profit),
        )
        return Bar(label, row, of.sales, of.issued, of.redeemed, of.revenue, of.profit)

    def receipt(self, found: FoundReceipt) -> tuple[str, ...]:
        """Return a receipt's line in the table."""
        of = found.figures
        return (
            printed(found.counter, of.receipt),
            f"{self._formats.short_day(of.happened_at)}, {self._formats.time_of_day(of.happened_at)}",
            self._money(of.total),
            self._formats.number(of.issued),
            self._formats.number(of.redeemed),
        )

    def as_csv(self, overview: Overview) -> str:
        """Return the figures as they are typed: times of the shop, amounts with a point, points whole."""
        text = io.StringIO()
        rows = csv.writer(text, lineterminator="\r\n")
        rows.writerow(_COLUMNS)
        amount = self._amount
        for each in overview.intervals:
            of = each.figures
            rows.writerow(
                (
                    self._formats.iso(each.start),
                    self._formats.iso(each.end),
                    of.sales,
                    of.refunds,
                    amount(of.revenue),
                    of.issued,
                    of.redeemed,
                    amount(of.issued),
                    amount(of.profit),
                )
            )
        return text.getvalue()

    def _amount(self, minor: int) -> str:
        return self._formats.plain_amount(Money(minor, self._identity.currency))

    def _money(self, minor: int) -> str:
        return self._formats.money(Money(minor, self._identity.currency))
