"""The migration runner on a history of three steps: whole or not at all, and never on data it does not know.

Must never use the history of either program: those have tests of their own.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from urs_desktop.database.engine import Database, sqlite_engine
from urs_desktop.database.migrations import SchemaError, upgrade

KEY = bytes(range(32))
STEP = '''"""A step."""

import sqlalchemy as sa
from alembic import op

revision = {revision!r}
down_revision = {before!r}
branch_labels = None
depends_on = None


def upgrade() -> None:
    {body}


def downgrade() -> None:
    raise NotImplementedError
'''
BODIES = (
    'op.create_table("notes", sa.Column("id", sa.Integer(), primary_key=True))',
    'op.add_column("notes", sa.Column("text", sa.Text(), server_default="none"))',
    'op.add_column("notes", sa.Column("author", sa.Text()))',
)


def history(folder: Path, steps: int, *, broken: bool = False) -> Path:
    """Return a folder of scripts with that many steps; the last of a broken one fails after its work."""
    scripts = folder / f"history-{steps}-{broken}"
    versions = scripts / "versions"
    versions.mkdir(parents=True)
    for number, body in enumerate(BODIES[:steps], 1):
        before = f"000{number - 1}" if number > 1 else None
        end = '\n    op.execute("SELECT * FROM no_such_table")' if broken and number == steps else ""
        text = STEP.format(revision=f"000{number}", before=before, body=body + end)
        (versions / f"000{number}.py").write_text(text, "utf-8")
    return scripts


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data.sqlite"


@pytest.fixture
def database(file: Path) -> Iterator[Database]:
    database = Database(sqlite_engine(file, KEY))
    yield database
    database.close()


def columns(database: Database) -> list[str]:
    with database.read() as connection:
        return [column["name"] for column in sa.inspect(connection).get_columns("notes")]


def revision(database: Database) -> str:
    with database.read() as connection:
        return str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one())


def test_an_empty_database_gets_every_step_and_needs_no_copy(database: Database, file: Path, tmp_path: Path) -> None:
    upgrade(database, history(tmp_path, 3), file)
    assert columns(database) == ["id", "text", "author"]
    assert revision(database) == "0003"
    assert not list(tmp_path.glob("*.before-*"))


def test_the_newest_schema_is_left_alone(database: Database, file: Path, tmp_path: Path) -> None:
    scripts = history(tmp_path, 2)
    upgrade(database, scripts, file)
    upgrade(database, scripts, file)
    assert revision(database) == "0002"
    assert not list(tmp_path.glob("*.before-*"))


def test_an_older_one_is_copied_whole_and_then_upgraded(database: Database, file: Path, tmp_path: Path) -> None:
    upgrade(database, history(tmp_path, 1), file)
    with database.write() as connection:
        connection.exec_driver_sql("INSERT INTO notes (id) VALUES (1), (2)")
    upgrade(database, history(tmp_path, 3), file)
    assert columns(database) == ["id", "text", "author"]
    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT id, text FROM notes").all() == [(1, "none"), (2, "none")]
    copy = Database(sqlite_engine(tmp_path / "data.sqlite.before-0003", KEY))
    assert columns(copy) == ["id"]
    assert revision(copy) == "0001"
    with copy.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM notes").scalar_one() == 2
    copy.close()
    assert b"SQLite format 3" not in (tmp_path / "data.sqlite.before-0003").read_bytes()


def test_a_newer_one_is_refused_with_a_sentence_and_nothing_changed(
    database: Database, file: Path, tmp_path: Path
) -> None:
    upgrade(database, history(tmp_path, 3), file)
    older = history(tmp_path, 2)
    database.close()
    before = file.read_bytes()
    with pytest.raises(SchemaError, match="newer version of this program") as caught:
        upgrade(database, older, file)
    assert "0003" in str(caught.value)
    database.close()
    assert file.read_bytes() == before
    assert not list(tmp_path.glob("*.before-*"))


def test_a_step_that_fails_leaves_the_old_schema(database: Database, file: Path, tmp_path: Path) -> None:
    upgrade(database, history(tmp_path, 1), file)
    with pytest.raises(sa.exc.DBAPIError, match="no_such_table"):
        upgrade(database, history(tmp_path, 3, broken=True), file)
    assert columns(database) == ["id"]
    assert revision(database) == "0001"
    upgrade(database, history(tmp_path, 3), file)
    assert columns(database) == ["id", "text", "author"]


def test_a_first_step_that_fails_leaves_nothing(database: Database, file: Path, tmp_path: Path) -> None:
    with pytest.raises(sa.exc.DBAPIError, match="no_such_table"):
        upgrade(database, history(tmp_path, 2, broken=True), file)
    with database.read() as connection:
        assert sa.inspect(connection).get_table_names() == []


def test_a_database_in_memory_is_upgraded_too(tmp_path: Path) -> None:
    database = Database(sqlite_engine(None))
    upgrade(database, history(tmp_path, 1))
    upgrade(database, history(tmp_path, 3))
    assert columns(database) == ["id", "text", "author"]
    database.close()
