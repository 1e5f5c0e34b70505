"""Vendors: who takes part in the programme, in which category and currency.

Must never change a vendor's currency: its receipts and policies are in it for ever.
"""

from dataclasses import dataclass

import sqlalchemy as sa

from urs_desktop.central.schema import vendors
from urs_desktop.domain.currency import currency as known_currency
from urs_desktop.domain.policy import Category
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.domain.text import clean_text
from urs_desktop.system.ids import Randomness, uuid7

_ALL = sa.select(vendors).order_by(vendors.c.created_at, vendors.c.vendor_id)


@dataclass(frozen=True, slots=True)
class VendorRecord:
    """One vendor; `currency` is an ISO 4217 code."""

    vendor_id: str
    name: str
    category: Category
    currency: str
    location: str


def add(
    connection: sa.Connection,
    name: str,
    category: Category,
    currency: str,
    location: str,
    now: int,
    randomness: Randomness,
) -> str:
    """Add a vendor and return its id; raises Refusal(TEXT_MALFORMED or CURRENCY_UNKNOWN)."""
    cleaned = clean_text(name)
    if not cleaned:
        raise Refusal(RefusalCode.TEXT_MALFORMED, text="''", maximum=200)
    vendor_id = str(uuid7(now, randomness))
    row = {
        "vendor_id": vendor_id,
        "name": cleaned,
        "category": category.value,
        "currency": known_currency(currency.strip().upper()).code,
        "location": clean_text(location),
        "created_at": now,
    }
    connection.execute(sa.insert(vendors), row)
    return vendor_id


def every(connection: sa.Connection) -> list[VendorRecord]:
    """Return all vendors in the order in which they joined."""
    return [
        VendorRecord(row.vendor_id, row.name, Category(row.category), row.currency, row.location)
        for row in connection.execute(_ALL)
    ]
