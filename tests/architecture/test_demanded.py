"""The tests on PostgreSQL and on a screen cannot be left out unnoticed where a change is judged.

Runs pytest in a process of its own under this project's own configuration, with a suite that has none of them.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMPLAINTS = {"postgresql": "not one test of it on PostgreSQL", "screen": "not one test of it on a screen"}
ALL = ("sqlite", *COMPLAINTS)
SUITE = """
import pytest

def test_something():
    pass

@pytest.mark.parametrize("place", {places})
def test_of_the_store(place):
    pass
"""


def run(
    folder: Path, *arguments: str, ci: bool = True, places: tuple[str, ...] = ("sqlite",), workers: str = "0"
) -> tuple[int, str]:
    """Return how a run of that suite ends and what it says."""
    tests = folder / "tests"
    tests.mkdir()
    (tests / "conftest.py").write_bytes((ROOT / "tests" / "conftest.py").read_bytes())
    (folder / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    (tests / "test_suite.py").write_text(SUITE.format(places=places), encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if name != "CI"} | ({"CI": "true"} if ci else {})
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-n", workers, *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("workers", ["0", "2"])
@pytest.mark.parametrize("missing", COMPLAINTS)
def test_a_whole_run_without_any_fails(tmp_path: Path, missing: str, workers: str) -> None:
    status, said = run(tmp_path, places=tuple(place for place in ALL if place != missing), workers=workers)
    complaints = [name for name, complaint in COMPLAINTS.items() if complaint in said]
    assert (status, complaints) == (1, [missing]), said


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_whole_run_with_one_of_each_passes(tmp_path: Path, workers: str) -> None:
    status, said = run(tmp_path, places=ALL, workers=workers)
    assert (status, "not one test" in said) == (0, False), said


@pytest.mark.parametrize("arguments", [("tests/test_suite.py",), ("-k", "something"), ("--ignore", "nothing")])
def test_a_part_of_the_suite_may_have_none(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    status, said = run(tmp_path, *arguments)
    assert (status, "not one test" in said) == (0, False), said


def test_a_developers_run_may_have_none(tmp_path: Path) -> None:
    status, said = run(tmp_path, ci=False)
    assert (status, "not one test" in said) == (0, False), said
