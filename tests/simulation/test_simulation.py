"""The simulator in the suite: a share of seeds without a violation, in memory and on files, and every mutant caught.

More seeds are played by `python3 dev.py simulate`. Must never leave out a seed that once failed: what is known to have
failed is in `regressions`, with the reason.
"""

from dataclasses import replace

import pytest

from tests.simulation.actions import Action
from tests.simulation.faults import Faults
from tests.simulation.mutants import MUTANTS
from tests.simulation.plan import Plan
from tests.simulation.playing import caught, play_plan, play_seed, shrink
from tests.simulation.regressions import REGRESSIONS, Regression
from tests.simulation.story import story

SEEDS = range(1, 81)
FILES = range(1, 21)
_SHARE = 10


@pytest.mark.parametrize("first", SEEDS[::_SHARE])
def test_seeds_hold(first: int) -> None:
    """What must hold holds in these histories, whatever the network and the crashes do."""
    for seed in range(first, first + _SHARE):
        outcome = play_seed(seed)
        assert not outcome.failed, f"{outcome.message}: python3 dev.py simulate --seeds 1 --start {seed}"


@pytest.mark.parametrize("first", FILES[::_SHARE])
def test_seeds_hold_on_files(first: int) -> None:
    """It holds on real encrypted files too, whose logs power cuts tear."""
    for seed in range(first, first + _SHARE):
        outcome = play_seed(seed, files=True)
        assert not outcome.failed, f"{outcome.message}: python3 dev.py simulate --seeds 1 --start {seed} --files"


@pytest.mark.parametrize("kept", REGRESSIONS, ids=lambda kept: kept.reason)
def test_what_once_failed_holds(kept: Regression) -> None:
    """A run that found a fault is played for ever, and still finds it where a rule is broken."""
    assert play_plan(kept.plan).message == ""
    if kept.mutant is not None:
        assert play_plan(kept.plan, kept.mutant).failed


@pytest.mark.parametrize("mutant", MUTANTS)
def test_mutants_are_caught(mutant: str) -> None:
    """Each broken rule is seen within a few seeds; the same seed holds once the rule is whole again."""
    shown = caught(mutant)
    assert shown is not None, f"{mutant} survived"
    assert not play_plan(shown.plan).failed


def test_the_mutation_score_does_not_fall() -> None:
    """Every mutant is caught (above), and there are no fewer of them than there were."""
    assert len(MUTANTS) >= 25


@pytest.mark.parametrize("files", [False, True])
def test_a_run_is_a_function_of_its_seed(*, files: bool) -> None:
    """The same seed tells the same story twice, and ends in the same rows."""
    once, again = play_seed(7, files=files), play_seed(7, files=files)
    assert once.notes == again.notes
    assert once.digest == again.digest


def test_files_and_memory_are_the_same_world() -> None:
    """Without blows a run on files ends in the same rows as one in memory."""
    plans = [Plan.drawn(1, files=files) for files in (False, True)]
    calm = [play_plan(replace(plan, faults=Faults.none(), actions=_without_looks(plan))).digest for plan in plans]
    assert calm[0] == calm[1]


def _without_looks(plan: Plan) -> tuple[Action, ...]:
    """Return what is done in memory as well: a look at a damaged file tells a story of its own."""
    return tuple(action for action in plan.actions if action.kind != "damage")


def test_a_failing_run_shrinks() -> None:
    """What is left of a run that a broken rule makes fail is much smaller, and fails by the same rule."""
    mutant = "spend_is_not_stored"
    shown = caught(mutant)
    assert shown is not None
    smallest, _ = shrink(shown, mutant, most_runs=40)
    assert smallest.rule == shown.rule
    assert len(smallest.plan.actions) <= 15
    assert "again: python3 dev.py simulate --seeds 1" in "\n".join(story(smallest, mutant))
