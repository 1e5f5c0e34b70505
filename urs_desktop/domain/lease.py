"""Wallet leases: points the central store has set aside for one counter to spend.

A lease is a hold in the ledger. Four cumulative numbers, each with one writer: `granted` (the centre), `spent` and
`returned` (the counter), `settled` (the centre's copy of what arrived). No rule here depends on time, order or the
number of copies of a message for its safety; time only decides when locked points come back. Source: sync.md 2.6, 3.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from urs_desktop.domain.points import Points
from urs_desktop.domain.refusals import Refusal, RefusalCode

EXACT_GRANT_MS = 5 * 60 * 1000
"""An exact grant can be spent for this long."""

EXACT_SETTLE_MS = 24 * 60 * 60 * 1000
"""After this long, by the centre's clock, what was neither settled nor returned of an exact grant is free again."""


@dataclass(frozen=True, slots=True)
class CounterLease:
    """The counter's copy of a lease: points it may still spend are granted - spent - returned, all >= 0."""

    lease_id: str
    card: str
    epoch: int
    granted: Points
    spent: Points
    returned: Points
    spend_until: int

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
