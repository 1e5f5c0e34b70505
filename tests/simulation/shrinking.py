"""Makes a failing run small: fewer actions, fewer faults, fewer counters, smaller amounts and times.

Every step keeps the same rule violated, because a smaller run that breaks another rule explains nothing. Must never
hand back a plan that was not played and failed.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from tests.simulation.actions import Action
from tests.simulation.faults import MINUTE
from tests.simulation.plan import Plan
from tests.simulation.world import Violation

Player = Callable[[Plan], Violation | None]
"""Plays a plan, with the mutant of the run if there is one."""


@dataclass(slots=True)
class Shrinker:
    """Shrinks one failing plan; `runs` counts what was played for it, at most `most_runs`."""

    play: Player
    rule: str
    most_runs: int
    runs: int = field(default=0)

    def shrink(self, plan: Plan) -> Plan:
        """Return the smallest plan found that violates the same rule."""
        while True:
            before = plan
            plan = self._fewer_actions(plan)
            plan = self._first_that_fails(plan, _without_faults)
            plan = self._first_that_fails(plan, _without_tills)
            if plan == before:
                break
        plan = self._first_that_fails(plan, _sooner)
        for place in range(len(plan.actions)):
            plan = self._first_that_fails(plan, partial(_smaller, place))
        return plan

    def _fails(self, plan: Plan) -> bool:
        if self.runs >= self.most_runs:
            return False
        self.runs += 1
        violation = self.play(plan)
        return violation is not None and violation.rule == self.rule

    def _fewer_actions(self, plan: Plan) -> Plan:
        """Leave actions out by delta debugging (Zeller and Hildebrandt, Simplifying and Isolating, 2002)."""
        parts = 2
        while plan.actions:
            for rest in _complements(plan.actions, parts):
                smaller = replace(plan, actions=rest)
                if self._fails(smaller):
                    plan, parts = smaller, max(2, parts - 1)
                    break
            else:
                if parts >= len(plan.actions):
                    return plan
                parts = min(len(plan.actions), 2 * parts)
        return plan

    def _first_that_fails(self, plan: Plan, smaller: Callable[[Plan], Iterator[Plan]]) -> Plan:
        """Take the first smaller plan that still fails, again and again until none does."""
        while True:
            found = next((each for each in smaller(plan) if self._fails(each)), None)
            if found is None:
                return plan
            plan = found


def _complements(actions: Sequence[Action], parts: int) -> Iterator[tuple[Action, ...]]:
    size = -(-len(actions) // parts)
    for start in range(0, len(actions), size):
        yield (*actions[:start], *actions[start + size :])


def _without_faults(plan: Plan) -> Iterator[Plan]:
    for name in plan.faults.rates:
        yield replace(plan, faults=plan.faults.without(name))


def _without_tills(plan: Plan) -> Iterator[Plan]:
    if len(plan.tills) > 1:
        for name in plan.tills:
            yield replace(plan, tills=tuple(other for other in plan.tills if other != name))


def _sooner(plan: Plan) -> Iterator[Plan]:
    """Yield the plan with everything in half the time."""
    if plan.actions and max(action.at for action in plan.actions) > MINUTE:
        yield replace(plan, actions=tuple(replace(action, at=action.at // 2) for action in plan.actions))


def _smaller(place: int, plan: Plan) -> Iterator[Plan]:
    """Yield the plan with one figure of the action at `place` smaller."""
    for less in _less(plan.actions[place]):
        yield replace(plan, actions=(*plan.actions[:place], less, *plan.actions[place + 1 :]))


def _less(action: Action) -> Iterator[Action]:
    for amount in (1_000, action.amount // 2):
        if 0 < amount < action.amount:
            yield replace(action, amount=amount)
    for points in (1, action.points // 2):
        if 0 < points < action.points:
            yield replace(action, points=points, used=min(action.used, points))
    if action.pieces > 1:
        yield replace(action, pieces=1)
    if action.pause > 1_000:
        yield replace(action, pause=1_000)
    if action.card is not None and action.kind == "sell":
        yield replace(action, card=None)
