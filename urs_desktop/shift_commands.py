"""The command line's words about shifts: opened, cash paid in and out, looked at, closed by a count, listed.

Whoever may open the data folder may do this; a count that is too far off needs a name and a reason all the same. Must
never say what should be in the drawer before it was counted, nor reckon or print.
"""

import argparse
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from urs_desktop.counter.shift_ports import Shift
from urs_desktop.counter.use_cases.refund import Override
from urs_desktop.counter.use_cases.shift_reports import ShiftReport
from urs_desktop.counter.use_cases.shifts import Shifts
from urs_desktop.counter.values import Identity
from urs_desktop.domain.currency import Currency
from urs_desktop.domain.money import Money, parse_amount
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.domain.shift import Tax, denominations
from urs_desktop.status_commands import Answer
from urs_desktop.system.clock import SystemClock
from urs_desktop.ui.cashier.shift_words import report_lines, report_title
from urs_desktop.ui.presenters.formatting import Formats, plain
from urs_desktop.ui.presenters.shift_report import report_view
from urs_desktop.wiring import OpenCounter

_MS: Final = 1000
_WIDTH: Final = 64
_formats: Final = Formats(zone=UTC)


def shift(counter: OpenCounter, options: argparse.Namespace) -> Answer:
    """Do a step of a shift, or say how one stands; raises Refusal as Shifts does."""
    counter.staff_on_command_line()
    return _ACTS[options.action](_Desk(counter), options)


class _Desk:
    """What every step needs: the use case and who the counter is."""

    def __init__(self, counter: OpenCounter) -> None:
        self.identity: Identity = counter.identity()
        self.shifts = Shifts(counter.store, counter.recorder)

    @property
    def currency(self) -> Currency:
        """The counter's currency."""
        return self.identity.currency

    def amount(self, text: str) -> Money:
        """Read an amount above nothing as people write it."""
        amount = parse_amount(text, self.currency)
        if amount.minor <= 0:
            raise Refusal(RefusalCode.AMOUNT_MALFORMED, text=text[:40])
        return amount

    def told(self, report: ShiftReport) -> Answer:
        """Return a report in figures and words."""
        view = report_view(report, self.identity, _formats, _formats.age(report.synced_at, SystemClock().now()))
        lines = [report_title(view), *(_line(words, figure) for words, figure in report_lines(view))]
        return Answer(_document(report, self.currency), "\n".join(lines))


def _line(words: str, figure: str) -> str:
    return f"{words}{figure:>{max(len(figure) + 1, _WIDTH - len(words))}}" if figure else words


def _open(desk: _Desk, options: argparse.Namespace) -> Answer:
    opened = desk.shifts.open(parse_amount(options.amount, desk.currency))
    return Answer(_facts(opened, desk.currency), f"Shift {opened.number} is open.")


def _pay(desk: _Desk, options: argparse.Namespace) -> Answer:
    amount = desk.amount(options.amount)
    sign = -1 if options.action == "pay-out" else 1
    moved = desk.shifts.pay(Money(sign * amount.minor, desk.currency), options.reason)
    shown = _plain(moved.amount, desk.currency)
    return Answer({"amount": shown, "reason": moved.reason}, f"{shown}: {plain(moved.reason)}.")


def _x(desk: _Desk, options: argparse.Namespace) -> Answer:
    del options
    return desk.told(desk.shifts.report())


def _z(desk: _Desk, options: argparse.Namespace) -> Answer:
    closed = [each.number for each in desk.shifts.latest() if each.closed_seq is not None]
    number = options.number if options.number is not None else next(iter(closed), 0)
    report = desk.shifts.report(number)
    if report.shift.closed_seq is None:
        raise Refusal(RefusalCode.SHIFT_OPEN)
    return desk.told(report)


def _close(desk: _Desk, options: argparse.Namespace) -> Answer:
    counted: dict[int, int] = {}
    for value, pieces in options.counted:
        minor = parse_amount(value, desk.currency).minor
        if minor not in denominations(desk.currency):
            raise Refusal(RefusalCode.AMOUNT_MALFORMED, text=value[:40])
        counted[minor] = counted.get(minor, 0) + pieces
    override = None
    if options.override_by is not None or options.reason is not None:
        override = Override(options.override_by or "", options.reason or "")
    return desk.told(desk.shifts.close(counted, override))


