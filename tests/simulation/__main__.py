"""The command line of the simulator: `python3 dev.py simulate --seeds N [--start S] [--mutant NAME|list]`.

Exits 1 when a seed violates something, and prints its story; a mutant is expected to. Must never print less than the
seed and the violation.
"""

import argparse
import sys
import time
from contextlib import nullcontext

from tests.simulation.mutants import MUTANTS
from tests.simulation.run import Run, play
from tests.simulation.world import Violation

_STORY_LINES = 60
_NS = 1_000_000_000


def main() -> int:
    """Play the seeds that were asked for."""
    parser = argparse.ArgumentParser("dev.py simulate", description="Play simulated days of tills and check them.")
    parser.add_argument("--seeds", type=int, default=200, metavar="N")
    parser.add_argument("--start", type=int, default=1, metavar="S")
    parser.add_argument("--mutant", metavar="NAME|list", help="break one rule; `list` names them")
    options = parser.parse_args()
    if options.mutant == "list":
        print("\n".join(MUTANTS))
        return 0
    if options.mutant is not None and options.mutant not in MUTANTS:
        parser.error(f"no mutant {options.mutant}; --mutant list names them")
    began = time.process_time_ns()
    for seed in range(options.start, options.start + options.seeds):
        run, violation = play_one(seed, options.mutant)
        if violation is not None:
            _tell(seed, run, violation)
            return 1
    used = max(1, (time.process_time_ns() - began) // _NS)
    print(f"{options.seeds} seeds from {options.start}: no violation; {options.seeds * 60 // used} seeds a CPU-minute")
    return 0


def play_one(seed: int, mutant: str | None = None) -> tuple[Run, Violation | None]:
    """Play one seed, with one rule broken if a mutant is named."""
    run = Run(seed)
    with MUTANTS[mutant](run) if mutant else nullcontext():
        return run, play(run)


def _tell(seed: int, run: Run, violation: Violation) -> None:
    print(f"seed {seed}: {violation}")
    for line in run.world.trace[-_STORY_LINES:]:
        print(f"  {line}")


if __name__ == "__main__":
    sys.exit(main())
