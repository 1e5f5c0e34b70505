"""Runners without threads: one that works at once, one that waits until a test says so; and a pool that works at once.

Must never reorder what they are given unless a test asks for it.
"""

from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


class ImmediateRunner:
    """Does everything at once."""

    def run(self, work: Callable[[], T], done: Callable[[T], None], failed: Callable[[Exception], None]) -> None:
        _do(work, done, failed)


class ManualRunner:
    """Keeps every piece of work until it is stepped, in any order."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], None]] = []

    def run(self, work: Callable[[], T], done: Callable[[T], None], failed: Callable[[Exception], None]) -> None:
        self.waiting.append(lambda: _do(work, done, failed))

    def step(self, index: int = 0) -> None:
        """Do one waiting piece of work."""
        self.waiting.pop(index)()

    def drain(self) -> None:
        """Do everything that waits, and what that brings."""
        while self.waiting:
            self.step()


def _do(work: Callable[[], T], done: Callable[[T], None], failed: Callable[[Exception], None]) -> None:
    try:
        result = work()
    except Exception as error:  # noqa: BLE001 - handed on, as every runner does
        failed(error)
    else:
        done(result)


class ImmediatePool:
    """A pool whose jobs are finished when they are submitted."""

    def submit(self, work: Callable[[], T]) -> "Future[T]":
        """Do the work and return its finished future."""
        future: Future[T] = Future()
        try:
            future.set_result(work())
        except Exception as error:  # noqa: BLE001 - the future carries it
            future.set_exception(error)
        return future
