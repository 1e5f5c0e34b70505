"""Commands about who takes part in the programme: its vendors.

Must never change a vendor's currency.
"""

import argparse
from typing import Any, Final

from urs_desktop.central import vendors
from urs_desktop.central.bootstrap import Central
from urs_desktop.central.commands.registry import Answer, Registry, table
from urs_desktop.central.vendors import Changes, VendorRecord
from urs_desktop.domain.policy import category

DEFAULT_CURRENCY: Final = "GBP"
"""The programme's currency, one minor unit of which a point is worth, and a vendor's unless it is said otherwise."""


def add_to(commands: Registry) -> None:
    """Add these commands and their options."""
    add = commands.add("vendor add", "add a vendor and print its id", _vendor_add)
    add.add_argument("--name", required=True)
    add.add_argument("--category", required=True, metavar="small|medium|large")
    add.add_argument("--currency", default=DEFAULT_CURRENCY)
    add.add_argument("--location", default="")
    commands.add("vendor list", "list the vendors", _vendor_list)
    change = commands.add("vendor set", "change a vendor's name, category or location", _vendor_set)
    change.add_argument("vendor", metavar="ID")
    change.add_argument("--name")
    change.add_argument("--category", metavar="small|medium|large")
    change.add_argument("--location")


def _vendor_add(central: Central, options: argparse.Namespace) -> Answer:
    wanted = category(options.category)
    with central.database.write() as connection:
        vendor_id = vendors.add(
            connection,
            options.name,
            wanted,
            options.currency,
            options.location,
            central.clock.now(),
            central.randomness,
        )
    return Answer(vendor_id, {"vendor_id": vendor_id})


def _vendor_list(central: Central, options: argparse.Namespace) -> Answer:
    del options
    with central.database.read() as connection:
        rows = [_row(vendor) for vendor in vendors.every(connection)]
    return Answer(table(rows), rows)


def _vendor_set(central: Central, options: argparse.Namespace) -> Answer:
    wanted = None if options.category is None else category(options.category)
    changes = Changes(options.name, wanted, options.location)
    with central.database.write() as connection:
        row = _row(vendors.change(connection, options.vendor, changes, central.clock.now()))
    return Answer(table([row]), row)


def _row(vendor: VendorRecord) -> dict[str, Any]:
    return {
        "vendor_id": vendor.vendor_id,
        "name": vendor.name,
        "category": vendor.category.value,
        "currency": vendor.currency,
        "location": vendor.location,
    }
