"""The lease rules broken one at a time, to see the search find each in a few moves.

Those of the arithmetic replace a method of the code that ships, which shows that the search goes through it; the others
replace a kind of event. Must never be left in place after its search.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Any, Final

from tests.model.moves import World
from tests.model.state import Copy, Op, Side, State, replaced
from tests.model.worlds import WORLDS
from urs_desktop.domain.lease import CentralLease, CounterLease, LeaseState
from urs_desktop.domain.points import Points


@contextmanager
def _method(owner: type, name: str, method: Callable[..., Any]) -> Iterator[None]:
    before = owner.__dict__[name]
    setattr(owner, name, method)
    try:
        yield
    finally:
        setattr(owner, name, before)


def spend_beyond_the_lease() -> AbstractContextManager[None]:
    """A counter looks at what it was granted, not at what it has spent of it."""

    def spend(self: CounterLease, points: int, now: int) -> CounterLease:
        assert now < self.spend_until
        return replace(self, spent=Points(self.spent + points), granted=Points(max(self.granted, points)))

    return _method(CounterLease, "spend", spend)


def return_keeps_the_rest() -> AbstractContextManager[None]:
    """What a counter gives back it can still spend."""
    return _method(CounterLease, "give_back", lambda self: self)


def late_spend_hits_the_wallet() -> AbstractContextManager[None]:
    """A spend that arrives after its lease was closed is taken from the wallet all the same."""

    def settle(self: CentralLease, points: Points) -> tuple[CentralLease, Points]:
        return self._moved(settled=points), points

    return _method(CentralLease, "settle", settle)


def reclaim_frees_what_was_granted() -> AbstractContextManager[None]:
    """Closing a lease frees all of it, also what was settled."""

    def close(self: CentralLease) -> tuple[CentralLease, Points]:
        freed = self.granted if self.state is LeaseState.OPEN else Points(0)
        return replace(self, returned=Points(self.returned + self.held), state=LeaseState.CLOSED), freed

    return _method(CentralLease, "close", close)


def closing_frees_nothing() -> AbstractContextManager[None]:
    """A closed lease keeps its points from the wallet for ever."""

    def close(self: CentralLease) -> tuple[CentralLease, Points]:
        return replace(self, returned=Points(self.returned + self.held), state=LeaseState.CLOSED), Points(0)

    return _method(CentralLease, "close", close)


def return_counted_twice() -> AbstractContextManager[None]:
    """What a sale gives back is freed also when the lease was closed, and so had freed it already."""

    def give_back(self: CentralLease, points: Points) -> tuple[CentralLease, Points]:
        return self._moved(returned=points), points

    return _method(CentralLease, "give_back", give_back)


class GrantWithoutChecking(World):
    """The centre grants what was asked for, whatever is available."""

    def grantable(self, state: State) -> int:
        return self.bounds.want


class ClosedLeaseReopens(World):
    """Asked again for a lease that is closed, the centre grants it anew."""

    def request_arrives(self, state: State, number: int, lease: int) -> State:
        side = state.sides[number]
        hold = side.holds[lease]
        if hold is not None and not hold.is_open:
            side = side._replace(holds=replaced(side.holds, lease, None))
            again = state._replace(sides=replaced(state.sides, number, side))
            after = super().request_arrives(again, number, lease)
            return state if after is again else after
        return super().request_arrives(state, number, lease)


class ReturnMarksNothing(World):
    """A return that overtakes its request leaves no mark, so the request is granted to nobody."""

    def return_arrives(self, state: State, number: int, lease: int) -> State:
        known = state.sides[number].holds[lease] is not None
        return super().return_arrives(state, number, lease) if known else state


class AnswerOfAnotherEpoch(World):
    """A counter believes the answer to a request it no longer knows, made in an epoch that is over."""

    def answer_arrives(self, state: State, number: int, lease: int) -> State:
        side = state.sides[number]
        hold = side.holds[lease]
        if hold is None or side.copies[lease] is not None or not hold.granted:
            return super().answer_arrives(state, number, lease)
        copies = replaced(side.copies, lease, Copy(side.epoch, hold.granted, 0, 0))
        return state._replace(sides=replaced(state.sides, number, side._replace(copies=copies)))


class SettledTwice(World):
    """The centre applies an operation again that comes again."""

    def op_arrives(self, state: State, number: int, at: int, op: Op) -> State:
        if state.sides[number].known >> op.op_id & 1:
            return self.apply(state, number, op)
        return super().op_arrives(state, number, at, op)


class OperationsOutOfOrder(World):
    """The centre takes an operation whatever came before it, and all that is behind it counts as taken."""

    def op_arrives(self, state: State, number: int, at: int, op: Op) -> State:
        side = state.sides[number]
        if at + 1 < len(side.ops) and at == len(side.chain) and side.epoch == side.central_epoch:
            skipped = self.take(state, number, side.ops[at + 1])
            chain = tuple(earlier.op_id for earlier in side.ops[: at + 2])
            side = skipped.sides[number]._replace(chain=chain)
            return skipped._replace(sides=replaced(skipped.sides, number, side))
        return super().op_arrives(state, number, at, op)


class ClawbackIgnoresLeases(World):
    """Points are clawed back from the whole wallet, also those that leases hold."""

    def clawable(self, state: State) -> int:
        return min(2, state.available + state.held)


class ExpiryIgnoresLeases(World):
    """Points expire although a lease holds them."""

    def expirable(self, state: State) -> int:
        return min(1, state.available + state.held)


class FloorIgnoresTheWallet(World):
    """Points taken without a lease are redeemed whether there are any or not."""

    def floor_covered(self, state: State, points: int) -> int:
        return points


class NewIdsAfterRejoining(World):
    """A counter that rejoins offers its operations under new ids."""

    def adopt(self, state: State, number: int) -> State:
        state = super().adopt(state, number)
        side = state.sides[number]
        ops = tuple(op._replace(op_id=op.op_id + 100) for op in side.ops)
        return state._replace(sides=replaced(state.sides, number, side._replace(ops=ops)))


class RejoiningOffersNothing(World):
    """A counter that rejoins begins with an empty chain: what only it had never arrives."""

    def rejoin(self, state: State, number: int) -> State:
        state = super().rejoin(state, number)
        side = state.sides[number]
        chain = tuple(op.op_id for op in side.ops)
        return state._replace(sides=replaced(state.sides, number, side._replace(chain=chain)))


class HistoryBelieved(World):
    """The centre counts a counter's operations and looks at no hash: neither of a push nor of a hello."""

    def disagrees(self, side: Side) -> bool:
        return side.epoch != side.central_epoch or len(side.chain) > len(side.ops)

    def op_arrives(self, state: State, number: int, at: int, op: Op) -> State:
        side = state.sides[number]
        return self.take(state, number, op) if at == len(side.chain) else state


