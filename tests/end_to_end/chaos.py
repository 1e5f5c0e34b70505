"""The command line of a bad day: `python -m tests.end_to_end.chaos --minutes 10 --counters 8 --database postgresql`.

Counters that never rest and a central store on two workers, with everything of tests.end_to_end.mishaps between them.
Prints one JSON document, and exits 1 when something is lost, doubled or overdrawn. Must never mend what it checks.
"""

import argparse
import json
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from tests.end_to_end.accounting import account
from tests.end_to_end.breaking import Network
from tests.end_to_end.filling import Disk, may_mount
from tests.end_to_end.mishaps import Mishaps, Station
from tests.end_to_end.processes import Forker, Processes, eventually
from tests.end_to_end.shop import ADMIN_PASSWORD, PASSPHRASE, POLICIES, CentralStore, free_port
from tests.end_to_end.shop import Counter as Till
from tests.postgresql.databases import Databases
from tests.postgresql.server import running

_VENDORS: Final = ("medium", "large", "medium")
_CARDS: Final = 120
_CALM_SECONDS: Final = 180
_SYNCS: Final = 5
_SYNC_SECONDS: Final = 1200
"""A long backlog of many counters at once takes its time where the machine is busy."""

_NS: Final = 1_000_000_000


class Day:
    """One bad day in a folder."""

    def __init__(self, folder: Path, processes: Processes, counters: int, end: ExitStack, *, mounts: bool) -> None:
        """Take an empty folder and how many counters there shall be; `end` takes everything away again."""
        self._end = end
        self._folder = folder
        self._processes = processes
        self._counters = counters
        self._mounts = mounts
        (folder / "passphrase").write_text(PASSPHRASE)
        (folder / "admin-password").write_text(ADMIN_PASSWORD)
        behind = free_port()
        self._port = free_port(behind + 1)
        self.central = CentralStore(folder / "central", behind, processes)
        self.network = Network(self._port, behind)
        self.stations: list[Station] = []

    def open(self, database_url: str | None) -> None:
        """Set the central store up, serve it and enrol the counters."""
        database = () if database_url is None else ("--database-url", database_url)
        admin = ("--admin", "boss", "--admin-password-file", self._folder / "admin-password")
        self._processes.run(*self.central.command("init", *database, *admin)).expect()
        vendors = [self._vendor(f"Shop {n}", category) for n, category in enumerate(_VENDORS)]
        for category in sorted(set(_VENDORS)):
            terms = POLICIES[category]
            self._processes.run(
                *self.central.command("policy", "set", "--category", category, "--threshold", terms.threshold),
                *("--reward-percentage", terms.reward, "--redeemable-percentage", terms.redeemable),
            ).expect()
        self.central.serve("--workers", "2")
        self.network.start()
        self._end.callback(self.network.close)
        names = [f"till-{number}" for number in range(self._counters)]
        codes = self._processes.together(
            *(self._code(vendors[number % len(vendors)]) for number in range(self._counters))
        )
        for name in names:
            disk = Disk(self._folder / name, mounts=self._mounts)
            self._end.callback(disk.close)
            till = Till(self._folder / name, self._folder / "passphrase", self._processes)
            self.stations.append(Station(till, disk, (str(self._counters), str(_CARDS))))
        url = f"https://127.0.0.1:{self._port}"
        enrolled = self._processes.together(
            *(
                station.till.command("enrol", "--central", url, "--code", code.expect().out.strip())
                for station, code in zip(self.stations, codes, strict=True)
            )
        )
        for done in enrolled:
            done.expect()

    def _code(self, vendor: str) -> tuple[str | Path, ...]:
        return self.central.command("counter", "code", "--vendor", vendor)

    def _vendor(self, name: str, category: str) -> str:
        done = self._processes.run(*self.central.command("vendor", "add", "--name", name, "--category", category))
        return done.expect().out.strip()

    def pass_by(self, seconds: int, seed: int) -> dict[str, int]:
        """Let all counters work and everything go wrong, then close; returns how often what went wrong."""
        for station in self.stations:
            station.open()
        eventually(lambda: all(station.process.so_far("out") for station in self.stations), "every counter sells")
        paid = "a customer pays with points before anything goes wrong"
        eventually(lambda: any(station.has_taken_points() for station in self.stations), paid, _CALM_SECONDS)
        mishaps = Mishaps(self.central, self.network, self.stations, seed)
        mishaps.go_on(seconds)
        still_open = self.stations
        while still_open:
            for station in still_open:
                station.close()
            still_open = [station for station in still_open if not station.is_closed()]
        counts = mishaps.counts
        status = self._processes.together(*(station.till.command("status", "--json") for station in self.stations))
        counts["operations left for the last sync"] = sum(done.expect().document["waiting"] for done in status)
        began = time.monotonic_ns()
        self._sync()
        counts["seconds of the last sync"] = (time.monotonic_ns() - began) // _NS
        self.central.stop()
        return dict(sorted(counts.items()))

    def _sync(self) -> None:
        left = self.stations
        for _ in range(_SYNCS):
            done = self._processes.together(
                *(station.till.command("sync", "--once") for station in left), seconds=_SYNC_SECONDS
            )
            left = [station for station, end in zip(left, done, strict=True) if end.status]
            if not left:
                return
        raise AssertionError(f"{[station.till.folder.name for station in left]} cannot sync")


def main() -> int:
    """Let one bad day pass and account for it."""
    parser = argparse.ArgumentParser("tests.end_to_end.chaos", description="A bad day for counters and centre.")
    parser.add_argument("--minutes", type=float, default=10, metavar="M")
    parser.add_argument("--counters", type=int, default=8, metavar="N")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="postgresql")
    parser.add_argument("--seed", type=int, default=1, metavar="S")
    options = parser.parse_args()
    report = _report(options)
    sys.stdout.write(f"{json.dumps(report, indent=2)}\n")
    return 1 if report["violations"] else 0


def _report(options: argparse.Namespace) -> dict[str, Any]:
    mounts = may_mount()
    began = time.monotonic_ns()
    with ExitStack() as end:
        folder = Path(end.enter_context(tempfile.TemporaryDirectory(prefix="urs-chaos-", ignore_cleanup_errors=True)))
        url = None
        if options.database == "postgresql":
            url = end.enter_context(Databases(end.enter_context(running())).empty())
        forker = Forker()
        end.callback(forker.close)
        processes = Processes(folder / "said", forker)
        end.callback(processes.close)
        day = Day(folder, processes, options.counters, end, mounts=mounts)
        day.open(url)
        mishaps = day.pass_by(round(options.minutes * 60), options.seed)
        return {
            "database": options.database,
            "counters": options.counters,
            "minutes": options.minutes,
            "seed": options.seed,
            "disks": "file systems" if mounts else "file size limits",
            "seconds_in_all": (time.monotonic_ns() - began) // _NS,
            "mishaps": mishaps,
            **account(day.central, day.stations, processes),
        }


if __name__ == "__main__":
    sys.exit(main())
