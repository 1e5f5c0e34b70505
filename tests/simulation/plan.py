"""A run before it is played: a seed, the actions, the faults and the counters, so that each can be left out.

Must never hold anything but values: the same plan is the same run.
"""

from dataclasses import dataclass

from tests.simulation import actions
from tests.simulation.actions import Action
from tests.simulation.chance import Chance
from tests.simulation.faults import Faults
from tests.simulation.shop import TILLS


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be played; `files` says whether the databases are real files."""

    seed: int
    actions: tuple[Action, ...]
    faults: Faults
    tills: tuple[str, ...]
    files: bool = False

    @staticmethod
    def drawn(seed: int, *, files: bool = False) -> "Plan":
        """Return the plan of a seed."""
        chance = Chance(seed)
        return Plan(seed, actions.drawn(chance), Faults.drawn(chance), tuple(TILLS), files)
