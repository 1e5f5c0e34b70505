"""A code nobody knows becomes a product: its price is asked for, then its name, and it goes into the cart.

Who may do it the gate decides before anything is asked. Must never add a product that was not named and priced, nor let
a payment begin without the one that is being added.
"""

from collections.abc import Callable
from functools import partial

from urs_desktop.counter.values import Product
from urs_desktop.domain.money import UnitPrice, parse_unit_price
from urs_desktop.domain.permissions import Permission
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.ui.presenters.cart_desk import CartDesk
from urs_desktop.ui.presenters.gate import Gate
from urs_desktop.ui.presenters.notices import NoticeCode, Severity
from urs_desktop.ui.presenters.sale_draft import Desk, Entry, Found, NewProduct
from urs_desktop.ui.presenters.sell_state import EntryMode
from urs_desktop.ui.presenters.watched import ignore


class ProductDesk:
    """Adds products to the catalogue from the sell screen."""

    def __init__(self, desk: Desk, cart: CartDesk, gate: Gate) -> None:
        """Take the desk the parts share, the part that holds the cart, and who knows what is allowed."""
        self._desk = desk
        self._cart = cart
        self._gate = gate
        self.adding = False
        """Whether a product is on its way into the catalogue and the cart."""
        self.settled: Callable[[bool], None] = ignore
        """Told once it is there, or could not be added."""

    def offer(self, code: str, quantity: int) -> None:
        """Remember the code nobody knew, of which so many pieces were meant. The caller publishes."""
        self._desk.draft.new_product = NewProduct(self._desk.draft.sale, code, quantity)

    def begin(self) -> None:
        """Ask for the price of the product nobody knew, once somebody who may allows it."""
        wanted = self._desk.draft.new_product
        if wanted is None or not self._cart.is_open():
            self._desk.publish()
            return
        self._gate.demand(Permission.ADD_PRODUCT, wanted.code, lambda _: self._ask(wanted))

    def _ask(self, wanted: NewProduct) -> None:
        draft = self._desk.draft
        if draft.sale == wanted.sale and self._cart.is_open():
            self._desk.hush()
            draft.new_product = wanted
            draft.entry, draft.found = Entry(mode=EntryMode.NEW_PRICE), Found()
        self._desk.publish()

    def submit(self, mode: EntryMode, text: str) -> None:
        """Take the price, then the name."""
        draft = self._desk.draft
        wanted = draft.new_product
        if wanted is not None and self._cart.is_open():
            self._desk.hush()
            try:
                if mode is EntryMode.NEW_PRICE:
                    draft.new_product = NewProduct(wanted.sale, wanted.code, wanted.quantity, self._price(text))
                    draft.entry = Entry(mode=EntryMode.NEW_NAME)
                elif wanted.price is not None:
                    self._add(wanted, wanted.price, text)
            except Refusal as refusal:
                self._desk.fail(refusal)
        self._desk.publish()

    def _price(self, text: str) -> UnitPrice:
        price = parse_unit_price(text, self._desk.till.identity.currency)
        if price.units < 0:
            raise Refusal(RefusalCode.PRICE_OUT_OF_RANGE, text=text[:40])
        return price

    def _add(self, wanted: NewProduct, price: UnitPrice, name: str) -> None:
        draft = self._desk.draft
        draft.entry, draft.found, draft.new_product = Entry(), Found(), None
        work = partial(self._desk.till.stocking.add, wanted.code, name, price)
        self.adding = True
        self._desk.run(work, partial(self._added, wanted), partial(self._not_added, wanted, name))

    def _added(self, wanted: NewProduct, product: Product) -> None:
        self.adding = False
        in_hand = self._desk.draft.sale == wanted.sale
        if not in_hand or (self._cart.is_open() and self._cart.add(product, wanted.quantity)):
            self._desk.say(NoticeCode.PRODUCT_ADDED, Severity.SUCCESS, name=product.description, code=product.sku)
            self.settled(True)
        else:
            self.settled(False)

    def _not_added(self, wanted: NewProduct, name: str, error: Exception) -> None:
        """Say why, and ask for the name again where another name or another try may do."""
        self.adding = False
        draft = self._desk.draft
        is_there = isinstance(error, Refusal) and error.code is RefusalCode.PRODUCT_KNOWN
        untouched = draft.sale == wanted.sale and (draft.entry, draft.new_product) == (Entry(), None)
        if untouched and not is_there and self._cart.is_open():
            draft.entry, draft.new_product = Entry(name, EntryMode.NEW_NAME), wanted
        self._desk.fail(error)
        self.settled(False)
