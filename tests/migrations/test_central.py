"""Central stores made by earlier programs: each frozen file is upgraded by this one, and proves itself as before.

Their rows are also taken to a PostgreSQL database of the same schema, which has to end with the same rows. Must never
write to a frozen file: tests work on copies.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import urs_desktop.central
from tests.migrations.steps import content, copy_rows, upgrade_to
from urs_desktop.central.schema import REVISION
from urs_desktop.central.verification import verify
from urs_desktop.database.engine import Database, postgresql_engine, sqlite_engine
from urs_desktop.database.migrations import upgrade

SCRIPTS = Path(urs_desktop.central.__file__).with_name("migrations")
FROZEN = Path(__file__).parent
RELEASES = ["0002_views"]


@pytest.fixture(params=RELEASES)
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A store of an earlier program, in a file."""
    shutil.copy(FROZEN / f"central_{request.param[:4]}.sqlite", tmp_path / "central.sqlite")
    database = Database(sqlite_engine(tmp_path / "central.sqlite"))
    yield database
    database.close()


def served(old: Database, url: str) -> Database:
    """Return the same store on a server, at the same schema."""
    database = Database(postgresql_engine(url))
    with old.read() as connection:
        revision = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one()
    with database.change_schema() as connection:
        upgrade_to(connection, SCRIPTS, revision)
    copy_rows(old, database)
    return database


def findings(database: Database) -> list[str]:
    with database.read() as connection:
        return verify(connection)


def test_a_file_is_upgraded_and_proves_itself(old: Database, tmp_path: Path) -> None:
    before = content(old)
    upgrade(old, SCRIPTS, tmp_path / "central.sqlite")
    assert findings(old) == []
    after = content(old)
    for table in ("transactions", "entries", "operations", "customers", "vendors"):
        assert len(before[table]) == len(after[table]) > 0
    assert (tmp_path / f"central.sqlite.before-{REVISION}").exists()


def test_a_servers_database_ends_with_the_same_rows(old: Database, postgresql_url: str) -> None:
    database = served(old, postgresql_url)
    try:
        assert content(database) == content(old)
        for each in (old, database):
            upgrade(each, SCRIPTS)
        assert findings(database) == []
        by_file, by_server = content(old), content(database)
        assert by_file.keys() == by_server.keys()
        for table, rows in by_file.items():
            assert by_server[table] == rows, table
    finally:
        database.close()
