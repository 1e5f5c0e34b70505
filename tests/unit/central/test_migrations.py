"""The migration scripts make exactly the tables and views that the code works with."""

import re
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory
from sqlalchemy.dialects import postgresql as postgresql_dialect

import urs_desktop.central
from tests.contract.central.shop import empty_shop
from tests.migrations.steps import upgrade_to
from tests.postgresql.databases import Databases
from urs_desktop.central.schema import METADATA, REVISION, VIEWS
from urs_desktop.database.engine import Database, postgresql_engine, sqlite_engine
from urs_desktop.database.migrations import SchemaError, upgrade

SCRIPTS = Path(urs_desktop.central.__file__).with_name("migrations")
KEY = b"k" * 32
POSTGRESQL = postgresql_dialect.dialect()  # type: ignore[no-untyped-call]
DEFINITIONS = (
    """
SELECT 'column', a.attrelid::regclass, a.attname, format_type(a.atttypid, a.atttypmod), c.collname, a.attnotnull,
       pg_get_expr(d.adbin, d.adrelid), a.attidentity, a.attgenerated
FROM pg_attribute AS a
JOIN pg_class AS r ON r.oid = a.attrelid AND r.relkind IN ('r', 'v')
LEFT JOIN pg_collation AS c ON c.oid = a.attcollation
LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE r.relnamespace = 'urs'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
    """,
    """
SELECT conrelid::regclass, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE connamespace = 'urs'::regnamespace AND contype <> 't'
    """,
    """
SELECT pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class AS i ON i.oid = indexrelid
WHERE i.relnamespace = 'urs'::regnamespace
    """,
    """
SELECT 'view', oid::regclass, pg_get_viewdef(oid) FROM pg_class
WHERE relkind = 'v' AND relnamespace = 'urs'::regnamespace
    """,
    """
SELECT pg_get_triggerdef(t.oid), tgenabled FROM pg_trigger AS t JOIN pg_class AS r ON r.oid = tgrelid
WHERE NOT tgisinternal AND r.relnamespace = 'urs'::regnamespace
    """,
    "SELECT 'function', proname, prosrc, proconfig, prosecdef FROM pg_proc WHERE pronamespace = 'urs'::regnamespace",
)


def shape(database: Database) -> dict[str, list[str]]:
    """Return what the database holds, by name; the parts of a table's definition sorted."""
    with database.read() as connection:
        rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE name NOT LIKE '%alembic%'")
        return {
            name: sorted(re.split(r",\s*(?=CONSTRAINT)|,\s*\n", re.sub(r"\s+\)", " )", sql or "")))
            for name, sql in rows
        }


def normal(parts: dict[str, list[str]]) -> dict[str, list[str]]:
    return {name: sorted(re.sub(r"[\s(),]+", " ", part).strip() for part in found) for name, found in parts.items()}


def test_scripts_and_model_make_the_same() -> None:
    migrated, modelled = Database(sqlite_engine(None)), Database(sqlite_engine(None))
    upgrade(migrated, SCRIPTS)
    empty_shop(modelled)
    by_scripts, by_model = normal(shape(migrated)), normal(shape(modelled))
    migrated.close()
    modelled.close()
    assert by_scripts.keys() == by_model.keys()
    for name, parts in by_model.items():
        words = [sorted(" ".join(found).replace(" STRICT", "").split()) for found in (by_scripts[name], parts)]
        assert words[0] == words[1], name


def test_scripts_and_model_make_the_same_on_postgresql(postgresql: Databases) -> None:
    with postgresql.ready() as migrated, postgresql.empty() as url:
        there = sa.make_url(url).update_query_dict({"options": "-c search_path=urs"})
        with closing(Database(postgresql_engine(there))) as modelled:
            with modelled.change_schema() as connection:
                connection.exec_driver_sql("CREATE SCHEMA urs")
            empty_shop(modelled)
            by_scripts, by_model = definitions(migrated), definitions(modelled)
    assert len(by_model) > 400
    assert by_scripts == by_model


def definitions(database: Database) -> set[str]:
    """Return what a server says of everything in the store's schema, but for whose it is and who may what."""
    with database.read() as connection:
        rows = [" ".join(map(str, row)) for query in DEFINITIONS for row in connection.exec_driver_sql(query)]
    assert len(rows) == len(set(rows))
    return {" ".join(row.split()) for row in rows if "alembic_version" not in row}


def test_the_newest_revision_is_the_one_the_code_names() -> None:
    assert ScriptDirectory(str(SCRIPTS)).get_current_head() == REVISION


def test_every_table_is_strict_and_a_view_is_what_it_says() -> None:
    database = Database(sqlite_engine(None))
    upgrade(database, SCRIPTS)
    with database.read() as connection:
        strict: dict[str, int] = dict(
            connection.exec_driver_sql(
                "SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"
            ).fetchall()
        )
        views = {row[0] for row in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'view'")}
    database.close()
    assert {name for name, is_strict in strict.items() if is_strict} == set(METADATA.tables)
    assert views == set(VIEWS)


@pytest.mark.parametrize("name", sorted(METADATA.tables))
def test_every_table_is_one_postgresql_takes(name: str) -> None:
    assert "CREATE TABLE" in str(sa.schema.CreateTable(METADATA.tables[name]).compile(dialect=POSTGRESQL))


def test_an_upgrade_runs_once_and_changes_nothing_after(tmp_path: Path) -> None:
    file = tmp_path / "c.sqlite"
    database = Database(sqlite_engine(file, KEY))
    upgrade(database, SCRIPTS, file)
    upgrade(database, SCRIPTS, file)
    database.close()
    assert not list(tmp_path.glob("*.before-*"))


def test_an_older_schema_is_copied_with_its_log_and_its_key(tmp_path: Path) -> None:
    file = tmp_path / "c.sqlite"
    database = Database(sqlite_engine(file, KEY))
    with database.change_schema() as connection:
        upgrade_to(connection, SCRIPTS, "0001_initial")
        connection.exec_driver_sql("INSERT INTO settings VALUES ('still', 'in the log')")
    upgrade(database, SCRIPTS, file)
    database.close()
    copy = tmp_path / f"c.sqlite.before-{REVISION}"
    assert b"in the log" not in copy.read_bytes()
    before = Database(sqlite_engine(copy, KEY))
    with before.read() as connection:
        assert connection.exec_driver_sql("SELECT value FROM settings").scalar() == "in the log"
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == "0001_initial"
    before.close()


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "c.sqlite"
    database = Database(sqlite_engine(file))
    with database.write() as connection:
        connection.exec_driver_sql("CREATE TABLE alembic_version (version_num TEXT NOT NULL)")
        connection.exec_driver_sql("INSERT INTO alembic_version VALUES ('0999_later')")
    with pytest.raises(SchemaError, match="0999_later"):
        upgrade(database, SCRIPTS, file)
    database.close()
