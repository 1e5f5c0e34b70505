"""What is offered to touch: the categories of the catalogue and the products of the one that is chosen.

Read once and when another category is chosen, never while a cashier waits. Must never hold more than a screen needs.
"""

from functools import partial
from typing import Final

from urs_desktop.counter.values import Product
from urs_desktop.ui.presenters.cart_desk import CartDesk
from urs_desktop.ui.presenters.sale_draft import Desk, Shelf
from urs_desktop.ui.presenters.sell_state import Phase

MOST_CATEGORIES: Final = 40
MOST_PRODUCTS: Final = 120


class ShelfDesk:
    """Offers categories and products, and adds the one that is touched."""

    def __init__(self, desk: Desk, cart: CartDesk) -> None:
        """Take the desk the parts share and the part that holds the cart."""
        self._desk = desk
        self._cart = cart

    def start(self) -> None:
        """Read the categories and what sells most often of late."""
        lookup = self._desk.till.lookup

        def work() -> Shelf:
            return Shelf(tuple(lookup.categories(MOST_CATEGORIES)), products=tuple(lookup.shelf("", MOST_PRODUCTS)))

        self._desk.run(work, self._stocked)

    def _stocked(self, shelf: Shelf) -> None:
        self._desk.draft.shelf = shelf

    def choose(self, place: int) -> None:
        """Show the products of a category by its place, 0 for all."""
        shelf = self._desk.draft.shelf
        category = shelf.categories[place - 1] if 0 < place <= len(shelf.categories) else ""
        self._desk.draft.shelf = Shelf(shelf.categories, category, shelf.products)
        lookup = self._desk.till.lookup
        self._desk.run(lambda: tuple(lookup.shelf(category, MOST_PRODUCTS)), partial(self._filled, category))
        self._desk.publish()

    def _filled(self, category: str, products: tuple[Product, ...]) -> None:
        shelf = self._desk.draft.shelf
        if shelf.chosen == category:
            self._desk.draft.shelf = Shelf(shelf.categories, category, products)

    def take(self, place: int) -> None:
        """Add the product in a place of the shelf; after a receipt it begins the next sale."""
        draft = self._desk.draft
        if draft.phase is Phase.RECEIPT:
            self._desk.fresh_sale()
        if self._cart.is_open() and 0 <= place < len(draft.shelf.products):
            quantity, draft.entry.multiplier = draft.entry.multiplier, 1
            self._cart.add(draft.shelf.products[place], quantity)
        self._desk.publish()
