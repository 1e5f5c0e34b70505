"""One state of the small world, as tuples that can be hashed, and the arithmetic of leases on them.

The arithmetic is that of `urs_desktop.domain.lease`, remembered for each set of numbers because a search asks for the
same ones a million times. Must never reckon what a lease covers, holds or has left by itself.
"""

from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from urs_desktop.domain.lease import CentralLease, CounterLease, LeaseState
from urs_desktop.domain.points import Points
from urs_desktop.domain.refusals import Refusal

_T = TypeVar("_T")


class Copy(NamedTuple):
    """A counter's copy of a lease."""

    epoch: int
    granted: int
    spent: int
    returned: int


class Hold(NamedTuple):
    """The centre's lease."""

    epoch: int
    granted: int
    settled: int
    returned: int
    is_open: bool


class Spend(NamedTuple):
    """What a sale took from a lease and gave back of it."""

    lease: int
    points: int
    returned: int


class Op(NamedTuple):
    """An operation of a counter's chain: a sale with its spends and floor points, or the return of a lease."""

    op_id: int
    spends: tuple[Spend, ...] = ()
    floor: int = 0
    gives_back: int | None = None


class Image(NamedTuple):
    """What a backup of a counter holds."""

    epoch: int
    copies: tuple[Copy | None, ...]
    ops: tuple[Op, ...]


class Ghost(NamedTuple):
    """An operation of a history its counter no longer has, still on its way, and the operations before it."""

    before: tuple[int, ...]
    op: Op


class Side(NamedTuple):
    """A counter and what the centre knows of it.

    `copies` and `holds` are by the lease's number; `asked` has the epoch each grant was asked in, by the same number.
    `chain` are the operations the centre took in its epoch, `known` those it ever applied, as a bit set.
    """

    epoch: int = 1
    copies: tuple[Copy | None, ...] = ()
    ops: tuple[Op, ...] = ()
    minted: int = 0
    sales_left: int = 0
    floor_left: int = 0
    asked: tuple[int, ...] = ()
    rejoining: bool = False
    central_epoch: int = 1
    holds: tuple[Hold | None, ...] = ()
    chain: tuple[int, ...] = ()
    known: int = 0
    image: Image | None = None
    restores_left: int = 0
    was_restored: bool = False
    ghosts: tuple[Ghost, ...] = ()


class State(NamedTuple):
    """The wallet, what it was moved by, and the counters; all numbers are points.

    `gone` left the wallet other than by sales; `outstanding` is what leases held when they were closed over a counter's
    head, `repeatable` what restored counters may spend a second time.
    """

    available: int
    held: int = 0
    debt: int = 0
    redeemed: int = 0
    late: int = 0
    taken: int = 0
    floor_late: int = 0
    gone: int = 0
    earned: int = 0
    outstanding: int = 0
    repeatable: int = 0
    events: tuple[int, int, int] = (0, 0, 0)
    sides: tuple[Side, ...] = ()


@dataclass(frozen=True, slots=True)
class Bounds:
    """How small a world is: the points at its beginning, and how often each thing may happen.

    The tuples have one number for each counter; `events` says how often the customer earns a point, has two clawed back
    and lets one expire.
    """

    points: int
    want: int
    leases: tuple[int, ...]
    sales: tuple[int, ...]
    floors: tuple[int, ...]
    restores: tuple[int, ...]
    events: tuple[int, int, int]

    def first(self) -> State:
        """Return the state in which nothing has happened."""
        sides = tuple(
            Side(
                copies=(None,) * leases,
                holds=(None,) * leases,
                sales_left=sales,
                floor_left=floor,
                restores_left=restores,
            )
            for leases, sales, floor, restores in zip(self.leases, self.sales, self.floors, self.restores, strict=True)
        )
        return State(self.points, events=self.events, sides=sides)


class Arithmetic:
    """The rules of a lease, from the code that ships; what they said once is remembered for as long as this lives."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._spends: dict[tuple[Copy, int], Copy | None] = {}
        self._rests: dict[Copy, tuple[int, Copy]] = {}
        self._settled: dict[tuple[Hold, int], tuple[Hold, int]] = {}
        self._freed: dict[tuple[Hold, int | None], tuple[Hold, int]] = {}
        self._held: dict[Hold, int] = {}

    def spend(self, copy: Copy, points: int) -> Copy | None:
        """Return a copy after a spend, or None where the lease refuses it."""
        key = (copy, points)
        if key not in self._spends:
            try:
                lease = _counter_lease(copy).spend(Points(points), 0)
            except Refusal:
                self._spends[key] = None
            else:
                self._spends[key] = Copy(lease.epoch, lease.granted, lease.spent, lease.returned)
        return self._spends[key]

    def give_back(self, copy: Copy) -> tuple[Copy, int]:
        """Return a copy after everything unspent was returned, and how much that was."""
        if copy not in self._rests:
            lease = _counter_lease(copy)
            after = lease.give_back()
            self._rests[copy] = (lease.rest, Copy(after.epoch, after.granted, after.spent, after.returned))
        rest, after_it = self._rests[copy]
        return after_it, rest

    def rest(self, copy: Copy) -> int:
        """Return what a counter may still spend."""
        return self.give_back(copy)[1]

    def held(self, hold: Hold) -> int:
        """Return what a lease holds at the centre."""
        if hold not in self._held:
            self._held[hold] = _central_lease(hold).held
        return self._held[hold]

    def settle(self, hold: Hold, points: int) -> tuple[Hold, int]:
        """Return a lease after a spend arrived, and what the wallet covers of it."""
        key = (hold, points)
        if key not in self._settled:
            lease, covered = _central_lease(hold).settle(Points(points))
            self._settled[key] = (_hold(hold.epoch, lease), covered)
        return self._settled[key]

    def free(self, hold: Hold, points: int | None = None) -> tuple[Hold, int]:
        """Return a lease after so many points came back, or closed if None; and the points set free."""
        key = (hold, points)
        if key not in self._freed:
            lease = _central_lease(hold)
            after, freed = lease.close() if points is None else lease.give_back(Points(points))
            self._freed[key] = (_hold(hold.epoch, after), freed)
        return self._freed[key]


def _counter_lease(copy: Copy) -> CounterLease:
    granted, spent, returned = (Points(number) for number in copy[1:])
    return CounterLease("", "", copy.epoch, granted, spent, returned, spend_until=1)


def _central_lease(hold: Hold) -> CentralLease:
    state = LeaseState.OPEN if hold.is_open else LeaseState.CLOSED
    return CentralLease(Points(hold.granted), Points(hold.settled), Points(hold.returned), state)


def _hold(epoch: int, lease: CentralLease) -> Hold:
    return Hold(epoch, lease.granted, lease.settled, lease.returned, lease.state is LeaseState.OPEN)


def replaced(items: tuple[_T, ...], at: int, item: _T) -> tuple[_T, ...]:
    """Return a tuple with one item exchanged."""
    return (*items[:at], item, *items[at + 1 :])
