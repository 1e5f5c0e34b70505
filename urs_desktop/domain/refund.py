"""Refunds: what goes back to the customer, in cash and in points, and what of the points earned is taken back.

Everything follows from the value refunded so far, never from one refund by itself, so that splitting a refund gains
nothing. Must never add up rounded parts. Source: ledger.md "Rules".
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from urs_desktop.domain import rounding
from urs_desktop.domain.money import Money
from urs_desktop.domain.points import Points
from urs_desktop.domain.policy import RewardPolicy
from urs_desktop.domain.refusals import Refusal, RefusalCode


@dataclass(frozen=True, slots=True)
class SoldLine:
    """A line as it was sold: `quantity` pieces for `total` minor units."""

    quantity: int
    total: int


TaxRate: TypeAlias = tuple[int, bool]
"""Basis points, and whether the tax is part of the price."""


@dataclass(frozen=True, slots=True)
class TaxedLine:
    """The tax of a line as it was sold: `tax` minor units at `rate` for `quantity` pieces."""

    rate: TaxRate
    tax: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Sold:
    """A sale as refunds see it: its lines in order, what was paid with points, what it earned under which policy.

    `earned` are the points that count: those on the receipt at the counter, those in the ledger at the centre.
    """

    lines: tuple[SoldLine, ...]
    total: Money
    points_paid: Points
    earned: Points
    policy: RewardPolicy | None

    def shares(self) -> tuple[int, ...]:
        """Return what each line is worth of the total, in minor units; the shares add up to the total."""
        totals = [line.total for line in self.lines]
        if sum(totals) == self.total.minor and all(total >= 0 for total in totals):
            return tuple(totals)
        return rounding.largest_remainder(max(0, self.total.minor), [max(0, total) for total in totals])

    def paid(self) -> Points:
        """Return what points paid of the total: figures of a hostile receipt count as none, or as the whole total."""
        return Points(max(0, min(self.points_paid, self.total.minor)))

    def base(self) -> Money:
        """Return what was paid otherwise than with points."""
        return Money(self.total.minor - self.paid(), self.total.currency)

    def values(self, pieces: Mapping[int, int]) -> tuple[int, ...]:
        """Return what `pieces` (line number from 1 to quantity) were sold for line by line, in minor units.

        At most what was sold counts.
        """
        values = []
        for n, (line, share) in enumerate(zip(self.lines, self.shares(), strict=True), 1):
            back = max(0, min(pieces.get(n, 0), line.quantity))
            values.append(rounding.floor(share * back, line.quantity) if back else 0)
        return tuple(values)

    def value(self, pieces: Mapping[int, int]) -> Money:
        """Return what `pieces` were sold for in all: never less than nothing, never more than the total."""
        return Money(max(0, min(sum(self.values(pieces)), self.total.minor)), self.total.currency)

    def remaining(self, pieces: Mapping[int, int]) -> tuple[int, ...]:
        """Return how many pieces of each line can still be refunded after `pieces` were."""
        return tuple(max(0, line.quantity - pieces.get(n, 0)) for n, line in enumerate(self.lines, 1))

    def check(self, pieces: Mapping[int, int], before: Mapping[int, int]) -> None:
        """Refuse pieces this sale does not have or that were refunded before.

        Raises Refusal(REFUND_EMPTY), LINE_UNKNOWN, QUANTITY_OUT_OF_RANGE for fewer than one, REFUND_EXCEEDS_SALE.
        """
        if not pieces:
            raise Refusal(RefusalCode.REFUND_EMPTY)
        remaining = self.remaining(before)
        for n, quantity in pieces.items():
            if not 1 <= n <= len(self.lines):
                raise Refusal(RefusalCode.LINE_UNKNOWN, line=n)
            if quantity < 1:
                raise Refusal(RefusalCode.QUANTITY_OUT_OF_RANGE, quantity=quantity, maximum=remaining[n - 1])
            if quantity > remaining[n - 1]:
                raise Refusal(RefusalCode.REFUND_EXCEEDS_SALE, line=n, quantity=quantity, remaining=remaining[n - 1])


@dataclass(frozen=True, slots=True)
class RefundState:
    """Where a sale stands once goods worth `value` have come back, over all its refunds together.

    `value` = `points_back` + `cash_back`, in minor units; `clawed` of the points earned are taken back.
    """

    value: int
    points_back: Points
    cash_back: int
    clawed: Points

    def since(self, before: "RefundState") -> "RefundState":
        """Return what one refund adds to the state before it."""
        return RefundState(
            self.value - before.value,
            Points(self.points_back - before.points_back),
            self.cash_back - before.cash_back,
            Points(self.clawed - before.clawed),
        )


def refund_state(sold: Sold, pieces: Mapping[int, int]) -> RefundState:
    """Return where a sale stands after `pieces` (line number to quantity) came back over all its refunds.

    points_back = floor(points_paid * R / total), cash_back = R - points_back, clawed = earned - earn(base - cash_back).
    """
    value = sold.value(pieces)
    total = sold.total.minor
    points_back = Points(rounding.floor(sold.paid() * value.minor, total)) if total > 0 else Points(0)
    cash_back = value.minor - points_back
    return RefundState(value.minor, points_back, cash_back, _clawed(sold, cash_back))


def to_wallet(points_back: Points, paid: Points, redeemed: Points) -> Points:
    """Return how many of the points given back go to the wallet, if `redeemed` of those `paid` were taken from it.

    The rest the vendor gave: it returns to nobody. Both parts only grow as more points go back, which two shares of the
    refunded value, each rounded by itself, would not.
    """
    return Points(rounding.floor(min(redeemed, paid) * points_back, paid)) if paid > 0 else Points(0)


def taxes_within(lines: Sequence[TaxedLine], pieces: Mapping[int, int]) -> Counter[TaxRate]:
    """Return the tax of each rate in what came back, in minor units.

    Each line gives its share by quantity, and what a rate comes to is rounded half-up once: so all pieces give all the
    tax, however they were split, and a receipt says what the rates of a shift's report add up to.
    """
    shares: dict[TaxRate, Fraction] = {}
    for n, line in enumerate(lines, 1):
        back = max(0, min(pieces.get(n, 0), line.quantity))
        if back:
            shares[line.rate] = shares.get(line.rate, Fraction()) + Fraction(line.tax * back, line.quantity)
    return Counter({rate: rounding.half_up(tax.numerator, tax.denominator) for rate, tax in shares.items()})


def pieces_of(refunds: Sequence[Mapping[int, int]]) -> Counter[int]:
    """Return the pieces of each line over several refunds."""
    pieces: Counter[int] = Counter()
    for refund in refunds:
        pieces.update(refund)
    return pieces


def _clawed(sold: Sold, cash_back: int) -> Points:
    if not cash_back or sold.policy is None:
        return Points(0)
    rest = Money(sold.base().minor - cash_back, sold.total.currency)
    return Points(sold.earned - min(sold.earned, sold.policy.earn(rest)))
