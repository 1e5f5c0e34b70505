"""Wallet leases: points the central store has set aside for one counter to spend.

A lease is a hold in the ledger. Each grant is a lease of its own, so `granted` never changes; `spent` and `returned`
only grow and are the counter's, `settled` is the centre's copy of what arrived. A customer's *line* at a counter is
the standing leases open there. No rule here depends on time, order or the number of copies of a message for its
safety; time only decides when locked points come back. Source: sync.md 2.6, 3.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from urs_desktop.domain.points import NO_POINTS, Points
from urs_desktop.domain.refusals import Refusal, RefusalCode

EXACT_GRANT_MS = 5 * 60 * 1000
"""An exact grant can be spent for this long."""

EXACT_SETTLE_MS = 24 * 60 * 60 * 1000
"""After this long, by the centre's clock, what was neither settled nor returned of an exact grant is free again."""


STANDING_GRANT_MS = 72 * 60 * 60 * 1000
"""A standing lease can be spent for this long, unless the centre says otherwise."""

STANDING_SETTLE_MS = 14 * 24 * 60 * 60 * 1000
"""After this long, by the centre's clock, what was neither settled nor returned of a standing lease is free again."""


@dataclass(frozen=True, slots=True)
class CounterLease:
    """The counter's copy of a lease: points it may still spend are granted - spent - returned, all >= 0.

    A `standing` lease serves many sales, without a connection too, any other serves one. `in_payment` while a payment
    counts on it; `recalled` once the centre wants it back; from `renew_at` it is exchanged for a fresh one.
    """

    lease_id: str
    card: str
    epoch: int
    granted: Points
    spent: Points
    returned: Points
    spend_until: int
    standing: bool = False
    in_payment: bool = False
    recalled: bool = False
    renew_at: int = 0

    @property
    def rest(self) -> Points:
        """The points neither spent nor returned."""
        return Points(self.granted - self.spent - self.returned)

    def spend(self, points: Points, now: int) -> "CounterLease":
        """Return the lease after spending; raises Refusal(GRANT_OVER) after its time, GRANT_EXCEEDED beyond it."""
        if now >= self.spend_until:
            raise Refusal(RefusalCode.GRANT_OVER)
        if not 0 < points <= self.rest:
            raise Refusal(RefusalCode.GRANT_EXCEEDED, points=points, rest=self.rest)
        return replace(self, spent=Points(self.spent + points))

    def give_back(self) -> "CounterLease":
        """Return the lease with everything unspent returned."""
        return replace(self, returned=Points(self.returned + self.rest))


@dataclass(frozen=True, slots=True)
class Backing:
    """What the points of one payment are taken from.

    Its `leases` in the order in which they are spent, then up to `floor` points that the vendor takes the risk for.
    """

    leases: tuple[CounterLease, ...] = ()
    floor: Points = NO_POINTS

    @property
    def rest(self) -> Points:
        """The points it can give in all."""
        return Points(sum(lease.rest for lease in self.leases) + self.floor)


NO_BACKING = Backing()
"""Nothing to take points from."""


class LeaseState(StrEnum):
    """Whether a lease still holds points at the centre; a closed lease never opens again."""

    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class CentralLease:
    """The centre's copy of a lease; while open it holds granted - settled - returned points of the wallet."""

    granted: Points
    settled: Points
    returned: Points
    state: LeaseState

    @property
    def held(self) -> Points:
        """The points of the wallet this lease holds now."""
        return Points(self.granted - self.settled - self.returned if self.state is LeaseState.OPEN else 0)

    def settle(self, points: Points) -> tuple["CentralLease", Points]:
        """Take a spend that arrived: the lease after it, and the part the wallet covers.

        The rest of `points` was spent late (the lease is closed) or unbacked (beyond what was granted): the vendor
        that took it owes it, never the wallet.
        """
        covered = Points(min(points, self.held))
        return self._moved(settled=covered), covered

    def give_back(self, points: Points) -> tuple["CentralLease", Points]:
        """Take a return that arrived: the lease after it, and the points set free."""
        freed = Points(min(points, self.held))
        return self._moved(returned=freed), freed

    def close(self) -> tuple["CentralLease", Points]:
        """Close the lease for ever: the closed lease, and the points set free."""
        freed = self.held
        return replace(self, returned=Points(self.returned + freed), state=LeaseState.CLOSED), freed

    def _moved(self, settled: int = 0, returned: int = 0) -> "CentralLease":
        return replace(self, settled=Points(self.settled + settled), returned=Points(self.returned + returned))
