"""Commands about the terms on which points are set aside for counters, and the risks vendors take.

Must never change what was granted already.
"""

import argparse
from dataclasses import asdict, fields, replace
from typing import Any

from urs_desktop.central import lease_terms
from urs_desktop.central.bootstrap import Central
from urs_desktop.central.commands.registry import Answer, Registry, table
from urs_desktop.central.lease_terms import LeaseTerms, VendorLimits

_SUMMARIES = {
    "spend_hours": "for how long a counter can spend them",
    "settle_days": "after how many days what was not spent is free again",
    "share_percent": "how much of a customer's points may be kept ready in all",
    "counters": "at how many counters",
    "most_points": "how many points at one counter",
    "lease_cap": "points set aside for all the vendor's counters together",
    "floor_customer": "points taken from one customer without lease or connection, at the vendor's risk",
    "floor_counter": "such points at one counter in all, during one outage",
}


def add_to(commands: Registry) -> None:
    """Add these commands and their options."""
    terms = commands.add("lease terms", "show or change on which terms points are kept ready at counters", _terms)
    _add_options(terms, LeaseTerms)
    limits = commands.add("vendor limits", "show or change what a vendor's counters may hold and risk", _limits)
    limits.add_argument("--vendor", required=True, metavar="ID")
    _add_options(limits, VendorLimits)


def _add_options(command: argparse.ArgumentParser, of: type[LeaseTerms | VendorLimits]) -> None:
    for each in fields(of):
        command.add_argument(f"--{each.name.replace('_', '-')}", type=int, metavar="N", help=_SUMMARIES[each.name])


def _terms(central: Central, options: argparse.Namespace) -> Answer:
    changes = _changes(options, LeaseTerms)
    with central.database.write() as connection:
        terms = replace(lease_terms.terms(connection), **changes)
        if changes:
            lease_terms.set_terms(connection, terms)
    return Answer(table([asdict(terms)]), asdict(terms))


def _limits(central: Central, options: argparse.Namespace) -> Answer:
    changes = _changes(options, VendorLimits)
    with central.database.write() as connection:
        limits = replace(lease_terms.limits(connection, options.vendor), **changes)
        if changes:
            lease_terms.set_limits(connection, options.vendor, limits)
    return Answer(table([asdict(limits)]), asdict(limits))


def _changes(options: argparse.Namespace, of: type[LeaseTerms | VendorLimits]) -> dict[str, Any]:
    given = {each.name: getattr(options, each.name) for each in fields(of)}
    return {name: value for name, value in given.items() if value is not None}
