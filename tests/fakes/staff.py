"""The people of a counter, in a dictionary: the part of the fake store that `Book.staff` is.

Held to the same contract as the SQLite store. Must never write in a reading transaction.
"""

from collections.abc import Sequence

from urs_desktop.counter.values import StaffMember


class FakeStaff:
    """The people by code."""

    def __init__(self, people: dict[str, StaffMember], *, writable: bool) -> None:
        self._people = people
        self._writable = writable

    def all(self) -> Sequence[StaffMember]:
        return tuple(member for _, member in sorted(self._people.items()))

    def get(self, code: str) -> StaffMember | None:
        return self._people.get(code)

    def by_badge(self, mark: bytes) -> StaffMember | None:
        return next((member for member in self._people.values() if member.badge == mark), None)

    def put(self, member: StaffMember) -> None:
        if not self._writable:
            raise RuntimeError("attempt to write in a reading transaction")
        owner = None if member.badge is None else self.by_badge(member.badge)
        if owner is not None and owner.code != member.code:
            raise ValueError(f"the badge of {member.code} is {owner.code}'s")
        self._people[member.code] = member
