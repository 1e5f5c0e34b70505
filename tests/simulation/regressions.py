"""Runs that once failed, each with the fault it found; they are played for ever.

They are whole plans and not seeds, because what a seed draws changes with every new action. One that a mutant showed
names it: it must hold, and fail again with the rule broken. Must never lose one.
"""

from dataclasses import dataclass
from typing import Final

from tests.simulation.actions import Action
from tests.simulation.faults import Faults
from tests.simulation.plan import Plan


@dataclass(frozen=True, slots=True)
class Regression:
    """A plan that failed, why, and with which rule broken, if one was."""

    reason: str
    plan: Plan
    mutant: str | None = None


REGRESSIONS: Final = (
    Regression(
        reason="a lease that paid for a sale was settled at the centre and given back by its counter as well",
        plan=Plan(
            seed=3,
            actions=(
                Action(number=1, at=3_750, kind="sell", counter="medium-1", card="C2", amount=1_562),
                Action(number=3, at=11_250, kind="sync", counter="medium-1"),
                Action(number=9, at=35_923, kind="redeem", counter="medium-2", card="C2", amount=3),
            ),
            faults=Faults.none(),
            tills=("medium-1", "medium-2"),
        ),
        mutant="spend_is_not_stored",
    ),
    Regression(
        reason="a counter that had been told of an erased card knew its customer again from the next sale on",
        plan=Plan(
            seed=32,
            actions=(
                Action(number=27, at=26_808, kind="sell", counter="medium-2", card="C1"),
                Action(number=33, at=33_014, kind="sync", counter="medium-2"),
                Action(number=37, at=35_593, kind="erase", counter="medium-1", card="C1"),
                Action(number=38, at=37_063, kind="sync", counter="medium-1"),
                Action(number=40, at=37_662, kind="sell", counter="medium-1", card="C1"),
            ),
            faults=Faults.none(),
            tills=("medium-1", "medium-2"),
        ),
        mutant="erased_and_kept",
    ),
    Regression(
        reason="a counter that was put back a second time to the same backup gave its receipt numbers again",
        plan=Plan(
            seed=100_167,
            actions=(
                Action(number=9, at=10_740, kind="put_back", counter="medium-2", pick=0.9),
                Action(number=21, at=21_144, kind="sell", counter="medium-2", amount=1),
                Action(number=27, at=24_842, kind="put_back", counter="medium-2", pick=0.9),
                Action(number=30, at=29_008, kind="put_back", counter="medium-2", pick=0.9),
                Action(number=33, at=31_265, kind="sell", counter="medium-2", amount=1),
            ),
            faults=Faults.none(),
            tills=("medium-2",),
        ),
        mutant="sentinel_is_not_read",
    ),
    Regression(
        reason="a counter knew a merged card for ever when its customer was erased",
        plan=Plan(
            seed=201_129,
            actions=(
                Action(number=4, at=151_003, kind="sell", counter="medium-2", card="C1", amount=1),
                Action(number=8, at=319_678, kind="sell", counter="medium-2", card="C3", amount=1),
                Action(number=11, at=349_256, kind="sync", counter="medium-2"),
                Action(number=26, at=828_108, kind="merge", counter="small-1", card="C3", pick=0.03),
                Action(number=28, at=838_823, kind="sell", counter="small-1", card="C3", amount=1),
                Action(number=37, at=1_147_313, kind="sync", counter="small-1"),
                Action(number=46, at=1_345_971, kind="erase", counter="medium-2", card="C1"),
            ),
            faults=Faults.none(),
            tills=("medium-2", "small-1"),
        ),
        mutant="erased_and_kept",
    ),
)
"""Oldest first."""
