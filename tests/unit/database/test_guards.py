"""Append-only tables on SQLite: no way SQL knows changes a row, through whatever connection.

Through the program's own connection nothing can be changed that holds the rows either. Must never try an attack without
looking at the rows afterwards: a refusal that comes too late is none.
"""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite
from sqlcipher3 import dbapi2 as sqlcipher

from urs_desktop.database.columns import BYTES, INTEGER, TEXT
from urs_desktop.database.engine import Database, sqlite_engine
from urs_desktop.database.guards import APPEND_ONLY, REPEATS_IGNORED, differences, guard, sqlite_guards

KEY = bytes(range(32))
metadata = sa.MetaData()
KEPT = {APPEND_ONLY: True}
sa.Table(
    "notes",
    metadata,
    sa.Column("id", BYTES, primary_key=True),
    sa.Column("place", INTEGER),
    sa.Column("n", INTEGER),
    sa.Column("text", TEXT, nullable=False),
    sa.UniqueConstraint("place", "n"),
    info=KEPT,
    sqlite_strict=True,
)
sa.Table(
    "receipts",
    metadata,
    sa.Column("receipt", INTEGER, primary_key=True),
    sa.Column("key", TEXT, nullable=False),
    sa.Index("ux_receipts_key", "key", unique=True),
    info=KEPT,
    sqlite_strict=True,
)
sa.Table(
    "pairs",
    metadata,
    sa.Column("a", TEXT, primary_key=True),
    sa.Column("b", TEXT, primary_key=True),
    sa.Column("text", TEXT),
    info=KEPT,
    sqlite_strict=True,
    sqlite_with_rowid=False,
)
sa.Table(
    "parked",
    metadata,
    sa.Column("seq", INTEGER, primary_key=True),
    sa.Column("code", TEXT, nullable=False),
    info={**KEPT, REPEATS_IGNORED: True},
    sqlite_strict=True,
)
sa.Table(
    "wallets",
    metadata,
    sa.Column("id", INTEGER, primary_key=True),
    sa.Column("points", INTEGER, nullable=False),
    sqlite_strict=True,
)
ROWS = {
    "notes": "INSERT INTO notes VALUES (x'01', 1, 1, 'one'), (x'02', 1, 2, 'two'), (x'03', NULL, NULL, 'three')",
    "receipts": "INSERT INTO receipts VALUES (7, 'k7'), (8, 'k8')",
    "pairs": "INSERT INTO pairs VALUES ('a', 'b', 'ab')",
    "parked": "INSERT INTO parked VALUES (3, 'why')",
    "wallets": "INSERT INTO wallets VALUES (1, 100)",
}
KEPT_TABLES = [table for table in ROWS if table != "wallets"]
SEARCH = (
    "CREATE VIRTUAL TABLE search USING fts5(text, content='')",
    "CREATE TABLE alembic_version (version_num TEXT NOT NULL)",
    "INSERT INTO alembic_version VALUES ('0001')",
)

