"""Persons enrolled here until the central store has them, and a customer's receipts of this counter, in SQL.

Must never keep a person longer than it takes to hand the record over.
"""

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, ForeignKey, bindparam, literal, select
from sqlalchemy.dialects.sqlite import insert

from urs_desktop.counter.people_ports import EnrolledPerson, Movement
from urs_desktop.counter.store import schema
from urs_desktop.database.columns import BYTES, INTEGER, TEXT
from urs_desktop.domain.person import Person

people: Final = sa.Table(
    "people",
    schema.metadata,
    Column("op_id", BYTES, primary_key=True),
    Column("seq", INTEGER, ForeignKey("operations.seq"), nullable=False, unique=True),
    Column("card", TEXT, nullable=False),
    Column("salt", BYTES, nullable=False),
    Column("phone", TEXT, nullable=False),
    Column("name", TEXT, nullable=False),
    Column("email", TEXT, nullable=False),
    Column("agreed", INTEGER, nullable=False),
    Column("wording", TEXT, nullable=False),
    Column("asked_at", INTEGER, nullable=False),
    Column("refused", TEXT, nullable=False),
    CheckConstraint("agreed IN (0, 1)", name="agreed"),
    sqlite_strict=True,
)

_p, _s, _r = people.c, schema.sales.c, schema.refunds.c
_WAITING = (
    select(people)
    .where(_p.refused == "", _p.seq <= select(schema.chain.c.acknowledged).scalar_subquery())
    .order_by(_p.seq)
    .limit(bindparam("limit"))
)
_REMOVE = sa.delete(people).where(_p.op_id == bindparam("of_op"))
_REFUSE = sa.update(people).where(_p.op_id == bindparam("of_op")).values(refused=bindparam("why"))
_REFUSED = select(_p.seq, _p.refused).where(_p.refused != "").order_by(_p.seq)
_SOLD = select(
    *(_s.receipt, _s.happened_at, literal(0).label("refund"), _s.earned, _s.points_paid.label("spent")),
    *(literal(0).label("back"), literal(0).label("clawed")),
).where(_s.card == bindparam("of_card"))
_GIVEN_BACK = select(
    *(_r.receipt, _r.happened_at, literal(1), literal(0), literal(0)), _r.points_back, _r.clawed
).where(_r.card == bindparam("of_card"))
_MOVEMENTS = sa.union_all(_SOLD, _GIVEN_BACK).order_by(sa.text("receipt DESC")).limit(bindparam("limit"))


class SqlPeople:
    """The persons, as counter.people_ports.People."""

    def __init__(self, connection: sa.Connection) -> None:
        """Take the transaction's connection."""
        self._connection = connection

    def put(self, enrolled: EnrolledPerson) -> None:
        """Keep a person until the central store has the record."""
        who = enrolled.person
        row = {
            "op_id": enrolled.op_id,
            "seq": enrolled.seq,
            "card": enrolled.card,
            "salt": enrolled.salt,
            "phone": who.phone,
            "name": who.name,
            "email": who.email,
            "agreed": int(who.agreed),
            "wording": who.wording,
            "asked_at": who.asked_at,
            "refused": "",
        }
        self._connection.execute(insert(people), row)

    def waiting(self, limit: int) -> Sequence[EnrolledPerson]:
        """Return persons whose enrolment was acknowledged and who were not refused, in order."""
        return tuple(_enrolled(row) for row in self._connection.execute(_WAITING, {"limit": limit}))

    def remove(self, op_id: bytes) -> None:
        """Let go of the person of this enrolment."""
        self._connection.execute(_REMOVE, {"of_op": op_id})

    def refuse(self, op_id: bytes, code: str) -> None:
        """Note why the central store does not take this record."""
        self._connection.execute(_REFUSE, {"of_op": op_id, "why": code})

    def refused(self) -> Sequence[tuple[int, str]]:
        """Return the seq of each enrolment whose record was refused, and why."""
        return tuple((row.seq, row.refused) for row in self._connection.execute(_REFUSED))

    def movements(self, card: str, limit: int) -> Sequence[Movement]:
        """Return the newest receipts of this counter with this card, newest first."""
        rows = self._connection.execute(_MOVEMENTS, {"of_card": card, "limit": limit})
        return tuple(
            Movement(receipt, at, bool(refund), earned, spent, back, clawed)
            for receipt, at, refund, earned, spent, back, clawed in rows
        )


def _enrolled(row: sa.Row[*tuple[Any, ...]]) -> EnrolledPerson:
    who = Person(row.phone, row.name, row.email, bool(row.agreed), row.wording, row.asked_at)
    return EnrolledPerson(row.op_id, row.seq, row.card, row.salt, who)
