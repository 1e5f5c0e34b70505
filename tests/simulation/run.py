"""One run: a plan played to its end, then healing, with checks after every event.

Must never hide a violation: it is returned with the story that led to it.
"""

import hashlib
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.simulation import actions, invariants
from tests.simulation.central_node import CentralNode
from tests.simulation.chance import Chance
from tests.simulation.counter_node import CounterNode
from tests.simulation.evidence import Evidence
from tests.simulation.faults import HOUR, MINUTE, Faults
from tests.simulation.plan import Plan
from tests.simulation.shop import TILLS, Shop
from tests.simulation.world import START, Violation, World

QUIET_WITHIN: Final = 2 * HOUR
"""In a healed world everybody has said everything after so long (virtual milliseconds)."""

_EVERY: Final = 5 * MINUTE
_TMPFS: Final = Path("/dev/shm")


class Run:
    """One simulated history; a mutant may change `shop` before it is played."""

    def __init__(self, plan: Plan, folder: Path | None = None) -> None:
        """Make the world of a plan; nothing has happened in it yet. `folder` is for the files of a run on files."""
        self.plan = plan
        self.world = World(Chance(plan.seed), plan.faults)
        self.shop = Shop(self.world, plan.tills, folder)
        self.evidence = Evidence(self.shop)

    @staticmethod
    def calm() -> "Run":
        """Return a run in which nothing goes wrong or happens by itself, with its shops open: for a story."""
        run = Run(Plan(1, (), Faults.none(), tuple(TILLS)))
        run.shop.open()
        return run

    @property
    def central(self) -> CentralNode:
        """The central store."""
        return self.shop.central

    @property
    def counters(self) -> list[CounterNode]:
        """The counters that are not lost."""
        return self.shop.counters

    def play(self) -> None:
        """Let everything happen, heal the world, and check; raises Violation."""
        self.shop.open()
        for action in self.plan.actions:
            self._schedule(action)
        while self.world.step():
            self.check()
        self.heal()

    def check(self) -> None:
        """Raise Violation unless everything holds that holds at any time."""
        if self.evidence.refresh():
            invariants.hold(self.evidence, invariants.AFTER_EVENT)

    def heal(self) -> None:
        """Lift every fault, restart every counter, give them time, and check what must hold then."""
        world, shop = self.world, self.shop
        world.note("world", "heals")
        world.healed = True
        for counter in shop.counters:
            counter.clock.ahead = 0
            counter.is_touched = True
            counter.restart()
        since = world.now
        while not self._is_quiet():
            world.now += _EVERY
            if world.now > since + QUIET_WITHIN:
                invariants.hold(self.evidence, invariants.WHEN_QUIET)
                raise Violation("quiet_within_two_hours", "the counters still talk, or cannot, in a healed world")
        self.check()
        invariants.hold(self.evidence, invariants.WHEN_QUIET)
        ends = shop.central.machine.look("SELECT max(settle_by) FROM leases WHERE state = 'open'")[0][0]
        world.now = max(world.now, ends or 0) + MINUTE
        shop.central.reclaim()
        self.check()
        invariants.hold(self.evidence, invariants.AFTER_HEALING)

    def digest(self) -> str:
        """Return a hash of everything that happened and was left."""
        sides = [self.shop.central.machine.look("SELECT * FROM postings ORDER BY entry_id, n")]
        sides += [
            counter.machine.look("SELECT seq, hash FROM operations ORDER BY seq")
            for counter in self.shop.all_counters.values()
        ]
        return hashlib.blake2b(repr((self.world.notes, sides)).encode(), digest_size=16).hexdigest()

    def _schedule(self, action: actions.Action) -> None:
        self.world.at(START + action.at, ("action", action.number), lambda: actions.play(self.shop, action))

    def _is_quiet(self) -> bool:
        """Let every counter sync; returns whether all could and nothing new reached the centre by it."""
        count = "SELECT count(*) FROM operations"
        before = self.shop.central.machine.look(count)
        done = [counter.act("sync", counter.sync) for counter in self.shop.counters]
        return all(done) and self.shop.central.machine.look(count) == before


@contextmanager
def folder_for(plan: Plan) -> Iterator[Path | None]:
    """Give a folder for the files of a plan that needs one, in memory where the machine has such a place."""
    if not plan.files:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="urs-run-", dir=_TMPFS if _TMPFS.is_dir() else None) as folder:
        yield Path(folder)


def play(run: Run) -> Violation | None:
    """Play a run to its end and return what it violated, if anything; an error of the program is a violation."""
    try:
        run.play()
    except Violation as violation:
        return violation
    except Exception as error:  # noqa: BLE001 - whatever it is, nobody wants it at a till
        where = traceback.extract_tb(error.__traceback__)[-1]
        run.world.note("program", "".join(traceback.format_exception(error)[-6:]))
        return Violation("no_bug_of_ours", f"{type(error).__name__} in {Path(where.filename).name}: {error}")
    return None
