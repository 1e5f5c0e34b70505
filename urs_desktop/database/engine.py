"""Opening a database, SQLCipher for every SQLite file or a PostgreSQL server, so that a commit is durable.

`Database` gives transactions: `write` changes rows, `read` sees one consistent state, `change_schema` changes tables.
Must never open a file without WAL and synchronous=FULL: under NORMAL a power cut un-spends points.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.pool import NullPool, QueuePool, StaticPool
from sqlcipher3 import dbapi2 as sqlcipher

KEY_BYTES: Final = 32
_BUSY_SECONDS: Final = 30
_CACHE_KIB: Final = 65_536
_BEGIN: Final = "urs_begin"
_WRITE: Final = "BEGIN IMMEDIATE"
_READ: Final = "BEGIN DEFERRED"
_CONNECT: Final = "urs_connect"
_GUARD: Final = "urs_guard"
_READING: Final = "urs_reading"
_DENIED: Final = "SQLITE_AUTH"
_CONNECT_SECONDS: Final = 10
_IDLE_MS: Final = 60_000
"""A process that hangs in the middle of a transaction holds up nobody for longer: the server ends its connection."""

_ONE_CHANGER: Final = sa.text("SELECT pg_advisory_xact_lock(7502415300931284)")
"""Whoever changes a PostgreSQL database's schema holds this lock; the number means nothing."""

_SENTENCES: Final = {
    "40": "Another change came at the same moment; nothing was left half done, try again.",
    "53": "The database server is short of something ({reason}); nothing was left half done, try again later.",
    "58": "The database server's machine failed ({reason}); nothing was left half done, try again.",
    "XX": "The database is damaged ({reason}): restore it from a backup.",
    "53100": "The disk of the database server is full; nothing was left half done. Make room and try again.",
    "53300": "The database server takes no more connections; nothing was left half done, try again later.",
}
"""By PostgreSQL's error codes (appendix A of its manual), whole or their first two characters, which name a class."""

_BUGS: Final = (sa.exc.IntegrityError, sa.exc.DataError, sa.exc.ProgrammingError)
_PREFIXES: Final = ("connection failed: ", "FATAL:  ")

Connector = Callable[[], Any]
Guard = Callable[[Any], None]
"""sqlcipher3 ships no types for the connections these make and take."""


class DatabaseFileError(Exception):
    """The database file cannot be opened or changed; `str` is one sentence for the person at the machine."""


def trouble_of(error: BaseException) -> str | None:
    """Return one sentence about an error of the machine's (damaged file, full disk, lock), None for a bug of ours."""
    if not isinstance(error, sa.exc.DBAPIError) or isinstance(error, _BUGS):
        return None
    reason, code = reason_of(error), sqlstate_of(error)
    known = _SENTENCES.get(code) or _SENTENCES.get(code[:2])
    if known is not None:
        return known.format(reason=reason)
    if getattr(error.orig, "sqlite_errorname", None) == _DENIED:
        return None
    if type(error) is sa.exc.DatabaseError and not code:
        return f"The database file is damaged ({reason}): restore it from a backup."
    if type(error) is sa.exc.OperationalError:
        return f"The database did not answer ({reason}); nothing was left half done, try again."
    return None


def reason_of(error: sa.exc.DBAPIError) -> str:
    """Return what the database said in one line, without the details in which a server repeats a row's values."""
    origin = error.orig or error
    told = getattr(getattr(origin, "diag", None), "message_primary", None) or str(origin)
    line = told.strip().partition("\n")[0].rstrip(" .:")
    for prefix in _PREFIXES:
        line = line.removeprefix(prefix)
    return line or type(origin).__name__


def sqlstate_of(error: sa.exc.DBAPIError) -> str:
    """Return PostgreSQL's five-character code of an error, empty where there is none."""
    return getattr(error.orig, "sqlstate", None) or ""


