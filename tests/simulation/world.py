"""The simulated world: virtual time, a list of things to come, faults, and what customers hold in their hands.

Must never let anything happen outside the event list: a run is a pure function of its plan and mutant.
"""

import heapq
import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import sqlalchemy as sa

from tests.simulation.chance import Chance
from tests.simulation.faults import HOUR, Faults

START: Final = 1_800_000_000_000

Cause = tuple[str | int, ...]
"""What is happening now, by identity: chances are drawn under it, so that leaving one action out changes no other."""


class Violation(Exception):  # noqa: N818 - what the simulator looks for, not a fault of its own
    """Something that must never be was seen; `rule` names what does not hold."""

    def __init__(self, rule: str, message: str) -> None:
        """Take the rule's name and what was seen."""
        super().__init__(f"{rule}: {message}")
        self.rule = rule


class Crash(sa.exc.OperationalError):
    """The process died at this very statement.

    An error of SQLAlchemy's because that gives up a connection at anything else, and with it the database in memory,
    and a passing one because nothing is to be told about it. What shipped code does in its handlers comes to nothing: a
    dead process gets no further statement through.
    """

    def __init__(self) -> None:
        """Take nothing: it tells nothing."""
        super().__init__(None, None, Exception("dead"))


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


@dataclass(frozen=True, slots=True)
class Note:
    """One line of the story: at a time (ms since the start) somebody did or met something."""

    when: int
    who: str
    what: str


@dataclass(slots=True)
class World:
    """Time, events, faults and evidence of one run; `notes` tell it as a story when a seed fails."""

    chance: Chance
    faults: Faults
    now: int = START
    healed: bool = False
    printed: list[Printed] = field(default_factory=list)
    refunded: list[Refunded] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    _events: list[tuple[int, int, Cause, Callable[[], object]]] = field(default_factory=list)
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)
    _cause: Cause = ()
    _drawn: dict[Cause, int] = field(default_factory=dict)

    def at(self, when: int, cause: Cause, what: Callable[[], object]) -> None:
        """Let something happen at a time, not before now."""
        heapq.heappush(self._events, (max(when, self.now), next(self._numbers), cause, what))

    def later(self, delay: int, name: str, what: Callable[[], object]) -> None:
        """Let something that follows from what is happening now happen `delay` milliseconds from now."""
        self.at(self.now + delay, (*self._cause, *self._next(name)), what)

    def step(self) -> bool:
        """Let the next thing happen; returns whether there was one."""
        if not self._events:
            return False
        when, _, cause, what = heapq.heappop(self._events)
        self.now = max(self.now, when)
        self.because(cause)
        what()
        return True

    def because(self, cause: Cause) -> None:
        """Draw chances under another cause from here on."""
        self._cause = cause
        self._drawn = {}

    def fate(self, name: str) -> random.Random:
        """Return a generator for the next thing of this name that comes of what is happening now."""
        return self.chance.of(*self._cause, *self._next(name))

    def strikes(self, fault: str) -> bool:
        """Whether a fault strikes here and now; never in a healed world."""
        rate = self.faults.rates.get(fault, 0.0)
        return rate > 0 and not self.healed and self.chance.share(*self._cause, *self._next(fault)) < rate

    def is_in_bad_stretch(self, fault: str, who: str, length: int) -> bool:
        """Whether this stretch of time, of `length` milliseconds, is a bad one for somebody."""
        rate = self.faults.rates.get(fault, 0.0)
        return rate > 0 and not self.healed and self.chance.share(fault, who, self.now // length) < rate

    def note(self, who: str, what: str) -> None:
        """Add a line to the story."""
        self.notes.append(Note(self.now - START, who, what))

    def _next(self, name: str) -> tuple[str, int]:
        number = self._drawn.get((name,), 0) + 1
        self._drawn[(name,)] = number
        return name, number


class WorldClock:
    """A clock in the world, as urs_desktop.system.clock.Clock; `ahead` is how wrong it is (ms)."""

    def __init__(self, world: World) -> None:
        """Take the world whose time this tells."""
        self._world = world
        self.ahead = 0

    def now(self) -> int:
        """Return virtual milliseconds since the epoch, as this clock has them."""
        return self._world.now + self.ahead


DOWNTIME: Final = HOUR // 6
"""The central store is down for stretches of this length."""
