"""What a shift took and gave, reckoned from its signed operations in one pass: the figures of X and Z reports.

Must never take a figure from anywhere but what was signed, nor keep the operations it has passed.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Final, TypeAlias

from urs_desktop.counter.ports import Book
from urs_desktop.counter.shift_ports import Shift
from urs_desktop.counter.use_cases.events import EventKind
from urs_desktop.counter.use_cases.refundable import before_refund, pieces_in, taxes_back
from urs_desktop.domain.refund import TaxRate
from urs_desktop.domain.shift import ShiftTotals, Tax
from urs_desktop.protocol.operations import (
    Body,
    EventBody,
    PricedLine,
    PricedSaleBody,
    RefundBody,
    SaleBody,
    ShiftBody,
    ShiftFigure,
)

OPEN, PAY_IN, PAY_OUT, CLOSE = "open", "pay_in", "pay_out", "close"
"""The steps of a shift, as they are signed."""

SIGNED: Final = (
    *("sales", "refunds", "gross", "discount", "total", "refunded", "rounding", "earned", "redeemed", "points_back"),
    *("clawed", "paid_in", "paid_out", "drawer", "voids", "miscounts"),
)
"""The figures every Z report has, by name; one that is added later is in no report that was signed before."""

SaleBefore: TypeAlias = Callable[[RefundBody], tuple[SaleBody, Counter[int]] | None]
"""Finds the sale of a refund and the pieces that had come back before; None where this counter does not know it."""

_DRAWER: Final = frozenset({EventKind.DRAWER_OPENED.value})
_VOIDS: Final = frozenset({EventKind.LINE_VOIDED.value, EventKind.SALE_VOIDED.value})
_MISCOUNTS: Final = frozenset({EventKind.COUNT_REFUSED.value})


@dataclass(frozen=True, slots=True)
class Movement:
    """Cash paid in (or out, below zero) during a shift, in minor units, and why."""

    amount: int
    reason: str


@dataclass(frozen=True, slots=True)
class Denominated:
    """So many `pieces` of a coin or note of `value` minor units, as they were counted."""

    value: int
    pieces: int


@dataclass(frozen=True, slots=True)
class Closing:
    """What was signed when a shift was closed: the coins and notes, the figures, who allowed a difference and why."""

    counted: tuple[Denominated, ...] = ()
    figures: tuple[ShiftFigure, ...] = ()
    expected: int = 0
    amount: int = 0
    allowed_by: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ShiftReport:
    """An X report of an open shift or the Z report of a closed one.

    `waiting` are the receipt numbers the central store has not acknowledged, `set_aside` those it could not apply;
    `synced_at` is when it last answered, in milliseconds, or None.
    """

    shift: Shift
    totals: ShiftTotals
    movements: tuple[Movement, ...]
    expected: int
    closing: Closing
    waiting: tuple[int, ...] = ()
    set_aside: tuple[int, ...] = ()
    synced_at: int | None = None

    @property
    def difference(self) -> int:
        """What was counted less what should have been there; over is above zero."""
        return self.shift.counted - self.expected


def closing_of(body: ShiftBody) -> Closing:
    """Return what the signed step that closed a shift says."""
    by = body.override
    return Closing(
        counted=tuple(Denominated(each.value, each.count) for each in body.counted),
        figures=body.figures,
        expected=body.expected,
        amount=body.amount,
        allowed_by=by.operator if by else "",
        reason=by.reason if by else "",
    )


@dataclass(slots=True)
class _Sums:
    """What has been added up so far."""

    sale_before: SaleBefore
    counts: Counter[str] = field(default_factory=Counter)
    tenders: Counter[str] = field(default_factory=Counter)
    refund_tenders: Counter[str] = field(default_factory=Counter)
    taxed: Counter[TaxRate] = field(default_factory=Counter)
    taxes: Counter[TaxRate] = field(default_factory=Counter)
    untaxed_back: Counter[TaxRate] = field(default_factory=Counter)
    taxes_back: Counter[TaxRate] = field(default_factory=Counter)
    happened: Counter[str] = field(default_factory=Counter)
    numbers: list[int] = field(default_factory=list)
    movements: list[Movement] = field(default_factory=list)
    closing: Closing = field(default_factory=Closing)

    def take(self, body: Body) -> None:
        """Add one signed operation."""
        if isinstance(body, SaleBody):
            self._sale(body)
        elif isinstance(body, RefundBody):
            self._refund(body)
        elif isinstance(body, ShiftBody):
            self._step(body)
        elif isinstance(body, EventBody):
            self.happened[body.what] += 1

    def _sale(self, body: SaleBody) -> None:
        self.numbers.append(body.receipt)
        self.counts["sales"] += 1
        self.counts["total"] += body.total
        self.counts["earned"] += body.earned
        self.counts["redeemed"] += body.points_paid
        for tender in body.tenders:
            self.tenders[tender.kind] += tender.amount
        if isinstance(body, PricedSaleBody):
            self.counts["rounding"] += body.rounding
            for line in body.lines:
                self._line(line)

    def _line(self, line: PricedLine) -> None:
        self.counts["discount"] += line.discount
        if not line.tax_included:
            self.counts["added"] += line.tax
        if line.tax_rate:
            rate = (line.tax_rate, line.tax_included)
            self.taxed[rate] += line.total - line.tax
            self.taxes[rate] += line.tax

    def _refund(self, body: RefundBody) -> None:
        self.numbers.append(body.receipt)
        self.counts["refunds"] += 1
        self.counts["refunded"] += body.total
        self.counts["points_back"] += body.points_back
        self.counts["clawed"] += body.clawed
        for tender in body.tenders:
            self.refund_tenders[tender.kind] += tender.amount
            self.counts["rounding"] -= tender.tendered - tender.amount
        found = self.sale_before(body)
        if found is None:
            self.counts["untaxed"] += 1
            return
        sale, before = found
        taxes = taxes_back(sale, before, pieces_in(body.lines))
        for back in body.lines:
            sold = sale.lines[back.n - 1] if 1 <= back.n <= len(sale.lines) else None
            if isinstance(sold, PricedLine) and sold.tax_rate:
                self.untaxed_back[sold.tax_rate, sold.tax_included] += back.total
        for rate in taxes:
            if rate in self.untaxed_back:
                self.taxes_back[rate] += taxes[rate]
                self.untaxed_back[rate] -= taxes[rate]

    def _step(self, body: ShiftBody) -> None:
        if body.action in (PAY_IN, PAY_OUT):
            into = body.action == PAY_IN
            self.counts["paid_in" if into else "paid_out"] += body.amount
            self.movements.append(Movement(body.amount if into else -body.amount, body.reason))
        elif body.action == CLOSE:
            self.closing = closing_of(body)

    def _times(self, kinds: frozenset[str]) -> int:
        return sum(self.happened[what] for what in kinds)

    def totals(self) -> ShiftTotals:
        """Return what all of it comes to."""
        counts = self.counts
        return ShiftTotals(
            first=min(self.numbers, default=0),
            last=max(self.numbers, default=0),
            sales=counts["sales"],
            refunds=counts["refunds"],
            gross=counts["total"] + counts["discount"] - counts["added"],
            discount=counts["discount"],
            total=counts["total"],
            refunded=counts["refunded"],
            rounding=counts["rounding"],
            earned=counts["earned"],
            redeemed=counts["redeemed"],
            points_back=counts["points_back"],
            clawed=counts["clawed"],
            paid_in=counts["paid_in"],
            paid_out=counts["paid_out"],
            drawer=self._times(_DRAWER),
            voids=self._times(_VOIDS),
            miscounts=self._times(_MISCOUNTS),
            tenders=tuple(sorted(self.tenders.items())),
            refund_tenders=tuple(sorted(self.refund_tenders.items())),
            taxes=_by_rate(self.taxed, self.taxes),
            refund_taxes=_by_rate(self.untaxed_back, self.taxes_back),
            untaxed=counts["untaxed"],
        )


def _by_rate(net: Counter[TaxRate], tax: Counter[TaxRate]) -> tuple[Tax, ...]:
    return tuple(Tax(*rate, net[rate], tax[rate]) for rate in sorted(tax))


@dataclass(frozen=True, slots=True)
class Reckoned:
    """What the operations of a shift say: its totals, the cash moved beside sales, and how it was closed."""

    totals: ShiftTotals
    movements: tuple[Movement, ...]
    closing: Closing


def reckon(bodies: Iterable[Body], sale_before: SaleBefore) -> Reckoned:
    """Return what these signed operations took and gave, in one pass."""
    sums = _Sums(sale_before)
    for body in bodies:
        sums.take(body)
    return Reckoned(sums.totals(), tuple(sums.movements), sums.closing)


def reckon_in(book: Book, shift: Shift) -> Reckoned:
    """Return what a shift took and gave; raises MalformedError where an operation of it cannot be read."""
    return reckon(book.shifts.bodies(shift), partial(before_refund, book))


def figures_of(totals: ShiftTotals) -> tuple[ShiftFigure, ...]:
    """Return the figures of a Z report that are signed with it."""
    figures = [ShiftFigure(name, getattr(totals, name)) for name in SIGNED]
    figures += [ShiftFigure(f"tender.{kind}", amount) for kind, amount in totals.tenders]
    figures += [ShiftFigure(f"refund.{kind}", amount) for kind, amount in totals.refund_tenders]
    for name, taxes in (("tax", totals.taxes), ("refund_tax", totals.refund_taxes)):
        figures += [ShiftFigure(f"{name}.{tax.rate}.{'in' if tax.included else 'on'}", tax.tax) for tax in taxes]
    return tuple(figures)