class Database:
    """One database and its transactions. SQLite and PostgreSQL differ only in how the engine was made."""

    def __init__(self, engine: sa.Engine) -> None:
        """Take an engine made by `sqlite_engine` or `postgresql_engine`."""
        self.engine = engine
        self._in_memory = isinstance(engine.pool, StaticPool)
        self._one_at_a_time = threading.RLock()
        self._readers: list[sa.Connection] = []

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a SQLite file, which has one writer at a time, and no server's database."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """Open a writing transaction: committed at the end, rolled back on any error.

        On SQLite it has the write lock at once (BEGIN IMMEDIATE); on PostgreSQL it is READ COMMITTED, so what is read
        and then changed has to be locked first.
        """
        with self._turn(), self.engine.connect() as connection:
            connection.info[_BEGIN] = _WRITE
            with connection.begin():
                yield connection

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """Open a reading transaction: what it sees does not change while it lasts, and writing in it is an error."""
        with self._turn(), self._reader() as connection:
            connection.info[_BEGIN] = _READ
            if not self.is_sqlite:
                connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connection.begin():
                yield connection

    @contextmanager
    def change_schema(self) -> Iterator[sa.Connection]:
        """Open the only transaction in which tables, views or triggers may be made or changed; one at a time.

        On SQLite it runs on a connection without the guard, with foreign keys off so that a table can be rebuilt;
        they are checked before the commit. Raises DatabaseFileError, and rolls back, if a row refers to none.
        """
        if not self.is_sqlite:
            with self.write() as connection:
                connection.execute(_ONE_CHANGER)
                yield connection
            return
        with self._turn(), self._unguarded() as engine, engine.connect() as connection:
            connection.info[_BEGIN] = _WRITE
            driver: Any = connection.connection.driver_connection
            driver.execute("PRAGMA foreign_keys = OFF")  # within a transaction it would have no effect
            try:
                with connection.begin():
                    yield connection
                    _check_references(connection)
            finally:
                driver.execute("PRAGMA foreign_keys = ON")

    def copy_to(self, target: Path) -> None:
        """Write a whole, consistent copy of a SQLite database to a file that is not there, with the same key."""
        # Not copied as a file: what has been committed may still be in the write-ahead log. VACUUM INTO reads both, but
        # refuses to run inside a transaction, which SQLAlchemy's own connections always are in.
        with self._turn(), self._unguarded() as engine:
            connection = engine.raw_connection()
            try:
                connection.cursor().execute("VACUUM INTO ?", (str(target),))
            finally:
                connection.close()

    def close(self) -> None:
        """Close all connections."""
        while self._readers:
            self._readers.pop().close()
        self.engine.dispose()

    @contextmanager
    def _reader(self) -> Iterator[sa.Connection]:
        """Give a connection to read with; one to a file is kept for the next, whose look-up would cost less than it."""
        if self._in_memory or not self.is_sqlite:
            with self.engine.connect() as connection:
                yield connection
            return
        try:
            reader = self._readers.pop()
        except IndexError:
            reader = self.engine.connect()
        try:
            yield reader
        except BaseException:
            reader.close()
            raise
        self._readers.append(reader)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._in_memory:
            yield
            return
        with self._one_at_a_time:
            yield

    @contextmanager
    def _unguarded(self) -> Iterator[sa.Engine]:
        """Give an engine whose connections have no guard: another one, or in memory the only one without it."""
        options = self.engine.get_execution_options()
        guard: Guard | None = options.get(_GUARD)
        if self._in_memory:
            with self.engine.connect() as connection:
                driver: Any = connection.connection.driver_connection
            driver.set_authorizer(None)
            try:
                yield self.engine
            finally:
                if guard is not None:
                    guard(driver)
            return
        engine = _sqlite(options[_CONNECT], poolclass=NullPool)
        try:
            yield engine
        finally:
            engine.dispose()


def sqlite_engine(path: Path | None, key: bytes | None = None, guard: Guard | None = None) -> sa.Engine:
    """Return an engine for a SQLite file, encrypted with a raw 32-byte `key` unless that is None.

    `guard` gets each connection of the driver before it is used, and none that changes the schema. `path` None is a
    database in memory with one connection, for tests and simulations. Raises DatabaseFileError at the first connection
    if the file is no database or the key is another one's.
    """
    connect = _connector(path, key)

    def guarded() -> Any:  # noqa: ANN401 - sqlcipher3 ships no types
        connection = connect()
        if guard is not None:
            guard(connection)
        return connection

    pool: dict[str, Any] = {"poolclass": QueuePool, "pool_size": 4, "max_overflow": 28}
    engine = _sqlite(guarded, **({"poolclass": StaticPool} if path is None else pool))
    engine.update_execution_options(**{_CONNECT: connect, _GUARD: guard})
    return engine


def postgresql_engine(url: str | sa.URL, application_name: str = "urs-central") -> sa.Engine:
    """Return an engine for a database of a PostgreSQL server, named by a postgresql:// URL.

    Sums of integers come back as integers. Raises sqlalchemy.exc.ArgumentError for what is no URL; what the server has
    to say (see `trouble_of`) it says at the first connection.
    """
    named = sa.make_url(url).set(drivername="postgresql+psycopg")
    arguments: dict[str, Any] = {"client_encoding": "UTF8", "application_name": application_name}
    if "options" not in named.query:
        arguments["options"] = f"-c idle_in_transaction_session_timeout={_IDLE_MS}"
    if "connect_timeout" not in named.query:
        arguments["connect_timeout"] = _CONNECT_SECONDS
    engine = sa.create_engine(
        named,
        connect_args=arguments,
        isolation_level="READ COMMITTED",
        hide_parameters=True,
        pool_pre_ping=True,
        pool_size=24,
        max_overflow=8,
        pool_use_lifo=True,
        use_native_hstore=False,
    )
    event.listen(engine, "connect", _load_sums_as_integers)
    return engine


class _WholeNumber:
    """Reads PostgreSQL's numeric, which no column has and every sum of 64-bit integers is, as an integer."""

    format = 0
    """The text form, the only one in which it is asked for."""

    def __init__(self, oid: int, context: object = None) -> None:
        """Take what psycopg tells every loader."""
        del oid, context

    def load(self, data: bytes | bytearray | memoryview) -> int:
        """Return the number; raises ValueError for a fraction, which must not come from anywhere here."""
        return int(bytes(data))


