"""What the centre of the small world does with what reaches it.

Must never look at what a counter knows: only at what came, and at its own books.
"""

from tests.model.state import Arithmetic, Bounds, Hold, Op, Side, Spend, State, replaced
from tests.model.wallet import Wallet


class Centre(Wallet):
    """The centre's rules; an operation, a request or an answer may come at any time, and again."""

    def __init__(self, bounds: Bounds) -> None:
        """Take how small the world is."""
        super().__init__(bounds)
        self.leases = Arithmetic()

    def request_arrives(self, state: State, number: int, lease: int) -> State:
        """Let the centre hear a request for a grant, for the first time or again."""
        side = state.sides[number]
        if side.asked[lease] != side.central_epoch or side.holds[lease] is not None:
            return state
        granted = self.grantable(state)
        if not granted:
            return state
        holds = replaced(side.holds, lease, Hold(side.central_epoch, granted, 0, 0, is_open=True))
        state = state._replace(available=state.available - granted, held=state.held + granted)
        return with_side(state, number, side._replace(holds=holds))

    def reclaim(self, state: State, number: int, lease: int) -> State:
        """Let the centre close a lease whose time is over, at whatever moment that is."""
        side = state.sides[number]
        hold = side.holds[lease]
        if hold is None or not hold.is_open:
            return state
        lost = self.leases.held(hold)
        closed, freed = self.leases.free(hold)
        state = with_side(state, number, side._replace(holds=replaced(side.holds, lease, closed)))
        return self.freed(state, freed)._replace(outstanding=state.outstanding + lost)

    def op_arrives(self, state: State, number: int, at: int, op: Op) -> State:
        """Let the centre hear an operation of a counter's present history: it takes the next one and no other."""
        side = state.sides[number]
        before = tuple(earlier.op_id for earlier in side.ops[:at])
        if side.epoch != side.central_epoch or side.chain != before:
            return state
        return self.take(state, number, op)

    def take(self, state: State, number: int, op: Op) -> State:
        """Let the centre take the next operation of a chain; what it ever applied it does not apply again."""
        side = state.sides[number]
        is_known = side.known >> op.op_id & 1
        chain = (*side.chain, op.op_id)
        ghosts = tuple(ghost for ghost in side.ghosts if ghost.before[: len(chain)] == chain)
        after = side._replace(chain=chain, known=side.known | 1 << op.op_id, ghosts=ghosts)
        state = with_side(state, number, after)
        if is_known:
            return state
        on_receipt = op.floor + sum(spend.points for spend in op.spends)
        return self.apply(state, number, op)._replace(taken=state.taken + on_receipt)

    def apply(self, state: State, number: int, op: Op) -> State:
        """Book what an operation says."""
        for spend in op.spends:
            state = self._settle(state, number, spend)
        if op.floor:
            covered = self.floor_covered(state, op.floor)
            state = state._replace(
                available=state.available - covered,
                redeemed=state.redeemed + covered,
                floor_late=state.floor_late + op.floor - covered,
            )
        if op.gives_back is not None:
            state = self.return_arrives(state, number, op.gives_back)
        return state

    def _settle(self, state: State, number: int, spend: Spend) -> State:
        hold = state.sides[number].holds[spend.lease]
        if hold is None:
            return state._replace(late=state.late + spend.points)
        hold, covered = self.leases.settle(hold, spend.points)
        state = state._replace(
            held=state.held - covered,
            redeemed=state.redeemed + covered,
            late=state.late + spend.points - covered,
        )
        return self._free(state, number, spend.lease, hold, spend.returned)

    def return_arrives(self, state: State, number: int, lease: int) -> State:
        """Close a lease its counter is done with; one that was never granted never will be."""
        side = state.sides[number]
        hold = side.holds[lease]
        if hold is None:
            closed = Hold(side.central_epoch, 0, 0, 0, is_open=False)
            return with_side(state, number, side._replace(holds=replaced(side.holds, lease, closed)))
        return self._free(state, number, lease, hold, self.leases.held(hold))

    def _free(self, state: State, number: int, lease: int, hold: Hold, points: int) -> State:
        hold, freed = self.leases.free(hold, points)
        if hold.is_open and not self.leases.held(hold):
            hold, _ = self.leases.free(hold)
        side = state.sides[number]
        state = with_side(state, number, side._replace(holds=replaced(side.holds, lease, hold)))
        return self.freed(state, freed)


def with_side(state: State, number: int, side: Side) -> State:
    """Return a state in which a counter is this."""
    return state._replace(sides=replaced(state.sides, number, side))
