"""The leases of the counter's store in dictionaries.

Held to the same contract as the SQLite store. Must never write in a reading transaction.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from urs_desktop.domain.lease import CounterLease

if TYPE_CHECKING:
    from tests.fakes.tables import Tables


class FakeLeases:
    """The leases over one state, as counter.ports.Leases."""

    def __init__(self, tables: "Tables", *, writable: bool) -> None:
        self.tables = tables
        self._writable = writable

    def _write(self) -> "Tables":
        if not self._writable:
            raise RuntimeError("attempt to write in a reading transaction")
        return self.tables

    def put(self, lease: CounterLease) -> None:
        tables = self._write()
        tables.leases[lease.lease_id] = lease
        tables.finished.setdefault(lease.lease_id, False)

    def get(self, lease_id: str) -> CounterLease | None:
        return self.tables.leases.get(lease_id)

    def unfinished(self) -> Sequence[CounterLease]:
        return [lease for key, lease in self.tables.leases.items() if not self.tables.finished[key]]

    def line(self, card: str) -> Sequence[CounterLease]:
        standing = [lease for lease in self.unfinished() if lease.standing and lease.card == card]
        return sorted(standing, key=lambda lease: (lease.spend_until, lease.lease_id))

    def recall(self, lease_id: str) -> None:
        lease = self._write().leases.get(lease_id)
        if lease is not None and lease.standing and not self.tables.finished[lease_id]:
            self.tables.leases[lease_id] = replace(lease, recalled=True)

    def wanting(self, since: int, asked_before: int, limit: int) -> Sequence[str]:
        last: dict[str, int] = {}
        for receipt in sorted(self.tables.sales, reverse=True)[:2000]:
            sale = self.tables.sales[receipt]
            body = sale.body
            if body.card and body.recorded_at > since and sale.seq <= self.tables.head[0].acknowledged:
                last[body.card] = max(last.get(body.card, 0), body.recorded_at)
        customers = self.tables.customers
        return [
            card
            for card, bought in last.items()
            if (card not in customers or customers[card].available != 0)
            and self.tables.asked.get(card, -1) < max(asked_before, bought)
            and not self.line(card)
        ][:limit]

    def ask(self, card: str, at: int) -> None:
        self._write().asked[card] = at

    def finish(self, lease_id: str) -> None:
        self._write().finished[lease_id] = True
