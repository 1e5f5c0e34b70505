"""Fixtures of the tests with real processes: the prepared shop, and a copy of it for each test."""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.end_to_end.moving import move
from tests.end_to_end.processes import Forker, Processes
from tests.end_to_end.screen import NoScreenError, Screen, screen_in_memory
from tests.end_to_end.shop import Shop, copied, prepare

if sys.platform == "win32":
    collect_ignore_glob = ["test_*.py"]  # no SIGKILL, no SIGSTOP, no process groups


@pytest.fixture(scope="session")
def forker() -> Iterator[Forker]:
    """Run commands without their long start."""
    forker = Forker()
    yield forker
    forker.close()


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory, forker: Forker) -> tuple[Path, int]:
    """Return the folder of the shop all tests copy, and the port of its central store."""
    folder = tmp_path_factory.mktemp("prepared")
    processes = Processes(folder / "said", forker)
    try:
        port = prepare(folder, processes)
    finally:
        processes.close()
    return folder, port


@pytest.fixture
def processes(tmp_path: Path, forker: Forker) -> Iterator[Processes]:
    """Start processes; what still runs at the test's end is killed."""
    processes = Processes(tmp_path / "said", forker)
    yield processes
    processes.close()


@pytest.fixture
def store(request: pytest.FixtureRequest) -> str:
    """Where the test's central store keeps its data: `sqlite`, or what the test is parametrised with."""
    return str(getattr(request, "param", "sqlite"))


@pytest.fixture
def closed_shop(
    request: pytest.FixtureRequest, store: str, prepared: tuple[Path, int], tmp_path: Path, processes: Processes
) -> Shop:
    """Return a shop whose central store is not served."""
    folder, port = prepared
    shop = Shop(copied(folder, tmp_path / "shop"), port, processes)
    if store == "postgresql":
        move(shop.central.folder, request.getfixturevalue("postgresql_database"))
    return shop


@pytest.fixture
def shop(closed_shop: Shop) -> Shop:
    """Return a shop whose central store answers."""
    closed_shop.central.serve()
    return closed_shop


@pytest.fixture
def screen() -> Iterator[Screen]:
    """A screen with nothing on it; where none can be had the test is skipped, where a change is judged it fails."""
    with ExitStack() as end:
        try:
            shown = end.enter_context(screen_in_memory())
        except NoScreenError as error:
            (pytest.fail if os.environ.get("CI") else pytest.skip)(f"no screen here: {error}")
        yield shown


@pytest.fixture(scope="session")
def as_root() -> bool:
    """Whether the tests run as the user whom no file permission stops."""
    return os.geteuid() == 0
