"""The people of a counter, in SQL.

Must never see a PIN or a badge: what is stored of them is sealed or marked before it comes here.
"""

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import bindparam, select
from sqlalchemy.dialects.sqlite import insert

from urs_desktop.counter.store import schema
from urs_desktop.counter.values import StaffMember
from urs_desktop.database.columns import BYTES, TEXT
from urs_desktop.domain.permissions import Role

_c = schema.staff.c
_ALL: Final = select(schema.staff).order_by(_c.code)
_ONE = select(schema.staff).where(_c.code == bindparam("of_code", type_=TEXT))
_BY_BADGE = select(schema.staff).where(_c.badge == bindparam("of_badge", type_=BYTES))
_NEW = insert(schema.staff)
_PUT = _NEW.on_conflict_do_update(
    index_elements=["code"],
    set_={column.name: _NEW.excluded[column.name] for column in _c if column.name != "code"},
)


class SqlStaff:
    """The people of a counter, as counter.staff_ports.Staff."""

    def __init__(self, connection: sa.Connection) -> None:
        """Take the transaction's connection."""
        self._connection = connection

    def all(self) -> Sequence[StaffMember]:
        """Return everybody in the order of their codes, those who no longer work here too."""
        return tuple(_member(row) for row in self._connection.execute(_ALL))

    def get(self, code: str) -> StaffMember | None:
        """Return the member with exactly this code."""
        return _member_or_none(self._connection.execute(_ONE, {"of_code": code}).one_or_none())

    def by_badge(self, mark: bytes) -> StaffMember | None:
        """Return the member whose badge has this mark (32 bytes)."""
        return _member_or_none(self._connection.execute(_BY_BADGE, {"of_badge": mark}).one_or_none())

    def put(self, member: StaffMember) -> None:
        """Add or replace the member by code; raises ValueError if the badge is another one's."""
        owner = None if member.badge is None else self.by_badge(member.badge)
        if owner is not None and owner.code != member.code:
            message = f"the badge of {member.code} is {owner.code}'s"
            raise ValueError(message)
        self._connection.execute(
            _PUT,
            {
                "code": member.code,
                "name": member.name,
                "role": member.role.value,
                "sealed": member.sealed,
                "badge": member.badge,
                "active": int(member.active),
                "failures": member.failures,
                "failed_at": member.failed_at,
            },
        )


def _member_or_none(row: sa.Row[*tuple[Any, ...]] | None) -> StaffMember | None:
    return None if row is None else _member(row)


def _member(row: sa.Row[*tuple[Any, ...]]) -> StaffMember:
    return StaffMember(
        code=row.code,
        name=row.name,
        role=Role(row.role),
        sealed=row.sealed,
        badge=row.badge,
        active=bool(row.active),
        failures=row.failures,
        failed_at=row.failed_at,
    )
