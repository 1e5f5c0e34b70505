"""Proves the store from what was signed: chains and signatures, sales and refunds, entries, balances, accounts, views.

It recomputes and compares; each finding names the row that does not fit. Must never repair anything: what is wrong is
evidence.
"""

from collections.abc import Callable, Iterator
from typing import Final

import sqlalchemy as sa

from urs_desktop.central import records
from urs_desktop.central.proof import (
    accounts,
    approvals,
    balances,
    bookings,
    chains,
    identities,
    projections,
    receipts,
    resolutions,
    sources,
)
from urs_desktop.central.schema.guards import guards
from urs_desktop.database.guards import differences

_FILE: Final = ("PRAGMA integrity_check", "PRAGMA cipher_integrity_check")


def verify(connection: sa.Connection) -> list[str]:
    """Return one sentence for each thing that does not fit; empty when everything does."""
    if connection.dialect.name == "postgresql":
        # Reckoning for minutes between two questions is no sign of having died.
        connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
    return [finding for check in _CHECKS for finding in check(connection)]


def _file(connection: sa.Connection) -> Iterator[str]:
    if connection.dialect.name != "sqlite":
        return
    for question in _FILE:
        answer = connection.exec_driver_sql(question)
        for row in answer if answer.returns_rows else ():
            if row[0] != "ok":
                yield f"the database file is damaged: {row[0]}"
    for row in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        yield f"{row[0]} row {row[1]} names a row of {row[2]} that is not there"


def _guards(connection: sa.Connection) -> Iterator[str]:
    for name in differences(connection, guards(connection.dialect.name)):
        yield f"the trigger {name} is not as this program made it"


def _seals(connection: sa.Connection) -> Iterator[str]:
    for table, key in records.broken(connection):
        yield f"{table} row {key} is not as it was written"


_CHECKS: Final[tuple[Callable[[sa.Connection], Iterator[str]], ...]] = (
    _file,
    _guards,
    _seals,
    chains.check,
    resolutions.check,
    bookings.check,
    sources.check,
    receipts.check,
    balances.check,
    accounts.check,
    approvals.check,
    identities.check,
    projections.check,
)
