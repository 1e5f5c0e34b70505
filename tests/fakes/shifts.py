"""Shifts in a dictionary: the part of the fake store that `Book.shifts` is.

Held to the same contract as the SQLite store. Must never write in a reading transaction.
"""

from collections.abc import Iterator, Sequence

from urs_desktop.counter.shift_ports import Shift
from urs_desktop.protocol.codec import decode_body
from urs_desktop.protocol.operations import Body, Operation

_KINDS = ("sale", "refund", "shift", "event")


class FakeShifts:
    """The shifts by number."""

    def __init__(self, shifts: dict[int, Shift], operations: Sequence[Operation], *, writable: bool) -> None:
        self._shifts = shifts
        self._operations = operations
        self._writable = writable

    def latest(self, limit: int) -> Sequence[Shift]:
        return tuple(shift for _, shift in sorted(self._shifts.items(), reverse=True))[:limit]

    def get(self, number: int) -> Shift | None:
        return self._shifts.get(number)

    def put(self, shift: Shift) -> None:
        if not self._writable:
            raise RuntimeError("attempt to write in a reading transaction")
        self._shifts[shift.number] = shift

    def bodies(self, shift: Shift) -> Iterator[Body]:
        last = len(self._operations) if shift.closed_seq is None else shift.closed_seq
        for operation in self._operations:
            if shift.opened_seq <= operation.seq <= last and operation.kind in _KINDS:
                body = decode_body(operation.kind, operation.schema, operation.body)
                if body is not None:
                    yield body
