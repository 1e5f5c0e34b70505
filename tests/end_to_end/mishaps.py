"""What befalls a shop at random moments: kills, hangs, a broken network, full disks; each is mended after a while.

Every process is addressed by its own number. Must never be kind: a mishap may come during another.
"""

import heapq
import itertools
import json
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from tests.end_to_end.breaking import Network
from tests.end_to_end.filling import Disk
from tests.end_to_end.processes import Process, eventually, pause
from tests.end_to_end.shop import CentralStore
from tests.end_to_end.shop import Counter as Till

_NS: Final = 1_000_000_000
_POINTS: Final = 3
"""Where a line of tests.end_to_end.busy has the points paid."""

_WORKERS: Final = ("--workers", "2")


class Station:
    """A counter's place: its data folder, its disk, and the process that works there, with all before it."""

    def __init__(self, till: Till, disk: Disk, arguments: tuple[str, ...]) -> None:
        """Take a counter that is enrolled; `arguments` are those of tests.end_to_end.busy after the seed."""
        self.till = till
        self.disk = disk
        self._arguments = arguments
        self.lives: list[Process] = []
        self.ends: Counter[int] = Counter()

    @property
    def process(self) -> Process:
        """The process that works here now, or worked here last."""
        return self.lives[-1]

    def open(self) -> None:
        """Start the program."""
        seed = str(len(self.lives))
        self.lives.append(self.till.start_busy(seed, *self._arguments))

    def has_taken_points(self) -> bool:
        """Return whether a customer has paid with points here."""
        said = (json.loads(line) for line in self.process.so_far("out").split("\n")[:-1])
        return any(len(line.get("sale", ())) > _POINTS and line["sale"][_POINTS] for line in said)

    def reopen_if_dead(self) -> bool:
        """Start the program again if it has ended; returns whether it had."""
        if self.process.runs:
            return False
        self.ends[self.process.end().status] += 1
        self.open()
        return True

    def close(self) -> None:
        """Ask the program to end, which gives back what it has not spent, once it sells."""
        self.reopen_if_dead()
        process = self.process
        eventually(lambda: process.so_far("out") or not process.runs, f"{process.command} sells or ends")
        process.signal(signal.SIGTERM)

    def is_closed(self) -> bool:
        """Wait for the program's end; returns whether it ended as it should."""
        status = self.process.end().status
        if status == 0:
            self.ends[status] += 1
        return status == 0


class Soon:
    """What is to be mended later, the random choices, and how often what went wrong."""

    def __init__(self, seed: int) -> None:
        """Begin with nothing wrong."""
        self.chance = random.Random(seed)
        self.counts: Counter[str] = Counter()
        self._mending: list[tuple[int, int, Callable[[], None]]] = []
        self._numbers = itertools.count()

    def later(self, least: float, most: float, mend: Callable[[], None]) -> None:
        """Mend something between `least` and `most` seconds from now."""
        when = time.monotonic_ns() + round(self.chance.uniform(least, most) * _NS)
        heapq.heappush(self._mending, (when, next(self._numbers), mend))

    def mend_what_is_due(self) -> None:
        """Mend what has been broken for long enough."""
        while self._mending and self._mending[0][0] <= time.monotonic_ns():
            heapq.heappop(self._mending)[2]()

    def mend_all(self) -> None:
        """Mend everything now, what is due first first."""
        while self._mending:
            heapq.heappop(self._mending)[2]()


