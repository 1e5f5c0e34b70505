"""The command line of the simulator: `python3 dev.py simulate --seeds N [--start S] [--files] [--mutant NAME]`.

Exits 1 when a seed violates something, and prints its story, shrunk; a mutant is expected to. Must never print less
than the seed and the violation.
"""

import argparse
import sys
import time
from collections.abc import Sequence

from tests.simulation.mutants import MUTANTS
from tests.simulation.playing import MOST_SEEDS, Outcome, first_caught, play_seed, play_seeds, shrink
from tests.simulation.story import story

_NS = 1_000_000_000
_SECONDS = 60


def main(arguments: Sequence[str] | None = None) -> int:
    """Play the seeds that were asked for; returns the exit status."""
    options = _options(arguments)
    if options.mutant == "list":
        print("\n".join(f"{name}{' (files)' if mutant.files else ''}" for name, mutant in MUTANTS.items()))
        return 0
    if options.mutant == "all":
        return _score(options.seeds)
    if options.det:
        return _compare(options)
    return _play(options)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("dev.py simulate", description="Play simulated days of tills and check them.")
    parser.add_argument("--seeds", type=int, metavar="N", help="how many (200; with --mutant all as many as CI's)")
    parser.add_argument("--start", type=int, default=1, metavar="S", help="the first of them")
    parser.add_argument("--files", action="store_true", help="real SQLCipher files, with power cuts")
    parser.add_argument("--mutant", metavar="NAME|list|all", help="break one rule; `all` prints the score")
    parser.add_argument("--det", action="store_true", help="play each seed twice and compare")
    parser.add_argument("--processes", type=int, default=1, metavar="P", help="play on so many processors")
    options = parser.parse_args(arguments)
    if options.mutant not in {None, "list", "all", *MUTANTS}:
        parser.error(f"no mutant {options.mutant}; --mutant list names them")
    if options.mutant in MUTANTS and MUTANTS[options.mutant].files:
        options.files = True
    if options.seeds is None:
        options.seeds = MOST_SEEDS if options.mutant == "all" else 200
    return options


def _play(options: argparse.Namespace) -> int:
    seeds = range(options.start, options.start + options.seeds)
    used = 0
    for outcome in play_seeds(seeds, files=options.files, mutant=options.mutant, processes=options.processes):
        used += outcome.time
        if outcome.failed:
            _tell(outcome, options.mutant)
            return 1
    rate = options.seeds * _SECONDS * _NS // max(1, used)
    where = "on files" if options.files else "in memory"
    print(f"{options.seeds} seeds from {options.start} {where}: no violation; {rate} seeds a CPU-minute")
    return 0


def _tell(outcome: Outcome, mutant: str | None) -> None:
    print(f"seed {outcome.plan.seed}: {outcome.message}", flush=True)
    smallest, runs = shrink(outcome, mutant)
    print(f"shrunk from {len(outcome.plan.actions)} actions to {len(smallest.plan.actions)} in {runs} runs\n")
    print("\n".join(story(smallest, mutant)))


def _compare(options: argparse.Namespace) -> int:
    """Play every seed twice: a run that is no function of its seed cannot be repeated or shrunk."""
    for seed in range(options.start, options.start + options.seeds):
        once, again = (play_seed(seed, files=options.files, mutant=options.mutant) for _ in range(2))
        if once.digest != again.digest:
            place = next(
                (n for n, pair in enumerate(zip(once.notes, again.notes, strict=False)) if len({*pair}) > 1), 0
            )
            print(f"seed {seed} is two stories: {once.digest} and {again.digest}; from note {place} on:")
            for notes in (once.notes, again.notes):
                print("\n".join(f"  {note.when} {note.who} {note.what}" for note in notes[place : place + 3]))
            return 1
    print(f"{options.seeds} seeds from {options.start}: each told the same story twice")
    return 0


def _score(most: int) -> int:
    """Print which mutants are caught within so many seeds, each at which seed and by which rule."""
    caught = 0
    for name in MUTANTS:
        began = time.process_time_ns()
        outcome = first_caught(name, most)
        used = (time.process_time_ns() - began) / _NS
        caught += outcome is not None
        found = f"seed {outcome.plan.seed:<3} {outcome.rule}" if outcome else f"SURVIVED {most} seeds"
        print(f"{name:<36} {found} ({used:.1f} s)", flush=True)
    print(f"mutation score: {caught} of {len(MUTANTS)} within {most} seeds")
    return 0 if caught == len(MUTANTS) else 1


if __name__ == "__main__":
    sys.exit(main())
