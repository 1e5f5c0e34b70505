"""A computer of the simulation: its database in memory or on a real file, and what may befall it at a statement.

A database starts as a copy of a template, so that no run makes a schema. Must never bring a file into a state that no
disk could be in: what a returned COMMIT has synchronised is kept, and no log is cut whose pages have reached the file.
"""

import atexit
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import event
from sqlcipher3 import dbapi2 as sqlcipher

from tests.drivers import driver_of
from tests.simulation.world import Crash, World
from urs_desktop.database import engine
from urs_desktop.database.engine import Database, Guard, sqlite_engine

KEY: Final = bytes(range(32))
"""The key of every file of a simulation."""

_FULL: Final = 2
"""What `PRAGMA synchronous` answers where every commit is on the disk before it returns."""

_WRITES: Final = ("INSERT", "UPDATE", "DELETE")
_LONGEST: Final = 40
"""A strike falls on one of this many statements, if the process gets so far."""


class Blow(Enum):
    """What may befall a machine."""

    KILL = auto()
    """The process dies; what it has written is with the operating system."""

    POWER_CUT = auto()
    """The machine dies; what was not synchronised may be gone, from its end on."""

    DISK_FULL = auto()
    """Nothing more can be written until somebody makes room."""

    READ_ERROR = auto()
    """One statement fails."""


@dataclass(slots=True)
class Strike:
    """A blow at the `countdown`th statement, or at a commit: before it, or after it before anybody learns of it."""

    blow: Blow
    countdown: int
    at_commit: bool = False
    after: bool = False
    kept: float = 1.0
    """At a power cut: how much of what was not synchronised reached the disk all the same."""

    @staticmethod
    def drawn(world: World, who: str) -> "Strike | None":
        """Return what befalls a counter or the centre (`who`) in what it does now, if anything."""
        if world.strikes(f"{who}_crash"):
            fate = world.fate("crash")
            blow, at_commit = fate.choice((Blow.KILL, Blow.POWER_CUT)), fate.random() < 0.5
            countdown = fate.choice((1, 1, 1, 2, 3)) if at_commit else fate.randrange(1, _LONGEST)
            return Strike(blow, countdown, at_commit, after=fate.random() < 0.5, kept=min(1.0, 1.2 * fate.random()))
        if world.strikes(f"{who}_disk"):
            fate = world.fate("disk")
            return Strike(fate.choice((Blow.DISK_FULL, Blow.READ_ERROR)), fate.randrange(1, _LONGEST))
        return None