def _load_sums_as_integers(connection: Any, _: object) -> None:  # noqa: ANN401 - psycopg is imported by its engine
    connection.adapters.register_loader("numeric", _WholeNumber)


def _sqlite(connect: Connector, **pool: Any) -> sa.Engine:  # noqa: ANN401 - handed to create_engine
    engine = sa.create_engine("sqlite+pysqlite://", hide_parameters=True, module=sqlcipher, creator=connect, **pool)
    event.listen(engine, "begin", _begin)
    return engine


def _connector(path: Path | None, key: bytes | None) -> Connector:
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
    begin = connection.info.pop(_BEGIN, "BEGIN")
    # Asked of the driver itself: on the way through SQLAlchemy each costs as much as the look-up it is for.
    driver: Any = connection.connection.driver_connection
    reads = begin == _READ
    # Only when it changes: setting it makes SQLite prepare every statement of the connection anew.
    try:
        if connection.info.get(_READING, False) is not reads:
            driver.execute(f"PRAGMA query_only = {'ON' if reads else 'OFF'}")
            connection.info[_READING] = reads
        driver.execute(begin)
    except sqlcipher.Error as error:
        raise sa.exc.DBAPIError.instance(begin, (), error, sqlcipher.Error) from error  # as SQLAlchemy would say it


def _check_references(connection: sa.Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        table, _, referred, _ = broken
        message = f"A row of {table} would refer to a row of {referred} that is not there; nothing was changed."
        raise DatabaseFileError(message)
