"""The counter's two executors: the write lane, one thread that alone writes, and the pool for everything that may wait.

On the write lane a cashier's job comes before the sync's. Must never run a job on the caller's thread: the GUI never
touches SQL, HTTP or a printer.
"""

import itertools
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, TypeVar

from urs_desktop.counter.ports import Book, Store

_T = TypeVar("_T")
_POOL_THREADS = 4


class Priority(IntEnum):
    """Whose job it is; the lower goes first."""

    CASHIER = 0
    SYNC = 1
    CLOSE = 2


@dataclass(order=True, slots=True)
class _Job:
    priority: Priority
    number: int
    work: Callable[[], Any] | None = field(compare=False)
    future: "Future[Any]" = field(compare=False)


class WriteLane:
    """One thread that runs writing jobs one after the other, the cashier's first."""

    def __init__(self) -> None:
        """Start the lane's thread."""
        self._jobs: queue.PriorityQueue[_Job] = queue.PriorityQueue()
        self._numbers = itertools.count()
        self._closed = False
        self._gate = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="write-lane", daemon=False)
        self._thread.start()

    def submit(self, work: Callable[[], _T], priority: Priority = Priority.CASHIER) -> "Future[_T]":
        """Queue a job and return its future; raises RuntimeError once the lane is closed."""
        future: Future[_T] = Future()
        with self._gate:  # a job queued behind the closing one would never run and never answer
            if self._closed:
                message = "the write lane is closed"
                raise RuntimeError(message)
            self._jobs.put(_Job(priority, next(self._numbers), work, future))
        return future

    def close(self) -> None:
        """Run what is queued, then stop the thread and wait for it."""
        with self._gate:
            self._closed = True
        self._jobs.put(_Job(Priority.CLOSE, next(self._numbers), None, Future()))
        self._thread.join()

    def _run(self) -> None:
        while (job := self._jobs.get()).work is not None:
            _run(job.work, job.future)


class Pool:
    """A few threads for jobs that wait: the central store's answer, read-only queries."""

    def __init__(self) -> None:
        """Make the pool; its threads start with the first jobs."""
        self._executor = ThreadPoolExecutor(_POOL_THREADS, thread_name_prefix="pool")

    def submit(self, work: Callable[[], _T]) -> "Future[_T]":
        """Queue a job and return its future; raises RuntimeError once the pool is closed."""
        return self._executor.submit(work)

    def close(self) -> None:
        """Drop what has not begun, wait for what has."""
        self._executor.shutdown(wait=True, cancel_futures=True)


def _run(work: Callable[[], _T], future: "Future[_T]") -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        future.set_result(work())
    except BaseException as error:  # noqa: BLE001 - handed to whoever waits for the future
        future.set_exception(error)


class LaneStore:
    """A store whose writes run on the write lane, as counter.ports.Store; reads run where they are called."""

    def __init__(self, store: Store, lane: WriteLane, priority: Priority) -> None:
        """Take the store, the lane and whose jobs these are."""
        self._store = store
        self._lane = lane
        self._priority = priority

    def write(self, work: Callable[[Book], _T]) -> _T:
        """Do `work` in the writing transaction on the lane and wait for it; never call it from a job of the lane."""
        return self._lane.submit(lambda: self._store.write(work), self._priority).result()

    def read(self, work: Callable[[Book], _T]) -> _T:
        """Do `work` in a reading transaction."""
        return self._store.read(work)
