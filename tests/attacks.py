"""Attacks in SQL on append-only tables: a row to attack, the ways to change it, and what was not refused.

Must never know a table of either program.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from urs_desktop.database.engine import sqlstate_of
from urs_desktop.database.guards import append_only

REFUSALS: Final = ("is append-only", "the entry is closed", "an entry has postings", "not authorized")
STATES: Final = ("42501", "23514")
"""PostgreSQL's insufficient_privilege, and check_violation for what a closed entry refuses."""

Fitting = Mapping[str, object]
"""By a column's name, or by `table.column`, what its checks demand; else a number is 1 and a text the column's name."""


def concerned(metadata: sa.MetaData) -> list[sa.Table]:
    """Return the append-only tables and those they refer to, the latter first."""
    found = set(append_only(metadata))
    for table in reversed(metadata.sorted_tables):
        if table in found:
            found |= {key.column.table for key in table.foreign_keys}
    return [table for table in metadata.sorted_tables if table in found]


def row(table: sa.Table, fitting: Fitting, **values: object) -> dict[str, object]:
    """Return a row that refers to others made like it; what may be null is."""
    made: dict[str, object] = {}
    for column in table.columns:
        if not column.nullable and column.default is None:
            made[str(column.name)] = fitting.get(
                f"{table.name}.{column.name}", fitting.get(column.name, _value(column))
            )
    return made | values


def _value(column: sa.Column[Any]) -> object:
    kind, word = column.type.python_type, str(_origin(column))
    return 1 if kind is int else word.encode() if kind is bytes else word


def _origin(column: sa.Column[Any]) -> str:
    return next((_origin(key.column) for key in column.foreign_keys), column.name)


def content(connection: sa.Connection, metadata: sa.MetaData) -> dict[str, list[tuple[object, ...]]]:
    """Return every row of every append-only table."""
    return {table.name: [tuple(row) for row in connection.execute(sa.select(table))] for table in append_only(metadata)}


def not_refused(connection: sa.Connection, metadata: sa.MetaData, attacks: Iterable[str]) -> list[str]:
    """Try attacks, each for itself; return those that were not refused, and check that no row changed."""
    held = content(connection, metadata)
    through = []
    for attack in attacks:
        try:
            with connection.begin_nested():
                connection.exec_driver_sql(attack)
        except DBAPIError as error:
            if sqlstate_of(error) not in STATES and not any(words in str(error.orig) for words in REFUSALS):
                through.append(f"{attack}: {error.orig}")
        else:
            through.append(attack)
    assert content(connection, metadata) == held
    return through


def in_data(table: sa.Table, dialect: sa.Dialect) -> list[str]:
    """Return what SQL offers to change the rows of a table."""
    quote = dialect.identifier_preparer.quote
    last = list(table.columns)[-1]
    name, column, other = table.name, quote(last.name), _literal(last, dialect)
    columns = [quote(each.name) for each in table.columns]
    keys = ", ".join(quote(each.name) for each in table.primary_key)
    copy = f"INTO {name} ({', '.join(columns)}) SELECT {', '.join([*columns[:-1], other])} FROM {name} WHERE true"
    common = [
        f"UPDATE {name} SET {column} = {other}",
        f"UPDATE {name} SET {column} = {column}",
        f"DELETE FROM {name}",
    ]
    upsert = f"INSERT {copy} ON CONFLICT ({keys}) DO UPDATE SET {column} = {other}"
    if dialect.name == "sqlite":
        return [
            *common,
            *(f"UPDATE OR {word} {name} SET {column} = {other}" for word in ("IGNORE", "REPLACE", "FAIL", "ROLLBACK")),
            f"DELETE FROM {name} LIMIT 1",
            f"INSERT OR REPLACE {copy}",
            f"REPLACE {copy}",
            f"INSERT {copy} ON CONFLICT DO UPDATE SET {column} = {other}",
            upsert,
            *_by_rowid(table, dialect),
        ]
    return [
        *common,
        upsert,
        f"TRUNCATE {name} CASCADE",
        f"DELETE FROM ONLY {name}",
        f"MERGE INTO {name} USING (SELECT 1) AS one ON true WHEN MATCHED THEN DELETE",
        f"MERGE INTO {name} USING (SELECT 1) AS one ON true WHEN MATCHED THEN UPDATE SET {column} = {other}",
        f"WITH gone AS (DELETE FROM {name} RETURNING *) SELECT count(*) FROM gone",
    ]


def _by_rowid(table: sa.Table, dialect: sa.Dialect) -> list[str]:
    """Return what puts a row with other keys in the place of each row, by the number SQLite itself gives rows."""
    keys = {column.name for column in table.primary_key}
    keys |= {column.name for index in table.indexes if index.unique for column in index.columns}
    for constraint in table.constraints:
        keys |= {column.name for column in constraint.columns} if isinstance(constraint, sa.UniqueConstraint) else set()
    quote = dialect.identifier_preparer.quote
    columns = ", ".join(quote(column.name) for column in table.columns)
    values = ", ".join(_literal(each, dialect) if each.name in keys else quote(each.name) for each in table.columns)
    rowid = f"INTO {table.name} ({{}}, {columns}) SELECT {table.name}.rowid, {values} FROM {table.name} LIMIT 1"
    is_number = [column.type.python_type is int for column in table.primary_key] == [True]
    return [] if is_number else [f"INSERT OR REPLACE {rowid.format(name)}" for name in ("rowid", "oid", "_rowid_")]


def _literal(column: sa.Column[Any], dialect: sa.Dialect) -> str:
    kind = column.type.python_type
    if kind is bytes:
        return "x'00'" if dialect.name == "sqlite" else "CAST('0' AS bytea)"
    return "77" if kind is int else "'other'"
