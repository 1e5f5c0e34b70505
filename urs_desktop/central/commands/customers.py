"""Commands about who takes part in the programme: the counters of the vendors and the customers.

Must never show more than one customer.
"""

import argparse
from pathlib import Path
from typing import Any

from urs_desktop.central import accounts, customer_import, inspection
from urs_desktop.central.bootstrap import Central
from urs_desktop.central.certificates import to_der
from urs_desktop.central.commands.registry import Answer, Registry, table
from urs_desktop.domain.ranges import Range, ranges_of
from urs_desktop.protocol import enrolment_code


def add_to(commands: Registry) -> None:
    """Add these commands and their options."""
    code = commands.add("counter code", "print a one-time code that enrols a counter", _counter_code)
    code.add_argument("--vendor", required=True, metavar="ID")
    commands.add("counter list", "list the counters", _counter_list)
    load = commands.add("customer import", "import customers from a CSV", _customer_import)
    load.add_argument("file", type=Path, metavar="FILE")
    show = commands.add("customer show", "show one customer", _customer_show)
    show.add_argument("customer", metavar="CODE-OR-PHONE")


def _counter_code(central: Central, options: argparse.Namespace) -> Answer:
    code = enrolment_code.new_code(to_der(central.keys.authority()))
    now = central.clock.now()
    with central.database.write() as connection:
        accounts.add_code(connection, options.vendor, code.secret, now)
    text = enrolment_code.to_text(code)
    return Answer(text, {"code": text, "expires_at": inspection.time_text(now + accounts.CODE_LIFE_MS)})


def _counter_list(central: Central, options: argparse.Namespace) -> Answer:
    del options
    with central.database.read() as connection:
        rows = inspection.all_counters(connection)
    return Answer(table([_as_text(row) for row in rows]), rows)


def _as_text(row: dict[str, Any]) -> dict[str, Any]:
    """Return a counter with its lists of receipts as people read them: 4, 7-9."""
    missing = ", ".join(str(Range(**each)) for each in row["missing"])
    set_aside = ", ".join(str(each) for each in ranges_of(row["receipts_set_aside"]))
    return {**row, "missing": missing or "none", "receipts_set_aside": set_aside or "none"}


def _customer_import(central: Central, options: argparse.Namespace) -> Answer:
    with central.database.write() as connection:
        done = customer_import.import_file(connection, options.file, central.clock.now(), central.randomness)
    document = {
        "rows_read": done.read,
        "rows_stored": done.stored,
        "rows_reported": done.read - done.stored,
        "customers_added": done.added,
        "reasons": dict(done.reasons),
        "rows": [{"line": line, "code": code} for line, code in done.reported],
    }
    lines = [f"{done.stored} of {done.read} rows stored, {done.added} customers new."]
    lines += [f"line {line}: {code}" for line, code in done.reported]
    return Answer("\n".join(lines), document)


def _customer_show(central: Central, options: argparse.Namespace) -> Answer:
    with central.database.write() as connection:
        document = inspection.customer(connection, options.customer, central.clock.now())
    plain = [f"{name}: {value}" for name, value in document.items() if not isinstance(value, list)]
    plain.append("vendors: " + ", ".join(document["vendors"]))
    for name in ("lots", "entries"):
        plain.append(f"{name}:")
        plain.append(table(document[name]) or "none")
    return Answer("\n".join(plain), document)