IN_DATA = [
    *(
        f"{verb} {table} SET {column} = NULL"
        for table, column in (("notes", "text"), ("parked", "code"))
        for verb in (
            "UPDATE",
            "UPDATE OR IGNORE",
            "UPDATE OR REPLACE",
            "UPDATE OR FAIL",
            "UPDATE OR ROLLBACK",
            "UPDATE OR ABORT",
        )
    ),
    "UPDATE notes SET text = 'x' WHERE id = x'01'",
    "UPDATE notes SET text = text",
    "UPDATE notes SET id = x'09' WHERE id = x'01'",
    "UPDATE notes SET rowid = 99 WHERE id = x'01'",
    "UPDATE OR REPLACE notes SET id = x'02' WHERE id = x'01'",
    "UPDATE notes SET text = w.points FROM wallets AS w WHERE w.id = notes.place",
    "WITH one AS (SELECT x'01' AS id) UPDATE notes SET text = 'x' WHERE id IN (SELECT id FROM one)",
    "UPDATE receipts SET receipt = receipt + 10",
    "UPDATE pairs SET text = 'x'",
    "UPDATE parked SET code = 'x'",
    *(f"DELETE FROM {table}" for table in KEPT_TABLES),
    "DELETE FROM notes WHERE id = x'01'",
    "DELETE FROM notes WHERE id = x'01' RETURNING text",
    "DELETE FROM notes LIMIT 1",
    "REPLACE INTO notes VALUES (x'01', 5, 5, 'x')",
    "INSERT OR REPLACE INTO notes VALUES (x'01', 1, 1, 'x')",
    "INSERT OR REPLACE INTO notes VALUES (x'09', 1, 1, 'x')",
    "INSERT OR REPLACE INTO notes VALUES (x'09', '1', 1.0, 'x')",
    *(
        f"INSERT OR REPLACE INTO notes ({name}, id, text) VALUES (1, x'09', 'x')"
        for name in ("rowid", "oid", "_rowid_")
    ),
    "INSERT OR REPLACE INTO notes (rowid, id, text) VALUES ('1', x'09', 'x')",
    "INSERT OR REPLACE INTO notes SELECT id, place, n, 'x' FROM notes",
    "INSERT OR REPLACE INTO notes VALUES (x'09', 9, 9, 'new'), (x'01', 5, 5, 'x')",
    "INSERT INTO notes VALUES (x'01', 5, 5, 'x') ON CONFLICT DO UPDATE SET text = excluded.text",
    "INSERT INTO notes VALUES (x'09', 1, 1, 'x') ON CONFLICT (place, n) DO UPDATE SET text = 'x'",
    "INSERT INTO notes VALUES (x'01', 5, 5, 'x') ON CONFLICT (id) DO UPDATE SET place = 9 WHERE excluded.n = 5",
    "INSERT OR REPLACE INTO receipts VALUES (7, 'x')",
    "INSERT OR REPLACE INTO receipts VALUES ('7', 'x')",
    "INSERT OR REPLACE INTO receipts (rowid, key) VALUES (7, 'x')",
    "INSERT OR REPLACE INTO receipts VALUES (9, 'k7')",
    "INSERT OR REPLACE INTO pairs VALUES ('a', 'b', 'x')",
    "INSERT INTO pairs VALUES ('a', 'b', 'x') ON CONFLICT DO UPDATE SET text = 'x'",
]
IGNORED = [
    "INSERT OR REPLACE INTO parked VALUES (3, 'x')",
    "REPLACE INTO parked VALUES (3, 'x')",
    "INSERT INTO parked VALUES (3, 'x') ON CONFLICT DO NOTHING",
    "INSERT OR IGNORE INTO parked VALUES (3, 'x')",
]
IN_SCHEMA = [
    *(f"DROP TRIGGER {table}_no_{what}" for table in KEPT_TABLES for what in ("update", "delete", "replace")),
    "DROP TRIGGER IF EXISTS notes_no_update",
    "DROP TABLE notes",
    "DROP TABLE wallets",
    "DROP TABLE search",
    "DROP INDEX ux_receipts_key",
    "ALTER TABLE notes RENAME TO old_notes",
    "ALTER TABLE notes RENAME COLUMN text TO old_text",
    "ALTER TABLE notes DROP COLUMN text",
    "ALTER TABLE notes ADD COLUMN more TEXT",
    "CREATE TABLE more (x)",
    "CREATE TABLE more AS SELECT * FROM notes",
    "CREATE TEMP TABLE notes (id, place, n, text)",
    "CREATE TEMP TABLE more (x)",
    "CREATE VIEW seen AS SELECT * FROM notes",
    "CREATE TEMP VIEW notes AS SELECT 'x' AS text",
    "CREATE UNIQUE INDEX more ON notes (text)",
    "CREATE TRIGGER more BEFORE INSERT ON notes BEGIN SELECT RAISE(IGNORE); END",
    "CREATE TEMP TRIGGER more BEFORE INSERT ON notes BEGIN SELECT RAISE(IGNORE); END",
    "CREATE TEMP TRIGGER more AFTER INSERT ON wallets BEGIN UPDATE notes SET text = 'x'; END",
    "CREATE VIRTUAL TABLE more USING fts5(x)",
    "CREATE VIRTUAL TABLE temp.more USING fts5(x)",
    "ATTACH ':memory:' AS more",
    "ATTACH 'file:more?mode=memory' AS more",
    "DETACH main",
    "VACUUM",
    "VACUUM INTO 'copy.sqlite'",
    "ANALYZE",
    "REINDEX",
    "UPDATE sqlite_master SET sql = 'x'",
    "DELETE FROM sqlite_master WHERE type = 'trigger'",
    "INSERT INTO sqlite_master VALUES ('table', 'x', 'x', 0, NULL)",
    "DELETE FROM sqlite_schema",
    "UPDATE alembic_version SET version_num = '0000'",
    "DELETE FROM alembic_version",
    "INSERT INTO alembic_version VALUES ('0002')",
    "PRAGMA writable_schema = ON",
    "PRAGMA writable_schema = RESET",
    "PRAGMA recursive_triggers = OFF",
    "PRAGMA Recursive_Triggers(0)",
    "PRAGMA main.recursive_triggers = 0",
    "PRAGMA foreign_keys = OFF",
    "PRAGMA defer_foreign_keys = ON",
    "PRAGMA ignore_check_constraints = ON",
    "PRAGMA journal_mode = OFF",
    "PRAGMA synchronous = OFF",
    "PRAGMA schema_version = 1",
    "PRAGMA user_version = 1",
    "PRAGMA trusted_schema = ON",
    "PRAGMA legacy_alter_table = ON",
    "PRAGMA key = 'x'",
    "PRAGMA rekey = 'x'",
    "PRAGMA hexrekey = 'x'",
    "PRAGMA cipher_migrate",
    "PRAGMA cipher_use_hmac = OFF",
    "PRAGMA cipher_log = 'log.txt'",
    "PRAGMA optimize",
    "PRAGMA no_such_pragma",
    "SELECT load_extension('x')",
    "SELECT LOAD_EXTENSION('x')",
    "SELECT sqlcipher_export('main')",
    "SELECT fts3_tokenizer('x')",
]
"""Attacks on what holds the rows, each of which would open the way for another."""


