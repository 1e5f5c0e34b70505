"""How a presenter has slow work done without waiting for it.

Must never name a thread, an event loop or Qt: the screens bring a runner that does.
"""

from collections.abc import Callable
from typing import Protocol, TypeVar

_T = TypeVar("_T")


class Runner(Protocol):
    """Does work elsewhere and brings its result back to where the presenter lives."""

    def run(self, work: Callable[[], _T], done: Callable[[_T], None], failed: Callable[[Exception], None]) -> None:
        """Do `work` and then call `done` with its result, or `failed` with what it raised, never both."""
