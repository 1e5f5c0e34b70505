"""Attacks on the ledger: one row in every table that counts, and entries as an attacker would write them.

Must never go through the code that ships: it would not write what is tried here.
"""

from collections.abc import Sequence
from functools import partial
from typing import Final

import sqlalchemy as sa

from tests import attacks
from urs_desktop.central.schema import METADATA, customer_records, entries, operators, postings
from urs_desktop.database.guards import append_only

KEPT: Final = append_only(METADATA)
BALANCED: Final = (("points", -5), ("points", 5), ("money", 3), ("money", -2), ("money", -1))
FITTING: Final = {
    "granted": 3,
    "category": "small",
    "decision": "approved",
    "checked_by": "checker",
    "into_id": "other",
    "state": "active",
    "action": "retry",
    "result": "applied",
    "kind": "EARN",
    "unit": "points",
    "account": "AVAIL",
}

content = partial(attacks.content, metadata=METADATA)


def not_refused(connection: sa.Connection, *tried: str) -> list[str]:
    """Try attacks, each for itself; return those that were not refused, and check that no row changed."""
    return attacks.not_refused(connection, METADATA, tried)


def row(table: sa.Table, **values: object) -> dict[str, object]:
    """Return a row that refers to those `fill` made; what may be null is."""
    made = attacks.row(table, FITTING, **values)
    return made | {"account": "POOL"} if made.get("unit") == "money" else made


def fill(connection: sa.Connection) -> None:
    """Write a row into every append-only table and those they refer to: one entry with all that belongs to it."""
    for table in sorted(attacks.concerned(METADATA), key=lambda table: table is entries):
        rows = [row(table)]
        if table is postings:
            rows = [row(table, n=1, amount=5), row(table, n=2, amount=-5)]
        elif table is operators:
            rows.append(row(table, operator_id="checker", name="checker"))
        elif table is customer_records:
            rows.append(row(table, customer_id="other", card_code="other"))
        connection.execute(sa.insert(table), rows)


def write_entry(
    connection: sa.Connection, kind: str, amounts: Sequence[tuple[str, int]], entry_id: bytes = b"another"
) -> None:
    """Write postings of these units and amounts, and then their header."""
    for n, (unit, amount) in enumerate(amounts, 1):
        connection.execute(sa.insert(postings), row(postings, entry_id=entry_id, n=n, unit=unit, amount=amount))
    connection.execute(sa.insert(entries), row(entries, entry_id=entry_id, kind=kind))
