"""One central store per module that serves over HTTPS, and one per test where a test stops or breaks it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.central.server import Server


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
