"""Why a sale earned its points and what its refunds took back: every input and every step of the arithmetic as values.

Counter and central store make words of it. Must never hold a text for people, nor reckon otherwise than the rules that
posted the points. Source: ledger.md "Rules".
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from urs_desktop.domain import rounding
from urs_desktop.domain.money import BASIS_POINTS, Money
from urs_desktop.domain.points import NO_POINTS, Points
from urs_desktop.domain.policy import RewardPolicy
from urs_desktop.domain.refund import RefundState, Sold, refund_state


@dataclass(frozen=True, slots=True)
class Earning:
    """What a base earns under a policy: nothing unless it `exceeds` the threshold, else product / scale rounded down.

    `base` is what was not paid with points; `product` = base in minor units * rate in basis points, `scale` the number
    of basis points that are 100 %. Without a policy nothing is earned and `product` is 0.
    """

    policy: RewardPolicy | None
    base: Money
    exceeds: bool
    product: int
    scale: int
    points: Points


@dataclass(frozen=True, slots=True)
class RefundStep:
    """One refund among those of its sale: where they stood before and after it.

    `pieces` is what came back with it (line number to quantity). `points_product` / total rounded down are the points
    to give back for all goods that came back so far; `rest` is what is still earned, on the base less the cash that
    went back so far.
    """

    pieces: Mapping[int, int]
    before: RefundState
    after: RefundState
    points_product: int
    rest: Earning

    @property
    def adds(self) -> RefundState:
        """What this refund alone comes to."""
        return self.after.since(self.before)


@dataclass(frozen=True, slots=True)
class Explanation:
    """A sale's points: what the rules give, the shares of what it earned line by line, and each refund in order.

    `sold.earned` is what the sale did earn: as `earning` says, or nothing where no customer was named.
    """

    sold: Sold
    earning: Earning
    shares: tuple[int, ...]
    refunds: tuple[RefundStep, ...]


def earning(base: Money, policy: RewardPolicy | None) -> Earning:
    """Return what a base earns under a policy, with its steps."""
    if policy is None:
        return Earning(None, base, exceeds=False, product=0, scale=BASIS_POINTS, points=NO_POINTS)
    return Earning(
        policy,
        base,
        exceeds=base.minor > policy.threshold,
        product=base.minor * policy.reward_bp,
        scale=BASIS_POINTS,
        points=policy.earn(base),
    )


def explain(sold: Sold, refunds: Sequence[Mapping[int, int]]) -> Explanation:
    """Return why a sale earned what it did, and what its refunds, in their order, took back and gave back."""
    lines = [max(0, line.total) for line in sold.lines]
    return Explanation(
        sold=sold,
        earning=earning(sold.base(), sold.policy),
        shares=rounding.largest_remainder(max(NO_POINTS, sold.earned), lines),
        refunds=tuple(_steps(sold, refunds)),
    )


def _steps(sold: Sold, refunds: Sequence[Mapping[int, int]]) -> list[RefundStep]:
    pieces: Counter[int] = Counter()
    before = refund_state(sold, pieces)
    steps = []
    for refund in refunds:
        pieces.update(refund)
        after = refund_state(sold, pieces)
        left = Money(sold.base().minor - after.cash_back, sold.total.currency)
        product = sold.paid() * after.value
        steps.append(RefundStep(dict(refund), before, after, product, earning(left, sold.policy)))
        before = after
    return steps
