"""Replacing a part of the program for the time of one run.

Must never leave anything replaced.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.simulation.central_node import CentralNode
from urs_desktop.central import verification


@contextmanager
def replaced(owner: Any, name: str, value: Any) -> Iterator[None]:  # noqa: ANN401 - any attribute of any thing
    """Let `owner.name` be another value inside the block."""
    before = owner.__dict__[name]
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)


@contextmanager
def defenceless(central: CentralNode, *tables: str) -> Iterator[None]:
    """Take what the central store's database itself has against a broken rule away, as long as the block lasts.

    That is foreign keys everywhere, and of these tables their checks, their unique keys and the triggers that refuse
    a second row with the same key; `verify` says nothing of the triggers that are missing.
    """
    for table in tables:
        _without_constraints(central, table)
    central.machine.keep = False
    driver = central.machine.driver
    driver.set_authorizer(None)
    driver.execute("PRAGMA foreign_keys = OFF")
    with replaced(verification, "differences", lambda *_: []):
        yield


def _without_constraints(central: CentralNode, table: str) -> None:
    with central.database.change_schema() as connection:
        kept = connection.exec_driver_sql(
            "SELECT sql FROM sqlite_master "
            "WHERE type IN ('index', 'trigger') AND tbl_name = ? AND sql IS NOT NULL AND name <> ?",
            (table, f"{table}_no_replace"),
        )
        beside = kept.scalars().all()
        statement = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = ?", (table,))
        text = statement.scalar_one()
        text = re.sub(r",\s*CONSTRAINT \w+ (UNIQUE|CHECK) \((?:[^()]|\([^()]*\))*\)", "", text)
        connection.exec_driver_sql(f"DROP TABLE {table}")
        for each in (text, *beside):
            connection.exec_driver_sql(each)