class Template:
    """An empty database of one kind, from which those of all runs are copied."""

    def __init__(self, make: Callable[[Database], None], guard: Guard) -> None:
        """Take what makes the schema, and the guard of the program's own connections."""
        self._make = make
        self.guard = guard
        self._free: list[Database] = []

    def memory(self) -> Database:
        """Return an empty database in memory; give it back with `release`."""
        database = self._free.pop() if self._free else _in_memory(self.guard)
        self._pristine.backup(driver_of(database))
        return database

    def release(self, database: Database) -> None:
        """Take a database in memory back for another run: its engine has compiled the program's statements."""
        self._free.append(database)

    def copy_to(self, file: Path) -> None:
        """Write an empty encrypted database to a file."""
        shutil.copyfile(self._file, file)

    @cached_property
    def _pristine(self) -> Any:  # noqa: ANN401 - sqlcipher3 ships no types
        database = _in_memory(self.guard)
        self._make(database)
        return driver_of(database)

    @cached_property
    def _file(self) -> Path:
        folder = Path(tempfile.mkdtemp(prefix="urs-template-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        file = folder / "template.sqlite"
        database = Database(sqlite_engine(file, KEY, self.guard))
        self._make(database)
        with database.read() as connection:
            connection.exec_driver_sql("SELECT 1")
        driver_of(database).execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.close()
        return file


class Machine:
    """One computer and its database."""

    def __init__(self, name: str, template: Template, folder: Path | None) -> None:
        """Make a machine with an empty database, in `folder` or, where that is None, in memory."""
        self.name = name
        self._template = template
        self._folder = folder
        self._lives = 0
        self._strike: Strike | None = None
        self._dead = False
        self._wrote = False
        self._synced = 0
        self.keep = True
        """Whether a database in memory may serve another run."""

        if folder is None:
            self.database = template.memory()
        else:
            template.copy_to(self.file)
            self.database = self._opened()

    @property
    def file(self) -> Path:
        """The database's file in this life of the machine."""
        return (self._folder or Path()) / f"{self.name}-{self._lives}.sqlite"

    @property
    def is_on_files(self) -> bool:
        """Whether the database is a real file."""
        return self._folder is not None

    @property
    def driver(self) -> Any:  # noqa: ANN401 - sqlcipher3 ships no types
        """A connection of the driver, to look at the database between two events."""
        return driver_of(self.database)

    def look(self, question: str, *parameters: str | int | bytes) -> list[tuple[Any, ...]]:
        """Return the rows of a SELECT, past everything the program does at a statement."""
        rows: list[tuple[Any, ...]] = self.driver.execute(question, parameters).fetchall()
        return rows

    def arm(self, strike: Strike | None) -> None:
        """Let something befall the machine in what it does next."""
        if strike is not None:
            self._strike = strike
            self._wrote = False
            event.listen(self.database.engine, "before_cursor_execute", self._before_statement)
            event.listen(self.database.engine, "commit", self._before_commit)

    def disarm(self) -> None:
        """Let nothing befall the machine any more."""
        if self._strike is not None:
            event.remove(self.database.engine, "before_cursor_execute", self._before_statement)
            event.remove(self.database.engine, "commit", self._before_commit)
            self._strike = None

    def restart(self) -> None:
        """Start again after a crash: on files with what the disk has, through SQLite's own recovery."""
        self.disarm()
        died, self._dead = self._dead, False
        if self._folder is not None and died:
            old = self.file
            self.database.close()
            self._lives += 1
            self.database = self._opened()
            _remove(old)

    def checkpoint(self) -> None:
        """Move the log into the file, as the program does now and then; from here on nothing of it can be lost."""
        if self._folder is not None:
            self.driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            self._synced = self._log_size()

    def close(self) -> None:
        """Give the machine up at the end of a run."""
        self.disarm()
        if self._folder is None and self.keep:
            self._template.release(self.database)
        else:
            self.database.close()

    def copy(self) -> "bytes | Any":  # noqa: ANN401 - a connection of sqlcipher3, which ships no types
        """Return a backup of the database, for `put_back`."""
        if self._folder is None:
            backup = sqlcipher.connect(":memory:")
            self.driver.backup(backup)
            return backup
        target = self.file.with_suffix(".backup")
        target.unlink(missing_ok=True)
        self.database.copy_to(target)
        content = target.read_bytes()
        target.unlink()
        return content

    def put_back(self, backup: "bytes | Any") -> None:  # noqa: ANN401 - see copy
        """Put the database back to a backup, as somebody does who copies files."""
        if isinstance(backup, bytes):
            self.database.close()
            _remove(self.file)
            self.file.write_bytes(backup)
            self.database = self._opened()
        else:
            backup.backup(self.driver)

    def _opened(self) -> Database:
        def prepare(connection: Any) -> None:  # noqa: ANN401 - sqlcipher3 ships no types
            connection.execute("PRAGMA wal_autocheckpoint = 0")
            self._template.guard(connection)

        self._synced = 0
        return Database(sqlite_engine(self.file, KEY, prepare))

    def _before_statement(self, *arguments: Any) -> None:  # noqa: ANN401 - SQLAlchemy's own
        strike = self._strike
        if self._dead:
            raise Crash
        if strike is None:
            return
        writes = arguments[2].lstrip().startswith(_WRITES)
        self._wrote = self._wrote or writes
        if strike.at_commit:
            return
        strike.countdown -= 1
        if strike.blow is Blow.DISK_FULL and strike.countdown <= 0 and writes:
            raise _trouble(arguments[2], "database or disk is full")
        if strike.countdown == 0 and strike.blow is Blow.READ_ERROR:
            raise _trouble(arguments[2], "disk I/O error")
        if strike.countdown == 0 and strike.blow in {Blow.KILL, Blow.POWER_CUT}:
            self._die(strike, arguments[0], self._log_size())

    def _before_commit(self, connection: sa.Connection) -> None:
        strike = self._strike
        if self._dead:
            raise Crash
        if strike is None or not self._wrote:
            return
        if strike.blow is Blow.DISK_FULL and strike.countdown <= 0:
            raise _trouble("COMMIT", "database or disk is full")
        self._wrote = False
        if not strike.at_commit:
            return
        strike.countdown -= 1
        if strike.countdown:
            return
        before = self._log_size()
        torn = self._folder is not None and strike.blow is Blow.POWER_CUT
        if strike.after or torn:
            driver: Any = connection.connection.driver_connection
            driver.execute("COMMIT")
        self._die(strike, connection, self._log_size() if strike.after else before)

    def _die(self, strike: Strike, connection: sa.Connection, promised: int) -> None:
        """Die, and leave on the disk what it has: at least the first `promised` bytes of the log, if it was synced."""
        self._dead = True
        if self._folder is not None:
            there = self._log_size()
            kept = there
            if strike.blow is Blow.POWER_CUT:
                driver: Any = connection.connection.driver_connection
                level = driver.execute("PRAGMA synchronous").fetchone()[0]
                least = promised if level >= _FULL else self._synced
                kept = least + int((there - least) * strike.kept)
            after = self.file.with_name(f"{self.name}-{self._lives + 1}.sqlite")
            shutil.copyfile(self.file, after)
            if there:
                _log(after).write_bytes(_log(self.file).read_bytes()[:kept])
        raise Crash

    def _log_size(self) -> int:
        log = _log(self.file)
        return log.stat().st_size if self._folder is not None and log.exists() else 0


def _in_memory(guard: Guard) -> Database:
    """Return a database in memory whose reading transactions do not ask SQLite to refuse writes.

    It is one connection, and each such question makes SQLite prepare all its statements anew, a tenth of a run's time;
    runs on files ask.
    """
    made = sqlite_engine(None, guard=guard)
    event.remove(made, "begin", engine._begin)
    event.listen(made, "begin", _begin)
    return Database(made)


def _begin(connection: sa.Connection) -> None:
    connection.exec_driver_sql(connection.info.get(engine._BEGIN, "BEGIN"))


def _trouble(statement: str, said: str) -> sa.exc.OperationalError:
    return sa.exc.OperationalError(statement, None, sqlcipher.OperationalError(said))


def _log(file: Path) -> Path:
    return file.with_name(f"{file.name}-wal")


def _remove(file: Path) -> None:
    for path in (file, _log(file), file.with_name(f"{file.name}-shm")):
        path.unlink(missing_ok=True)
