"""Append-only tables: what is written into them stays as it was written, whoever asks in SQL.

A table says so with `info={APPEND_ONLY: True}`. From that follow its triggers on both databases and, on SQLite, what
the program's own connections may do at all; on PostgreSQL roles and grants do that. They are a hurdle, not proof: who
holds key and file, or owns the tables, can take them down, and code in the same process can go round them
(`set_authorizer`, `open_blob`); `differences`, seals and signed operations show it afterwards. Must never know a table
of either end.

Source: security.md 5.1; sqlite.org/lang_conflict.html (REPLACE fires delete triggers under recursive_triggers alone)
and sqlite.org/c3ref/set_authorizer.html; PostgreSQL's ALTER TABLE (ENABLE ALWAYS TRIGGER).
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlcipher3 import dbapi2 as sqlcipher

APPEND_ONLY: Final = "append_only"
"""The key in `Table.info` that is true for an append-only table."""

REPEATS_IGNORED: Final = "repeats_ignored"
"""The key in `Table.info` of an append-only table that is true if its rows may be offered again.

A row whose key is there already is then passed over, which is what ON CONFLICT DO NOTHING asks for; otherwise it aborts
the statement. For SQLite alone: PostgreSQL has no insert that replaces a row.
"""

_QUOTED: Final = sqlite.dialect().identifier_preparer.quote
_POSTGRESQL_QUOTED: Final = postgresql.dialect().identifier_preparer.quote  # type: ignore[no-untyped-call]
"""Names come from the program's own tables; they are quoted where they are words of SQL, like `schema` and `key`."""


def append_only(metadata: sa.MetaData) -> list[sa.Table]:
    """Return the append-only tables, referred ones first."""
    return [table for table in metadata.sorted_tables if table.info.get(APPEND_ONLY)]


def sqlite_guards(metadata: sa.MetaData) -> list[str]:
    """Return the statements that make the triggers on SQLite, where a refusal is an IntegrityError.

    Raises ValueError for a unique index over expressions or some of the rows, which these triggers could not check.
    """
    return [statement for table in append_only(metadata) for statement in _sqlite_guards(table)]


def _sqlite_guards(table: sa.Table) -> Iterator[str]:
    name = _QUOTED(table.name)
    message = f"{table.name} is append-only"
    for event_name in ("UPDATE", "DELETE"):
        trigger = _QUOTED(f"{table.name}_no_{event_name.lower()}")
        yield f"CREATE TRIGGER {trigger} BEFORE {event_name} ON {name}\nBEGIN SELECT RAISE(ABORT, '{message}'); END"
    # REPLACE deletes the rows in its way, and where recursive_triggers is off it does so without the delete trigger.
    taken = "\n   OR ".join(
        f"EXISTS (SELECT 1 FROM {name} WHERE {' AND '.join(f'{key} = NEW.{key}' for key in keys)})"  # noqa: S608
        for keys in _unique_keys(table)
    )
    refusal = f"RAISE(ABORT, '{message} and the key of the row is not unique')"
    outcome = "RAISE(IGNORE)" if table.info.get(REPEATS_IGNORED) else refusal
    trigger = _QUOTED(f"{table.name}_no_replace")
    yield f"CREATE TRIGGER {trigger} BEFORE INSERT ON {name}\nWHEN {taken}\nBEGIN SELECT {outcome}; END"


def _unique_keys(table: sa.Table) -> list[list[str]]:
    """Return the columns of each key a second row with which would replace the first, quoted.

    Besides what is declared that is the rowid: it can be named in an insert though no column is called so. Where it is
    not named, NEW.rowid is -1.
    """
    found = {tuple(column.name for column in table.primary_key)}
    for constraint in table.constraints:
        if isinstance(constraint, sa.UniqueConstraint):
            found.add(tuple(column.name for column in constraint.columns))
    for index in table.indexes:
        if index.unique:
            columns = [column for column in index.expressions if isinstance(column, sa.Column)]
            if len(columns) < len(index.expressions) or index.dialect_options["sqlite"]["where"] is not None:
                raise ValueError(f"{index.name} is unique over expressions or a part of {table.name}")
            found.add(tuple(column.name for column in columns))
    least = [names for names in sorted(found) if names and not any(set(other) < set(names) for other in found if other)]
    keys = [[_QUOTED(name) for name in names] for names in least]
    return [["rowid"], *keys] if table.dialect_options["sqlite"]["with_rowid"] else keys


_REFUSE: Final = "urs_append_only"


def postgresql_guards(metadata: sa.MetaData) -> list[str]:
    """Return the statements that make the triggers on PostgreSQL, where a refusal is insufficient_privilege (42501).

    They fire whatever session_replication_role says.
    """
    refuse = f"""CREATE FUNCTION {_REFUSE}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only', ERRCODE = 'insufficient_privilege';
END
$$"""
    return [refuse, *(statement for table in append_only(metadata) for statement in _postgresql_guards(table.name))]


def _postgresql_guards(table: str) -> Iterator[str]:
    name = _POSTGRESQL_QUOTED(table)
    for trigger, what in (
        (f"{table}_append_only", f"BEFORE DELETE OR UPDATE ON {name} FOR EACH ROW"),
        (f"{table}_no_truncate", f"BEFORE TRUNCATE ON {name} FOR EACH STATEMENT"),
    ):
        yield from always(table, trigger, f"{what} EXECUTE FUNCTION {_REFUSE}()")


