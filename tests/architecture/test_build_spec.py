"""What a build must take along: every file that the programs read from the disk, their own and their packages'.

A whole build takes a minute and is tried on a bare machine (CONTRIBUTING.md); this notices the folder nobody named.
"""

import ast
import re
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Final

import _pyinstaller_hooks_contrib
import PyInstaller
import pytest

from tests.architecture.source import PACKAGE, ROOT, files

SPEC: Final = "build.spec"
CODE: Final = frozenset(
    [".c", ".h", ".md", ".pxd", ".py", ".pyc", ".pyd", ".pyi", ".pyx", ".rst", ".so", ".typed", ".txt"]
)
NEVER_READ: Final = frozenset({"alembic", "docs", "jeepney", "markdown_it", "tests"})
"""Folders whose files are for others than these programs: templates of a new history, pictures, tests, a table."""


def named(name: str) -> list[str]:
    """Return the list of this name in build.spec."""
    for node in ast.parse((ROOT / SPEC).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == name:
            found: list[str] = ast.literal_eval(node.value)
            return found
    raise AssertionError(f"no {name} in {SPEC}")


def is_named(path: Path) -> bool:
    """Return whether a build takes this file of the tree along."""
    return any(path.is_relative_to(folder) for folder in named("DATA"))


def read_from_disk() -> set[Path]:
    """Return the files of the tree that are no modules: what is under resources, scripts of Alembic, any other kind."""
    found = {path for path in files() if path.parts[0] == "resources"}
    for path in files():
        if path.parts[0] == PACKAGE and (path.suffix != ".py" or "migrations" in path.parts):
            found.add(path)
    return found


def hooked() -> set[str]:
    """Return the packages for which PyInstaller, or what comes with it, has a hook."""
    homes = [Path(str(package.__file__)).parent for package in (PyInstaller, _pyinstaller_hooks_contrib)]
    return {hook.stem.removeprefix("hook-").split(".")[0] for home in homes for hook in home.rglob("hook-*.py")}


def with_data() -> dict[str, str]:
    """Return the packages of the lock that have files which are no code, each with the first such file."""
    found: dict[str, str] = {}
    for name in re.findall(r"^([\w.-]+)==", (ROOT / "requirements.lock").read_text(encoding="utf-8"), re.MULTILINE):
        try:
            contents = distribution(name).files or []
        except PackageNotFoundError:  # another platform's
            continue
        for file in contents:
            top = file.parts[0]
            if len(file.parts) > 1 and top.isidentifier() and "." in file.name and not CODE & set(file.suffixes):
                found.setdefault(top, str(file))
    return found


def test_every_folder_that_is_named_is_there() -> None:
    assert [folder for folder in named("DATA") if not (ROOT / folder).is_dir()] == []


def test_every_file_that_is_read_from_the_disk_is_taken_along() -> None:
    assert sorted(str(path) for path in read_from_disk() if not is_named(path)) == []


@pytest.mark.parametrize(
    "path",
    ["resources/fonts/NotoSans-Regular.ttf", "urs_desktop/counter/store/migrations/versions/0001_initial.py"],
)
def test_it_is_asked_for_the_right_files(path: str) -> None:
    assert Path(path) in read_from_disk()
    assert not is_named(Path("urs_desktop/another/migrations/versions/0001_initial.py"))


def test_packages_with_files_of_their_own_are_taken_along_whole() -> None:
    known = hooked() | NEVER_READ | set(named("DATA_OF"))
    assert {top: file for top, file in with_data().items() if top not in known} == {}


def test_such_packages_are_found() -> None:
    assert {"biip", "babel"} <= with_data().keys()
    assert "babel" in hooked()
    assert "biip" not in hooked()
