"""INSERT ... ON CONFLICT, the one statement SQLAlchemy has no common form for.

SQLite and PostgreSQL spell it alike and PostgreSQL's construct compiles for both; a test holds that. Must never be
built elsewhere, so that a third dialect would have one place to look.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Insert, insert


def insert_or_keep(table: sa.Table) -> Insert:
    """Return an insert that leaves a row already there as it is; its result's rowcount says how many were new."""
    # Without the option SQLAlchemy lets go of an insert's rowcount, and psycopg's is -1 from then on.
    return insert(table).on_conflict_do_nothing().execution_options(preserve_rowcount=True)


def insert_or_add(table: sa.Table, keys: Sequence[str], column: str) -> Insert:
    """Return an insert that adds `column` to the row with the same `keys`, which locks that row."""
    statement = insert(table)
    total = table.c[column] + statement.excluded[column]
    return statement.on_conflict_do_update(index_elements=list(keys), set_={column: total})


def insert_or_move_on(table: sa.Table, keys: Sequence[str], column: str, least: int) -> Insert:
    """Return an insert that raises `column` of the row with the same `keys` if that moves it on by at least so much.

    Its result's rowcount is 1 if there was no row or it was raised, else 0.
    """
    statement = insert(table)
    further = statement.excluded[column] >= table.c[column] + least
    moved = statement.on_conflict_do_update(
        index_elements=list(keys), set_={column: statement.excluded[column]}, where=further
    )
    return moved.execution_options(preserve_rowcount=True)


def insert_or_replace(table: sa.Table, keys: Sequence[str], *, newest: str | None = None) -> Insert:
    """Return an insert that overwrites all but the `keys` of the row there, if given only by a greater `newest`."""
    statement = insert(table)
    changes: dict[str, Any] = {
        column.name: statement.excluded[column.name] for column in table.columns if column.name not in keys
    }
    newer = None if newest is None else statement.excluded[newest] > table.c[newest]
    return statement.on_conflict_do_update(index_elements=list(keys), set_=changes, where=newer)
