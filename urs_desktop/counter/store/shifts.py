"""Shifts, in SQL: when each was opened and closed, and the operations between.

Must never reckon: what a shift took its signed operations say.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Final

import sqlalchemy as sa
from sqlalchemy import Column, bindparam, select
from sqlalchemy.dialects.sqlite import insert

from urs_desktop.counter.shift_ports import Shift
from urs_desktop.counter.store import schema
from urs_desktop.database.columns import INTEGER, TEXT
from urs_desktop.protocol.codec import decode_body
from urs_desktop.protocol.operations import Body

shifts: Final = sa.Table(
    "shifts",
    schema.metadata,
    Column("number", INTEGER, primary_key=True),
    Column("opened_seq", INTEGER, nullable=False),
    Column("opened_at", INTEGER, nullable=False),
    Column("opened_by", TEXT, nullable=False),
    Column("opening", INTEGER, nullable=False),
    Column("closed_seq", INTEGER),
    Column("closed_at", INTEGER),
    Column("closed_by", TEXT, nullable=False),
    Column("expected", INTEGER, nullable=False),
    Column("counted", INTEGER, nullable=False),
    sqlite_strict=True,
)

_ROWS = select(*(shifts.c[name] for name in Shift.__slots__))
_LATEST = _ROWS.order_by(shifts.c.number.desc()).limit(bindparam("limit"))
_ONE = _ROWS.where(shifts.c.number == bindparam("of_number"))
_NEW = insert(shifts)
_PUT = _NEW.on_conflict_do_update(
    index_elements=["number"], set_={name: _NEW.excluded[name] for name in Shift.__slots__ if name != "number"}
)
_KINDS: Final = ("sale", "refund", "shift", "event")
_o = schema.operations.c
_BETWEEN = (
    select(_o.kind, _o.schema, _o.body)
    .where(_o.seq >= bindparam("first"), _o.seq <= bindparam("last"), _o.kind.in_(_KINDS))
    .order_by(_o.seq)
)
_FARTHEST: Final = 2**62


class SqlShifts:
    """The shifts, as counter.shift_ports.Shifts."""

    def __init__(self, connection: sa.Connection) -> None:
        """Take the transaction's connection."""
        self._connection = connection

    def latest(self, limit: int) -> Sequence[Shift]:
        """Return the newest shifts, newest first."""
        return tuple(Shift(*row) for row in self._connection.execute(_LATEST, {"limit": limit}))

    def get(self, number: int) -> Shift | None:
        """Return the shift with this number."""
        row = self._connection.execute(_ONE, {"of_number": number}).one_or_none()
        return None if row is None else Shift(*row)

    def put(self, shift: Shift) -> None:
        """Add a shift, or replace the one with its number."""
        self._connection.execute(_PUT, asdict(shift))

    def bodies(self, shift: Shift) -> Iterator[Body]:
        """Yield what was signed in a shift, in order."""
        last = _FARTHEST if shift.closed_seq is None else shift.closed_seq
        for kind, number, data in self._connection.execute(_BETWEEN, {"first": shift.opened_seq, "last": last}):
            body = decode_body(kind, number, data)
            if body is not None:
                yield body
