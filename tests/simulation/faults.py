"""What may go wrong in a run, and how often: each class of faults is absent in nearly half of the runs.

That is swarm testing: what is always there hides what shows only without it.

A new fault is a row of FAULTS and the place that asks `World.strikes` for it. Must never hold a fault that no disk,
network or machine could have.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from tests.simulation.chance import Chance

MINUTE: Final = 60_000
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

FAULTS: Final[Mapping[str, float]] = {
    "drop": 0.3,
    "lose_reply": 0.3,
    "duplicate": 0.3,
    "late": 0.2,
    "partition": 0.3,
    "counter_crash": 0.15,
    "counter_disk": 0.1,
    "central_crash": 0.15,
    "central_disk": 0.05,
    "central_down": 0.2,
    "short_push": 0.2,
    "clock_jump": 0.05,
}
"""The highest probability of each fault: of a message, a stretch of time, an action or a request."""

_ABSENT: Final = 0.45


@dataclass(frozen=True, slots=True)
class Faults:
    """How hostile a run is: the probability of each fault, the longest delay and the length of a partition (ms)."""

    rates: Mapping[str, float]
    longest_delay: int
    partition_length: int

    @staticmethod
    def drawn(chance: Chance) -> "Faults":
        """Return the faults of a seed."""
        rates = {
            name: chance.share("fault", name, "rate") * most
            for name, most in FAULTS.items()
            if chance.share("fault", name, "present") > _ABSENT
        }
        return Faults(
            rates=rates,
            longest_delay=chance.of("fault", "delay").choice((1_000, MINUTE, 10 * MINUTE)),
            partition_length=chance.of("fault", "partition").choice((HOUR, 6 * HOUR, DAY)),
        )

    @staticmethod
    def none() -> "Faults":
        """Return a world in which nothing goes wrong."""
        return Faults({}, 1_000, HOUR)

    def without(self, name: str) -> "Faults":
        """Return the same with one fault switched off."""
        return replace(self, rates={other: rate for other, rate in self.rates.items() if other != name})
