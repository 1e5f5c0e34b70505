"""A state that is shown: whoever watches it is told of every new one.

Must never make a state: presenters do.
"""

from collections.abc import Callable
from typing import Generic, TypeVar

S = TypeVar("S")


def ignore(_: object) -> None:
    """Do nothing: nobody looks yet, or nothing is left to say."""


class Watched(Generic[S]):
    """Holds the present `state` and tells one watcher of it."""

    def __init__(self, state: S) -> None:
        """Take the first state; nobody watches yet."""
        self.state = state
        self._changed: Callable[[S], None] = ignore

    def watch(self, changed: Callable[[S], None]) -> None:
        """Have `changed` told of every state from now on, and of the present one at once."""
        self._changed = changed
        changed(self.state)

    def _show(self, state: S) -> None:
        self.state = state
        self._changed(state)
