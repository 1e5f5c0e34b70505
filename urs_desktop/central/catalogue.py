"""Products as counters report them: an upsert by vendor and sku in which the later hybrid clock wins.

Must never let a counter touch another vendor's products.
"""

import sqlalchemy as sa

from urs_desktop.central.origin import Origin, Outcome
from urs_desktop.central.schema import products
from urs_desktop.central.upserts import insert_or_replace
from urs_desktop.protocol.operations import ProductsBody

_PUT = insert_or_replace(products, ["vendor_id", "sku"], newest="hlc")


def apply_products(connection: sa.Connection, origin: Origin, body: ProductsBody) -> Outcome:
    """Store the products of one operation and have them published at the end of the push."""
    vendor = origin.counter.vendor
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
            "hlc": body.hlc,
        }
        for item in body.items
    ]
    if rows:
        connection.execute(_PUT, rows)
    origin.batch.skus.update(dict.fromkeys(item.sku for item in body.items))
    return Outcome()
