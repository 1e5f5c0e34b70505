"""A store that fails at a chosen statement, and the whole content of a store to compare before and after.

Must never fail anything but what a test asked for.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from urs_desktop.counter.store import schema
from urs_desktop.counter.store.book import SqlStore


class PowerCutError(Exception):
    """What happens at the chosen statement."""


@contextmanager
def counted(store: SqlStore) -> Iterator[list[str]]:
    """Collect the statements executed meanwhile."""
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(store.database.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(store.database.engine, "before_cursor_execute", note)


@contextmanager
def cut_at(store: SqlStore, number: int) -> Iterator[None]:
    """Raise PowerCutError before the statement with this number (from 0) is executed."""
    left = [number]

    def cut(*_: object) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise PowerCutError

    event.listen(store.database.engine, "before_cursor_execute", cut)
    try:
        yield
    finally:
        event.remove(store.database.engine, "before_cursor_execute", cut)


@contextmanager
def cut_at_commit(store: SqlStore) -> Iterator[None]:
    """Raise PowerCutError instead of committing."""

    def cut(_: sa.Connection) -> None:
        raise PowerCutError

    event.listen(store.database.engine, "commit", cut)
    try:
        yield
    finally:
        event.remove(store.database.engine, "commit", cut)


def forged(store: SqlStore, *statements: str) -> None:
    """Change what is stored as somebody can who has key and file: past the guards, which are up again afterwards."""
    with store.database.change_schema() as connection:
        triggers = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").all()
        for name, _ in triggers:
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.exec_driver_sql(statement)
        for _, sql in triggers:
            connection.exec_driver_sql(sql)


def content(store: SqlStore) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table."""
    with store.database.read() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(sa.select(table))), key=repr)
            for table in schema.metadata.sorted_tables
        }
