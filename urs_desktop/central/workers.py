"""More processes that answer at the same port: Linux shares it out among them.

Each is a whole server over the same database, told by its standard input that its parent is gone. Must never outlive
the process that started it.
"""

import contextlib
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from urs_desktop.central.troubles import TroubleError

STOP_SECONDS: Final = 5
"""A worker that takes longer to stop is killed."""


@contextmanager
def running(command: Sequence[str], count: int) -> Iterator[None]:
    """Keep `count` processes of this command running for as long as the context lasts; raises TroubleError, OSError."""
    if count and sys.platform != "linux":
        raise TroubleError("More than one worker is possible on Linux only: leave --workers out.")
    workers = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) for _ in range(count)]  # noqa: S603 - this program itself
    try:
        yield
    finally:
        for worker in workers:
            _close(worker)
        for worker in workers:
            _end(worker)


def _close(worker: "subprocess.Popen[bytes]") -> None:
    if worker.stdin is not None:
        with contextlib.suppress(OSError):
            worker.stdin.close()


def _end(worker: "subprocess.Popen[bytes]") -> None:
    try:
        worker.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        worker.kill()
        worker.wait()
