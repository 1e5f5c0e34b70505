"""What the counter keeps of its shifts, as a protocol.

Must never name SQL, HTTP, Qt or a file.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from urs_desktop.protocol.operations import Body


@dataclass(frozen=True, slots=True)
class Shift:
    """A shift: it holds the operations from `opened_seq` to `closed_seq`, or to the newest while it is open.

    Times in milliseconds; `opening` the float, `expected` and `counted` the cash at its end, in minor units.
    """

    number: int
    opened_seq: int
    opened_at: int
    opened_by: str
    opening: int
    closed_seq: int | None = None
    closed_at: int | None = None
    closed_by: str = ""
    expected: int = 0
    counted: int = 0


class Shifts(Protocol):
    """The shifts of this counter, numbered 1, 2, 3 ..."""

    def latest(self, limit: int) -> Sequence[Shift]:
        """Return the newest shifts, newest first."""

    def get(self, number: int) -> Shift | None:
        """Return the shift with this number."""

    def put(self, shift: Shift) -> None:
        """Add a shift, or replace the one with its number."""

    def bodies(self, shift: Shift) -> Iterator[Body]:
        """Yield what was signed in a shift, in order: its sales, refunds, steps and events."""
