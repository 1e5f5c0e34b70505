"""Small append-only tables with rows, connections to attack them through, and the attacks SQL has to offer.

Must never know how the tables are guarded.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlcipher3 import dbapi2 as sqlcipher

from urs_desktop.database.columns import BYTES, INTEGER, TEXT
from urs_desktop.database.engine import sqlite_engine
from urs_desktop.database.guards import APPEND_ONLY, REPEATS_IGNORED, guard

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