def always(table: str, trigger: str, what: str, *, kind: str = "TRIGGER") -> list[str]:
    """Return the statements that make a trigger on PostgreSQL which no session can switch off.

    `what` in the words pg_get_triggerdef uses, from BEFORE or AFTER on; `kind` is TRIGGER or CONSTRAINT TRIGGER.
    """
    quoted = _POSTGRESQL_QUOTED(trigger)
    return [
        f"CREATE {kind} {quoted} {what}",
        f"ALTER TABLE {_POSTGRESQL_QUOTED(table)} ENABLE ALWAYS TRIGGER {quoted}",
    ]


_TRIGGERS_OF_SQLITE: Final = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
_TRIGGERS_OF_POSTGRESQL: Final = """
SELECT t.tgname, pg_get_triggerdef(t.oid, true) || CASE t.tgenabled WHEN 'A' THEN ' ALWAYS' ELSE '' END
FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
WHERE NOT t.tgisinternal AND c.relnamespace = CAST(current_schema() AS regnamespace)
UNION ALL
SELECT proname, prosrc FROM pg_proc
WHERE prorettype = CAST('trigger' AS regtype) AND pronamespace = CAST(current_schema() AS regnamespace)
"""
_NAME: Final = re.compile(r"CREATE (?:FUNCTION|(?:CONSTRAINT )?TRIGGER) \"?(\w+)")
_BODY: Final = re.compile(r"CREATE FUNCTION .*?\$\$(.*)\$\$", re.DOTALL)


def differences(connection: sa.Connection, expected: Sequence[str]) -> list[str]:
    """Return the names of the triggers and trigger functions that are not as the `expected` statements make them.

    That is those missing, changed or switched off, and those nobody expects; sorted.
    """
    is_sqlite = connection.dialect.name == "sqlite"
    wanted: dict[str, str] = {}
    for statement in map(str.strip, expected):
        name = _NAME.search(statement)
        if name is not None:
            body = _BODY.search(statement)
            wanted[name[1]] = body[1] if body else statement if is_sqlite else f"{statement} ALWAYS"
    found = connection.exec_driver_sql(_TRIGGERS_OF_SQLITE if is_sqlite else _TRIGGERS_OF_POSTGRESQL).all()
    there = {name: _words(text) for name, text in found}
    return sorted(name for name in wanted.keys() | there.keys() if _words(wanted.get(name, "")) != there.get(name))


def _words(text: str) -> list[str]:
    return text.split()


_FREE: Final = frozenset(
    {
        sqlcipher.SQLITE_READ,
        sqlcipher.SQLITE_SELECT,
        sqlcipher.SQLITE_RECURSIVE,
        sqlcipher.SQLITE_TRANSACTION,
        sqlcipher.SQLITE_SAVEPOINT,
    }
)
_WRITES: Final = frozenset({sqlcipher.SQLITE_INSERT, sqlcipher.SQLITE_UPDATE, sqlcipher.SQLITE_DELETE})
_NOBODYS_TABLES: Final = ("sqlite_", "alembic_")
_FORBIDDEN_FUNCTIONS: Final = frozenset({"fts3_tokenizer", "load_extension", "sqlcipher_export"})
_ASKED: Final = frozenset(
    {
        *("cache_size", "foreign_keys", "journal_mode", "recursive_triggers", "secure_delete", "synchronous"),
        *("temp_store", "read_uncommitted", "data_version", "schema_version", "page_count", "page_size"),
        *("freelist_count", "cipher_integrity_check", "cipher_version", "compile_options", "database_list"),
    }
)
"""Pragmas that may be asked but not set; FTS5 asks data_version, SQLAlchemy read_uncommitted."""
_WITH_ARGUMENT: Final = frozenset(
    {
        *("query_only", "integrity_check", "quick_check", "foreign_key_check", "wal_checkpoint"),
        *("table_info", "table_xinfo", "table_list", "index_list", "index_info", "index_xinfo", "foreign_key_list"),
    }
)
"""Pragmas whose argument sets nothing that lasts or matters to the guards."""


_Decision = Callable[[int, str | None, str | None, str | None, str | None], int]
"""What SQLite asks as it prepares a statement: action, two words about it, database, and the trigger or view."""


def guard(metadata: sa.MetaData) -> Callable[[Any], None]:
    """Return what holds one of the driver's SQLite connections to reading and adding, for `sqlite_engine`.

    Denied, as a DatabaseError "not authorized" when a statement is prepared: UPDATE and DELETE on append-only tables
    (an upsert is an UPDATE), writing the schema's own tables, all DDL, ATTACH and with it VACUUM, and every pragma that
    is not on the lists here. Schema changes and copies need a connection without it.
    """
    decide = _authorizer(frozenset(table.name for table in append_only(metadata)))

    def hold(connection: Any) -> None:  # noqa: ANN401 - sqlcipher3 ships no types
        connection.set_authorizer(decide)

    return hold


def _authorizer(kept: frozenset[str]) -> _Decision:
    """Return the answers to SQLite's questions where `kept` are the names of the append-only tables."""
    allowed, denied = int(sqlcipher.SQLITE_OK), int(sqlcipher.SQLITE_DENY)

    def decide(action: int, first: str | None, second: str | None, database: str | None, source: str | None) -> int:
        del database, source
        if action in _FREE:
            return allowed
        if action in _WRITES:
            is_kept = action != sqlcipher.SQLITE_INSERT and first in kept
            return denied if is_kept or (first or "").startswith(_NOBODYS_TABLES) else allowed
        if action == sqlcipher.SQLITE_FUNCTION:
            return denied if (second or "").lower() in _FORBIDDEN_FUNCTIONS else allowed
        if action == sqlcipher.SQLITE_PRAGMA:
            pragma = (first or "").lower()
            return allowed if pragma in _WITH_ARGUMENT or (pragma in _ASKED and second is None) else denied
        return denied

    return decide
