"""Commands that take a counter out of service, one that is lost or stolen too, and let one in doubt take part again.

Must never take a point from a customer: what the counter held comes back to them, what it still spends is its vendor's.
"""

import argparse

from urs_desktop.central import operators, standing
from urs_desktop.central.bootstrap import Central
from urs_desktop.central.commands.registry import Answer, Registry
from urs_desktop.domain.refusals import Refusal, RefusalCode


def add_to(commands: Registry) -> None:
    """Add these commands and their options."""
    lost = commands.add("counter lost", "revoke a lost counter and give back at once what it held", _counter_lost)
    lost.add_argument("counter", metavar="ID")
    revoke = commands.add("counter revoke", "take a counter out of service", _counter_revoke)
    revoke.add_argument("counter", metavar="ID")
    release = commands.add("counter release", "let a quarantined counter hold points again", _counter_release)
    release.add_argument("counter", metavar="ID")
    release.add_argument("--by", required=True, metavar="NAME", help="the operator who decides")
    release.add_argument("--reason", required=True, metavar="TEXT", help="kept for ever: it must name no person")


def _counter_lost(central: Central, options: argparse.Namespace) -> Answer:
    with central.database.write() as connection:
        loss = standing.lose(connection, _device(options.counter), central.clock.now())
    document = {
        "device": loss.counter.device_id.hex(),
        "vendor_id": loss.counter.vendor_id,
        "number": loss.counter.number,
        "state": "revoked",
        "leases_reclaimed": loss.leases,
        "points_reclaimed": loss.points,
        "points_late_at_most": loss.late,
    }
    text = (
        f"Counter {loss.counter.number} of {loss.counter.vendor.name} is revoked. {loss.points} points it held in "
        f"{loss.leases} leases are their customers' again. At most {loss.late} points it spent before may still come; "
        "they are the vendor's."
    )
    return Answer(text, document)


def _counter_revoke(central: Central, options: argparse.Namespace) -> Answer:
    with central.database.write() as connection:
        till = standing.revoke(connection, _device(options.counter), central.clock.now())
    document = {
        "device": till.device_id.hex(),
        "vendor_id": till.vendor_id,
        "number": till.number,
        "state": "revoked",
    }
    text = f"Counter {till.number} of {till.vendor.name} is revoked; what it still sends is kept for review."
    return Answer(text, document)


def _counter_release(central: Central, options: argparse.Namespace) -> Answer:
    with central.database.write() as connection:
        by = operators.named(connection, options.by)
        now = central.clock.now()
        till, released = standing.release(connection, _device(options.counter), by, options.reason, now)
    who = f"Counter {till.number} of {till.vendor.name}"
    said = f"{who} is released from quarantine." if released else f"{who} was not quarantined."
    return Answer(said, {"device": till.device_id.hex(), "state": "active", "changed": released})


def _device(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise Refusal(RefusalCode.COUNTER_UNKNOWN) from None
