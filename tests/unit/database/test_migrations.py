"""The migration runner on a history of three steps: whole or not at all, and never on data it does not know.

Must never use the history of either program: those have tests of their own.
"""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from urs_desktop.database.engine import Database, postgresql_engine, sqlite_engine
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


class TestOnPostgresql:
    """A server's database, which several programs may find old at the same moment."""

    @pytest.fixture
    def served(self, postgresql_url: str) -> Iterator[Database]:
        """An empty database on a server."""
        opened = Database(postgresql_engine(postgresql_url))
        yield opened
        opened.close()

    def test_steps_are_added_and_data_is_kept(self, served: Database, tmp_path: Path) -> None:
        upgrade(served, history(tmp_path, 1))
        with served.write() as connection:
            connection.exec_driver_sql("INSERT INTO notes (id) VALUES (1), (2)")
        upgrade(served, history(tmp_path, 3))
        assert columns(served) == ["id", "text", "author"]
        assert revision(served) == "0003"
        with served.read() as connection:
            assert connection.exec_driver_sql("SELECT id, text FROM notes").all() == [(1, "none"), (2, "none")]

    def test_a_step_that_fails_leaves_the_old_schema(self, served: Database, tmp_path: Path) -> None:
        upgrade(served, history(tmp_path, 1))
        with pytest.raises(sa.exc.DBAPIError, match="no_such_table"):
            upgrade(served, history(tmp_path, 3, broken=True))
        assert (columns(served), revision(served)) == (["id"], "0001")

    def test_a_first_step_that_fails_leaves_nothing(self, served: Database, tmp_path: Path) -> None:
        with pytest.raises(sa.exc.DBAPIError, match="no_such_table"):
            upgrade(served, history(tmp_path, 1, broken=True))
        with served.read() as connection:
            assert sa.inspect(connection).get_table_names() == []

    def test_a_newer_one_is_refused(self, served: Database, tmp_path: Path) -> None:
        upgrade(served, history(tmp_path, 3))
        with pytest.raises(SchemaError, match="newer version of this program"):
            upgrade(served, history(tmp_path, 2))

    def test_two_at_once_upgrade_it_once(self, served: Database, tmp_path: Path) -> None:
        scripts = history(tmp_path, 3)
        both = threading.Barrier(2)
        failed: list[BaseException] = []

        def start() -> None:
            try:
                both.wait()
                upgrade(served, scripts)
            except BaseException as error:
                failed.append(error)
                raise

        threads = [threading.Thread(target=start) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failed == []
        assert revision(served) == "0003"

    def test_a_step_may_alter_what_the_step_before_has_filled(self, served: Database, tmp_path: Path) -> None:
        """PostgreSQL alters no table while a reference in it waits for the commit to be checked."""
        fill = (
            'op.execute("CREATE TABLE parents (id bigint PRIMARY KEY)")\n    '
            'op.execute("CREATE TABLE children (id bigint REFERENCES parents DEFERRABLE INITIALLY DEFERRED)")\n    '
            'op.execute("INSERT INTO children VALUES (1)")\n    op.execute("INSERT INTO parents VALUES (1)")'
        )
        alter = 'op.execute("ALTER TABLE children ENABLE ROW LEVEL SECURITY")'
        versions = tmp_path / "filling" / "versions"
        versions.mkdir(parents=True)
        for name, before, body in (("0001", None, fill), ("0002", "0001", alter)):
            (versions / f"{name}.py").write_text(STEP.format(revision=name, before=before, body=body), "utf-8")
        upgrade(served, tmp_path / "filling")
        assert revision(served) == "0002"
