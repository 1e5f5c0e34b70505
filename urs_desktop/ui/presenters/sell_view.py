"""The frozen state of the sell screen, made whole out of the draft each time.

Must never change the draft or ask anybody anything: what it shows is what the draft says.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from urs_desktop.counter.use_cases.receipts import Receipt
from urs_desktop.counter.values import Identity
from urs_desktop.domain.basket import Basket, LineItem
from urs_desktop.domain.explanation import earning
from urs_desktop.domain.money import Money, parse_amount
from urs_desktop.domain.points import Points, value_of
from urs_desktop.domain.pricing import Priced
from urs_desktop.domain.purchase import Purchase
from urs_desktop.domain.refusals import Refusal
from urs_desktop.protocol.operations import PricedLine
from urs_desktop.ui.presenters.cash import plausible_notes
from urs_desktop.ui.presenters.formatting import Formats, plain
from urs_desktop.ui.presenters.print_view import print_view
from urs_desktop.ui.presenters.receipt_view import receipt_view
from urs_desktop.ui.presenters.reckoning import (
    card_offer,
    cash_due,
    left_to_pay,
    may_carry,
    most_points,
    preview,
    why_no_points,
)
from urs_desktop.ui.presenters.sale_draft import Consent, Draft, Found, Shelf
from urs_desktop.ui.presenters.sell_state import (
    PAYMENT,
    CartLine,
    ConsentView,
    CustomerCard,
    EntryMode,
    EntryView,
    Link,
    PayState,
    ReceiptView,
    ResultKind,
    ResultsView,
    SellState,
    ShelfView,
    StatusLine,
    Tile,
    TotalsView,
    WhyView,
)


class SellView:
    """Makes states for one counter in one locale; lines and rows written once are kept while they are shown."""

    def __init__(self, identity: Identity, formats: Formats) -> None:
        """Take who the counter is and how figures are written."""
        self._identity = identity
        self._formats = formats
        self._basket: Basket | None = None
        self._written: dict[LineItem, CartLine] = {}
        self._found: Found | None = None
        self._rows: tuple[tuple[str, ...], ...] = ()
        self._shelf, self._shelf_shown = Shelf(), ShelfView()

    def state(self, draft: Draft, now: int) -> SellState:
        """Return what the screen shows at `now` (milliseconds)."""
        purchase = preview(draft, self._identity)
        return SellState(
            totals=self._totals(draft, purchase),
            phase=draft.phase,
            overlay=draft.overlay,
            entry=self._entry(draft),
            results=self._results(draft),
            lines=self._lines(draft),
            selected=draft.selected,
            customer=self._customer(draft, now),
            why=self._why(draft, purchase),
            pay=self._pay(draft, purchase),
            receipt=self._receipt(draft.receipt, draft, now),
            printing=print_view(draft.paper, self._formats),
            status=self._status(draft, now),
            notice=draft.notice,
            shelf=self._shelf_view(draft.shelf),
            theme=draft.theme,
            left=draft.left,
        )

    def _points(self, points: int) -> str:
        return self._formats.number(points)

    def _worth(self, points: Points) -> str:
        return self._formats.money(value_of(points, self._identity.currency))

    def _lines(self, draft: Draft) -> tuple[CartLine, ...]:
        if draft.basket is not self._basket:
            self._written = {line: self._written.get(line) or self._line(line) for line in draft.basket.lines}
            self._basket = draft.basket
        return tuple(self._written[line] for line in draft.basket.lines)

    def _line(self, line: LineItem) -> CartLine:
        return CartLine(
            sku=plain(line.sku),
            description=plain(line.description) or plain(line.sku),
            quantity=self._formats.number(line.quantity),
            unit_price=self._formats.unit_price(line.unit_price),
            total=self._formats.money(line.total),
            list_price=self._formats.unit_price(line.price_change.list_price) if line.price_change else "",
            discount=self._discount(line),
            tax=self._formats.percentage(line.tax.basis_points) if line.tax.basis_points else "",
            tax_included=line.tax.included,
        )

    def _discount(self, line: LineItem) -> str:
        if line.discount is None:
            return ""
        off = self._formats.money(Money(-line.own_discount(), line.unit_price.currency))
        rate = line.discount.basis_points
        return f"{self._formats.percentage(-rate)} ({off})" if rate else off

    def _entry(self, draft: Draft) -> EntryView:
        entry = draft.entry
        subject = ""
        on_line = (EntryMode.QUANTITY, EntryMode.PRICE, EntryMode.LINE_DISCOUNT, EntryMode.REASON)
        if entry.mode in on_line and draft.selected is not None and draft.selected < len(draft.basket.lines):
            subject = plain(draft.basket.lines[draft.selected].description)
        multiplier = self._formats.number(entry.multiplier) if entry.multiplier != 1 else ""
        unknown = plain(draft.new_product.code) if draft.new_product else ""
        if entry.mode in (EntryMode.NEW_PRICE, EntryMode.NEW_NAME):
            subject = unknown
        return EntryView(entry.text, entry.mode, multiplier, subject, draft.busy, unknown)

    def _results(self, draft: Draft) -> ResultsView:
        found = draft.found
        if found is not self._found:
            self._found, self._rows = found, self._result_rows(found)
        of_customers = found.customers or (not found.products and draft.entry.mode is EntryMode.CUSTOMER)
        kind = ResultKind.CUSTOMERS if of_customers else ResultKind.PRODUCTS
        if found.held or found.reasons:
            kind = ResultKind.HELD if found.held else ResultKind.REASONS
        return ResultsView(kind, plain(found.query), self._rows)

    def _result_rows(self, found: Found) -> tuple[tuple[str, ...], ...]:
        customers = ((plain(c.card), plain(c.name), plain(c.phone)) for c in found.customers)
        products = (
            (plain(p.sku), plain(p.description), self._formats.unit_price(p.unit_price)) for p in found.products
        )
        held = (
            (
                f"{self._formats.number(sale.number)} \u00b7 {self._formats.time_of_day(sale.held_at)}",
                plain(sale.basket.lines[0].description),
                self._formats.money(sale.basket.total),
            )
            for sale in found.held
        )
        reasons = ((self._formats.number(n), reason, "") for n, reason in enumerate(found.reasons, 1))
        return (*customers, *products, *held, *reasons)

    def _shelf_view(self, shelf: Shelf) -> ShelfView:
        if shelf is not self._shelf:
            colours = {category: number for number, category in enumerate(shelf.categories)}
            tiles = tuple(
                Tile(
                    name=plain(product.description) or plain(product.sku),
                    price=self._formats.unit_price(product.unit_price),
                    initial=(plain(product.description) or plain(product.sku))[:1].upper(),
                    colour=colours.get(product.category, len(product.description)),
                )
                for product in shelf.products
            )
            chosen = colours[shelf.chosen] + 1 if shelf.chosen in colours else 0
            self._shelf = shelf
            self._shelf_shown = ShelfView(tuple(plain(name) for name in shelf.categories), chosen, tiles)
        return self._shelf_shown

    def _totals(self, draft: Draft, purchase: Purchase | None) -> TotalsView:
        customer = draft.customer
        if draft.receipt is not None:
            return self._final_totals(draft.receipt)
        discount, tax = self._off_and_tax(draft.basket.priced())
        return TotalsView(
            total=self._formats.money(draft.basket.total),
            pieces=self._formats.number(draft.basket.pieces),
            lines=len(draft.basket.lines),
            earns=self._points(purchase.earned if purchase else 0),
            earns_is_sure=customer is not None and customer.customer is not None,
            has_policy=draft.policy is not None,
            discount=discount,
            tax=tax,
        )

    def _off_and_tax(self, lines: Sequence[Priced | PricedLine]) -> tuple[str, str]:
        """Return what was taken off and the tax over all lines; empty where there is none."""
        off, tax = sum(line.discount for line in lines), sum(line.tax for line in lines)
        own, money = self._identity.currency, self._formats.money
        return money(Money(-off, own)) if off else "", money(Money(tax, own)) if tax else ""

    def _final_totals(self, receipt: Receipt) -> TotalsView:
        worked_on = [line for line in receipt.sale.lines if isinstance(line, PricedLine)]
        discount, tax = self._off_and_tax(worked_on)
        return TotalsView(
            total=self._formats.money(receipt.total),
            pieces=self._formats.number(sum(line.quantity for line in receipt.sale.lines)),
            lines=len(receipt.sale.lines),
            earns=self._points(receipt.sale.earned),
            earns_is_sure=receipt.sale.card is not None,
            has_policy=receipt.sale.policy is not None,
            is_final=True,
            discount=discount,
            tax=tax,
        )

    def _customer(self, draft: Draft, now: int) -> CustomerCard | None:
        attached = draft.customer
        if attached is None:
            return None
        if attached.customer is None:
            return CustomerCard(code=plain(attached.text), asking=attached.asking, pending=True)
        customer = attached.customer
        reason = why_no_points(draft, self._identity)
        known = customer.available is not None
        spendable = 0 if reason else max(0, most_points(draft, self._identity) - draft.payment.points)
        return CustomerCard(
            code=plain(customer.card),
            name=plain(customer.name),
            phone=plain(customer.phone),
            points=self._points(customer.available) if customer.available is not None else "",
            worth=self._worth(customer.available) if customer.available is not None else "",
            spendable=self._points(spendable) if known and draft.basket.lines else "",
            here=self._points(attached.here.points) if attached.here.points else "",
            why_not=reason,
            age=self._formats.age(customer.as_of, now) if known else self._formats.age(None, now),
            asking=attached.asking,
            new=attached.new,
        )

    def _why(self, draft: Draft, purchase: Purchase | None) -> WhyView:
        policy, formats, currency = draft.policy, self._formats, self._identity.currency
        if policy is None:
            return WhyView()
        steps = earning(purchase.cash_paid if purchase else Money(0, currency), policy)
        return WhyView(
            policy_id=plain(policy.policy_id),
            version=str(policy.version),
            own_policy=policy.vendor_id is not None,
            base=formats.money(steps.base),
            threshold=formats.money(Money(policy.threshold, currency)),
            exceeds=steps.exceeds,
            rate=formats.percentage(policy.reward_bp),
            product=formats.exact(steps.product, len(str(steps.scale)) - 1),
            earns=self._points(steps.points),
            redeemable=formats.percentage(policy.redeemable_bp),
            redeems=policy.category.redeems,
            valid_from=formats.moment(policy.valid_from),
            points_paid=self._points(draft.payment.points) if draft.payment.points else "",
        )

    def _pay(self, draft: Draft, purchase: Purchase | None) -> PayState | None:
        if draft.phase not in PAYMENT or purchase is None:
            return None
        payment, formats = draft.payment, self._formats
        due, in_cash = left_to_pay(draft), cash_due(draft)
        change, missing, unreadable = self._cash(payment.cash_text, in_cash)
        return PayState(
            total=formats.money(purchase.total),
            due=formats.money(due),
            field=payment.field,
            cash_text=payment.cash_text,
            change=change,
            missing=missing,
            unreadable=unreadable,
            notes=tuple((formats.plain_amount(note), formats.money(note)) for note in plausible_notes(in_cash)),
            points_text=payment.points_text,
            points_applied=self._points(payment.points) if payment.points else "",
            points_worth=self._worth(payment.points) if payment.points else "",
            points_maximum=self._points(most_points(draft, self._identity)),
            points_refused=why_no_points(draft, self._identity),
            earns=self._points(purchase.earned),
            has_customer=draft.customer is not None and draft.customer.customer is not None,
            nothing_due=due.minor <= 0,
            replaces=payment.replace_next,
            may_carry=payment.carried is None and may_carry(draft, self._identity),
            carried=payment.carried.address if payment.carried else "",
            card_text=payment.card_text,
            card_offer=formats.money(card_offer(draft)),
            reference_text=payment.reference_text,
            cards=tuple((formats.money(card.amount), plain(card.reference)) for card in payment.cards),
            rounded=formats.money(in_cash) if in_cash != due else "",
            consent=_consent(payment.consent, self._points, self._worth),
        )

    def _cash(self, text: str, due: Money) -> tuple[str, str, bool]:
        if not text.strip():
            return "", "", False
        try:
            rest = parse_amount(text, due.currency) - due
        except Refusal:
            return "", "", True
        if rest.minor < 0:
            return "", self._formats.money(Money(-rest.minor, due.currency)), False
        return self._formats.money(rest), "", False

    def _receipt(self, receipt: Receipt | None, draft: Draft, now: int) -> ReceiptView | None:
        if receipt is None:
            return None
        customer = draft.customer.customer if draft.customer else None
        return receipt_view(receipt, plain(customer.name) if customer else "", self._formats, now)

    def _status(self, draft: Draft, now: int) -> StatusLine:
        connection, shift = draft.connection, draft.shift
        is_open = shift is not None and shift.closed_seq is None
        who = StatusLine(
            vendor=plain(self._identity.vendor_name),
            counter=str(self._identity.number),
            shift=self._formats.number(shift.number) if shift is not None and is_open else "",
            shift_closed=shift is not None and not is_open,
        )
        if connection is None:
            return who
        if connection.fenced:
            link = Link.FENCED
        elif connection.clock_suspect:
            link = Link.CLOCK
        elif connection.online:
            link = Link.ONLINE
        else:
            link = Link.OFFLINE if connection.last_sync is not None else Link.UNKNOWN
        return replace(
            who,
            link=link,
            waiting=self._formats.number(connection.waiting),
            parked=self._formats.number(connection.parked) if connection.parked else "",
            last_sync=self._formats.age(connection.last_sync, now),
        )


def _consent(
    consent: Consent | None, points: Callable[[int], str], worth: Callable[[Points], str]
) -> ConsentView | None:
    """Return what the customer is asked."""
    if consent is None:
        return None
    return ConsentView(points(consent.points), worth(consent.points), consent.on_display)
