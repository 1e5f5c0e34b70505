"""What sales and refunds must come to, kept by hand beside a central store: plain integers, one formula each.

Must never import urs_desktop, because a rule copied from what it tests proves nothing. Source: ledger.md "Rules".
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

_WHOLE: Final = 10_000
"""Basis points of the whole."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What a policy says: threshold in minor units, rates in basis points."""

    threshold: int
    reward: int
    redeemable: int

    def earn(self, base: int) -> int:
        """Return the points for a base in minor units."""
        return base * self.reward // _WHOLE if base > self.threshold else 0

    def cap(self, total: int) -> int:
        """Return how many points may pay of a total."""
        return total * self.redeemable // _WHOLE


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a sale stands after its refunds, all of them together."""

    value: int = 0
    points_back: int = 0
    cash_back: int = 0
    clawed: int = 0

    def since(self, before: "Standing") -> "Standing":
        """Return what came since."""
        return Standing(
            self.value - before.value,
            self.points_back - before.points_back,
            self.cash_back - before.cash_back,
            self.clawed - before.clawed,
        )


@dataclass(slots=True)
class Sold:
    """A sale: its lines as (pieces, minor units), what was paid with points, and of that what a lease covered."""

    vendor: str
    card: str | None
    rule: Rule
    lines: tuple[tuple[int, int], ...]
    paid: int = 0
    covered: int = 0
    back: Counter[int] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        """What it came to."""
        return sum(amount for _, amount in self.lines)

    @property
    def earned(self) -> int:
        """The points it earned."""
        return self.rule.earn(self.total - self.paid) if self.card else 0

    @property
    def standing(self) -> Standing:
        """Where it stands now."""
        worth = sum(amount * self.back[n] // pieces for n, (pieces, amount) in enumerate(self.lines, 1))
        points_back = self.paid * worth // self.total
        cash_back = worth - points_back
        kept = self.rule.earn(self.total - self.paid - cash_back) if self.card else 0
        return Standing(worth, points_back, cash_back, self.earned - kept if cash_back else 0)

    @property
    def given_back(self) -> int:
        """The points that went back to the wallet."""
        return self.covered * self.standing.value // self.total

    def left(self) -> Mapping[int, int]:
        """Return the pieces of each line that can still come back."""
        pieces = {n: count - self.back[n] for n, (count, _) in enumerate(self.lines, 1)}
        return {n: count for n, count in pieces.items() if count}


@dataclass(slots=True)
class VendorTally:
    """What a vendor's sales come to: money in minor units, and points."""

    transactions: int = 0
    revenue: int = 0
    rewards: int = 0
    redeemed: int = 0
    exposure: int = 0


@dataclass(slots=True)
class Tally:
    """All sales that were made, and what was refunded without any."""

    sales: list[Sold] = field(default_factory=list)
    unbacked_refunds: Counter[str] = field(default_factory=Counter)

    def vendors(self) -> dict[str, VendorTally]:
        """Return what each vendor's sales come to."""
        found: dict[str, VendorTally] = {}
        for sold in self.sales:
            tally = found.setdefault(sold.vendor, VendorTally())
            standing = sold.standing
            tally.transactions += 1
            tally.revenue += sold.total - standing.value
            tally.rewards += sold.earned - standing.clawed
            tally.redeemed += sold.covered - sold.given_back
            tally.exposure += sold.paid - sold.covered - (standing.points_back - sold.given_back)
        for vendor, amount in self.unbacked_refunds.items():
            found.setdefault(vendor, VendorTally()).revenue -= amount
        return found

    def wallets(self) -> Counter[str]:
        """Return what each card has, owes and let expire in all: earned less clawed back, spent less given back."""
        found: Counter[str] = Counter()
        for sold in self.sales:
            if sold.card:
                found[sold.card] += sold.earned - sold.standing.clawed - sold.covered + sold.given_back
        return found


def sums(tallies: Iterable[VendorTally]) -> VendorTally:
    """Return several vendors' tallies as one."""
    whole = VendorTally()
    for tally in tallies:
        whole.transactions += tally.transactions
        whole.revenue += tally.revenue
        whole.rewards += tally.rewards
        whole.redeemed += tally.redeemed
        whole.exposure += tally.exposure
    return whole
