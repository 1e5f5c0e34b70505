"""The lease rules searched: every state of small worlds without a violation, and every broken rule found.

Larger worlds: `python -m tests.model --larger`. Must never be content with fewer states than there are.
"""

import gc
from collections.abc import Iterator

import pytest

from tests.model.moves import World
from tests.model.mutants import MUTANTS
from tests.model.search import search
from tests.model.worlds import WORLDS

STATES = {"leases": 29_230, "wallet": 31_198, "restored": 42_292, "restored twice": 12_345}
"""How many there are: a world that loses some, or gains some, has other rules."""

MOST_MOVES = 10
"""No counterexample is longer."""


@pytest.fixture(autouse=True)
def no_collecting() -> Iterator[None]:
    """A search makes millions of tuples and no cycle: looking for some doubles its time."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.parametrize("name", WORLDS)
def test_nothing_is_violated_in_any_state(name: str) -> None:
    """Wallets, leases and receipts agree in every order of events, and from every state all points come back."""
    found = search(World(WORLDS[name]))
    assert not found.violated, str(found)
    assert found.states == STATES[name]


@pytest.mark.parametrize("name", MUTANTS)
def test_a_broken_rule_is_found(name: str) -> None:
    """Each broken rule has a short counterexample."""
    with MUTANTS[name]() as world:
        found = search(world)
    assert found.violated, f"{name} survives {found.states} states"
    assert 0 < len(found.story) <= MOST_MOVES, str(found)
