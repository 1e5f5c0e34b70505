"""Commands about who takes part in the programme: the counters of the vendors and the customers.

Must never show the person of more than one customer.
"""

import argparse
from pathlib import Path
from typing import Any

from urs_desktop.central import (
    accounts,
    blocking,
    customer_import,
    customers,
    erasing,
    erasure_list,
    feed,
    inspection,
    merging,
    operators,
    persons,
    visibility,
)
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
    of_one_card = {
        "customer block": ("grant a customer no more points; what was granted stands", _block),
        "customer unblock": ("grant a blocked customer points again", _unblock),
        "customer withdraw": ("note that a customer takes consent back: counters forget the customer", _withdraw),
    }
    for name, (summary, command) in of_one_card.items():
        commands.add(name, summary, command).add_argument("card", metavar="CARD")
    commands.add("customer twice", "list cards enrolled with the phone number of another card: merge them", _twice)
    merge = commands.add("customer merge", "let a customer be another one from now, for ever", _merge)
    merge.add_argument("card", metavar="FROM")
    merge.add_argument("into", metavar="INTO")
    merge.add_argument("--by", required=True, metavar="NAME", help="the operator who decided it")
    merge.add_argument("--reason", required=True, metavar="TEXT", help="kept for ever: it must name no person")
    erase = commands.add("customer erase", "forget a customer; a numbered tombstone and the ledger stay", _erase)
    erase.add_argument("card", metavar="CARD")
    erase.add_argument("--by", required=True, metavar="NAME", help="the operator who does it")
    erasures = commands.add("customer erasures", "list who was erased, or apply such a list to a restored store", _list)
    erasures.add_argument("--apply", type=Path, metavar="FILE", help="what this command printed with --json")
    window = commands.add("customer window", "show or set for how many days counters remember customers", _window)
    window.add_argument("days", nargs="?", type=int, metavar="DAYS")


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


def _twice(central: Central, options: argparse.Namespace) -> Answer:
    del options
    with central.database.read() as connection:
        found = persons.enrolled_twice(connection)
    rows = [
        {"card": each.card, "same_phone_as": each.same_phone_as, "enrolled_at": inspection.time_text(each.asked_at)}
        for each in found
    ]
    return Answer(table(rows) or "No phone number was enrolled twice.", rows)


def _block(central: Central, options: argparse.Namespace) -> Answer:
    with central.database.write() as connection:
        changed = blocking.block(connection, options.card, central.clock.now())
    said = "The customer is blocked." if changed else "The customer was blocked before."
    return Answer(said, {"code": options.card, "blocked": True, "changed": changed})


def _unblock(central: Central, options: argparse.Namespace) -> Answer:
    with central.database.write() as connection:
        changed = blocking.unblock(connection, options.card)
    said = "The customer is no longer blocked." if changed else "The customer was not blocked."
    return Answer(said, {"code": options.card, "blocked": False, "changed": changed})


def _withdraw(central: Central, options: argparse.Namespace) -> Answer:
    with central.database.write() as connection:
        changed = customers.withdraw(connection, options.card)
    said = "The consent is withdrawn." if changed else "There was no consent."
    return Answer(said, {"code": options.card, "changed": changed})


def _merge(central: Central, options: argparse.Namespace) -> Answer:
    with central.database.write() as connection:
        by = operators.named(connection, options.by)
        now = central.clock.now()
        customer_id = merging.merge(connection, options.card, options.into, by, options.reason, now)
    return Answer("The customers are merged.", {"code": options.card, "into": customer_id})


def _erase(central: Central, options: argparse.Namespace) -> Answer:
    with central.database.write() as connection:
        by = operators.named(connection, options.by)
        done = erasing.erase(connection, options.card, by.operator_id, central.clock.now())
    numbers = [line.customer_id for line in done]
    return Answer("The customer is erased. Keep the list: customer erasures --json.", {"erased": numbers})


def _list(central: Central, options: argparse.Namespace) -> Answer:
    if options.apply is not None:
        listed = erasure_list.read(options.apply)
        with central.database.write() as connection:
            feed.begin(connection, central.clock.now())  # such a store has not begun to serve yet
            count = erasing.apply_again(connection, listed, central.clock.now())
        return Answer(f"{count} customers were erased again.", {"erased": count})
    with central.database.read() as connection:
        rows = erasure_list.rows(erasing.every(connection))
    return Answer(table(rows), rows)


def _window(central: Central, options: argparse.Namespace) -> Answer:
    with central.database.write() as connection:
        if options.days is not None:
            visibility.set_days(connection, options.days)
        days = visibility.days(connection)
    return Answer(str(days), {"days": days})
