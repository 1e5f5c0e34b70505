"""Everything that can happen in the small world, one event at a time: the rules between counters and centre.

A request, once made, and an operation, once in a chain, may reach the centre at any later moment, again, or never; so
may an answer its counter. Must never look at what a counter knows to decide for the centre, nor the other way round.
"""

from collections.abc import Iterator
from itertools import combinations

from tests.model.centre import Centre, with_side
from tests.model.state import Bounds, Copy, Ghost, Image, Op, Side, Spend, State, replaced
from tests.model.wallet import Move

_IDS_OF_A_HISTORY = 16


class World(Centre):
    """A world within bounds; each method is one kind of event. A mutant breaks one of them."""

    def moves(self, state: State) -> Iterator[Move]:
        """Yield everything that may happen next."""
        yield from self.customer(state)
        for number, side in enumerate(state.sides):
            yield from self._at_counter(state, number, side)
            yield from self._on_its_way(state, number, side)
            yield from self._disaster(state, number, side)

    # What happens at a counter, with or without a connection.

    def _at_counter(self, state: State, number: int, side: Side) -> Iterator[Move]:
        if side.rejoining:
            return
        if side.minted < len(side.copies):
            yield ("counter", number, "asks for a grant, lease", side.minted), self._ask(state, number)
        live = [lease for lease, copy in enumerate(side.copies) if copy is not None]
        for lease in live:
            yield ("counter", number, "gives back lease", lease), self.give_back(state, number, lease)
        if side.sales_left:
            for spends in self._spends(side, live):
                said = " and ".join(f"{s.points} of lease {s.lease}, giving back {s.returned}" for s in spends)
                yield ("counter", number, "sells for", said), self._sell(state, number, spends)
        if side.floor_left:
            op = Op(_next_id(self.bounds, number, side), floor=1)
            after = side._replace(ops=(*side.ops, op), floor_left=side.floor_left - 1)
            yield ("counter", number, "sells for a floor point"), with_side(state, number, after)

    def _ask(self, state: State, number: int) -> State:
        side = state.sides[number]
        copies = replaced(side.copies, side.minted, Copy(side.epoch, 0, 0, 0))
        after = side._replace(copies=copies, minted=side.minted + 1, asked=(*side.asked, side.epoch))
        return with_side(state, number, after)

    def give_back(self, state: State, number: int, lease: int) -> State:
        """Let a counter return a lease."""
        side = state.sides[number]
        op = Op(_next_id(self.bounds, number, side), gives_back=lease)
        after = side._replace(copies=replaced(side.copies, lease, None), ops=(*side.ops, op))
        return with_side(state, number, after)

    def _spends(self, side: Side, live: list[int]) -> Iterator[tuple[Spend, ...]]:
        """Yield what a sale may take: part of one lease, its rest kept or given back, or a point of each of two."""
        for lease in live:
            copy = side.copies[lease]
            for points in range(1, self.bounds.want + 1):
                after = None if copy is None else self.leases.spend(copy, points)
                if after is None:
                    break
                yield (Spend(lease, points, 0),)
                if rest := self.leases.rest(after):
                    yield (Spend(lease, points, rest),)
        for one, other in combinations(live, 2):
            copies = (side.copies[one], side.copies[other])
            if all(copy is not None and self.leases.spend(copy, 1) is not None for copy in copies):
                yield (Spend(one, 1, 0), Spend(other, 1, 0))

    def _sell(self, state: State, number: int, spends: tuple[Spend, ...]) -> State:
        side = state.sides[number]
        copies = side.copies
        for spend in spends:
            copy = copies[spend.lease]
            after = None if copy is None else self.leases.spend(copy, spend.points)
            if after is not None and spend.returned:
                after, _ = self.leases.give_back(after)
            over = after is None or after.spent + after.returned == after.granted
            copies = replaced(copies, spend.lease, None if over else after)
        op = Op(_next_id(self.bounds, number, side), spends)
        after_it = side._replace(copies=copies, ops=(*side.ops, op), sales_left=side.sales_left - 1)
        return with_side(state, number, after_it)

    # What reaches the other end, and what the centre does by itself.

    def _on_its_way(self, state: State, number: int, side: Side) -> Iterator[Move]:
        for lease in range(side.minted):
            hold = side.holds[lease]
            granted = self.request_arrives(state, number, lease)
            yield ("centre hears the request of counter", number, "for lease", lease), granted
            yield ("counter", number, "hears the answer for lease", lease), self.answer_arrives(state, number, lease)
            if hold is not None and hold.is_open:
                yield ("centre takes back lease", lease, "of counter", number), self.reclaim(state, number, lease)
        for at, op in enumerate(side.ops):
            if at <= len(side.chain):
                arrived = self.op_arrives(state, number, at, op)
                yield ("centre hears operation", at, "of counter", number), arrived
        for ghost in side.ghosts:
            if ghost.before == side.chain:
                yield ("centre hears a lost history of counter", number), self.take(state, number, ghost.op)

    def answer_arrives(self, state: State, number: int, lease: int) -> State:
        """Let a counter hear the answer to a request, for the first time or again, in time or much too late."""
        side = state.sides[number]
        hold, copy = side.holds[lease], side.copies[lease]
        if hold is None or copy is None or hold.epoch != side.epoch or not hold.granted:
            return state
        copies = replaced(side.copies, lease, copy._replace(granted=max(copy.granted, hold.granted)))
        return with_side(state, number, side._replace(copies=copies))

    # A counter put back to an older state, and how it comes in again.

    def _disaster(self, state: State, number: int, side: Side) -> Iterator[Move]:
        if side.restores_left:
            image = Image(side.epoch, side.copies, side.ops)
            if image != side.image:
                yield ("counter", number, "is backed up"), with_side(state, number, side._replace(image=image))
            if side.image is not None and side.image != image:
                yield ("counter", number, "is put back"), self._restore(state, number, side.image)
        if side.rejoining:
            yield ("counter", number, "hears its new epoch"), self.adopt(state, number)
        elif self.disagrees(side):
            yield ("centre lets counter", number, "rejoin"), self.rejoin(state, number)

    def _restore(self, state: State, number: int, image: Image) -> State:
        side = state.sides[number]
        ids = tuple(op.op_id for op in side.ops)
        kept = {op.op_id for op in image.ops}
        on_their_way = () if side.epoch != side.central_epoch else range(len(side.chain), len(side.ops))
        lost = tuple(
            Ghost(ids[:at], side.ops[at])
            for at in on_their_way
            if side.ops[at].op_id not in kept and ids[: len(side.chain)] == side.chain
        )
        after = side._replace(
            epoch=image.epoch,
            copies=image.copies,
            ops=image.ops,
            rejoining=False,
            restores_left=side.restores_left - 1,
            was_restored=True,
            ghosts=side.ghosts + lost,
        )
        again = sum(
            max(0, self._spendable(side, copy, lease) - self._spendable(side, side.copies[lease], lease))
            for lease, copy in enumerate(image.copies)
        )
        return with_side(state, number, after)._replace(repeatable=state.repeatable + again)

    def _spendable(self, side: Side, copy: Copy | None, lease: int) -> int:
        """Return what a counter could spend with this copy of a lease, once it has every answer."""
        if copy is None:
            return 0
        hold = side.holds[lease]
        granted = self.bounds.want if hold is None else hold.granted
        return granted - copy.spent - copy.returned

    def disagrees(self, side: Side) -> bool:
        """Return whether a hello shows that a counter's history is not the one the centre has."""
        ids = tuple(op.op_id for op in side.ops[: len(side.chain)])
        return side.epoch != side.central_epoch or ids != side.chain

    def rejoin(self, state: State, number: int) -> State:
        """Let the centre close a counter's leases and begin a new chain in a new epoch."""
        for lease in range(state.sides[number].minted):
            state = self.reclaim(state, number, lease)
        side = state.sides[number]
        epoch = max(side.epoch, side.central_epoch) + 1
        return with_side(state, number, side._replace(central_epoch=epoch, chain=(), ghosts=(), rejoining=True))

    def adopt(self, state: State, number: int) -> State:
        """Let a counter begin anew in its new epoch: without leases, with all operations it has under their old ids."""
        side = state.sides[number]
        copies: tuple[Copy | None, ...] = (None,) * len(side.copies)
        return with_side(state, number, side._replace(epoch=side.central_epoch, copies=copies, rejoining=False))


def _next_id(bounds: Bounds, number: int, side: Side) -> int:
    """Return an id no operation of this counter ever had, in whatever history."""
    return _IDS_OF_A_HISTORY * (bounds.restores[number] - side.restores_left) + len(side.ops)
