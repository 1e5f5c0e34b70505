"""What the fake catalogue offers to touch: its categories, a category's products, what sold most often of late.

Held to the same contract as the SQLite store. Must never change anything.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from urs_desktop.counter.store.catalogue import OF_LATE
from urs_desktop.counter.values import Product, StoredSale


def categories(products: Mapping[str, Product], limit: int) -> Sequence[str]:
    """Return the categories that have products, by name."""
    return sorted({product.category for product in products.values()} - {""})[:limit]


def shelf(
    products: Mapping[str, Product], sales: Mapping[int, StoredSale], category: str, limit: int
) -> Sequence[Product]:
    """Return the products of a category by description, or what sold of late and then the first there are."""
    if category:
        found = [product for product in products.values() if product.category == category]
        return sorted(found, key=lambda product: (product.description, product.sku))[:limit]
    newest = max(sales, default=0)
    late = [sale for receipt, sale in sales.items() if receipt > newest - OF_LATE]
    times = Counter(line.sku for sale in late for line in sale.body.lines)
    best = sorted(times, key=lambda sku: (-times[sku], sku))[:limit]
    skus = dict.fromkeys([*(sku for sku in best if sku in products), *products])
    return [products[sku] for sku in skus][:limit]
