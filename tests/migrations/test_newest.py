"""A database that is up to date is known by the name of the newest script, without Alembic."""

from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

import urs_desktop
from urs_desktop.database import migrations
from urs_desktop.database.engine import Database, sqlite_engine
from urs_desktop.database.migrations import upgrade


@pytest.mark.parametrize("package", ["central", "counter/store"])
def test_scripts_are_named_like_their_revisions_so_that_the_newest_is_known_by_its_name(package: str) -> None:
    folder = Path(urs_desktop.__file__).parent / package / "migrations"
    names = sorted(path.stem for path in folder.joinpath("versions").glob("*.py"))
    revisions = [each.revision for each in ScriptDirectory(str(folder)).walk_revisions()]
    assert revisions[::-1] == names


def test_a_database_that_is_up_to_date_needs_no_alembic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scripts = Path(urs_desktop.__file__).parent / "counter" / "store" / "migrations"
    database = Database(sqlite_engine(tmp_path / "new.sqlite"))
    upgrade(database, scripts)
    monkeypatch.setattr(migrations, "script", None)
    upgrade(database, scripts)
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001_initial'")
    with pytest.raises(AttributeError):
        upgrade(database, scripts)
    database.close()