def _list(desk: _Desk, options: argparse.Namespace) -> Answer:
    del options
    shifts = desk.shifts.latest()
    documents = [_facts(each, desk.currency) for each in shifts]
    text = "\n".join(map(_sentence, documents)) or "No shift was opened at this counter yet."
    return Answer({"shifts": documents}, text)


def _sentence(facts: dict[str, Any]) -> str:
    if facts["state"] == "open":
        return f"Shift {facts['shift']}: open since {facts['opened_at']}."
    return f"Shift {facts['shift']}: closed {facts['closed_at']}, difference {facts['difference']}."


_ACTS: Final[dict[str, Callable[[_Desk, argparse.Namespace], Answer]]] = {
    "open": _open,
    "pay-in": _pay,
    "pay-out": _pay,
    "x": _x,
    "z": _z,
    "close": _close,
    "list": _list,
}


def _plain(minor: int, currency: Currency) -> str:
    return _formats.plain_amount(Money(minor, currency))


def _time(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else datetime.fromtimestamp(milliseconds // _MS, UTC).isoformat()


def _facts(shift: Shift, currency: Currency) -> dict[str, Any]:
    """Return a shift without what it took; what should have been in the drawer once that was counted."""
    facts: dict[str, Any] = {
        "shift": shift.number,
        "state": "open" if shift.closed_seq is None else "closed",
        "opened_at": _time(shift.opened_at),
        "opened_by": shift.opened_by or None,
        "closed_at": _time(shift.closed_at),
        "closed_by": shift.closed_by or None,
        "float": _plain(shift.opening, currency),
    }
    if shift.closed_seq is not None:
        facts["expected"] = _plain(shift.expected, currency)
        facts["counted"] = _plain(shift.counted, currency)
        facts["difference"] = _plain(shift.counted - shift.expected, currency)
    return facts


def _document(report: ShiftReport, currency: Currency) -> dict[str, Any]:
    totals = report.totals

    def money(minor: int) -> str:
        return _plain(minor, currency)

    def by_kind(amounts: Sequence[tuple[str, int]]) -> dict[str, str]:
        return {kind: money(amount) for kind, amount in amounts}

    def taxes(of: Sequence[Tax]) -> list[dict[str, Any]]:
        return [
            {"rate": _formats.exact(t.rate, 2), "included": t.included, "net": money(t.net), "tax": money(t.tax)}
            for t in of
        ]

    return {
        **_facts(report.shift, currency),
        "first_receipt": totals.first or None,
        "last_receipt": totals.last or None,
        "sales": totals.sales,
        "refunds": totals.refunds,
        "voids": totals.voids,
        "gross": money(totals.gross),
        "discount": money(totals.discount),
        "total": money(totals.total),
        "net": money(totals.total - totals.tax),
        "refunded": money(totals.refunded),
        "taxes": taxes(totals.taxes),
        "refund_taxes": taxes(totals.refund_taxes),
        "refunds_without_tax": totals.untaxed,
        "tenders": by_kind(totals.tenders),
        "refund_tenders": by_kind(totals.refund_tenders),
        "rounding": money(totals.rounding),
        "points": {
            "earned": totals.earned,
            "redeemed": totals.redeemed,
            "given_back": totals.points_back,
            "taken_back": totals.clawed,
        },
        "paid_in": money(totals.paid_in),
        "paid_out": money(totals.paid_out),
        "movements": [{"amount": money(each.amount), "reason": each.reason} for each in report.movements],
        "drawer_openings": totals.drawer,
        "miscounts": totals.miscounts,
        "pieces": {money(each.value): each.pieces for each in report.closing.counted},
        "allowed_by": report.closing.allowed_by or None,
        "receipts": totals.sales + totals.refunds,
        "missing": list(report.waiting),
        "set_aside": list(report.set_aside),
        "last_sync": _time(report.synced_at),
    }
