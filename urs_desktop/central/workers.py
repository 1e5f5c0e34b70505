"""More processes that answer at the same port: Linux shares it out among them.

Each is a whole server over the same database, told by its standard input that its parent is gone; one that dies is
replaced. Must never outlive the process that started it.
"""

import contextlib
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from urs_desktop.central.troubles import TroubleError

STOP_SECONDS: Final = 5
"""A worker that takes longer to stop is killed."""

REPLACE_SECONDS: Final = 2
"""A worker that died is replaced after this long, so that one that cannot live does not keep the machine busy."""

_log = logging.getLogger(__name__)


@contextmanager
def running(command: Sequence[str], count: int) -> Iterator[None]:
    """Keep `count` processes of this command running for as long as the context lasts; raises TroubleError, OSError."""
    if count and sys.platform != "linux":
        raise TroubleError("More than one worker is possible on Linux only: leave --workers out.")
    workers = [_Worker(command) for _ in range(count)]
    try:
        yield
    finally:
        for worker in workers:
            worker.close()
        for worker in workers:
            worker.end()


class _Worker:
    """One process, and the thread that starts it again when it ends by itself."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._closing = threading.Event()
        self._turn = threading.Lock()  # so that none is started once all are told to stop
        self._process = _started(command)
        self._keeper = threading.Thread(target=self._keep, name="worker-keeper", daemon=True)
        self._keeper.start()

    def close(self) -> None:
        """Tell the process that it is no longer needed."""
        with self._turn:
            self._closing.set()
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()

    def end(self) -> None:
        """Wait for the process to stop, and kill it if it takes too long."""
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._keeper.join()

    def _keep(self) -> None:
        while not self._closing.is_set():
            status = self._process.wait()
            if self._closing.wait(REPLACE_SECONDS):
                return
            _log.warning("worker %d ended with %d and is replaced", self._process.pid, status)
            self._replace()

    def _replace(self) -> None:
        with self._turn:
            if self._closing.is_set():
                return
            if self._process.stdin is not None:
                self._process.stdin.close()
            with contextlib.suppress(OSError):  # no process or no memory to be had now: tried again
                self._process = _started(self._command)


def _started(command: Sequence[str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)  # noqa: S603 - this program itself
