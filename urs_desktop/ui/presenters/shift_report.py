"""An X or Z report as sections of codes and figures, for the screen and for paper alike.

Must never reckon: every figure is the report's.
"""

from collections.abc import Iterable

from urs_desktop.counter.use_cases.shift_reports import ShiftReport
from urs_desktop.counter.use_cases.shifts import NOBODY
from urs_desktop.counter.values import Identity
from urs_desktop.domain.money import Money
from urs_desktop.domain.purchase import printed
from urs_desktop.domain.ranges import Range, ranges_of
from urs_desktop.ui.presenters.formatting import Age, Formats, plain
from urs_desktop.ui.presenters.shift_state import ReportRow, ReportSection, ReportView


def report_view(
    report: ShiftReport, identity: Identity, formats: Formats, as_of: Age, *, tells: bool = False
) -> ReportView:
    """Return a report as it is shown; `as_of` is how old the central store's last answer is.

    What should be in the drawer is in it once that was counted, before only where `tells`.
    """
    writer = _Writer(report, identity, formats, tells=tells)
    verdict = writer.verdict()
    sections = (
        ReportSection("shift", writer.shift()),
        ReportSection("sales", writer.sales()),
        ReportSection("payments", writer.payments()),
        ReportSection("points", writer.points()),
        ReportSection("drawer", (*writer.drawer(), *((verdict,) if verdict else ()))),
        ReportSection("counted", writer.counted()),
    )
    return ReportView(
        number=formats.number(report.shift.number),
        is_final=report.shift.closed_seq is not None,
        sections=tuple(section for section in sections if section.rows),
        receipts=formats.number(report.totals.sales + report.totals.refunds),
        missing=_runs(report.waiting, identity),
        set_aside=_runs(report.set_aside, identity),
        as_of=as_of,
        verdict=verdict,
    )


def _run(run: Range, identity: Identity) -> str:
    """Return receipt numbers in a row as they are printed."""
    first, last = printed(identity.number, run.first), printed(identity.number, run.last)
    return first if run.count == 1 else f"{first} \u2013 {last}"


def _runs(receipts: Iterable[int], identity: Identity) -> tuple[str, ...]:
    return tuple(_run(run, identity) for run in ranges_of(receipts))


class _Writer:
    """Writes the lines of one report."""

    def __init__(self, report: ShiftReport, identity: Identity, formats: Formats, *, tells: bool) -> None:
        self._report = report
        self._tells = tells or report.shift.closed_seq is not None
        self._totals = report.totals
        self._identity = identity
        self._formats = formats

    def _money(self, minor: int) -> str:
        return self._formats.money(Money(minor, self._identity.currency))

    def _number(self, number: int) -> str:
        return self._formats.number(number)

    def _by(self, code: str, person: str, moment: int) -> ReportRow:
        shown = self._formats.moment(moment)
        return ReportRow(f"{code}_by", plain(person), shown) if person else ReportRow(code, "", shown)

    def shift(self) -> tuple[ReportRow, ...]:
        """Return who opened and closed it and when, and its receipts."""
        shift, totals, closing = self._report.shift, self._totals, self._report.closing
        rows = [self._by("opened", shift.opened_by, shift.opened_at)]
        if shift.closed_at is not None:
            rows.append(self._by("closed", shift.closed_by, shift.closed_at))
        if closing.allowed_by not in ("", NOBODY):
            rows.append(ReportRow("allowed", f"{plain(closing.allowed_by)}: {plain(closing.reason)}"))
        if totals.first:
            rows.append(ReportRow("receipts", "", _run(Range(totals.first, totals.last), self._identity)))
        rows.append(ReportRow("voids", "", self._number(totals.voids)))
        return tuple(rows)

    def sales(self) -> tuple[ReportRow, ...]:
        """Return what was sold: before discounts, discounts, taxes, and what came back."""
        totals, money = self._totals, self._money
        rows = [ReportRow("gross", "", money(totals.gross))]
        if totals.discount:
            rows.append(ReportRow("discount", "", money(-totals.discount)))
        rows += [
            ReportRow(
                "tax_in" if tax.included else "tax_on",
                f"{self._formats.percentage(tax.rate)} \u00b7 {money(tax.net)}",
                money(tax.tax),
            )
            for tax in totals.taxes
        ]
        rows.append(ReportRow("sales", self._number(totals.sales), money(totals.total), strong=True))
        if totals.taxes:
            rows.append(ReportRow("net", "", money(totals.total - totals.tax)))
        if totals.refunds:
            rows.append(ReportRow("refunds", self._number(totals.refunds), money(-totals.refunded), strong=True))
            rows += [
                ReportRow("tax_back", f"{self._formats.percentage(tax.rate)} \u00b7 {money(tax.net)}", money(-tax.tax))
                for tax in totals.refund_taxes
            ]
            if totals.untaxed and (totals.taxes or totals.refund_taxes):
                rows.append(ReportRow("untaxed", "", self._number(totals.untaxed)))
            rows.append(ReportRow("after_refunds", "", money(totals.total - totals.refunded), strong=True))
        return tuple(rows)

    def payments(self) -> tuple[ReportRow, ...]:
        """Return how it was paid and given back."""
        totals, money = self._totals, self._money
        rows = [ReportRow(f"tender_{kind}", "", money(amount)) for kind, amount in totals.tenders]
        if totals.rounding:
            rows.append(ReportRow("rounding", "", money(totals.rounding)))
        rows += [ReportRow(f"refund_{kind}", "", money(-amount)) for kind, amount in totals.refund_tenders]
        return tuple(rows)

    def points(self) -> tuple[ReportRow, ...]:
        """Return the points that moved."""
        totals = self._totals
        rows = [
            ReportRow("earned", "", self._number(totals.earned)),
            ReportRow("redeemed", "", self._number(totals.redeemed)),
        ]
        if totals.clawed or totals.points_back:
            rows.append(ReportRow("clawed", "", self._number(totals.clawed)))
            rows.append(ReportRow("points_back", "", self._number(totals.points_back)))
        return tuple(rows)

    def drawer(self) -> tuple[ReportRow, ...]:
        """Return what went into the drawer and out of it, what should be there, and what was counted."""
        report, money = self._report, self._money
        rows = [ReportRow("float", "", money(report.shift.opening))]
        rows += [
            ReportRow("paid_in" if each.amount > 0 else "paid_out", plain(each.reason), money(each.amount))
            for each in report.movements
        ]
        rows.append(ReportRow("drawer", "", self._number(self._totals.drawer)))
        if self._totals.miscounts:
            rows.append(ReportRow("miscounts", "", self._number(self._totals.miscounts)))
        if self._tells:
            rows.append(ReportRow("expected", "", money(report.expected), strong=True))
        if report.shift.closed_seq is not None:
            rows.append(ReportRow("counted", "", money(report.shift.counted), strong=True))
        return tuple(rows)

    def verdict(self) -> ReportRow | None:
        """Return what the count came to; None before it."""
        if self._report.shift.closed_seq is None:
            return None
        difference = self._report.difference
        code = "even" if not difference else "over" if difference > 0 else "short"
        return ReportRow(code, "", self._money(abs(difference)), strong=True)

    def counted(self) -> tuple[ReportRow, ...]:
        """Return the coins and notes as they were counted."""
        return tuple(
            ReportRow(
                "pieces",
                f"{self._number(each.pieces)} \u00d7 {self._money(each.value)}",
                self._money(each.value * each.pieces),
            )
            for each in self._report.closing.counted
        )