@dataclass(frozen=True, slots=True)
class Site:
    """A database with rows, to be attacked through one of its driver's connections."""

    file: Path

    def connection(self, *, guarded: bool) -> Any:  # noqa: ANN401 - sqlcipher3 ships no types
        """Return a connection: the program's own, or one with the key on which nobody set anything up."""
        if guarded:
            engine = sqlite_engine(self.file, KEY, guard(metadata))
            pooled = engine.raw_connection()
            driver = pooled.driver_connection
            pooled.detach()
            return driver
        connection = sqlcipher.connect(str(self.file), isolation_level=None)
        connection.execute(f"PRAGMA key = \"x'{KEY.hex()}'\"")
        connection.execute("PRAGMA recursive_triggers = OFF")
        return connection

    def content(self) -> dict[str, list[tuple[object, ...]]]:
        """Return all rows of all tables with their rowids, and the schema."""
        connection = self.connection(guarded=False)
        found = {
            table: connection.execute(f"SELECT {'' if table == 'pairs' else 'rowid,'} * FROM {table}").fetchall()
            for table in (*ROWS, "sqlite_master", "alembic_version")
        }
        connection.close()
        return found


@pytest.fixture
def site(tmp_path: Path) -> Site:
    file = tmp_path / "notes.sqlite"
    database = Database(sqlite_engine(file, KEY))
    with database.change_schema() as connection:
        metadata.create_all(connection)
        for statement in (*SEARCH, *sqlite_guards(metadata), *ROWS.values()):
            connection.exec_driver_sql(statement)
    database.close()
    return Site(file)


@pytest.mark.parametrize("guarded", [True, False], ids=["own", "any"])
@pytest.mark.parametrize("attack", IN_DATA)
def test_no_row_changes(site: Site, attack: str, guarded: bool) -> None:
    before = site.content()
    connection = site.connection(guarded=guarded)
    with pytest.raises(sqlcipher.DatabaseError, match=r"append-only|not authorized"):
        connection.execute(attack).fetchall()
    connection.close()
    assert site.content() == before


@pytest.mark.parametrize("guarded", [True, False], ids=["own", "any"])
@pytest.mark.parametrize("statement", IGNORED)
def test_a_row_offered_again_is_passed_over(site: Site, statement: str, guarded: bool) -> None:
    before = site.content()
    connection = site.connection(guarded=guarded)
    connection.execute(statement)
    connection.execute("INSERT INTO parked VALUES (4, 'new')")
    connection.close()
    after = site.content()
    assert after["parked"] == [*before["parked"], (4, 4, "new")]


def test_of_many_rows_those_that_are_there_are_passed_over(site: Site) -> None:
    connection = site.connection(guarded=True)
    connection.execute("REPLACE INTO parked VALUES (2, 'new'), (3, 'x'), (4, 'new')")
    connection.close()
    assert [row[1:] for row in site.content()["parked"]] == [(2, "new"), (3, "why"), (4, "new")]


@pytest.mark.parametrize("attack", IN_SCHEMA)
def test_the_programs_own_connection_cannot_touch_what_holds_the_rows(site: Site, attack: str) -> None:
    before = site.content()
    connection = site.connection(guarded=True)
    with pytest.raises(
        sqlcipher.DatabaseError, match=r"not authorized|authorization denied|prohibited|may not be modified"
    ):
        connection.execute(attack).fetchall()
    with pytest.raises(sqlcipher.DatabaseError):
        connection.execute("REPLACE INTO notes VALUES (x'01', 5, 5, 'x')")
    connection.close()
    assert site.content() == before
    assert [each.name for each in site.file.parent.iterdir()] == [site.file.name]


