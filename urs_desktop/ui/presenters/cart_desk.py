"""The cart's part of the sell presenter: lines added, chosen, counted and voided.

Must never change a cart that is being paid for.
"""

from functools import partial

from urs_desktop.counter.use_cases.events import EventKind
from urs_desktop.counter.use_cases.refund import Override
from urs_desktop.counter.values import Product
from urs_desktop.domain.basket import Basket, LineItem, parse_quantity
from urs_desktop.domain.permissions import Permission
from urs_desktop.domain.refusals import Refusal
from urs_desktop.protocol.operations import RefundOverride
from urs_desktop.ui.presenters.gate import Gate
from urs_desktop.ui.presenters.hold_desk import HoldDesk
from urs_desktop.ui.presenters.notices import NoticeCode, Severity
from urs_desktop.ui.presenters.sale_draft import Desk
from urs_desktop.ui.presenters.sell_state import UNDECIDED, Phase
from urs_desktop.ui.presenters.watched import ignore


class CartDesk:
    """Works on the lines of the sale in hand."""

    def __init__(self, desk: Desk, hold: HoldDesk, gate: Gate) -> None:
        """Take the desk the parts share, the part that knows of held sales, and who knows what is allowed."""
        self._desk = desk
        self._hold = hold
        self._gate = gate

    def is_open(self) -> bool:
        """Return whether the cart may change; otherwise say that the payment comes first."""
        if self._desk.draft.phase is Phase.SELLING:
            return True
        if self._desk.draft.phase in UNDECIDED:
            self._desk.say(NoticeCode.PAYMENT_OPEN, Severity.WARNING)
        return False

    def add(self, product: Product, quantity: int) -> bool:
        """Add pieces of a product and return whether that was possible; what the rules refuse is said.

        The caller publishes.
        """
        draft = self._desk.draft
        line = LineItem(product.sku, product.description, quantity, product.unit_price, product.tax)
        before = draft.basket.lines
        try:
            draft.basket = draft.basket.add(line)
        except Refusal as refusal:
            self._desk.fail(refusal)
            return False
        changed = (i for i, present in enumerate(draft.basket.lines) if i >= len(before) or before[i] != present)
        draft.selected = next(changed, draft.selected)
        self._desk.hush()
        return True

    def select(self, index: int) -> None:
        """Choose a line by its place; one that is not there leaves the choice as it is."""
        if 0 <= index < len(self._desk.draft.basket.lines):
            self._desk.draft.selected = index
            self._desk.draft.void_armed = False
            self._desk.publish()

    def move(self, steps: int) -> None:
        """Choose the line `steps` further down (up when negative), stopping at the ends."""
        count = len(self._desk.draft.basket.lines)
        if count:
            selected = self._desk.draft.selected
            start = count - 1 if selected is None else selected + steps
            self.select(min(max(start, 0), count - 1))

    def change_quantity(self, quantity: int | str, index: int | None = None) -> None:
        """Give a line (the chosen one by default) another quantity; zero voids it."""
        draft = self._desk.draft
        place = draft.selected if index is None else index
        if self.is_open():
            self._desk.hush()
            if place is None:
                self._desk.say(NoticeCode.NO_LINE)
            else:
                self._set_quantity(place, quantity)
        self._desk.publish()

    def step(self, pieces: int) -> None:
        """Add pieces to the chosen line, or take some off; the last one voids it."""
        draft = self._desk.draft
        if draft.selected is not None:
            self.change_quantity(draft.basket.lines[draft.selected].quantity + pieces)

    def _set_quantity(self, place: int, quantity: int | str) -> None:
        draft = self._desk.draft
        try:
            pieces = parse_quantity(quantity) if isinstance(quantity, str) else quantity
            changed = self._with_pieces(place, pieces)
            if pieces < draft.basket.lines[place].quantity:
                self._take_off(place, pieces)
            else:
                draft.basket, draft.selected = changed, place
        except Refusal as refusal:
            self._desk.fail(refusal)

    def void_line(self, index: int | None = None) -> None:
        """Take a line (the chosen one by default) out of the cart."""
        draft = self._desk.draft
        place = draft.selected if index is None else index
        if self.is_open():
            self._desk.hush()
            if place is None:
                self._desk.say(NoticeCode.NO_LINE)
            else:
                try:
                    self._take_off(place, 0)
                except Refusal as refusal:
                    self._desk.fail(refusal)
        self._desk.publish()

    def _with_pieces(self, place: int, pieces: int) -> Basket:
        """Return the basket with so many pieces of a line, without it at none; raises Refusal."""
        basket = self._desk.draft.basket
        return basket.with_quantity(place, pieces) if pieces else basket.without(place)

    def _take_off(self, place: int, pieces: int) -> None:
        """Leave so many pieces of a line, none to take it out, if that is allowed; raises Refusal(LINE_UNKNOWN)."""
        draft = self._desk.draft
        self._with_pieces(place, pieces)
        line = draft.basket.lines[place]
        self._gate.demand(Permission.VOID_SALE, line.sku, partial(self._taken_off, draft.sale, place, line, pieces))

    def _taken_off(self, sale: int, place: int, line: LineItem, pieces: int, override: Override | None) -> None:
        draft = self._desk.draft
        if draft.sale == sale and draft.phase is Phase.SELLING and draft.basket.lines[place : place + 1] == (line,):
            before, draft.basket = draft.basket.total.minor, self._with_pieces(place, pieces)
            left = len(draft.basket.lines)
            draft.selected = min(place, left - 1) if left else None
            self._sign(EventKind.LINE_VOIDED, line.sku, before - draft.basket.total.minor, override)
            if not pieces:
                self._desk.say(NoticeCode.LINE_VOIDED, name=line.description)
        else:
            self._desk.say(NoticeCode.LINE_CHANGED_MEANWHILE, Severity.WARNING)
        self._desk.publish()

    def _sign(self, what: EventKind, subject: str, amount: int, override: Override | None) -> None:
        """Have what was taken out of a cart in the journal, where there are people to answer for it."""
        till = self._desk.till
        if till.session.staffed:
            by = None if override is None else RefundOverride(override.operator, override.reason)
            self._desk.run(partial(till.events.note, what, subject, amount=amount, override=by), ignore)

    def void_sale(self) -> None:
        """Empty the cart and let the customer go, at the second of two presses in a row."""
        draft = self._desk.draft
        if self.is_open():
            if not draft.basket.lines and draft.customer is None:
                self._desk.hush()
            elif not draft.void_armed:
                self._desk.hush()
                draft.void_armed = True
                count = self._desk.formats.number(len(draft.basket.lines))
                self._desk.say(NoticeCode.VOID_SALE_AGAIN, Severity.WARNING, count=count)
            elif draft.basket.lines:
                self._gate.demand(Permission.VOID_SALE, "sale", partial(self._voided, draft.sale))
            else:
                self._voided(draft.sale, None)
        self._desk.publish()

    def _voided(self, sale: int, override: Override | None) -> None:
        draft = self._desk.draft
        if draft.sale == sale and draft.phase is Phase.SELLING:
            if draft.held is not None:
                self._hold.forget(draft.held)
            if draft.basket.lines:
                self._sign(EventKind.SALE_VOIDED, "", draft.basket.total.minor, override)
            self._desk.fresh_sale()
            self._desk.say(NoticeCode.SALE_VOIDED)
        self._desk.publish()
