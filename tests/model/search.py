"""Searches every state of a small world, breadth first, and shows the shortest way to a violation.

What must hold in every state, and that from every state the counters can wind up: everything printed arrives once, no
points stay set aside. Must never leave a state out, nor go on after a violation.
"""

from collections import deque
from dataclasses import dataclass

from tests.model.moves import World
from tests.model.state import Side, State


@dataclass(frozen=True, slots=True)
class Found:
    """What a search saw: how many states and moves, and, if something was violated, what and by which moves."""

    states: int
    moves: int
    violated: str = ""
    story: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return it as lines of text."""
        if not self.violated:
            return f"{self.states} states, {self.moves} moves: nothing violated"
        return "\n".join((f"violated after {len(self.story)} moves: {self.violated}", *self.story))


def search(world: World, most: int = 10_000_000) -> Found:
    """Search a world until something is violated, `most` states were seen, or there are no more."""
    first = world.bounds.first()
    came: dict[State, tuple[State, tuple[str | int, ...]] | None] = {first: None}
    settled: set[State] = set()
    ahead = deque((first,))
    moves = 0
    while ahead:
        state = ahead.popleft()
        violated = violation(world, state) or stuck(world, state, settled)
        if violated:
            return Found(len(came), moves, violated, _story(came, state))
        for what, after in world.moves(state):
            moves += 1
            if after is not state and after not in came:
                came[after] = (state, what)
                ahead.append(after)
        assert len(came) <= most, f"more than {most} states"
    return Found(len(came), moves)


def violation(world: World, state: State) -> str:
    """Return what is wrong with a state, or an empty text."""
    if state.available < 0 or state.held < 0:
        return f"I1: available {state.available}, held {state.held}"
    if (wrong := _leases_violate(world, state)) or (wrong := _sums_violate(world, state)):
        return wrong
    if state.late > state.outstanding + state.repeatable:
        bound = f"{state.outstanding} outstanding at close, {state.repeatable} repeatable"
        return f"I9: {state.late} points late, {bound}"
    return ""


def _sums_violate(world: World, state: State) -> str:
    held = sum(world.leases.held(hold) for side in state.sides for hold in side.holds if hold is not None)
    if held != state.held:
        return f"I4: the wallet holds {state.held}, its leases {held}"
    booked = state.redeemed + state.late + state.floor_late
    if booked != state.taken:
        return f"I8: receipts redeemed {state.taken}, booked are {booked}"
    given = world.bounds.points + state.earned
    if state.available + state.held + state.redeemed + state.gone != given:
        return f"I5: {given} points were given, {state}"
    if state.debt and state.available:
        return f"{state.debt} owed beside {state.available} available"
    return ""


def _leases_violate(world: World, state: State) -> str:
    for side in state.sides:
        for copy, hold in zip(side.copies, side.holds, strict=True):
            if copy is not None and copy.spent + copy.returned > copy.granted:
                return f"I3: a counter spent or returned more than it was granted: {copy}"
            if hold is not None and (hold.settled + hold.returned > hold.granted):
                return f"I3: the centre settled or freed more than it granted: {hold}"
            if copy is not None and hold is not None and copy.granted not in (0, hold.granted):
                return f"I3: a counter believes in {copy}, granted is {hold}"
        if not side.was_restored and (wrong := _overspent(world, side)):
            return wrong
    return ""


def _overspent(world: World, side: Side) -> str:
    """Return I2's violation: more is on its way for a lease than the wallet still holds for it."""
    if side.rejoining or side.epoch != side.central_epoch:
        return ""
    coming: dict[int, int] = {}
    for op in side.ops[len(side.chain) :]:
        for spend in op.spends:
            coming[spend.lease] = coming.get(spend.lease, 0) + spend.points + spend.returned
    for lease, points in coming.items():
        hold = side.holds[lease]
        if hold is None or (hold.is_open and points > world.leases.held(hold)):
            return f"I2: {points} points on their way for {hold}"
    return ""


def stuck(world: World, state: State, settled: set[State]) -> str:
    """Return what remains when every counter gives back what it has and every message arrives, or an empty text.

    `settled` are the states known to wind up, to which those on the way are added.
    """
    passed: list[State] = []
    while state not in settled:
        passed.append(state)
        after = _winding_up(world, state)
        if after is None:
            if wrong := violation(world, state) or _remains(world, state):
                return f"once all has arrived, {wrong}"
            break
        state = after
    settled.update(passed)
    return ""


def _winding_up(world: World, state: State) -> State | None:
    for number, side in enumerate(state.sides):
        if side.rejoining:
            return world.adopt(state, number)
        if world.disagrees(side):
            return world.rejoin(state, number)
        if len(side.chain) < len(side.ops):
            at = len(side.chain)
            after = world.op_arrives(state, number, at, side.ops[at])
            return None if after == state else after
        for lease, copy in enumerate(side.copies):
            if copy is not None:
                return world.give_back(state, number, lease)
        for lease in range(side.minted):  # a request that was overtaken by all of this
            after = world.request_arrives(state, number, lease)
            if after != state:
                return after
    return None


def _remains(world: World, state: State) -> str:
    for number, side in enumerate(state.sides):
        missing = [op.op_id for op in side.ops if not side.known >> op.op_id & 1]
        if missing:
            return f"operations {missing} of counter {number} never arrive"
        open_holds = [hold for hold in side.holds if hold is not None and hold.is_open]
        if open_holds and side.restores_left == world.bounds.restores[number]:
            return f"counter {number} is done, but {open_holds[0]} stays open"
        for lease in range(side.minted):  # what a counter forgot when it was put back: time alone gives that back
            state = world.reclaim(state, number, lease)
    return f"{state.held} points stay held" if state.held else violation(world, state)


def _story(came: dict[State, tuple[State, tuple[str | int, ...]] | None], state: State) -> tuple[str, ...]:
    lines: list[str] = []
    while (before := came[state]) is not None:
        lines.append(f"{' '.join(str(part) for part in before[1])}: {_wallet(state)}")
        state = before[0]
    return tuple(reversed(lines))


def _wallet(state: State) -> str:
    owed = f", owed {state.debt}" if state.debt else ""
    leases = (
        f"{tuple(copy or ()) or '-'}/{tuple(hold or ()) or '-'}"
        for side in state.sides
        for copy, hold in zip(side.copies, side.holds, strict=True)
    )
    booked = f"redeemed {state.redeemed}, late {state.late + state.floor_late}"
    return f"available {state.available}, held {state.held}{owed}, {booked}; leases {' '.join(leases)}"