def test_pragmas_in_one_transaction_open_no_door(site: Site) -> None:
    connection = site.connection(guarded=True)
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("PRAGMA query_only = ON")
    connection.execute("PRAGMA query_only = OFF")
    for attack in ("UPDATE notes SET text = 'x'", "PRAGMA recursive_triggers = OFF", "DROP TRIGGER notes_no_replace"):
        with pytest.raises(sqlcipher.DatabaseError, match="not authorized"):
            connection.execute(attack)
    with pytest.raises(sqlcipher.IntegrityError, match="notes is append-only"):
        connection.execute("REPLACE INTO notes VALUES (x'01', 5, 5, 'x')")
    connection.execute("INSERT INTO notes VALUES (x'09', 9, 9, 'new')")
    connection.execute("COMMIT")
    connection.close()
    assert [row[-1] for row in site.content()["notes"]] == ["one", "two", "three", "new"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE notes SET text = 'x' WHERE id = x'99'",
        "DELETE FROM notes WHERE id = x'99'",
        "UPDATE sqlite_master SET sql = sql WHERE name = 'nothing'",
        "DELETE FROM sqlite_master WHERE name = 'nothing'",
    ],
)
def test_the_connection_refuses_before_any_trigger_and_what_it_took_before(site: Site, statement: str) -> None:
    connection = site.connection(guarded=False)
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute(statement)
    guard(metadata)(connection)
    with pytest.raises(sqlcipher.DatabaseError, match="not authorized"):
        connection.execute(statement)
    connection.close()


def test_views_triggers_and_names_of_a_session_lead_to_no_row(site: Site) -> None:
    before = site.content()
    connection = site.connection(guarded=False)
    for statement in (
        "CREATE TEMP VIEW seen AS SELECT * FROM notes",
        "CREATE TEMP TRIGGER by_view INSTEAD OF UPDATE ON seen BEGIN UPDATE notes SET text = NEW.text; END",
        "CREATE TEMP TRIGGER by_wallet AFTER UPDATE ON wallets BEGIN REPLACE INTO notes VALUES (x'01', 5, 5, 'x'); END",
        "CREATE TEMP TABLE pairs (a, b, text)",
        "PRAGMA ignore_check_constraints = ON",
        "PRAGMA foreign_keys = OFF",
    ):
        connection.execute(statement)
    for attack in ("UPDATE seen SET text = 'x'", "UPDATE wallets SET points = 0", "UPDATE main.pairs SET text = 'x'"):
        with pytest.raises(sqlcipher.IntegrityError, match="append-only"):
            connection.execute(attack)
    connection.execute("UPDATE pairs SET text = 'x'")
    connection.close()
    assert site.content() == before


def test_a_renamed_table_takes_its_triggers_along(site: Site) -> None:
    connection = site.connection(guarded=False)
    connection.execute("ALTER TABLE notes RENAME TO old_notes")
    for attack in ("UPDATE old_notes SET text = 'x'", "REPLACE INTO old_notes VALUES (x'01', 5, 5, 'x')"):
        with pytest.raises(sqlcipher.IntegrityError, match="append-only"):
            connection.execute(attack)
    connection.close()


@pytest.mark.parametrize("in_memory", [True, False])
def test_what_the_program_does_works(site: Site, in_memory: bool) -> None:
    database = Database(sqlite_engine(None if in_memory else site.file, None if in_memory else KEY, guard(metadata)))
    if in_memory:
        with database.change_schema() as connection:
            metadata.create_all(connection)
            for statement in (*SEARCH, *sqlite_guards(metadata), *ROWS.values()):
                connection.exec_driver_sql(statement)
    with database.write() as connection:
        connection.exec_driver_sql("INSERT INTO notes VALUES (x'09', 9, 9, 'new'), (x'0a', NULL, 9, 'as new')")
        connection.exec_driver_sql("INSERT INTO receipts (key) VALUES ('k9')")
        connection.exec_driver_sql("INSERT INTO wallets VALUES (1, 5) ON CONFLICT DO UPDATE SET points = points + 5")
        connection.exec_driver_sql("INSERT INTO search (rowid, text) VALUES (1, 'green mug')")
        with connection.begin_nested() as savepoint:
            connection.exec_driver_sql("DELETE FROM wallets")
            savepoint.rollback()
        assert connection.exec_driver_sql("SELECT rowid FROM search WHERE search MATCH 'mug'").all() == [(1,)]
        connection.exec_driver_sql("INSERT INTO search (search, rowid, text) VALUES ('delete', 1, 'green mug')")
    cipher = [] if in_memory else ["cipher_integrity_check"]
    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT points FROM wallets").scalar_one() == 105
        assert connection.exec_driver_sql("SELECT count(*), max(receipt) FROM notes, receipts").one() == (15, 9)
        assert sa.inspect(connection).has_table("notes")
        assert [column["name"] for column in sa.inspect(connection).get_columns("pairs")] == ["a", "b", "text"]
        for question in ("integrity_check", "foreign_key_check", "recursive_triggers", *cipher):
            assert connection.exec_driver_sql(f"PRAGMA {question}").scalar() in ("ok", None, 1)
    database.close()


