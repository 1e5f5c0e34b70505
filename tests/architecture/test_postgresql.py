"""The tests on PostgreSQL cannot be left out unnoticed where a change is judged.

Runs pytest in a process of its own under this project's own configuration, with a suite that has none of them.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMPLAINT = "not one test of it on PostgreSQL"
SUITE = """
import pytest

def test_something():
    pass

@pytest.mark.parametrize("database", {databases})
def test_of_the_store(database):
    pass
"""


def run(
    folder: Path, *arguments: str, ci: bool = True, databases: tuple[str, ...] = ("sqlite",), workers: str = "0"
) -> tuple[int, str]:
    """Return how a run of that suite ends and what it says."""
    tests = folder / "tests"
    tests.mkdir()
    (tests / "conftest.py").write_bytes((ROOT / "tests" / "conftest.py").read_bytes())
    (folder / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    (tests / "test_suite.py").write_text(SUITE.format(databases=databases), encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if name != "CI"} | ({"CI": "true"} if ci else {})
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-n", workers, *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_whole_run_without_any_fails(tmp_path: Path, workers: str) -> None:
    status, said = run(tmp_path, workers=workers)
    assert (status, COMPLAINT in said) == (1, True), said


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_whole_run_with_one_passes(tmp_path: Path, workers: str) -> None:
    status, said = run(tmp_path, databases=("sqlite", "postgresql"), workers=workers)
    assert (status, COMPLAINT in said) == (0, False), said


@pytest.mark.parametrize("arguments", [("tests/test_suite.py",), ("-k", "something"), ("--ignore", "nothing")])
def test_a_part_of_the_suite_may_have_none(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    status, said = run(tmp_path, *arguments)
    assert (status, COMPLAINT in said) == (0, False), said


def test_a_developers_run_may_have_none(tmp_path: Path) -> None:
    status, said = run(tmp_path, ci=False)
    assert (status, COMPLAINT in said) == (0, False), said
