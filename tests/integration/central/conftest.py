"""One central store per module that serves over HTTPS, and one per test where a test stops or breaks it."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from tests.integration.central.server import Server
from tests.integration.central.setting_up import Run
from tests.postgresql.databases import Databases
from urs_desktop.central import cli, operators


def set_up(folder: Path, *options: str, database_url: str | None = None) -> Server:
    """Return a store that is set up, with a password of its first operator; its database is a file without a URL."""
    password = folder / "password"
    password.write_text("a good password")
    server = Server(folder / "store", options)
    where = () if database_url is None else ("--database-url", database_url)
    server.id_from("init", "--admin", "boss", "--admin-password-file", str(password), *where)
    return server


@contextmanager
def store_on(kind: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[Server]:
    """Give a store that is set up on `sqlite` or on `postgresql`, not running yet."""
    with ExitStack() as end:
        url = None
        if kind == "postgresql":
            databases: Databases = request.getfixturevalue("postgresql")
            url = end.enter_context(databases.empty())
        made = set_up(folder, database_url=url)
        end.callback(made.end)
        yield made


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running store on every kind of database that the tests of a module share."""
    with store_on(request.param, request, tmp_path_factory.mktemp("central")) as made:
        made.start()
        yield made


@pytest.fixture(params=["sqlite", "postgresql"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    """A store of this test's own on every kind of database, not running yet."""
    with store_on(request.param, request, tmp_path) as made:
        yield made


@pytest.fixture
def hashing_is_cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hash of the first operator's password takes longer than all else."""
    monkeypatch.setattr(operators, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def run(hashing_is_cheap: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command over this test's data folder, or another."""

    def call(*arguments: str, folder: str = "store") -> tuple[int, str, str]:
        status = cli.main(["--data-dir", str(tmp_path / folder), *arguments])
        output = capsys.readouterr()
        return status, output.out.strip(), output.err.strip()

    return call


@pytest.fixture
def init(run: Run, tmp_path: Path) -> Run:
    """Set a store up at a URL."""
    password = tmp_path / "password"
    password.write_text("a good password\n")

    def call(url: str, *arguments: str, folder: str = "store") -> tuple[int, str, str]:
        admin = ("--admin", "boss", "--admin-password-file", str(password))
        return run("init", "--database-url", url, *admin, *arguments, folder=folder)

    return call