@contextmanager
def _world(kind: type[World], name: str) -> Iterator[World]:
    yield kind(WORLDS[name])


@contextmanager
def _arithmetic(broken: Callable[[], AbstractContextManager[None]], name: str) -> Iterator[World]:
    with broken():
        yield World(WORLDS[name])


def _of(kind: type[World], name: str) -> Callable[[], AbstractContextManager[World]]:
    return lambda: _world(kind, name)


def _by(broken: Callable[[], AbstractContextManager[None]], name: str) -> Callable[[], AbstractContextManager[World]]:
    return lambda: _arithmetic(broken, name)


MUTANTS: Final = {
    "spend beyond the lease": _by(spend_beyond_the_lease, "leases"),
    "return keeps the rest": _by(return_keeps_the_rest, "restored"),
    "late spend hits the wallet": _by(late_spend_hits_the_wallet, "leases"),
    "reclaim frees what was granted": _by(reclaim_frees_what_was_granted, "leases"),
    "closing frees nothing": _by(closing_frees_nothing, "leases"),
    "return counted twice": _by(return_counted_twice, "leases"),
    "grant without checking": _of(GrantWithoutChecking, "leases"),
    "closed lease reopens": _of(ClosedLeaseReopens, "leases"),
    "return marks nothing": _of(ReturnMarksNothing, "leases"),
    "settled twice": _of(SettledTwice, "leases"),
    "operations out of order": _of(OperationsOutOfOrder, "leases"),
    "clawback ignores leases": _of(ClawbackIgnoresLeases, "wallet"),
    "expiry ignores leases": _of(ExpiryIgnoresLeases, "wallet"),
    "floor ignores the wallet": _of(FloorIgnoresTheWallet, "wallet"),
    "answer of another epoch": _of(AnswerOfAnotherEpoch, "restored"),
    "new ids after rejoining": _of(NewIdsAfterRejoining, "restored"),
    "rejoining offers nothing": _of(RejoiningOffersNothing, "restored"),
    "history believed": _of(HistoryBelieved, "restored"),
}
"""Every mutant by name, in the world in which it is seen."""
