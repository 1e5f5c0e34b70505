"""Prices worked on by the cashier: discounts on a line or the receipt, another price with its reason, a price check.

Who may do it the gate decides, before anything changes and again where pieces have made it more. Must never change
a cart that is being paid for, nor a line other than the one that was asked about.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from urs_desktop.counter.use_cases.refund import MAX_REASON, Override
from urs_desktop.counter.values import Product
from urs_desktop.domain.basket import LineItem
from urs_desktop.domain.money import parse_unit_price
from urs_desktop.domain.permissions import Permission
from urs_desktop.domain.pricing import Discount, PriceChange, parse_discount
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.domain.text import clean_text
from urs_desktop.ui.presenters.cart_desk import CartDesk
from urs_desktop.ui.presenters.gate import Gate
from urs_desktop.ui.presenters.notices import NoticeCode, Severity
from urs_desktop.ui.presenters.sale_draft import Desk, Entry, Found, NewPrice
from urs_desktop.ui.presenters.sell_state import EntryMode


class Reason(StrEnum):
    """The reasons offered for another price; a cashier may type any other. Signed, so a name keeps its sense."""

    DAMAGED = "damaged"
    PRICE_MATCH = "price match"
    PROMOTION = "promotion"
    STAFF = "staff purchase"
    GOODWILL = "goodwill"


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The line that is worked on, and which sale it was in."""

    sale: int
    place: int
    line: LineItem


