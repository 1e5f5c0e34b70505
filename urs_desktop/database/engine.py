"""Opening a database: SQLCipher for every SQLite file, with the settings that make a commit durable.

`Database` gives transactions: `write` takes the write lock at once, `read` sees one consistent state. Must never open a
file without WAL and synchronous=FULL: under NORMAL a power cut un-spends points.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.pool import QueuePool, StaticPool
from sqlcipher3 import dbapi2 as sqlcipher

KEY_BYTES: Final = 32
_BUSY_SECONDS: Final = 30
_CACHE_KIB: Final = 65_536
_BEGIN: Final = "urs_begin"
_WRITE: Final = "BEGIN IMMEDIATE"
_READ: Final = "BEGIN DEFERRED"


class DatabaseFileError(Exception):
    """The database file cannot be opened; `str` is one sentence for the person at the machine."""


def trouble_of(error: BaseException) -> str | None:
    """Return one sentence about an error of the machine's (damaged file, full disk, lock), None for a bug of ours."""
    if type(error) not in (sa.exc.DatabaseError, sa.exc.OperationalError):
        return None
    reason = getattr(error, "orig", None) or error
    if type(error) is sa.exc.DatabaseError:
        return f"The database file is damaged ({reason}): restore it from a backup."
    return f"The database did not answer ({reason}); nothing was left half done, try again."


class Database:
    """One database and its transactions. SQLite and PostgreSQL differ only in how the engine was made."""

    def __init__(self, engine: sa.Engine) -> None:
        """Take an engine made by `sqlite_engine` or for PostgreSQL."""
        self.engine = engine
        self._in_memory = isinstance(engine.pool, StaticPool)
        self._one_at_a_time = threading.RLock()

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """Open a writing transaction (BEGIN IMMEDIATE on SQLite): committed at the end, rolled back on any error."""
        with self._turn(), self.engine.connect() as connection:
            connection.info[_BEGIN] = _WRITE
            with connection.begin():
                yield connection

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """Open a reading transaction: what it sees does not change while it lasts, and writing in it is an error."""
        with self._turn(), self.engine.connect() as connection:
            connection.info[_BEGIN] = _READ
            with connection.begin():
                yield connection

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._in_memory:
            yield
            return
        with self._one_at_a_time:
            yield


def sqlite_engine(path: Path | None, key: bytes | None = None) -> sa.Engine:
    """Return an engine for a SQLite file, encrypted with a raw 32-byte `key` unless that is None.

    `path` None is a database in memory with one connection, for tests and simulations. Raises DatabaseFileError at the
    first connection if the file is no database or the key is another one's.
    """
    pool: dict[str, Any] = {"poolclass": QueuePool, "pool_size": 4, "max_overflow": 28}
    if path is None:
        pool = {"poolclass": StaticPool}
    engine = sa.create_engine(
        "sqlite+pysqlite://", hide_parameters=True, module=sqlcipher, creator=_connector(path, key), **pool
    )
    event.listen(engine, "begin", _begin)
    event.listen(engine, "reset", _allow_writing)
    return engine


def _connector(path: Path | None, key: bytes | None) -> Callable[[], Any]:
    target = ":memory:" if path is None else str(path)

    def connect() -> Any:  # noqa: ANN401 - sqlcipher3 ships no types
        try:
            connection = sqlcipher.connect(target, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        except sqlcipher.DatabaseError as error:
            message = f"{target} cannot be opened ({error})."
            raise DatabaseFileError(message) from error
        try:
            _prepare(connection, key, durable=path is not None)
        except sqlcipher.DatabaseError as error:
            connection.close()
            message = f"{target} cannot be opened: the key does not fit or the file is damaged ({error})."
            raise DatabaseFileError(message) from error
        except BaseException:
            connection.close()
            raise
        return connection

    return connect


def _prepare(connection: Any, key: bytes | None, *, durable: bool) -> None:  # noqa: ANN401 - see above
    if key is not None:
        if len(key) != KEY_BYTES:
            message = "a database key has 32 bytes"
            raise ValueError(message)
        connection.execute("PRAGMA cipher_log_level = NONE")
        connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    connection.execute("SELECT count(*) FROM sqlite_master")
    if durable and connection.execute("PRAGMA journal_mode = WAL").fetchone() != ("wal",):
        message = "The database's disk does not allow a write-ahead log; keep the data folder on a local disk."
        raise DatabaseFileError(message)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    connection.execute("PRAGMA recursive_triggers = ON")


def _begin(connection: sa.Connection) -> None:
    begin = connection.info.get(_BEGIN, "BEGIN")
    if begin == _READ:
        connection.exec_driver_sql("PRAGMA query_only = ON")
    connection.exec_driver_sql(begin)


def _allow_writing(connection: Any, *_: object) -> None:  # noqa: ANN401 - sqlcipher3 ships no types
    connection.execute("PRAGMA query_only = OFF")
