"""The words of the shift room, and of X and Z reports on the screen and on paper alike.

Must never put a figure into a text to be translated.
"""

from typing import Final

from PySide6.QtCore import QCoreApplication

from urs_desktop.ui.messages import age_text
from urs_desktop.ui.presenters.shift_state import ReportRow, ReportView, ShiftPhase, ShiftState
from urs_desktop.ui.translation import QT_TRANSLATE_NOOP

_LABELS: Final[dict[str, str]] = {
    "opened": QT_TRANSLATE_NOOP("shift", "Opened"),
    "opened_by": QT_TRANSLATE_NOOP("shift", "Opened by {detail}"),
    "closed": QT_TRANSLATE_NOOP("shift", "Closed"),
    "closed_by": QT_TRANSLATE_NOOP("shift", "Closed by {detail}"),
    "allowed": QT_TRANSLATE_NOOP("shift", "Difference allowed by {detail}"),
    "receipts": QT_TRANSLATE_NOOP("shift", "Receipts"),
    "sales": QT_TRANSLATE_NOOP("shift", "Sales ({detail})"),
    "net": QT_TRANSLATE_NOOP("shift", "Sales without tax"),
    "tax_back": QT_TRANSLATE_NOOP("shift", "Tax in refunds {detail}"),
    "untaxed": QT_TRANSLATE_NOOP("shift", "Refunds whose tax is not known here"),
    "after_refunds": QT_TRANSLATE_NOOP("shift", "Sales less refunds"),
    "gross": QT_TRANSLATE_NOOP("shift", "Before discounts"),
    "discount": QT_TRANSLATE_NOOP("shift", "Discounts"),
    "tax_in": QT_TRANSLATE_NOOP("shift", "Included tax {detail}"),
    "tax_on": QT_TRANSLATE_NOOP("shift", "Added tax {detail}"),
    "tender_cash": QT_TRANSLATE_NOOP("shift", "Paid in cash"),
    "tender_card": QT_TRANSLATE_NOOP("shift", "Paid by card"),
    "tender_points": QT_TRANSLATE_NOOP("shift", "Paid with points"),
    "rounding": QT_TRANSLATE_NOOP("shift", "Cash rounding"),
    "refunds": QT_TRANSLATE_NOOP("shift", "Refunds ({detail})"),
    "refund_cash": QT_TRANSLATE_NOOP("shift", "Given back in cash"),
    "refund_card": QT_TRANSLATE_NOOP("shift", "Given back by card"),
    "refund_points": QT_TRANSLATE_NOOP("shift", "Given back in points"),
    "earned": QT_TRANSLATE_NOOP("shift", "Points earned"),
    "redeemed": QT_TRANSLATE_NOOP("shift", "Points redeemed"),
    "clawed": QT_TRANSLATE_NOOP("shift", "Points taken back"),
    "points_back": QT_TRANSLATE_NOOP("shift", "Points given back"),
    "drawer": QT_TRANSLATE_NOOP("shift", "Drawer opened without a sale"),
    "voids": QT_TRANSLATE_NOOP("shift", "Lines and sales voided"),
    "miscounts": QT_TRANSLATE_NOOP("shift", "Counts that were too far off"),
    "pieces": QT_TRANSLATE_NOOP("shift", "{detail}"),
    "float": QT_TRANSLATE_NOOP("shift", "Float"),
    "paid_in": QT_TRANSLATE_NOOP("shift", "Paid in: {detail}"),
    "paid_out": QT_TRANSLATE_NOOP("shift", "Paid out: {detail}"),
    "expected": QT_TRANSLATE_NOOP("shift", "Should be in the drawer"),
    "counted": QT_TRANSLATE_NOOP("shift", "Counted"),
    "even": QT_TRANSLATE_NOOP("shift", "It fits exactly"),
    "over": QT_TRANSLATE_NOOP("shift", "Over"),
    "short": QT_TRANSLATE_NOOP("shift", "Short"),
}
_SECTIONS: Final[dict[str, str]] = {
    "shift": QT_TRANSLATE_NOOP("shift", "Shift"),
    "sales": QT_TRANSLATE_NOOP("shift", "Sales"),
    "payments": QT_TRANSLATE_NOOP("shift", "Payments"),
    "points": QT_TRANSLATE_NOOP("shift", "Points"),
    "drawer": QT_TRANSLATE_NOOP("shift", "Drawer"),
    "counted": QT_TRANSLATE_NOOP("shift", "Counted"),
}
_ALL = QT_TRANSLATE_NOOP("shift", "All {count} receipts acknowledged by the central store, asked {age}.")
_NONE = QT_TRANSLATE_NOOP("shift", "No receipts in this shift.")
_MISSING = QT_TRANSLATE_NOOP("shift", "Not acknowledged yet, last contact {age}: {numbers}")
_SET_ASIDE = QT_TRANSLATE_NOOP("shift", "Set aside by the central store: {numbers}")
_MORE = QT_TRANSLATE_NOOP("shift", "{numbers} and {count} more")
_MOST_NAMED: Final = 12


def _said(text: str) -> str:
    return QCoreApplication.translate("shift", text)


def label(row: ReportRow) -> str:
    """Return the words of a line; an unknown tender is called by its code."""
    text = _said(_LABELS.get(row.code, row.code))
    return text.format(detail=row.detail)