class CentralTroubles:
    """What befalls the processes of the central store."""

    def __init__(self, central: CentralStore, soon: Soon) -> None:
        """Take a store that is being served."""
        self._central = central
        self._soon = soon
        self._is_down = False

    def _workers(self) -> list[int]:
        """Return the processes of the central store, its first one last."""
        first = self._central.server.pid
        return [*_children(first), first]

    def kill_worker(self) -> None:
        """Kill one process but the first."""
        if not self._is_down and (workers := self._workers()[:-1]):
            _send(self._soon.chance.choice(workers), signal.SIGKILL)
            self._soon.counts["central workers killed"] += 1

    def stop_worker(self) -> None:
        """Let one process hang for a while."""
        if not self._is_down:
            worker = self._soon.chance.choice(self._workers())
            _send(worker, signal.SIGSTOP)
            self._soon.later(0.5, 8, lambda: _send(worker, signal.SIGCONT))
            self._soon.counts["central workers stopped"] += 1

    def kill(self) -> None:
        """Kill all processes at once."""
        if not self._is_down:
            self._central.kill()
            self._be_down()

    def kill_alone(self) -> None:
        """Kill the first process and let the others find out."""
        if not self._is_down:
            self._central.server.signal(signal.SIGCONT)
            self._central.kill_alone()
            self._be_down()

    def _be_down(self) -> None:
        self._is_down = True
        self._soon.later(0.2, 3, self._serve)
        self._soon.counts["central store killed"] += 1

    def _serve(self) -> None:
        self._central.serve(*_WORKERS)
        self._is_down = False

    def stop(self) -> None:
        """Let all processes hang for a while."""
        if not self._is_down:
            server = self._central.server
            server.signal(signal.SIGSTOP)
            self._soon.later(0.5, 8, lambda: server.signal(signal.SIGCONT))
            self._soon.counts["central store stopped"] += 1


class Mishaps:
    """Lets things go wrong, one after the other, and counts them."""

    def __init__(self, central: CentralStore, network: Network, stations: list[Station], seed: int) -> None:
        """Take what can go wrong; `central` is being served."""
        self._soon = Soon(seed)
        self.counts = self._soon.counts
        self._chance = self._soon.chance
        self._troubles = CentralTroubles(central, self._soon)
        self._network = network
        self._stations = stations

    def go_on(self, seconds: int) -> None:
        """Let things go wrong for so long, then mend everything."""
        until = time.monotonic_ns() + seconds * _NS
        happening = {
            self._kill_counter: 6,
            self._stop_counter: 4,
            self._fill_disk: 4,
            self._cut: 4,
            self._lose_answers: 5,
            self._stall: 2,
            self._half_close: 2,
            self._partition: 1,
            self._troubles.kill_worker: 1,
            self._troubles.stop_worker: 2,
            self._troubles.kill: 1,
            self._troubles.kill_alone: 1,
            self._troubles.stop: 1,
        }
        while time.monotonic_ns() < until:
            pause(self._chance.uniform(0.2, 1.6))
            self._soon.mend_what_is_due()
            self._chance.choices(list(happening), list(happening.values()))[0]()
            for station in self._stations:
                self.counts["counters restarted"] += station.reopen_if_dead()
        self._soon.mend_all()
        self._network.heal()

    def _station(self) -> Station:
        return self._chance.choice(self._stations)

    def _kill_counter(self) -> None:
        process = self._station().process
        if process.runs:
            process.signal(signal.SIGKILL)
            self.counts["counters killed"] += 1

    def _stop_counter(self) -> None:
        process = self._station().process
        process.signal(signal.SIGSTOP)
        self._soon.later(0.3, 5, lambda: process.signal(signal.SIGCONT))
        self.counts["counters stopped"] += 1

    def _fill_disk(self) -> None:
        station = self._station()
        station.disk.fill(self._chance, station.process.pid)
        self._soon.later(0.5, 5, lambda: station.disk.free(station.process.pid))
        self.counts["disks filled"] += 1

    def _cut(self) -> None:
        self.counts["connections cut"] += self._network.cut(self._chance)

    def _lose_answers(self) -> None:
        self.counts["answers lost"] += self._network.lose_answers(self._chance)

    def _stall(self) -> None:
        self.counts["connections stalled"] += self._network.stall(self._chance, self._chance.uniform(0.5, 12))

    def _half_close(self) -> None:
        self.counts["connections half closed"] += self._network.half_close(self._chance)

    def _partition(self) -> None:
        self._network.partition(self._chance.uniform(0.5, 6))
        self.counts["partitions"] += 1


def _children(parent: int) -> list[int]:
    """Return the processes a process has started, by whichever of its threads; see proc(5)."""
    found: list[int] = []
    for thread in Path(f"/proc/{parent}/task").glob("*/children"):
        with suppress(OSError):
            found += [int(pid) for pid in thread.read_text().split()]
    return found


def _send(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
