"""Persons in a dictionary: the part of the fake store that `Book.people` is.

Held to the same contract as the SQLite store. Must never write in a reading transaction.
"""

from collections.abc import Sequence

from tests.fakes.tables import Table
from urs_desktop.counter.people_ports import EnrolledPerson, Movement


class FakePeople(Table):
    """The persons by enrolment."""

    def put(self, enrolled: EnrolledPerson) -> None:
        people = self._write().people
        if enrolled.op_id in people:
            raise ValueError("this enrolment is there already")
        people[enrolled.op_id] = enrolled

    def waiting(self, limit: int) -> Sequence[EnrolledPerson]:
        acknowledged = self.tables.head[0].acknowledged
        people = sorted(self.tables.people.values(), key=lambda each: each.seq)
        known = [p for p in people if p.seq <= acknowledged and p.op_id not in self.tables.refused_people]
        return tuple(known[:limit])

    def remove(self, op_id: bytes) -> None:
        tables = self._write()
        tables.people.pop(op_id, None)
        tables.refused_people.pop(op_id, None)

    def refuse(self, op_id: bytes, code: str) -> None:
        if op_id in self._write().people:
            self.tables.refused_people[op_id] = code

    def refused(self) -> Sequence[tuple[int, str]]:
        return sorted((self.tables.people[op_id].seq, code) for op_id, code in self.tables.refused_people.items())

    def movements(self, card: str, limit: int) -> Sequence[Movement]:
        sold = [
            Movement(sale.receipt, sale.body.happened_at, False, sale.body.earned, sale.body.points_paid)
            for sale in self.tables.sales.values()
            if sale.body.card == card
        ]
        returned = [
            Movement(
                refund.receipt,
                refund.body.happened_at,
                is_refund=True,
                back=refund.body.points_back,
                clawed=refund.body.clawed,
            )
            for refund in self.tables.refunds.values()
            if refund.body.card == card
        ]
        return tuple(sorted([*sold, *returned], key=lambda each: -each.receipt)[:limit])
