"""Products as counters report them: an upsert by vendor and sku in which the later hybrid clock wins.

Must never let a counter touch another vendor's products.
"""

from typing import Final

import sqlalchemy as sa

from urs_desktop.central.origin import Origin, Outcome
from urs_desktop.central.schema import products
from urs_desktop.central.upserts import insert_or_keep, insert_or_replace
from urs_desktop.domain.currency import currency
from urs_desktop.domain.money import unit_price
from urs_desktop.domain.pricing import tax_rate
from urs_desktop.domain.text import MAX_CODE, clean_text, product_code
from urs_desktop.protocol.operations import ProductItem, ProductsBody, TaxedItem

_PUT = insert_or_replace(products, ["vendor_id", "sku"], newest="hlc")
_LEARN = insert_or_keep(products)
_MOST_AHEAD_MS: Final = 24 * 60 * 60 * 1000


def apply_products(connection: sa.Connection, origin: Origin, body: ProductsBody) -> Outcome:
    """Store the products of one operation and have them published at the end of the push.

    A learned product is added where the vendor has none of this SKU and changes none. A counter whose clock is ahead
    wins for _MOST_AHEAD_MS at the most. Raises Refusal for a product that is none: the operation is parked whole.
    """
    vendor = origin.counter.vendor
    for item in body.items:
        _check(item, vendor.currency)
    newest = min(body.hlc, origin.now + _MOST_AHEAD_MS)
    rows = [
        {
            "vendor_id": vendor.vendor_id,
            "sku": item.sku,
            "description": item.description,
            "price": item.price,
            "scale": item.scale,
            "barcode": item.barcode,
            "category": item.category,
            "location": vendor.location,
            "timestamp": body.recorded_at,
            "hlc": 0 if item.learned else newest,
            "tax_rate": item.tax_rate if isinstance(item, TaxedItem) else 0,
            "tax_included": int(item.tax_included) if isinstance(item, TaxedItem) else 1,
        }
        for item in body.items
    ]
    changed = [row for row, item in zip(rows, body.items, strict=True) if not item.learned]
    learned = [row for row, item in zip(rows, body.items, strict=True) if item.learned]
    for statement, found in ((_PUT, changed), (_LEARN, learned)):
        if found:
            connection.execute(statement, found)
    origin.batch.skus.update(dict.fromkeys(item.sku for item in body.items))
    return Outcome()


def _check(item: ProductItem, currency_code: str) -> None:
    """Refuse what no till of this program would send, because every till of the vendor gets it."""
    product_code(item.sku)
    clean_text(item.description)
    clean_text(item.barcode, MAX_CODE)
    clean_text(item.category, MAX_CODE)
    unit_price(item.price, item.scale, currency(currency_code))
    if isinstance(item, TaxedItem):
        tax_rate(item.tax_rate, included=item.tax_included)
