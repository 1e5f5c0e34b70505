"""A program that has both command lines loaded and forks for each command: real processes without their long start.

Must never run a command in its own process, nor have a thread or an open database when it forks.
"""

import ctypes
import importlib
import json
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import Any, Final

from tests.end_to_end.processes import say

PROGRAMS: Final = {
    "urs-desktop": "urs_desktop.desktop",
    "urs-central": "urs_desktop.central.cli",
    "pay": "tests.end_to_end.paying",
    "give-back": "tests.end_to_end.giving_back",
    "sell": "tests.end_to_end.selling",
    "failing-store": "tests.end_to_end.failing_store",
    "busy": "tests.end_to_end.busy",
}
"""What can be run: the module whose `main` takes the arguments and returns the exit status."""

_PR_SET_PDEATHSIG: Final = 1

WARM: Final = (
    "urs_desktop.central.routes",
    "urs_desktop.central.serving",
    "urs_desktop.database.migrations",
    "urs_desktop.ui.messages",
)
"""Modules that commands import only when they need them."""


def main() -> int:
    """Answer the lines of standard input: a command to start with its process id, a process id with its status."""
    for module in (*PROGRAMS.values(), *WARM):
        importlib.import_module(module)
    for line in sys.stdin:
        request = json.loads(line)
        answer = _status(request) if isinstance(request, int) else _start(request)
        say(answer)
    return 0


def _status(child: int) -> int | None:
    """Return how a child ended, or None while it runs."""
    ended, status = os.waitpid(child, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if ended else None


def _start(command: dict[str, Any]) -> int:
    child = os.fork()
    if child:
        os.setpgid(child, child)
        return child
    status = 1
    try:
        status = _run(command)
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    except BaseException:  # noqa: BLE001 - the interpreter's own way with what nobody caught
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _run(command: dict[str, Any]) -> int:
    os.setpgid(0, 0)
    if sys.platform == "linux":  # so that nothing outlives a test run that is cut off
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    os.environ.update(command["environment"])
    for stream, path in ((1, command["out"]), (2, command["err"])):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), stream)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    program, *arguments = command["command"]
    sys.argv = [program, *arguments]
    status: int = importlib.import_module(PROGRAMS[Path(program).name]).main(arguments)
    return status


if __name__ == "__main__":
    sys.exit(main())
