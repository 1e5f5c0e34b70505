"""Modules that are imported when they are first used."""

import subprocess
import sys

import pytest

from urs_desktop.later import Later, later

SCRIPT = """
import sys
from urs_desktop.later import later
wave = later("wave")
assert "wave" not in sys.modules
assert wave.Error.__name__ == "Error"
import wave as itself
assert wave.open is itself.open
"""


def test_a_module_comes_with_its_first_use() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_module_that_cannot_be_had_says_so_when_it_is_used() -> None:
    missing: Later = Later("no_such_module")
    with pytest.raises(ImportError):
        _ = missing.anything


def test_what_a_module_has_not_is_said_as_by_the_module() -> None:
    with pytest.raises(AttributeError):
        _ = later("wave").no_such_name
