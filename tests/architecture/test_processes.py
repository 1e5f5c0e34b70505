"""The central store stands on a server: it must start where there is no Qt, no pyqtgraph and no keyring."""

import subprocess
import sys

import pytest

BLOCKED_IMPORT = """
import sys

class Block:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"PySide6", "shiboken6", "pyqtgraph", "keyring"}:
            raise ImportError(name + " is blocked")

sys.meta_path.insert(0, Block())
"""


SLOW = ("alembic", "biip", "mako", "pyqtgraph")
"""Packages that a start of the counter does not wait for; see urs_desktop.later."""


def import_blocked(module: str) -> subprocess.CompletedProcess[str]:
    """Import `module` in a process of its own where the desktop's packages cannot be had."""
    command = [sys.executable, "-c", f"{BLOCKED_IMPORT}\nimport {module}"]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_central_store_needs_no_desktop() -> None:
    done = import_blocked("urs_desktop.central.cli")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("module", ["PySide6.QtCore", "pyqtgraph", "keyring"])
def test_the_block_blocks(module: str) -> None:
    assert "is blocked" in import_blocked(module).stderr


def test_a_start_of_the_counter_waits_for_no_package_it_may_not_need() -> None:
    question = "import sys, urs_desktop.desktop, urs_desktop.ui.app; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", question], capture_output=True, text=True, check=True)
    assert not set(SLOW) & set(done.stdout.split())
