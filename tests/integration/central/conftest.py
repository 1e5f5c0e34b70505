"""One central store per module that serves over HTTPS, and one per test where a test stops or breaks it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from tests.integration.central.server import Server
from tests.integration.central.setting_up import Run
from urs_desktop.central import cli, operators


def set_up(folder: Path, *options: str) -> Server:
    """Return a store that is set up, with a password of its first operator."""
    password = folder / "password"
    password.write_text("a good password")
    server = Server(folder / "store", options)
    server.id_from("init", "--admin", "boss", "--admin-password-file", str(password))
    return server


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running store that the tests of a module share."""
    server = set_up(tmp_path_factory.mktemp("central"))
    try:
        server.start()
        yield server
    finally:
        server.end()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A store of this test's own, not running yet."""
    made = set_up(tmp_path)
    try:
        yield made
    finally:
        made.end()


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
