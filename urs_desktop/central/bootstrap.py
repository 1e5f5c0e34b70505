"""The central store's composition root: it names the concrete database, keys, clock and server, and puts them together.

Imports that only one command needs are made there, so that the others start fast. Must never decide anything.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from urs_desktop.central import databases, operators
from urs_desktop.central.databases import SetUpError
from urs_desktop.central.keys import Keys, make_keys, open_keys
from urs_desktop.database.engine import Database
from urs_desktop.system.clock import Clock, SystemClock
from urs_desktop.system.ids import Randomness, SystemRandomness
from urs_desktop.system.logs import log_to
from urs_desktop.system.paths import data_folder
from urs_desktop.system.programs import program

if TYPE_CHECKING:  # at run time the server is imported by `serve` alone
    from urs_desktop.central.serving import Address

PROGRAM: Final = "urs-central"
_SERVE_LOCK: Final = "serve.lock"
_EVERYWHERE: Final = ("", "0.0.0.0", "::")  # noqa: S104 - recognised, not bound
_SCRIPTS: Final = Path(__file__).with_name("migrations")


@dataclass(frozen=True, slots=True)
class Central:
    """An opened data folder."""

    folder: Path
    database: Database
    keys: Keys
    clock: Clock
    randomness: Randomness
    passphrase_file: Path | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Which data folder, and the file with its passphrase or None."""

    folder: Path
    passphrase_file: Path | None


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """Where to serve; port 0 is any free one."""

    host: str
    port: int
    workers: int
    ready_file: Path | None
    until_input_ends: bool = False


def place(chosen: Path | None, passphrase_file: Path | None) -> Place:
    """Return the data folder asked for, made if it is not there; raises OSError."""
    return Place(data_folder(chosen, PROGRAM), passphrase_file)


def initialise(where: Place, database_url: str | None, admin: str, password_file: Path) -> Central:
    """Set a central store up and return it opened: keys, database, first operator.

    With `database_url`, an administrator's, its database is on that PostgreSQL server, else a file in the folder. An
    interrupted set-up is taken up where it stopped. Raises SetUpError if there is one already, and what central.keys,
    central.operators and the database raise.
    """
    url = None if database_url is None else databases.postgresql_url(database_url)
    if databases.holds_file(where.folder) and is_set_up(where):
        raise SetUpError(f"{where.folder} already holds a central store; nothing was changed.")
    password_hash = operators.hashed(operators.password_in(password_file))
    clock, randomness = SystemClock(), SystemRandomness()
    keys = _make_keys(where, randomness, clock.now()) if url is None else _provisioned(where, url, clock, randomness)
    database = databases.opened(where.folder, keys, _upgrade)
    try:
        with database.write() as connection:
            _check_is_new(connection, where.folder)
            operators.add(connection, admin, "admin", password_hash, clock.now(), randomness)
    except BaseException:
        database.close()
        raise
    return Central(where.folder, database, keys, clock, randomness)


def is_set_up(where: Place) -> bool:
    """Return whether the data folder holds a central store whose set-up came to its end."""
    if not databases.is_begun(where.folder):
        return False
    database = databases.opened(where.folder, open_keys(*_parts(where)), _upgrade)
    try:
        with database.read() as connection:
            return operators.any_there(connection)
    finally:
        database.close()


@contextmanager
def opened(where: Place) -> Iterator[Central]:
    """Open a data folder for one command and close it after.

    Raises SetUpError, KeysError, DatabaseFileError, and what a database server says.
    """
    if not databases.is_begun(where.folder):
        raise SetUpError(f"There is no central store in {where.folder}: run urs-central init first.")
    keys = open_keys(*_parts(where))
    database = databases.opened(where.folder, keys, _upgrade)
    try:
        with database.read() as connection:
            if not operators.any_there(connection):
                raise SetUpError(f"Setting up {where.folder} was interrupted: run urs-central init again.")
        yield Central(where.folder, database, keys, SystemClock(), SystemRandomness(), where.passphrase_file)
    finally:
        database.close()


def upgrade(where: Place, database_url: str) -> bool:
    """Bring a store's database on a PostgreSQL server to this program's schema; return whether it was older.

    `database_url` is an administrator's. Raises SetUpError and KeysError.
    """
    from urs_desktop.central import provisioning

    url = databases.postgresql_url(database_url)
    if not databases.is_begun(where.folder):
        raise SetUpError(f"There is no central store in {where.folder}: run urs-central init first.")
    own = databases.kept_url(open_keys(*_parts(where)))
    if own is None:
        raise SetUpError("This central store keeps its data in a SQLite file, which is brought up to date by itself.")
    with provisioning.administrator(url, _SCRIPTS) as administrator:
        return administrator.upgrade(own)


