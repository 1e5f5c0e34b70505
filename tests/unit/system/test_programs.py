"""How the programs start each other, in a checkout and in a built folder."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from urs_desktop.system.programs import is_built, keep_libraries_to_itself, program

MODULE = "urs_desktop.central.cli"


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Return the counter's file of a built folder, which this process then pretends to be."""
    own = tmp_path / "urs-desktop"
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(own))
    return own


def test_in_a_checkout_it_is_a_module() -> None:
    assert not is_built()
    done = subprocess.run([*program("urs-central", MODULE), "--help"], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert done.stdout.startswith("usage: urs-central")


@pytest.mark.parametrize("suffix", ["", ".exe"])
def test_in_a_built_folder_it_is_the_file_beside(built: Path, suffix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", f"{built}{suffix}")
    assert program("urs-central", MODULE) == [str(built.with_name(f"urs-central{suffix}"))]


@pytest.mark.parametrize("before", [None, "/opt/lib"])
def test_what_a_built_program_starts_finds_its_own_libraries(
    built: Path, before: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LD_LIBRARY_PATH", str(built.with_name("_internal")))
    if before:
        monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", before)
    keep_libraries_to_itself()
    assert os.environ.get("LD_LIBRARY_PATH") == before
    assert "LD_LIBRARY_PATH_ORIG" not in os.environ


def test_a_checkout_leaves_the_library_path_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LD_LIBRARY_PATH", "/opt/lib")
    keep_libraries_to_itself()
    assert os.environ["LD_LIBRARY_PATH"] == "/opt/lib"
