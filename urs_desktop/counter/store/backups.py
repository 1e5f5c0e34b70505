"""Whole copies of the counter's database, made while it works, and putting one back.

A copy opens with this counter's key alone. Must never lose what is replaced, nor leave the counter without a database:
the next start sees that the chain is an older one, and the next sync rejoins.
"""

import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from urs_desktop.counter.store import schema
from urs_desktop.counter.store.book import FILE, MIGRATIONS, SENTINEL, SqlBook, SqlStore
from urs_desktop.counter.store.sentinel import Sentinel
from urs_desktop.counter.values import ChainHead
from urs_desktop.database.engine import Database, DatabaseFileError, sqlite_engine, trouble_of
from urs_desktop.database.guards import guard
from urs_desktop.database.migrations import SchemaError, check_known

_MS: Final = 1000
_PRIVATE: Final = 0o600
_SIDES: Final = ("-wal", "-shm")


class BackupError(Exception):
    """A backup cannot be made or put back; `str` is one sentence and nothing was changed."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back: where its chain stands, and where the replaced database is kept (None: there was none)."""

    head: ChainHead
    replaced: Path | None


def back_up(store: SqlStore, folder: Path, now: int) -> Path:
    """Write a whole, consistent, encrypted copy into a folder and return its path; `now` in milliseconds names it.

    Others may go on writing meanwhile. Raises BackupError, OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"counter-{_time(now)}.sqlite"
    if target.exists():
        message = f"{target} is there already; nothing was written."
        raise BackupError(message)
    fresh = target.with_name(f"{target.name}.new")
    fresh.unlink(missing_ok=True)
    try:
        os.close(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE))
        store.database.copy_to(fresh)
        _on_disk(fresh)
        fresh.replace(target)
    except sa.exc.DBAPIError as error:
        message = f"{target} cannot be written ({trouble_of(error) or error}); nothing was kept."
        raise BackupError(message) from error
    finally:
        fresh.unlink(missing_ok=True)
    return target


def restore(folder: Path, key: bytes, file: Path, now: int) -> Restored:
    """Put a copy in the place of the database of a data folder, which nobody else has open, in one step.

    It is proved first. What it replaces stays beside it. Raises BackupError for a file that is none, is damaged, newer
    than this program, or another counter's; OSError. Nothing is changed then.
    """
    current, fresh = folder / FILE, folder / f"{FILE}.restoring"
    if not file.is_file():
        message = f"There is no file {file}; nothing was changed."
        raise BackupError(message)
    if current.exists() and file.samefile(current):
        message = f"{file} is the counter's database itself, not a backup; nothing was changed."
        raise BackupError(message)
    _remove(fresh)
    try:
        shutil.copyfile(file, fresh)
        fresh.chmod(_PRIVATE)
        device_id, head = _proved(fresh, key, file)
        if device_id != (_device_of(folder, key) or device_id):
            message = f"{file} is the backup of another counter; nothing was changed."
            raise BackupError(message)
        _on_disk(fresh)
        replaced = _set_aside(current, key, now) if current.exists() else None
        fresh.replace(current)
        _on_disk(folder)
    finally:
        _remove(fresh)
    return Restored(head, replaced)


def _proved(path: Path, key: bytes, file: Path) -> tuple[bytes, ChainHead]:
    """Return whose database it is and where its chain stands; raises BackupError."""
    database = Database(sqlite_engine(path, key, guard(schema.metadata)))
    try:
        check_known(database, MIGRATIONS)
        with database.read() as connection:
            for question in ("PRAGMA cipher_integrity_check", "PRAGMA integrity_check"):
                for finding in connection.exec_driver_sql(question).scalars():
                    if finding != "ok":
                        message = f"{file} is damaged ({finding}); nothing was changed."
                        raise BackupError(message)
            return _who(connection, file)
    except SchemaError as error:
        raise BackupError(str(error)) from error
    except (DatabaseFileError, sa.exc.DBAPIError) as error:
        message = (
            f"{file} is no backup of this counter: its key does not open it, or it is damaged; nothing was changed."
        )
        raise BackupError(message) from error
    finally:
        database.close()


def _who(connection: sa.Connection, file: Path) -> tuple[bytes, ChainHead]:
    if not sa.inspect(connection).has_table(schema.identity.name):
        message = f"{file} is no counter's database; nothing was changed."
        raise BackupError(message)
    device_id = connection.execute(sa.select(schema.identity.c.device_id)).scalar()
    if device_id is None:
        message = f"{file} is the backup of a counter that was not enrolled yet; nothing was changed."
        raise BackupError(message)
    return device_id, SqlBook(connection).operations.head()


def _device_of(folder: Path, key: bytes) -> bytes | None:
    """Return whose database is in a data folder, as far as anything there still says so."""
    mark = Sentinel(folder / SENTINEL).read()
    if mark is not None:
        return mark.device_id
    if not (folder / FILE).exists():
        return None
    database = Database(sqlite_engine(folder / FILE, key))
    try:
        with database.read() as connection:
            return connection.execute(sa.select(schema.identity.c.device_id)).scalar()
    except (DatabaseFileError, sa.exc.DBAPIError):
        return None
    finally:
        database.close()


def _set_aside(current: Path, key: bytes, now: int) -> Path:
    """Keep a second name for the database that is to be replaced, with all that was committed, and return it."""
    kept = current.with_name(f"{FILE}.replaced-{_time(now)}")
    _gather(current, key)
    os.link(current, kept)
    # A log that could not be gathered in belongs to the old file and would be read into the new one.
    for side in _SIDES:
        log = current.with_name(current.name + side)
        if log.exists():
            log.replace(kept.with_name(kept.name + side))
    return kept


def _gather(path: Path, key: bytes) -> None:
    """Bring what is still in the write-ahead log into the file; one that is damaged stays as it is."""
    database = Database(sqlite_engine(path, key))
    try:
        with database.engine.connect() as connection:
            connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except (DatabaseFileError, sa.exc.DBAPIError):
        return
    finally:
        database.close()


def _remove(path: Path) -> None:
    for name in (path.name, *(path.name + side for side in _SIDES)):
        path.with_name(name).unlink(missing_ok=True)


def _on_disk(path: Path) -> None:
    """Wait until a file, or a folder's list of names, is on disk."""
    if path.is_dir() and os.name != "posix":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _time(now: int) -> str:
    return datetime.fromtimestamp(now // _MS, UTC).strftime("%Y%m%dT%H%M%SZ")
