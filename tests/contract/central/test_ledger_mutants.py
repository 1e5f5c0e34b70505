"""Each rule of the ledger broken by itself is caught; what a defence of its own must see is caught by that alone.

A surviving mutant is a missing test. Must never drop a mutant because it is hard to catch.
"""

import logging
from collections.abc import Iterator
from contextlib import nullcontext

import pytest
import sqlalchemy as sa

from tests.contract.central.histories.mutants import MUTANTS
from tests.contract.central.histories.stories import STORIES
from tests.contract.central.histories.world import BrokenError, World

CAUGHT_BY = {
    "refund_rounds_each_piece": "model",
    "clawback_ignores_pending": "model verify sql",
    "clawback_spares_the_own_lot": "model",
    "clawback_takes_refilled_lots_early": "model",
    "given_back_to_the_newest_lot": "model",
    "given_back_in_the_order_spent": "model",
    "late_points_given_back": "model refusal",
    "late_points_rounded_by_themselves": "model verify",
    "expired_points_come_back_alive": "model verify sql",
    "returned_points_stay_alive": "model verify sql",
    "debt_paid_to_who_lets_earn": "model verify sql",
    "debt_never_repaid": "model verify sql",
    "newest_debt_first": "model",
    "hold_takes_what_expires_first": "model",
    "expiry_takes_what_is_held": "model sql",
    "points_never_expire": "model sql",
    "points_vest_at_once": "model",
    "threshold_itself_earns": "model",
    "rounded_to_the_nearest": "model",
    "clawed_from_the_total": "model",
    "wrong_sign": "model refusal",
    "recovery_pays_nobody": "model verify sql",
    "lots_not_moved": "model verify sql refusal",
    "wallet_not_moved": "model verify sql refusal",
    "other_vendors_sale_refunded": "model verify",
    "earlier_refunds_forgotten": "model verify sql",
    "waiting_refunds_forgotten": "model verify",
    "points_stay_with_the_merged": "model verify sql",
    "merged_points_never_expire": "model verify",
    "debts_end_with_a_merge": "model verify sql",
    "leases_end_with_a_merge": "model",
    "tombstones_keep_their_points": "model verify sql",
    "tombstones_earn": "model",
}
"""Who sees each mutant without the others: the model's figures, verify, the invariants in SQL, or the program itself,
which refuses (a LedgerError, a CHECK, a parked operation). Where the broken rule is one that verify reckons with too,
only the model, which shares no code, can see it."""

WATCHES = ("model", "verify", "sql", "refusal")


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Mutants make the program complain."""
    with caplog.at_level(logging.CRITICAL + 1):
        yield


def caught(watch: str, likely: str = "") -> str | None:
    """Return a story in which `watch` alone sees anything, the `likely` one if it does, None if it sees nothing."""
    for name in sorted(STORIES, key=lambda story: story != likely):
        world = World(frozenset({watch}))
        try:
            STORIES[name](world)
        except (BrokenError, AssertionError, sa.exc.DBAPIError):
            return name
        finally:
            world.close()
    return None


@pytest.mark.parametrize("story", STORIES)
def test_stories_hold(story: str) -> None:
    with nullcontext(World()) as world:
        STORIES[story](world)
        world.close()


@pytest.mark.parametrize("mutant", MUTANTS)
def test_mutants_are_caught(mutant: str) -> None:
    seen: dict[str, str | None] = {}
    for watch in WATCHES:
        if watch in CAUGHT_BY[mutant].split():
            with MUTANTS[mutant]():
                seen[watch] = caught(watch, next(filter(None, seen.values()), ""))
    assert seen
    assert None not in seen.values(), seen


def test_every_mutant_has_somebody_who_sees_it() -> None:
    assert CAUGHT_BY.keys() == MUTANTS.keys()
    assert all("model" in seers.split() for seers in CAUGHT_BY.values())
