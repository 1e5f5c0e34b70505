"""The cart's part of the sell presenter: lines added, chosen, counted and voided.

Must never change a cart that is being paid for.
"""

from urs_desktop.counter.values import Product
from urs_desktop.domain.basket import LineItem, parse_quantity
from urs_desktop.domain.refusals import Refusal
from urs_desktop.ui.presenters.hold_desk import HoldDesk
from urs_desktop.ui.presenters.notices import NoticeCode, Severity
from urs_desktop.ui.presenters.sale_draft import Desk
from urs_desktop.ui.presenters.sell_state import Phase


class CartDesk:
    """Works on the lines of the sale in hand."""

    def __init__(self, desk: Desk, hold: HoldDesk) -> None:
        """Take the desk the parts share and the part that knows of held sales."""
        self._desk = desk
        self._hold = hold

    def is_open(self) -> bool:
        """Return whether the cart may change; otherwise say that the payment comes first."""
        if self._desk.draft.phase is Phase.SELLING:
            return True
        if self._desk.draft.phase in (Phase.PAYING, Phase.ASKING):
            self._desk.say(NoticeCode.PAYMENT_OPEN, Severity.WARNING)
        return False

    def add(self, product: Product, quantity: int) -> None:
        """Add pieces of a product; what the rules refuse is said and changes nothing. The caller publishes."""
        draft = self._desk.draft
        line = LineItem(product.sku, product.description, quantity, product.unit_price, product.tax)
        before = draft.basket.lines
        try:
            draft.basket = draft.basket.add(line)
        except Refusal as refusal:
            self._desk.fail(refusal)
            return
        changed = (i for i, present in enumerate(draft.basket.lines) if i >= len(before) or before[i] != present)
        draft.selected = next(changed, draft.selected)
        self._desk.hush()

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
            if pieces == 0:
                self._remove(place)
            else:
                draft.basket = draft.basket.with_quantity(place, pieces)
                draft.selected = place
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
                    self._remove(place)
                except Refusal as refusal:
                    self._desk.fail(refusal)
        self._desk.publish()

    def _remove(self, place: int) -> None:
        draft = self._desk.draft
        smaller = draft.basket.without(place)
        voided = draft.basket.lines[place]
        draft.basket = smaller
        draft.selected = min(place, len(smaller.lines) - 1) if smaller.lines else None
        self._desk.say(NoticeCode.LINE_VOIDED, name=voided.description)

    def void_sale(self) -> None:
        """Empty the cart and let the customer go, at the second of two presses in a row."""
        draft = self._desk.draft
        if self.is_open():
            if not draft.basket.lines and draft.customer is None:
                self._desk.hush()
            elif draft.void_armed:
                if draft.held is not None:
                    self._hold.forget(draft.held)
                self._desk.fresh_sale()
                self._desk.say(NoticeCode.SALE_VOIDED)
            else:
                self._desk.hush()
                draft.void_armed = True
                count = self._desk.formats.number(len(draft.basket.lines))
                self._desk.say(NoticeCode.VOID_SALE_AGAIN, Severity.WARNING, count=count)
        self._desk.publish()
