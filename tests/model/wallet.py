"""What happens to the wallet of the small world: points earned, freed, repaid, clawed back and expired.

Must never know a counter.
"""

from collections.abc import Iterator

from tests.model.state import Bounds, State

Move = tuple[tuple[str | int, ...], State]
"""What happened, in words and numbers, and the state after it."""

_CLAWED = 2


class Wallet:
    """The rules of one customer's points, within bounds."""

    def __init__(self, bounds: Bounds) -> None:
        """Take how small the world is."""
        self.bounds = bounds

    def freed(self, state: State, points: int) -> State:
        """Make held points available again."""
        return self.repaid(state._replace(held=state.held - points, available=state.available + points))

    def repaid(self, state: State) -> State:
        """Take what the customer owes from what is available."""
        repaid = min(state.debt, state.available)
        if repaid <= 0:
            return state
        available, debt = state.available - repaid, state.debt - repaid
        return state._replace(available=available, debt=debt, gone=state.gone + repaid)

    def floor_covered(self, state: State, points: int) -> int:
        """Return what the wallet covers of points taken without a lease."""
        return min(points, state.available)

    def customer(self, state: State) -> Iterator[Move]:
        """Yield what the customer and time may do to the points no lease holds."""
        earns, claws, expires = state.events
        if earns:
            after = state._replace(available=state.available + 1, earned=state.earned + 1)
            yield ("the customer earns a point",), self.repaid(after._replace(events=(earns - 1, claws, expires)))
        if claws:
            taken = self.clawable(state)
            after = state._replace(
                available=state.available - taken, gone=state.gone + taken, debt=state.debt + _CLAWED - taken
            )
            yield ("points are clawed back:", _CLAWED), after._replace(events=(earns, claws - 1, expires))
        if expires and (over := self.expirable(state)):
            after = state._replace(available=state.available - over, gone=state.gone + over)
            yield ("a point expires",), after._replace(events=(earns, claws, expires - 1))

    def clawable(self, state: State) -> int:
        """Return what can be taken back from the wallet; the rest is owed."""
        return min(_CLAWED, state.available)

    def expirable(self, state: State) -> int:
        """Return what may expire: never what a lease holds."""
        return min(1, state.available)

    def grantable(self, state: State) -> int:
        """Return what a grant may set aside now."""
        return min(self.bounds.want, state.available)
