"""Plays plans: one, many on several processors, with a mutant, and shrinks one that fails.

Must never keep anything of one run for the next but the engines, which hold no data.
"""

import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from typing import Final

from tests.simulation.mutants import MUTANTS
from tests.simulation.plan import Plan
from tests.simulation.run import Run, folder_for, play
from tests.simulation.shrinking import Shrinker
from tests.simulation.world import Note, Violation

MOST_SEEDS: Final = 100
"""A mutant that survives this many seeds is not caught."""

_CHUNK: Final = 10
_NS: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a plan: what it violated, if anything, its story, its digest and processor time (ns)."""

    plan: Plan
    rule: str | None
    message: str
    notes: tuple[Note, ...]
    digest: str
    time: int

    @property
    def failed(self) -> bool:
        """Whether something was violated."""
        return self.rule is not None


def play_plan(plan: Plan, mutant: str | None = None) -> Outcome:
    """Play one plan, with one rule broken if a mutant is named."""
    began = time.process_time_ns()
    with _quietly(), folder_for(plan) as folder:
        run = Run(plan, folder)
        try:
            with MUTANTS[mutant].broken(run) if mutant else nullcontext():
                violation = play(run)
                digest = run.digest()
        finally:
            run.shop.close()
    rule, message = (violation.rule, str(violation)) if violation else (None, "")
    return Outcome(plan, rule, message, tuple(run.world.notes), digest, time.process_time_ns() - began)


def play_seed(seed: int, *, files: bool = False, mutant: str | None = None) -> Outcome:
    """Play the plan of a seed."""
    return play_plan(Plan.drawn(seed, files=files), mutant)


def play_seeds(seeds: Sequence[int], *, files: bool, mutant: str | None, processes: int) -> Iterator[Outcome]:
    """Play many seeds, in their order, on so many processors."""
    play_it = partial(play_seed, files=files, mutant=mutant)
    if processes == 1:
        yield from map(play_it, seeds)
        return
    with get_context("spawn").Pool(processes) as pool:
        yield from pool.imap(play_it, seeds, _CHUNK)


def shrink(outcome: Outcome, mutant: str | None = None, most_runs: int = 400) -> tuple[Outcome, int]:
    """Return what the smallest plan with the same violation comes to, and how many runs it took to find it."""

    def violation_of(plan: Plan) -> Violation | None:
        played = play_plan(plan, mutant)
        return Violation(played.rule, played.message) if played.rule is not None else None

    shrinker = Shrinker(violation_of, outcome.rule or "", most_runs)
    smallest = shrinker.shrink(outcome.plan)
    return play_plan(smallest, mutant), shrinker.runs


def first_caught(mutant: str, most: int = MOST_SEEDS) -> Outcome | None:
    """Return the first of so many seeds that shows a mutant, None if it survives them."""
    return _caught(mutant, range(1, most + 1))


def caught(mutant: str) -> Outcome | None:
    """Return one of MOST_SEEDS seeds that shows a mutant, None if it survives them; the likely one is tried first."""
    return _caught(mutant, (MUTANTS[mutant].shown_by, *range(1, MOST_SEEDS + 1)))


def _caught(mutant: str, seeds: Iterable[int]) -> Outcome | None:
    files = MUTANTS[mutant].files
    played = (play_seed(seed, files=files, mutant=mutant) for seed in seeds)
    return next((outcome for outcome in played if outcome.failed), None)


class _quietly:  # noqa: N801 - a context manager, used like a function
    """Silences the program's log, which tells of every parked operation at length."""

    def __enter__(self) -> None:
        logging.getLogger("urs_desktop").setLevel(logging.CRITICAL + 1)

    def __exit__(self, *_: object) -> None:
        logging.getLogger("urs_desktop").setLevel(logging.NOTSET)
