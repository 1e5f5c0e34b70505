"""The simulated world: virtual time, a list of things to come, faults, and what customers hold in their hands.

Must never let anything happen outside the event list: a run is a pure function of its seed and mutant.
"""

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from tests.simulation.chance import Chance

MINUTE: Final = 60_000
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
START: Final = 1_800_000_000_000


class Violation(Exception):  # noqa: N818 - what the simulator looks for, not a fault of its own
    """Something that must never be was seen."""


class Crash(Exception):  # noqa: N818 - a power cut, not a fault of the simulator
    """The process died at this very statement.

    An Exception because SQLAlchemy gives up a connection at anything else, and with it the database in memory; what
    shipped code does in its handlers comes to nothing, because a dead process gets no further statement through.
    """


@dataclass(frozen=True, slots=True)
class Faults:
    """How hostile this run is: probabilities per message, per statement and per request, and the longest delay (ms)."""

    drop: float
    lose_reply: float
    duplicate: float
    late: float
    longest_delay: int
    counter_crash: float
    central_crash: float
    central_down: float

    @staticmethod
    def drawn(chance: Chance) -> "Faults":
        """Return the faults of a run; each class is absent in nearly half of the runs (swarm testing)."""

        def maybe(name: str, most: float) -> float:
            generator = chance.of("fault", name)
            return generator.random() * most if generator.random() > 0.45 else 0.0

        return Faults(
            drop=maybe("drop", 0.3),
            lose_reply=maybe("lose_reply", 0.3),
            duplicate=maybe("duplicate", 0.3),
            late=maybe("late", 0.2),
            longest_delay=chance.of("fault", "delay").choice((1_000, MINUTE, 10 * MINUTE)),
            counter_crash=maybe("counter_crash", 0.15),
            central_crash=maybe("central_crash", 0.15),
            central_down=maybe("central_down", 0.2),
        )


@dataclass(frozen=True, slots=True)
class Printed:
    """A receipt in a customer's hand."""

    counter: str
    number: str
    card: str | None
    total: int
    earned: int
    points_paid: int


@dataclass(frozen=True, slots=True)
class Refunded:
    """A refund's receipt in a customer's hand."""

    counter: str
    number: str
    total: int
    points_back: int
    clawed: int


@dataclass(slots=True)
class World:
    """Time, events, faults and evidence of one run; `trace` tells it as a story when a seed fails."""

    chance: Chance
    faults: Faults
    now: int = START
    healed: bool = False
    printed: list[Printed] = field(default_factory=list)
    refunded: list[Refunded] = field(default_factory=list)
    trace: list[str] = field(default_factory=list)
    _events: list[tuple[int, int, Callable[[], None]]] = field(default_factory=list)
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def at(self, when: int, what: Callable[[], None]) -> None:
        """Let something happen at a time, not before now."""
        heapq.heappush(self._events, (max(when, self.now), next(self._numbers), what))

    def after(self, delay: int, what: Callable[[], None]) -> None:
        """Let something happen `delay` milliseconds from now."""
        self.at(self.now + delay, what)

    def step(self) -> bool:
        """Let the next thing happen; returns whether there was one."""
        if not self._events:
            return False
        when, _, what = heapq.heappop(self._events)
        self.now = max(self.now, when)
        what()
        return True

    def note(self, line: str) -> None:
        """Add a line to the story."""
        self.trace.append(f"{(self.now - START) / 1000:>10.1f} s  {line}")


class WorldClock:
    """The virtual clock, as urs_desktop.system.clock.Clock."""

    def __init__(self, world: World) -> None:
        """Take the world whose time this tells."""
        self._world = world

    def now(self) -> int:
        """Return virtual milliseconds since the epoch."""
        return self._world.now