class PriceDesk:
    """Works on the prices of the sale in hand."""

    def __init__(self, desk: Desk, cart: CartDesk, gate: Gate) -> None:
        """Take the desk the parts share, the part that holds the cart, and who knows what is allowed."""
        self._desk = desk
        self._cart = cart
        self._gate = gate

    def ask(self, mode: EntryMode = EntryMode.PRICE) -> None:
        """Ask for the new price of the chosen line or a discount; what is typed already is taken at once."""
        draft = self._desk.draft
        if self._cart.is_open():
            typed = draft.entry.text if draft.entry.mode is EntryMode.CODE else ""
            self._desk.hush()
            if not draft.basket.lines or (draft.selected is None and mode is not EntryMode.RECEIPT_DISCOUNT):
                self._desk.say(NoticeCode.NO_LINE)
            elif _is_figure(typed):
                draft.entry = Entry(multiplier=draft.entry.multiplier)
                self.submit(mode, typed)
                return
            else:
                draft.entry, draft.found = Entry(mode=mode), Found()
        self._desk.publish()

    def submit(self, mode: EntryMode, text: str) -> None:
        """Act on what was typed for a price, a discount or a reason."""
        if self._cart.is_open():
            self._desk.hush()
            try:
                self._submit(mode, text)
            except Refusal as refusal:
                self._desk.fail(refusal)
        self._desk.publish()

    def _submit(self, mode: EntryMode, text: str) -> None:
        draft = self._desk.draft
        if mode is EntryMode.REASON:
            self._because(text)
            return
        if mode is EntryMode.RECEIPT_DISCOUNT:
            self._off_receipt(parse_discount(_percent(text, mode), draft.basket.before_discount))
            return
        place = draft.selected
        if place is None or place >= len(draft.basket.lines):
            raise Refusal(RefusalCode.LINE_UNKNOWN, line=0)
        chosen = _Chosen(draft.sale, place, draft.basket.lines[place])
        if mode is EntryMode.LINE_DISCOUNT or text.endswith("%") or text.startswith("-"):
            off = _percent(text.removeprefix("-"), mode)
            self._off_line(chosen, parse_discount(off, chosen.line.gross))
        else:
            self._new_price(chosen, text)

    def _off_line(self, chosen: _Chosen, discount: Discount) -> None:
        nothing = not discount.basis_points and not discount.minor
        self._done()

        def act(override: Override | None) -> None:
            by = None if nothing else _allowed(discount, override)
            self._change(chosen, replace(chosen.line, discount=by), NoticeCode.DISCOUNT_GIVEN)

        if nothing:
            act(None)
        else:
            self._gate.demand(Permission.DISCOUNT, chosen.line.sku, act)

    def _off_receipt(self, discount: Discount) -> None:
        draft = self._desk.draft
        sale, nothing = draft.sale, not discount.basis_points and not discount.minor
        self._done()

        def act(override: Override | None) -> None:
            if draft.sale == sale and self._cart.is_open() and draft.basket.lines:
                before, given = draft.basket.taken_off, None if nothing else _allowed(discount, override)
                draft.basket = draft.basket.with_discount(given)
                draft.allowed_off += 0 if nothing else draft.basket.taken_off - before
                off = self._desk.formats.money(draft.basket.total)
                self._desk.say(NoticeCode.RECEIPT_DISCOUNTED, Severity.SUCCESS, total=off)
            self._desk.publish()

        if nothing:
            act(None)
        else:
            self._gate.demand(Permission.DISCOUNT, "receipt", act)

    def _new_price(self, chosen: _Chosen, text: str) -> None:
        """Keep the new price in mind and ask why; the price of the catalogue needs no reason."""
        line = chosen.line
        price = parse_unit_price(text, line.unit_price.currency)
        if price.units < 0:
            raise Refusal(RefusalCode.PRICE_OUT_OF_RANGE, text=text[:40])
        listed = line.price_change.list_price if line.price_change else line.unit_price
        if price.times(1) == listed.times(1) and price.scale <= listed.scale:
            self._done()
            self._change(chosen, replace(line, unit_price=listed, price_change=None), NoticeCode.PRICE_CHANGED)
            return
        draft = self._desk.draft
        draft.new_price = NewPrice(chosen.sale, chosen.place, line, price, listed)
        draft.entry = Entry(mode=EntryMode.REASON)
        draft.found = Found(reasons=tuple(reason.value for reason in Reason))

    def _because(self, text: str) -> None:
        draft = self._desk.draft
        wanted, reason = draft.new_price, clean_text(_reason(text), MAX_REASON)
        if wanted is None or not reason:
            self._done()
            raise Refusal(RefusalCode.REASON_NEEDED)
        self._done()
        chosen = _Chosen(wanted.sale, wanted.place, wanted.line)

        def act(override: Override | None) -> None:
            change = PriceChange(wanted.list_price, reason, override.operator if override else "")
            line = replace(wanted.line, unit_price=wanted.price, price_change=change)
            self._change(chosen, line, NoticeCode.PRICE_CHANGED)

        self._gate.demand(Permission.PRICE_OVERRIDE, wanted.line.sku, act)

    def _done(self) -> None:
        draft = self._desk.draft
        draft.entry, draft.found, draft.new_price = Entry(), Found(), None

    def _change(self, chosen: _Chosen, line: LineItem, said: NoticeCode) -> None:
        """Put the changed line in the place of the chosen one, if that is still there as it was."""
        draft = self._desk.draft
        lines = draft.basket.lines
        still = draft.sale == chosen.sale and chosen.place < len(lines) and lines[chosen.place] == chosen.line
        if still and self._cart.is_open():
            try:
                before, draft.basket = draft.basket.taken_off, draft.basket.with_line(chosen.place, line)
            except Refusal as refusal:
                self._desk.fail(refusal)
            else:
                draft.allowed_off += max(0, draft.basket.taken_off - before)
                figure = self._desk.formats.money(line.total)
                self._desk.say(said, Severity.SUCCESS, name=line.description, total=figure)
        elif not still:
            self._desk.say(NoticeCode.LINE_CHANGED_MEANWHILE, Severity.WARNING)
        self._desk.publish()

    def settled(self, act: Callable[[], None]) -> None:
        """Call `act` once nothing more is taken off than was allowed: pieces may have come since."""
        draft = self._desk.draft
        sale, off = draft.sale, draft.basket.taken_off
        if off <= draft.allowed_off:
            act()
            return

        def allowed(_: Override | None) -> None:
            if draft.sale == sale and draft.basket.taken_off == off:
                draft.allowed_off = off
                act()
            self._desk.publish()

        self._gate.demand(Permission.DISCOUNT, "receipt", allowed)

    def check(self, code: str) -> None:
        """Say what a product costs without selling it; what resembles the code is listed."""
        draft = self._desk.draft
        self._done()
        self._desk.hush()
        lookup = self._desk.till.lookup
        self._desk.run(lambda: lookup.product(code), self._desk.only_now(self._checked))
        draft.busy = False
        self._desk.publish()

    def _checked(self, product: Product) -> None:
        price = self._desk.formats.unit_price(product.unit_price)
        self._desk.say(NoticeCode.PRICE_CHECKED, name=product.description, price=price, code=product.sku)


def _allowed(discount: Discount, override: Override | None) -> Discount:
    return discount if override is None else replace(discount, reason=override.reason, allowed_by=override.operator)


def _percent(text: str, mode: EntryMode) -> str:
    """A bare figure typed for a line discount is a percentage: the key says so."""
    bare = mode is EntryMode.LINE_DISCOUNT and not text.endswith("%")
    return f"{text}%" if bare else text


def _is_figure(text: str) -> bool:
    return bool(text) and text.strip("%-").replace(".", "", 1).isdecimal()


def _reason(text: str) -> str:
    """Return the reason a number of the list stands for, or the text itself."""
    reasons = tuple(Reason)
    return reasons[int(text) - 1].value if text in {str(n) for n in range(1, len(reasons) + 1)} else text
