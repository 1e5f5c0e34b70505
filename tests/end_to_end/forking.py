"""A program that has both command lines loaded and forks for each command: a real process, without its long start.

Only for commands that run to their end; what is killed or watched is started as a user starts it. Must never run a
command in its own process, nor have a thread or an open file when it forks.
"""

import importlib
import json
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import Any, Final

PROGRAMS: Final = {
    "urs-desktop": "urs_desktop.desktop",
    "urs-central": "urs_desktop.central.cli",
    "pay": "tests.end_to_end.paying",
}
"""What can be run: the module whose `main` takes the arguments and returns the exit status."""

WARM: Final = ("urs_desktop.ui.messages", "alembic.operations", "urs_desktop.central.customer_import")
"""Modules that commands import only when they need them."""


def main() -> int:
    """Answer each line of standard input, a list of commands to run at once, with the list of their exit statuses."""
    for module in (*PROGRAMS.values(), *WARM):
        importlib.import_module(module)
    for line in sys.stdin:
        children = [_fork(command) for command in json.loads(line)]
        statuses = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
        print(json.dumps(statuses), flush=True)
    return 0


def _fork(command: dict[str, Any]) -> int:
    child = os.fork()
    if child:
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
    os.setsid()
    signal.alarm(command["seconds"])
    os.environ.update(command["environment"])
    for stream, path in ((1, command["out"]), (2, command["err"])):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), stream)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    program, *arguments = command["command"]
    sys.argv = [program, *arguments]
    status: int = importlib.import_module(PROGRAMS[Path(program).name]).main(arguments)
    return status


if __name__ == "__main__":
    sys.exit(main())
