"""What the counter keeps of products and customers, as protocols: found by code, by words, by touch.

Part of `ports`, apart for its length. Must never name SQL, HTTP, Qt or a file.
"""

from collections.abc import Sequence
from typing import Protocol

from urs_desktop.counter.values import Customer, Product


class Catalogue(Protocol):
    """The products of this counter."""

    def find(self, code: str) -> Product | None:
        """Return the product with this SKU or barcode exactly; else the only one that differs in case; else None."""

    def has(self, sku: str) -> bool:
        """Return whether there is a product with exactly this SKU."""

    def search(self, text: str, limit: int) -> Sequence[Product]:
        """Return up to `limit` products whose description or SKU has words that begin as those of `text` do."""

    def categories(self, limit: int) -> Sequence[str]:
        """Return up to `limit` categories that have products, by name."""

    def shelf(self, category: str, limit: int) -> Sequence[Product]:
        """Return up to `limit` products of a category by description.

        With an empty category those that sold most often of late, then the first there are.
        """

    def put(self, product: Product) -> None:
        """Add the product, or replace it if `hlc` is not older than the stored one's."""

    def count(self) -> int:
        """Return the number of products."""


class Customers(Protocol):
    """The customers this counter knows."""

    def by_card(self, card: str) -> Customer | None:
        """Return the customer with this card code."""

    def by_phone(self, phone: str) -> Customer | None:
        """Return the customer with this phone number (digits, + kept), or None when there is none or not just one.

        A number in national form (`0...`) finds the one international number that ends like it.
        """

    def search(self, text: str, limit: int) -> Sequence[Customer]:
        """Return up to `limit` customers whose name, phone or card contains `text`."""

    def put(self, customer: Customer) -> None:
        """Add or replace the customer by card; empty fields and an older `as_of` never overwrite what is known."""

    def forget(self, gone: str) -> None:
        """Remove the customer whose card has the mark `gone` (protocol.tombstones), if there is one."""

    def overdrawn(self) -> Sequence[str]:
        """Return the cards whose points are said to be below zero, which nothing may make them."""