def serve(central: Central, options: ServeOptions, ready: Callable[[str], None]) -> None:
    """Serve a store over HTTPS until a signal; `ready` gets the URL once it answers. Raises TroubleError, OSError."""
    from filelock import FileLock, Timeout

    from urs_desktop.central import feed, serving, workers

    lock = FileLock(central.folder / _SERVE_LOCK, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise SetUpError(f"The central store in {central.folder} is already being served.") from None
    with ExitStack() as end:
        end.callback(lock.release)
        if options.ready_file is not None:
            options.ready_file.unlink(missing_ok=True)
            end.callback(options.ready_file.unlink, missing_ok=True)
        address = serving.free_address(options.host, options.port)
        central.keys.server_chain(_hosts(options.host), central.clock.now())
        with central.database.write() as connection:
            feed.begin(connection, central.clock.now())
        command = _worker_command(central, address)
        end.enter_context(workers.running(command, options.workers - 1))

        def announce(url: str) -> None:
            if options.ready_file is not None:
                serving.write_ready_file(options.ready_file, url)
            ready(url)

        _serve_at(central, address, announce, until_input_ends=options.until_input_ends)


def serve_as_worker(central: Central, host: str, port: int) -> None:
    """Serve beside the process that started this one, at its port, until it stops. Raises TroubleError, OSError."""
    from urs_desktop.central import serving

    _serve_at(central, serving.Address(host, host, port), lambda _: None, is_worker=True, until_input_ends=True)


def _serve_at(
    central: Central,
    address: "Address",
    ready: Callable[[str], None],
    *,
    until_input_ends: bool,
    is_worker: bool = False,
) -> None:
    from urs_desktop.central import app, certificates, routes, serving

    authority = central.keys.authority()
    store = app.Store(
        central.database,
        central.keys.signing_key(),
        certificates.to_der(authority),
        central.clock,
        central.randomness,
    )
    log = log_to(central.folder, f"{PROGRAM}-{os.getpid()}" if is_worker else PROGRAM)
    try:
        with ExitStack() as key:
            tls = serving.Tls(central.keys.server_chain_file, key.enter_context(central.keys.server_key()))

            def announce(url: str) -> None:
                key.close()
                ready(url)

            parent = sys.stdin.fileno() if until_input_ends else None
            serving.serve(app.create(store, routes.ROUTES), store, tls, authority, address, announce, parent)
    finally:
        log.close()


def _worker_command(central: Central, address: "Address") -> list[str]:
    place = ["--data-dir", str(central.folder)]
    if central.passphrase_file is not None:
        place += ["--passphrase-file", str(central.passphrase_file)]
    place += ["serve", "--host", address.ip, "--port", str(address.port), "--as-worker"]
    return [*program(PROGRAM, "urs_desktop.central.cli"), *place]


def _hosts(host: str) -> tuple[str, ...]:
    """Return the names and addresses by which this machine may be reached when it serves at `host`."""
    import socket

    own = socket.gethostname()
    names = ["localhost", "127.0.0.1", "::1", own, host]
    if host in _EVERYWHERE:
        names.remove(host)
        with suppress(OSError):
            names += [str(where[0]) for *_, where in socket.getaddrinfo(own, None)]
    return tuple(dict.fromkeys(name for name in names if name.isascii()))


def _parts(where: Place) -> tuple[Path, Path | None]:
    return where.folder, where.passphrase_file


def _check_is_new(connection: sa.Connection, folder: Path) -> None:
    """Raise SetUpError where a set-up has come to its end: adding the first operator is the last it does."""
    if operators.any_there(connection):
        raise SetUpError(f"{folder} already holds a central store; nothing was changed.")


def _make_keys(where: Place, randomness: Randomness, now: int) -> Keys:
    keys = make_keys(where.folder, where.passphrase_file, randomness, now)
    if databases.kept_url(keys) is not None:
        raise SetUpError(
            f"{where.folder} holds a central store whose database is on a PostgreSQL server, or the beginning of one: "
            "to take that up, name the database again with --database-url."
        )
    return keys


def _provisioned(where: Place, url: sa.URL, clock: Clock, randomness: Randomness) -> Keys:
    """Return the keys of a data folder whose database on a PostgreSQL server is ready to be opened."""
    from urs_desktop.central import provisioning

    if databases.holds_file(where.folder):
        raise SetUpError(f"Setting up {where.folder} was begun with a SQLite file: leave --database-url out.")
    with provisioning.administrator(url, _SCRIPTS) as administrator:
        roles = administrator.check()
        keys = make_keys(where.folder, where.passphrase_file, randomness, clock.now())
        kept = databases.kept_url(keys)
        password = (kept and kept.password) or provisioning.new_password(randomness)
        own = databases.own_url(url, roles.app, password)
        if kept not in (None, own):
            raise SetUpError(f"Setting up {where.folder} was begun with another database: name that one again.")
        # First kept, then given to the role: whatever happens in between, the next attempt knows it.
        databases.keep_url(keys, own, randomness)
        try:
            administrator.set_up(password)
        except SetUpError:
            databases.forget_url(keys)
            raise
    return keys


def _upgrade(database: Database, file: Path) -> None:
    from urs_desktop.database.migrations import SchemaError, upgrade

    try:
        upgrade(database, _SCRIPTS, file)
    except SchemaError as error:
        raise SetUpError(str(error)) from error
