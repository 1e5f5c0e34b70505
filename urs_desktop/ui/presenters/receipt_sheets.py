"""The blocks of a receipt: what each says of a sale or of a refund, and nothing where there is nothing to say.

Must never reckon what was not stored: what is added up here only says in other words what the receipt's lines say.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from urs_desktop.counter.paper.document import Block, Code, Gap, Row, Rule, Side
from urs_desktop.counter.use_cases.printing import Look
from urs_desktop.counter.use_cases.receipts import Adjustment, Receipt, RefundReceipt
from urs_desktop.domain.money import Money, UnitPrice
from urs_desktop.protocol.operations import PaidTender, PricedLine, PricedSaleBody, SaleLine, SaleTender
from urs_desktop.ui.presenters.formatting import Formats
from urs_desktop.ui.presenters.templates import Template

_R = TypeVar("_R", Receipt, RefundReceipt)
_INDENT: Final = 2
_KNOWN_TENDERS: Final = ("cash", "card", "points")


@dataclass(frozen=True, slots=True)
class Sheet(Generic[_R]):
    """What receipts of sales and refunds have in common: each block of a template is a method of that name."""

    template: Template
    formats: Formats
    look: Look
    of: _R

    def word(self, name: str, **values: str) -> str:
        """Return a word of the language, with its figures put in."""
        return self.template.words[name].format(**values) if values else self.template.words[name]

    def block(self, name: str) -> Iterator[Block]:
        """Yield what stands in a block of the template; nothing for one this kind of receipt has not."""
        yield from getattr(self, name, tuple)()

    def money(self, minor: int) -> str:
        """Return an amount in minor units as it stands in a column of figures."""
        return self.formats.amount(Money(minor, self.of.currency))

    def vendor(self) -> Iterator[Block]:
        """Whose shop it is."""
        yield Row(self.of.vendor_name, side=Side.MIDDLE, bold=True, large=True)

    def location(self) -> Iterator[Block]:
        """Where the shop is."""
        if self.of.location:
            yield Row(self.of.location, side=Side.MIDDLE)

    def number(self) -> Iterator[Block]:
        """The number by which it is found again."""
        yield Row(self.word("number"), self.of.number)

    def rule(self) -> Iterator[Block]:
        """A line across the paper."""
        yield Rule()

    def gap(self) -> Iterator[Block]:
        """An empty line."""
        yield Gap()

    def copy(self) -> Iterator[Block]:
        """That this is a copy, and when it was made."""
        if self.look.is_copy:
            yield Row(f"* {self.word('copy')} *", side=Side.MIDDLE, bold=True, large=True)
            yield Row(self.word("copied"), self.formats.moment(self.look.now))

    def of_customer(self, card: str | None) -> Iterator[Block]:
        """Whose points these are."""
        if card and self.look.customer:
            yield Row(self.word("customer"), self.look.customer)
        if card:
            yield Row(self.word("card_code"), card)

    def tender(self, tender: SaleTender) -> Iterator[Block]:
        """One means of payment."""
        name = self.word(tender.kind) if tender.kind in _KNOWN_TENDERS else tender.kind
        yield Row(name, self.money(tender.tendered))
        if isinstance(tender, PaidTender) and tender.reference:
            yield Row(self.word("reference", reference=tender.reference), indent=_INDENT)

    def signed(self, points: int) -> str:
        """Return points with their sign."""
        return f"{'-' if points < 0 else '+'}{self.formats.number(abs(points))}"

    def standing(self, balance: int | None, as_of: int | None, made_at: int) -> Iterator[Block]:
        """How many points there are, and since when that is known."""
        if balance is None:
            yield Row(self.word("balance_unknown"))
            return
        before = as_of is not None and as_of <= made_at
        yield Row(self.word("balance_before" if before else "balance"), self.formats.number(balance))
        if as_of is not None:
            yield Row(self.word("as_of", moment=self.formats.moment(as_of)), indent=_INDENT)

    def told(self, adjustments: Sequence[Adjustment | None]) -> Iterator[Block]:
        """What was posted otherwise than receipts promised."""
        for each in adjustments:
            if each is None:
                continue
            number = self.formats.number
            posted = number(each.posted.back if each.is_refund else each.posted.earned)
            if each.is_refund:
                clawed = number(each.posted.clawed)
                yield Row(self.word("adjusted_refund", number=each.number, posted=posted, clawed=clawed))
            elif each.promised != each.posted:
                promised = number(each.promised.earned)
                yield Row(self.word("adjusted", number=each.number, promised=promised, posted=posted))
            if each.late:
                yield Row(self.word("late", number=each.number, late=number(each.late)))


@dataclass(frozen=True, slots=True)
class SaleSheet(Sheet[Receipt]):
    """The receipt of a sale."""

    def title(self) -> Iterator[Block]:
        """What this paper is."""
        yield Row(self.word("sale"), side=Side.MIDDLE)

    def date(self) -> Iterator[Block]:
        """When it happened."""
        yield Row(self.word("date"), self.formats.moment(self.of.sale.happened_at))

    def customer(self) -> Iterator[Block]:
        """Whose points these are."""
        yield from self.of_customer(self.of.sale.card)

    def lines(self) -> Iterator[Block]:
        """What was bought, or came back."""
        for line in self.of.sale.lines:
            priced = line if isinstance(line, PricedLine) else None
            yield Row(line.description or line.sku, self.money(_before_discount(line)))
            if line.quantity != 1:
                price = self.formats.bare_price(UnitPrice(line.price, line.scale, self.of.currency))
                yield Row(f"{self.formats.number(line.quantity)} \u00d7 {price}", indent=_INDENT)
            if priced is not None and priced.list_price is not None:
                listed = self.formats.bare_price(UnitPrice(priced.list_price, priced.list_scale, self.of.currency))
                yield Row(self.word("was", price=listed), indent=_INDENT)
            if priced is not None and priced.discount:
                yield Row(self.word("discount"), self.money(-priced.discount), indent=_INDENT)

    def subtotal(self) -> Iterator[Block]:
        """What the lines come to where something is taken off or added."""
        net = sum(_before_discount(line) - _discount(line) for line in self.of.sale.lines)
        if net != self.of.sale.total or any(_discount(line) for line in self.of.sale.lines):
            yield Row(self.word("subtotal"), self.money(net))

    def _taxes(self, *, included: bool) -> dict[int, list[PricedLine]]:
        """Return the lines with a tax of this kind by its rate in basis points, the lowest first."""
        by_rate: dict[int, list[PricedLine]] = {}
        for line in self.of.sale.lines:
            if isinstance(line, PricedLine) and line.tax_rate and line.tax_included is included:
                by_rate.setdefault(line.tax_rate, []).append(line)
        return dict(sorted(by_rate.items()))

    def added_tax(self) -> Iterator[Block]:
        """Taxes on top of the prices, by rate."""
        for rate, lines in self._taxes(included=False).items():
            tax, total = sum(line.tax for line in lines), sum(line.total for line in lines)
            label = self.word("tax_added", rate=self.formats.percentage(rate), net=self.money(total - tax))
            yield Row(label, self.money(tax))

    def included_tax(self) -> Iterator[Block]:
        """Taxes in the prices, by rate."""
        for rate, lines in self._taxes(included=True).items():
            tax, total = sum(line.tax for line in lines), sum(line.total for line in lines)
            label = self.word("tax_included", rate=self.formats.percentage(rate), gross=self.money(total))
            yield Row(label, self.money(tax))

    def total(self) -> Iterator[Block]:
        """What it comes to."""
        yield Row(self.word("total"), self.formats.money(self.of.total), bold=True, large=True)

    def tenders(self) -> Iterator[Block]:
        """How it was paid, or paid back."""
        for tender in self.of.sale.tenders:
            yield from self.tender(tender)
        rounding = self.of.sale.rounding if isinstance(self.of.sale, PricedSaleBody) else 0
        if rounding:
            yield Row(self.word("rounding"), self.money(rounding))

    def change(self) -> Iterator[Block]:
        """What the customer got back."""
        if self.of.change.minor:
            yield Row(self.word("change"), self.money(self.of.change.minor), bold=True)

    def points(self) -> Iterator[Block]:
        """What it does to the points, and how fresh their balance is."""
        sale = self.of.sale
        if not sale.card:
            return
        yield Rule()
        if sale.points_paid:
            yield Row(self.word("redeemed"), self.signed(-sale.points_paid))
        yield Row(self.word("earned"), self.signed(sale.earned))
        yield from self.standing(self.of.balance, self.of.as_of, sale.recorded_at)

    def adjustments(self) -> Iterator[Block]:
        """What was posted otherwise than promised."""
        yield from self.told((self.of.adjusted, *self.of.notes))

    def thanks(self) -> Iterator[Block]:
        """A kind word."""
        yield Row(self.word("thanks"), side=Side.MIDDLE)

    def code(self) -> Iterator[Block]:
        """The number as a QR code, which opens the refund."""
        yield Code(self.of.number)
        yield Row(self.word("scan"), side=Side.MIDDLE)


@dataclass(frozen=True, slots=True)
class RefundSheet(Sheet[RefundReceipt]):
    """The receipt of a refund."""

    def title(self) -> Iterator[Block]:
        """What this paper is."""
        yield Row(self.word("refund"), side=Side.MIDDLE, bold=True)

    def date(self) -> Iterator[Block]:
        """When it happened."""
        yield Row(self.word("date"), self.formats.moment(self.of.refund.happened_at))

    def refund_of(self) -> Iterator[Block]:
        """The receipt that is refunded."""
        if self.of.sale_number:
            yield Row(self.word("refund_of"), self.of.sale_number)
        elif self.of.refund.sale is None:
            yield Row(self.word("without_receipt"))

    def customer(self) -> Iterator[Block]:
        """Whose points these are."""
        yield from self.of_customer(self.of.refund.card)

    def lines(self) -> Iterator[Block]:
        """What was bought, or came back."""
        for line in self.of.refund.lines:
            yield Row(line.description or line.sku, self.money(line.total))
            if line.quantity != 1:
                yield Row(f"{self.formats.number(line.quantity)} \u00d7", indent=_INDENT)

    def total(self) -> Iterator[Block]:
        """What it comes to."""
        yield Row(self.word("refunded"), self.formats.money(self.of.total), bold=True, large=True)

    def tenders(self) -> Iterator[Block]:
        """How it was paid, or paid back."""
        for tender in self.of.refund.tenders:
            yield from self.tender(tender)
        rounding = sum(tender.tendered - tender.amount for tender in self.of.refund.tenders)
        if rounding:
            yield Row(self.word("rounding"), self.money(rounding))

    def points(self) -> Iterator[Block]:
        """What it does to the points, and how fresh their balance is."""
        refund = self.of.refund
        if not refund.card:
            return
        yield Rule()
        if refund.points_back:
            yield Row(self.word("given_back"), self.signed(refund.points_back))
        if refund.clawed:
            yield Row(self.word("taken_back"), self.signed(-refund.clawed))
        yield from self.standing(self.of.balance, self.of.as_of, refund.recorded_at)

    def adjustments(self) -> Iterator[Block]:
        """What was posted otherwise than promised."""
        yield from self.told((self.of.adjusted,))


def _discount(line: SaleLine) -> int:
    return line.discount if isinstance(line, PricedLine) else 0


def _before_discount(line: SaleLine) -> int:
    """Return what a line costs before anything is taken off or added to it, in minor units."""
    if not isinstance(line, PricedLine):
        return line.total
    return line.total + line.discount - (0 if line.tax_included else line.tax)
