"""Commands about what the programme and a vendor owe each other beside points.

Must never book an amount for somebody who did not say who they are.
"""

import argparse
from collections.abc import Callable

import sqlalchemy as sa

from urs_desktop.central import settlement
from urs_desktop.central.bootstrap import Central
from urs_desktop.central.commands.operators import add_sign_in, signed_in
from urs_desktop.central.commands.programme import DEFAULT_CURRENCY
from urs_desktop.central.commands.registry import Answer, Command, Registry, decimal
from urs_desktop.domain.currency import currency
from urs_desktop.domain.money import parse_amount
from urs_desktop.system.ids import Randomness

_Booking = Callable[[sa.Connection, str, int, int, Randomness], bytes]


def add_to(commands: Registry) -> None:
    """Add these commands and their options."""
    bookings: dict[str, tuple[str, _Booking]] = {
        "fee": ("charge a vendor a fee; below zero one is given back", settlement.fee),
        "share": ("credit a vendor a share of the breakage; below zero one is taken back", settlement.share),
        "settle": ("note a payment to a vendor; below zero it came from the vendor", settlement.settle),
    }
    for name, (summary, booking) in bookings.items():
        command = commands.add(f"vendor {name}", summary, _booked(booking))
        command.add_argument("vendor", metavar="ID")
        command.add_argument("amount", metavar="AMOUNT", help="in the programme's currency")
        add_sign_in(command)
    account = commands.add("vendor account", "show where a vendor stands with the programme", _account)
    account.add_argument("vendor", metavar="ID")


def _booked(booking: _Booking) -> Command:
    def run(central: Central, options: argparse.Namespace) -> Answer:
        amount = parse_amount(options.amount, currency(DEFAULT_CURRENCY)).minor
        signed_in(central, options)
        with central.database.write() as connection:
            entry_id = booking(connection, options.vendor, amount, central.clock.now(), central.randomness)
        return Answer(entry_id.hex(), {"entry_id": entry_id.hex()})

    return run


def _account(central: Central, options: argparse.Namespace) -> Answer:
    with central.database.read() as connection:
        found = settlement.account(connection, options.vendor)
    document = {
        "vendor_id": options.vendor,
        "currency": DEFAULT_CURRENCY,
        "due": _amount(found.due),
        "redeemed": found.redeemed,
        "issued": found.issued,
        "exposure": found.exposure,
        "fees": _amount(found.fees),
        "shares": _amount(found.shares),
        "settled": _amount(found.settled),
    }
    return Answer("\n".join(f"{name}: {value}" for name, value in document.items()), document)


def _amount(minor: int) -> str:
    return decimal(minor, currency(DEFAULT_CURRENCY).digits)
