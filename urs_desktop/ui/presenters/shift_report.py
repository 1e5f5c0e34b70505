"""An X or Z report as rows of codes and figures, for the screen and for paper alike.

Must never reckon: every figure is the report's.
"""

from collections.abc import Callable

from urs_desktop.counter.use_cases.receipts import printed
from urs_desktop.counter.use_cases.shifts import ShiftReport
from urs_desktop.counter.values import Identity
from urs_desktop.domain.money import Money
from urs_desktop.ui.presenters.formatting import Age, Formats, plain
from urs_desktop.ui.presenters.shift_state import ReportRow, ReportView


def report_view(report: ShiftReport, identity: Identity, formats: Formats, as_of: Age) -> ReportView:
    """Return a report as it is shown; `as_of` is how old the central store's last answer is."""
    shift, totals, own = report.shift, report.totals, identity.currency

    def money(minor: int) -> str:
        return formats.money(Money(minor, own))

    number = formats.number
    rows = [_by("opened", shift.opened_by, formats.moment(shift.opened_at))]
    if shift.closed_at is not None:
        rows.append(_by("closed", shift.closed_by, formats.moment(shift.closed_at)))
    if totals.first:
        first, last = printed(identity.number, totals.first), printed(identity.number, totals.last)
        rows.append(ReportRow("receipts", "", f"{first} \u2013 {last}"))
    rows += [
        ReportRow("sales", number(totals.sales), money(totals.total), strong=True),
        ReportRow("gross", "", money(totals.gross)),
    ]
    if totals.discount:
        rows.append(ReportRow("discount", "", money(-totals.discount)))
    rows += [
        ReportRow("tax_in" if tax.included else "tax_on", formats.percentage(tax.rate), money(tax.tax))
        for tax in totals.taxes
    ]
    rows += [ReportRow(f"tender_{kind}", "", money(amount)) for kind, amount in totals.tenders]
    if totals.rounding:
        rows.append(ReportRow("rounding", "", money(totals.rounding)))
    if totals.refunds:
        rows.append(ReportRow("refunds", number(totals.refunds), money(-totals.refunded), strong=True))
        rows += [ReportRow(f"refund_{kind}", "", money(-amount)) for kind, amount in totals.refund_tenders]
    rows += [
        ReportRow("earned", "", number(totals.earned)),
        ReportRow("redeemed", "", number(totals.redeemed)),
    ]
    if totals.clawed or totals.points_back:
        rows.append(ReportRow("clawed", "", number(totals.clawed)))
        rows.append(ReportRow("points_back", "", number(totals.points_back)))
    rows += [ReportRow("drawer", "", number(totals.drawer)), ReportRow("voids", "", number(totals.voids))]
    rows += _cash(report, money)
    return ReportView(
        number=number(shift.number),
        is_final=shift.closed_seq is not None,
        rows=tuple(rows),
        receipts=number(totals.sales + totals.refunds),
        missing=tuple(printed(identity.number, receipt) for receipt in report.waiting),
        as_of=as_of,
    )


def _by(code: str, person: str, moment: str) -> ReportRow:
    return ReportRow(f"{code}_by", plain(person), moment) if person else ReportRow(code, "", moment)


def _cash(report: ShiftReport, money: Callable[[int], str]) -> list[ReportRow]:
    """Return the lines about the drawer; what should be in it only once it was counted."""
    rows = [ReportRow("float", "", money(report.shift.opening))]
    rows += [
        ReportRow("paid_in" if each.amount > 0 else "paid_out", plain(each.reason), money(each.amount))
        for each in report.movements
    ]
    if report.shift.closed_seq is None:
        return rows
    difference = report.difference
    code = "even" if not difference else "over" if difference > 0 else "short"
    return [
        *rows,
        ReportRow("expected", "", money(report.expected), strong=True),
        ReportRow("counted", "", money(report.shift.counted), strong=True),
        ReportRow(code, "", money(difference), strong=True),
    ]
