"""Work done on the counter's pool, its result brought back to the screens' thread, one in a turn of its loop.

Once closed it drops whatever still arrives. Must never block, nor call a presenter on a worker's thread.
"""

import logging
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any, Protocol, TypeVar

from PySide6.QtCore import QObject, Qt, Signal

from urs_desktop.ui.turns import Turns

_T = TypeVar("_T")
_log = logging.getLogger(__name__)


class Pool(Protocol):
    """Threads for jobs that may wait; the counter's executors have one."""

    def submit(self, work: Callable[[], _T]) -> "Future[_T]":
        """Queue a job and return its future; raises RuntimeError once closed."""


class TaskRunner(QObject):
    """The runner of the screens: see presenters.runner.Runner."""

    _arrived = Signal(object)

    def __init__(self, pool: Pool, turns: Turns) -> None:
        """Take the pool that does the work and the turns in which results are brought back."""
        super().__init__()
        self._pool = pool
        self._turns = turns  # kept, for a connection alone keeps nobody
        self._closed = False
        self._arrived.connect(self._turns.wait, Qt.ConnectionType.QueuedConnection)

    def run(self, work: Callable[[], _T], done: Callable[[_T], None], failed: Callable[[Exception], None]) -> None:
        """Do `work` on the pool, then `done` or `failed` on the thread this runner lives on."""
        try:
            future = self._pool.submit(work)
        except RuntimeError:
            _log.info("the pool is closed; a job of the screens was dropped")
            return
        future.add_done_callback(partial(self._bring, done, failed))

    def close(self) -> None:
        """Drop every result that has not been delivered yet."""
        self._closed = True

    def _bring(self, done: Callable[[Any], None], failed: Callable[[Exception], None], future: "Future[Any]") -> None:
        if not self._closed:
            self._arrived.emit(partial(self._deliver, done, failed, future))

    def _deliver(self, done: Callable[[Any], None], failed: Callable[[Exception], None], future: "Future[Any]") -> None:
        if self._closed or future.cancelled():
            return
        error = future.exception()
        if error is None:
            done(future.result())
        elif isinstance(error, Exception):
            failed(error)
        else:
            raise error