def test_only_what_changes_the_schema_is_not_held(site: Site) -> None:
    database = Database(sqlite_engine(site.file, KEY, guard(metadata)))
    with database.change_schema() as connection:
        connection.exec_driver_sql("CREATE TABLE later (x INTEGER)")
    for transaction in (database.write, database.read):
        with pytest.raises(sa.exc.DatabaseError, match="not authorized"), transaction() as connection:
            connection.exec_driver_sql("DROP TABLE later")
    database.close()


_BYTE = st.sampled_from(["x'01'", "x'02'", "x'03'", "x'04'", "'1'", "NULL"])
_SMALL = st.sampled_from(["1", "2", "'2'", "1.0", "3", "NULL", "-1"])
_VERBS = st.sampled_from(
    [f"INSERT OR {word}" for word in ("REPLACE", "IGNORE", "FAIL", "ABORT", "ROLLBACK")] + ["INSERT"]
)
_UPSERTS = st.sampled_from(["", "", " ON CONFLICT DO NOTHING", " ON CONFLICT DO UPDATE SET text = 'x', place = 7"])


@given(st.lists(st.tuples(_VERBS, _SMALL | st.none(), _BYTE, _SMALL, _SMALL, _UPSERTS), max_size=25))
def test_no_sequence_of_inserts_changes_a_row(steps: list[tuple[str, str | None, str, str, str, str]]) -> None:
    connection = sqlcipher.connect(":memory:", isolation_level=None)
    connection.execute("PRAGMA recursive_triggers = OFF")
    connection.execute(str(sa.schema.CreateTable(metadata.tables["notes"]).compile(dialect=sqlite.dialect())))
    for statement in sqlite_guards(metadata):
        if " notes" in statement:
            connection.execute(statement)
    known: list[tuple[object, ...]] = []
    for number, (verb, rowid, key, place, n, upsert) in enumerate(steps):
        columns, values = ("", "") if rowid is None else ("rowid, ", f"{rowid}, ")
        with suppress(sqlcipher.DatabaseError):
            row = f"{values}{key}, {place}, {n}, '{number}'"
            connection.execute(f"{verb} INTO notes ({columns}id, place, n, text) VALUES ({row}){upsert}")
        now = connection.execute("SELECT rowid, * FROM notes ORDER BY CAST(text AS INTEGER)").fetchall()
        assert now[: len(known)] == known
        known = now
    connection.close()


@pytest.mark.parametrize("part", [True, False], ids=["some rows", "an expression"])
def test_a_key_no_trigger_can_check_is_refused(part: bool) -> None:
    odd = sa.MetaData()
    table = sa.Table("odd", odd, sa.Column("text", TEXT), info=KEPT)
    if part:
        sa.Index("ux_odd", table.c.text, unique=True, sqlite_where=table.c.text != "")
    else:
        sa.Index("ux_odd", sa.func.lower(table.c.text), unique=True)
    with pytest.raises(ValueError, match="ux_odd is unique over"):
        sqlite_guards(odd)


def test_what_was_taken_down_or_put_up_is_named(site: Site) -> None:
    connection = site.connection(guarded=False)
    connection.execute("DROP TRIGGER notes_no_update")
    connection.execute("DROP TRIGGER pairs_no_replace")
    connection.execute("CREATE TRIGGER pairs_no_replace BEFORE INSERT ON pairs BEGIN SELECT 1; END")
    connection.execute("CREATE TRIGGER extra BEFORE INSERT ON notes BEGIN SELECT RAISE(IGNORE); END")
    connection.close()
    database = Database(sqlite_engine(site.file, KEY, guard(metadata)))
    with database.read() as reading:
        assert differences(reading, sqlite_guards(metadata)) == ["extra", "notes_no_update", "pairs_no_replace"]
    database.close()


def test_what_stands_as_it_was_made_is_not_named(site: Site) -> None:
    database = Database(sqlite_engine(site.file, KEY, guard(metadata)))
    with database.read() as connection:
        assert differences(connection, sqlite_guards(metadata)) == []
    database.close()
