"""Many purchases, made up by chance that repeats, in one central store: what they come to, and how long they took.

`python -m tests.end_to_end.generated --purchases 100000 --database sqlite` (or `postgresql`) prints one document; the
same purchases and seed must give the same `totals` and `digests` on both. Must never be told what the store should say
but by the tally kept beside it.
"""

import argparse
import cProfile
import json
import pstats
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.end_to_end import ledgers
from tests.end_to_end.dealings import Dealings
from tests.postgresql.databases import SCRIPTS, Databases
from tests.postgresql.server import running
from urs_desktop.central.verification import verify
from urs_desktop.database.engine import Database, sqlite_engine
from urs_desktop.database.migrations import upgrade

PURCHASES_EACH: Final = 20
"""So many purchases does a customer make, on the average."""

FEWEST_CUSTOMERS: Final = 20

_KEY: Final = bytes(range(32))
_MOST_EXPENSIVE: Final = 60


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to: `findings` of verify, what `differs` from the tally; times in seconds."""

    purchases: int
    operations: int
    seconds: float
    verify_seconds: float
    findings: list[str]
    differs: list[str]
    results: dict[str, int]
    totals: dict[str, Any]
    digests: dict[str, str]

    @property
    def document(self) -> dict[str, Any]:
        """The outcome as it is printed."""
        return {name: getattr(self, name) for name in self.__slots__}


def deal(database: Database, purchases: int, seed: int = 1, profile: cProfile.Profile | None = None) -> Outcome:
    """Make purchases in a store with its tables and nobody in it, then prove it and compare it with the tally."""
    dealings = Dealings(database, seed, max(FEWEST_CUSTOMERS, purchases // PURCHASES_EACH))
    begun = time.monotonic()
    with profile or nullcontext():
        dealings.run(purchases)
    seconds = time.monotonic() - begun
    begun = time.monotonic()
    with database.read() as connection:
        findings = verify(connection)
    verify_seconds = time.monotonic() - begun
    tally = dealings.tally
    differs = [
        f"{vendor}: {shown} is not {expected}"
        for shown, expected, vendor in _pairs(ledgers.vendors(database), tally.vendors())
        if shown != expected
    ]
    differs += [
        f"{card}: {shown} is not {expected}"
        for shown, expected, card in _pairs(ledgers.wallets(database), tally.wallets())
        if (shown or 0) != expected
    ]
    return Outcome(
        purchases=len(tally.sales),
        operations=dealings.results.total(),
        seconds=round(seconds, 1),
        verify_seconds=round(verify_seconds, 1),
        findings=findings,
        differs=differs,
        results=dict(sorted(dealings.results.items())),
        totals=ledgers.totals(database),
        digests=ledgers.digests(database),
    )


def _pairs(shown: dict[str, Any], expected: dict[str, Any]) -> Iterator[tuple[Any, Any, str]]:
    for name in sorted(shown.keys() | expected.keys()):
        yield shown.get(name), expected.get(name), name


@contextmanager
def sqlite_store(folder: Path) -> Iterator[Database]:
    """Give an encrypted file with all tables and no rows, as a central store's data folder holds it."""
    database = Database(sqlite_engine(folder / "generated.sqlite", _KEY))
    try:
        upgrade(database, SCRIPTS)
        yield database
    finally:
        database.close()


def main(arguments: Sequence[str]) -> int:
    """Run once and print the outcome; exits 1 if anything does not fit."""
    parser = argparse.ArgumentParser("generated", description="Load a central store with purchases.")
    parser.add_argument("--purchases", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--profile", action="store_true", help="print what took longest to standard error")
    options = parser.parse_args(arguments)
    profile = cProfile.Profile() if options.profile else None
    with ExitStack() as end:
        if options.database == "sqlite":
            folder = end.enter_context(tempfile.TemporaryDirectory())
            database = end.enter_context(sqlite_store(Path(folder)))
        else:
            database = end.enter_context(Databases(end.enter_context(running())).ready())
        outcome = deal(database, options.purchases, options.seed, profile)
    if profile is not None:
        pstats.Stats(profile, stream=sys.stderr).sort_stats("cumulative").print_stats(_MOST_EXPENSIVE)
    json.dump(outcome.document, sys.stdout, indent=1)
    sys.stdout.write("\n")
    return 1 if outcome.findings or outcome.differs else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
