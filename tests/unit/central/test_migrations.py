"""The migration scripts make exactly the tables and views that the code works with."""

import re
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory
from sqlalchemy.dialects import postgresql

import urs_desktop.central
from tests.contract.central.shop import empty_shop
from urs_desktop.central.schema import METADATA, REVISION, VIEWS
from urs_desktop.database.engine import Database, sqlite_engine
from urs_desktop.database.migrations import SchemaError, upgrade

SCRIPTS = Path(urs_desktop.central.__file__).with_name("migrations")
KEY = b"k" * 32
POSTGRESQL = postgresql.dialect()  # type: ignore[no-untyped-call]


def shape(database: Database) -> dict[str, list[str]]:
    """Return what the database holds, by name; the parts of a table's definition sorted."""
    with database.read() as connection:
        rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE name NOT LIKE '%alembic%'")
        return {
            name: sorted(re.split(r",\s*(?=CONSTRAINT)|,\s*\n", re.sub(r"\s+\)", " )", sql or "")))
            for name, sql in rows
        }


def normal(parts: dict[str, list[str]]) -> dict[str, list[str]]:
    return {name: sorted(re.sub(r"[\s()]+", " ", part).strip() for part in found) for name, found in parts.items()}


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
    with database.write() as connection:
        connection.exec_driver_sql("CREATE TABLE alembic_version (version_num TEXT NOT NULL)")
        connection.exec_driver_sql("INSERT INTO alembic_version VALUES ('0001_initial')")
        for table in METADATA.sorted_tables:
            table.create(connection)
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
