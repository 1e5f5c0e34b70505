"""What is offered to touch: the categories of the catalogue and the products of the one that is chosen.

Read at the start, when another category is chosen, and now and then while the cart is empty. Must never hold more than
a screen needs, nor sell at the price it remembers.
"""

from collections.abc import Callable
from functools import partial
from typing import Final

from urs_desktop.counter.values import Product
from urs_desktop.ui.presenters.entry_desk import EntryDesk
from urs_desktop.ui.presenters.sale_draft import Desk, Shelf
from urs_desktop.ui.presenters.sell_state import Phase

MOST_CATEGORIES: Final = 40
MOST_PRODUCTS: Final = 120
LOOKS: Final = 60


class ShelfDesk:
    """Offers categories and products, and adds the one that is touched."""

    def __init__(self, desk: Desk, entry: EntryDesk) -> None:
        """Take the desk the parts share and the part that looks codes up."""
        self._desk = desk
        self._entry = entry
        self._looks = 0

    def start(self) -> None:
        """Read the categories and what sells most often of late."""
        lookup = self._desk.till.lookup

        def work() -> Shelf:
            return Shelf(tuple(lookup.categories(MOST_CATEGORIES)), products=tuple(lookup.shelf("", MOST_PRODUCTS)))

        self._desk.run(work, self._stocked)

    def _stocked(self, shelf: Shelf) -> None:
        self._desk.draft.shelf = shelf

    def look(self) -> None:
        """Read anew what is shown, once in LOOKS calls while nothing is being sold; call every second.

        Names and prices may have changed; no tile moves from where hands know it.
        """
        self._looks += 1
        if self._looks >= LOOKS and self._desk.draft.phase is Phase.SELLING and not self._desk.draft.basket.lines:
            self._looks = 0
            category = self._desk.draft.shelf.chosen
            self._read(category, partial(self._looked, category))

    def _looked(self, category: str, products: tuple[Product, ...]) -> None:
        now = {product.sku: product for product in products}
        before = self._desk.draft.shelf.products
        self._filled(category, tuple(now.get(product.sku, product) for product in before))

    def _read(self, category: str, done: Callable[[tuple[Product, ...]], None]) -> None:
        lookup = self._desk.till.lookup
        self._desk.run(lambda: tuple(lookup.shelf(category, MOST_PRODUCTS)), done)

    def choose(self, place: int) -> None:
        """Show the products of a category by its place, 0 for all."""
        shelf = self._desk.draft.shelf
        category = shelf.categories[place - 1] if 0 < place <= len(shelf.categories) else ""
        self._desk.draft.shelf = Shelf(shelf.categories, category, shelf.products)
        self._read(category, partial(self._filled, category))
        self._desk.publish()

    def _filled(self, category: str, products: tuple[Product, ...]) -> None:
        shelf = self._desk.draft.shelf
        if shelf.chosen == category:
            self._desk.draft.shelf = Shelf(shelf.categories, category, products)

    def take(self, place: int) -> None:
        """Add the product in a place of the shelf as if it were scanned; after a receipt it begins the next sale."""
        products = self._desk.draft.shelf.products
        if 0 <= place < len(products):
            self._entry.scan(products[place].sku)
