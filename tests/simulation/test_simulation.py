"""The simulator in the suite: a share of seeds without a violation, and every mutant caught.

More seeds are played by `python3 dev.py simulate`. Must never leave out a seed that once failed.
"""

import logging

import pytest

from tests.simulation.__main__ import play_one
from tests.simulation.mutants import MUTANTS

SEEDS = range(1, 41)
MOST_SEEDS = 60
"""A mutant that survives this many seeds is not caught."""


@pytest.mark.parametrize("first", range(SEEDS.start, SEEDS.stop, 10))
def test_seeds_hold(first: int) -> None:
    """What must hold holds in these histories, whatever the network and the crashes do."""
    for seed in range(first, first + 10):
        run, violation = play_one(seed)
        assert violation is None, f"seed {seed}: {violation}\n" + "\n".join(run.world.trace)


@pytest.mark.parametrize("mutant", MUTANTS)
def test_mutants_are_caught(mutant: str, caplog: pytest.LogCaptureFixture) -> None:
    """Each broken rule is seen within a few seeds."""
    caplog.set_level(logging.CRITICAL)
    caught = next((seed for seed in range(1, MOST_SEEDS + 1) if play_one(seed, mutant)[1] is not None), None)
    assert caught is not None, f"{mutant} survived {MOST_SEEDS} seeds"


def test_a_run_is_a_function_of_its_seed() -> None:
    """The same seed tells the same story twice."""
    assert play_one(7)[0].world.trace == play_one(7)[0].world.trace