def section_words(code: str) -> str:
    """Return the heading of a section."""
    return _said(_SECTIONS[code])


def acknowledgement(report: ReportView) -> str:
    """Return which receipts the central store has acknowledged, and how fresh that is."""
    if report.receipts == "0":
        return _said(_NONE)
    age = age_text(report.as_of)
    said = _said(_ALL).format(count=report.receipts, age=age)
    if report.missing:
        said = _said(_MISSING).format(age=age, numbers=_named(report.missing))
    if report.set_aside:
        said += " " + _said(_SET_ASIDE).format(numbers=_named(report.set_aside))
    return said


def _named(receipts: tuple[str, ...]) -> str:
    numbers, more = ", ".join(receipts[:_MOST_NAMED]), len(receipts) - _MOST_NAMED
    return _said(_MORE).format(numbers=numbers, count=more) if more > 0 else numbers


def report_lines(report: ReportView) -> list[tuple[str, str]]:
    """Return a report as lines of words and figures for paper: headings have no figure, the last says what is sent."""
    lines = []
    for section in report.sections:
        lines.append((section_words(section.code).upper(), ""))
        lines += [(label(each), each.figure) for each in section.rows]
    return [*lines, (acknowledgement(report), "")]


_HEADS: Final[dict[ShiftPhase, str]] = {
    ShiftPhase.CLOSED: QT_TRANSLATE_NOOP("shift", "No shift is open"),
    ShiftPhase.PAYING_IN: QT_TRANSLATE_NOOP("shift", "Pay cash in"),
    ShiftPhase.PAYING_OUT: QT_TRANSLATE_NOOP("shift", "Pay cash out"),
    ShiftPhase.COUNTING: QT_TRANSLATE_NOOP("shift", "Count the drawer"),
}
_SHIFT = QT_TRANSLATE_NOOP("shift", "Shift {number}")
_Z = QT_TRANSLATE_NOOP("shift", "Z report, shift {number}")
_X = QT_TRANSLATE_NOOP("shift", "X report, shift {number}")
_TOLD: Final[dict[ShiftPhase, str]] = {
    ShiftPhase.CLOSED: QT_TRANSLATE_NOOP("shift", "Count the cash in the drawer and type it: that is the float."),
    ShiftPhase.PAYING_IN: QT_TRANSLATE_NOOP("shift", "Type the amount and why."),
    ShiftPhase.PAYING_OUT: QT_TRANSLATE_NOOP("shift", "Type the amount and why."),
    ShiftPhase.COUNTING: QT_TRANSLATE_NOOP(
        "shift", "Type the pieces of each coin and note. What should be there is shown afterwards."
    ),
}
_SINCE = QT_TRANSLATE_NOOP("shift", "Open since {since} {by}")
_GOING: Final[dict[ShiftPhase, str]] = {
    ShiftPhase.CLOSED: QT_TRANSLATE_NOOP("shift", "Open shift (Enter)"),
    ShiftPhase.PAYING_IN: QT_TRANSLATE_NOOP("shift", "Pay in (Enter)"),
    ShiftPhase.PAYING_OUT: QT_TRANSLATE_NOOP("shift", "Pay out (Enter)"),
    ShiftPhase.COUNTING: QT_TRANSLATE_NOOP("shift", "Next (Enter)"),
    ShiftPhase.REPORT: QT_TRANSLATE_NOOP("shift", "Done (Enter)"),
    ShiftPhase.WORKING: QT_TRANSLATE_NOOP("shift", "Working"),
}
_CLOSE = QT_TRANSLATE_NOOP("shift", "Close shift (Enter)")
_HINTS: Final[dict[ShiftPhase, str]] = {
    ShiftPhase.COUNTING: QT_TRANSLATE_NOOP(
        "shift", "Digits count, Enter goes on, arrows choose, C closes. Esc goes back and keeps what was counted."
    ),
    ShiftPhase.OPEN: QT_TRANSLATE_NOOP(
        "shift", "I pays in, O pays out, X shows the report so far, Z closes. Esc goes back to selling."
    ),
}
_HINT = QT_TRANSLATE_NOOP("shift", "Enter goes on. Esc goes back.")


def report_title(report: ReportView) -> str:
    """Return what stands above a report."""
    return _said(_Z if report.is_final else _X).format(number=report.number)


def heading(state: ShiftState) -> str:
    """Return what stands above the room's side."""
    if state.report is not None:
        return report_title(state.report)
    head = _HEADS.get(state.phase)
    return _said(head) if head else _said(_SHIFT).format(number=state.number or "\u2013")


def told(state: ShiftState) -> str:
    """Return what is said under the heading: what to do, or how the receipts stand."""
    if state.report is not None:
        return acknowledgement(state.report)
    if state.phase in _TOLD:
        return _said(_TOLD[state.phase])
    return _said(_SINCE).format(since=state.since, by=state.by) if state.since else ""


def going(state: ShiftState) -> str:
    """Return the words of the key that goes on."""
    if state.phase is ShiftPhase.COUNTING and state.selected == len(state.counts) - 1:
        return _said(_CLOSE)
    return _said(_GOING.get(state.phase, ""))


def hint(phase: ShiftPhase) -> str:
    """Return what can be done next."""
    return _said(_HINTS.get(phase, _HINT))
