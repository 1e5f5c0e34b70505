"""What the counter's use cases need to keep of the people who work at it, as a protocol.

Must never name SQL, HTTP, Qt or a file.
"""

from collections.abc import Sequence
from typing import Protocol

from urs_desktop.counter.values import StaffMember


class Staff(Protocol):
    """The people of this counter; whoever worked here once stays, because signed operations name them."""

    def all(self) -> Sequence[StaffMember]:
        """Return everybody in the order of their codes, those who no longer work here too."""

    def get(self, code: str) -> StaffMember | None:
        """Return the member with exactly this code."""

    def by_badge(self, mark: bytes) -> StaffMember | None:
        """Return the member whose badge has this mark (32 bytes)."""

    def put(self, member: StaffMember) -> None:
        """Add or replace the member by code; raises ValueError if the badge is another one's."""
