"""Leases one at a time, and a whole counter's leases under a network that drops, doubles and reorders.

The model is sync.md 2.6 for one counter and one wallet: whatever arrives when, the wallet never goes below zero and
every spent point is either covered by the wallet or owed by the vendor. Must never rely on a clock for that.
"""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from urs_desktop.domain.lease import EXACT_GRANT_MS, EXACT_SETTLE_MS, CentralLease, CounterLease, LeaseState
from urs_desktop.domain.points import NO_POINTS, Points
from urs_desktop.domain.refusals import Refusal, RefusalCode

BALANCE = 100
few = st.integers(0, 60)


def counter_lease(granted: int = 10, spent: int = 0, returned: int = 0, spend_until: int = 1000) -> CounterLease:
    return CounterLease("lease", "card", 1, Points(granted), Points(spent), Points(returned), spend_until)


def open_lease(granted: int, settled: int = 0, returned: int = 0) -> CentralLease:
    return CentralLease(Points(granted), Points(settled), Points(returned), LeaseState.OPEN)


@given(few, few, few, st.integers(-3, 130))
def test_no_spend_goes_beyond_what_is_left(granted: int, spent: int, returned: int, points: int) -> None:
    if spent + returned > granted:
        return
    lease = counter_lease(granted, spent, returned)
    if not 0 < points <= granted - spent - returned:
        with pytest.raises(Refusal) as caught:
            lease.spend(Points(points), 0)
        assert caught.value.code is RefusalCode.GRANT_EXCEEDED
        return
    after = lease.spend(Points(points), 0)
    assert after == replace(lease, spent=Points(spent + points))
    assert after.give_back().rest == 0
    assert after.give_back().give_back() == after.give_back()


def test_a_grant_ends_with_its_time() -> None:
    lease = counter_lease(spend_until=1000)
    assert lease.spend(Points(1), 999).spent == 1
    with pytest.raises(Refusal) as caught:
        lease.spend(Points(1), 1000)
    assert caught.value.code is RefusalCode.GRANT_OVER


@given(few, few, few, st.integers(0, 130).map(Points))
def test_the_centre_covers_what_it_holds_and_no_more(granted: int, settled: int, returned: int, points: Points) -> None:
    if settled + returned > granted:
        return
    lease = open_lease(granted, settled, returned)
    after, covered = lease.settle(points)
    assert covered == min(points, granted - settled - returned)
    assert (after.held, after.settled) == (lease.held - covered, settled + covered)
    after, freed = lease.give_back(points)
    assert freed == min(points, lease.held)
    assert after.held == lease.held - freed
    closed, freed = lease.close()
    assert (freed, closed.held, closed.state) == (lease.held, 0, LeaseState.CLOSED)
    assert closed.granted == closed.settled + closed.returned
    assert closed.settle(points) == (closed, NO_POINTS)
    assert closed.give_back(points) == (closed, NO_POINTS)
    assert closed.close() == (closed, NO_POINTS)


def test_an_exact_grants_points_come_back_long_after_it_can_be_spent() -> None:
    assert EXACT_GRANT_MS == 300_000
    assert EXACT_SETTLE_MS == 86_400_000


class OneCounter(RuleBasedStateMachine):
    """One counter, one wallet; requests and answers are lost, doubled and late, operations arrive in order once."""

    def __init__(self) -> None:
        super().__init__()
        self.available = BALANCE
        self.now = 0
        self.counter: dict[str, CounterLease] = {}
        self.centre: dict[str, CentralLease] = {}
        self.outstanding: dict[str, int] = {}
        self.requests: list[tuple[str, int]] = []
        self.replies: list[tuple[str, Points, int]] = []
        self.chain: list[tuple[str, str, Points]] = []
        self.arrived = 0
        self.covered = 0
        self.late: dict[str, int] = {}

    @rule(want=st.integers(1, 60))
    def ask(self, want: int) -> None:
        name = f"lease {len(self.counter)}"
        self.counter[name] = CounterLease(name, "card", 1, NO_POINTS, NO_POINTS, NO_POINTS, 0)
        self.requests.append((name, want))

    @precondition(lambda self: self.requests)
    @rule(place=st.integers(0, 99), keep=st.booleans())
    def the_centre_hears_a_request(self, place: int, keep: bool) -> None:
        name, want = self.requests[place % len(self.requests)]
        if not keep:
            self.requests.remove((name, want))
        if name not in self.centre:
            granted = min(want, self.available)
            self.available -= granted
            self.centre[name] = open_lease(granted)
        self.replies.append((name, self.centre[name].granted, self.now + 50))

    @precondition(lambda self: self.requests)
    @rule(place=st.integers(0, 99))
    def a_request_is_lost(self, place: int) -> None:
        del self.requests[place % len(self.requests)]

    @precondition(lambda self: self.replies)
    @rule(place=st.integers(0, 99), keep=st.booleans())
    def the_counter_hears_an_answer(self, place: int, keep: bool) -> None:
        name, granted, until = self.replies[place % len(self.replies)]
        if not keep:
            self.replies.remove((name, granted, until))
        lease = self.counter[name]
        if lease.spend_until >= 0:
            self.counter[name] = replace(lease, granted=Points(max(granted, lease.granted)), spend_until=until)

    @precondition(lambda self: self.counter)
    @rule(place=st.integers(0, 99), points=st.integers(1, 60))
    def spend(self, place: int, points: int) -> None:
        name = sorted(self.counter)[place % len(self.counter)]
        try:
            self.counter[name] = self.counter[name].spend(Points(points), self.now)
        except Refusal:
            return
        self.chain.append((name, "spend", Points(points)))

    @precondition(lambda self: self.counter)
    @rule(place=st.integers(0, 99))
    def give_back(self, place: int) -> None:
        name = sorted(self.counter)[place % len(self.counter)]
        lease = self.counter[name]
        if lease.spend_until >= 0:
            self.chain.append((name, "return", lease.rest))
            self.counter[name] = replace(lease.give_back(), spend_until=-1)

    @precondition(lambda self: self.arrived < len(self.chain))
    @rule()
    def an_operation_arrives(self) -> None:
        name, kind, points = self.chain[self.arrived]
        self.arrived += 1
        lease = self.centre.get(name, CentralLease(NO_POINTS, NO_POINTS, NO_POINTS, LeaseState.OPEN))
        if kind == "return":
            self.close(name, lease)
            return
        self.centre[name], covered = lease.settle(points)
        self.covered += covered
        self.late[name] = self.late.get(name, 0) + points - covered

    @precondition(lambda self: self.centre)
    @rule(place=st.integers(0, 99))
    def the_centre_takes_a_lease_back(self, place: int) -> None:
        name = sorted(self.centre)[place % len(self.centre)]
        self.close(name, self.centre[name])

    @rule(milliseconds=st.integers(1, 60))
    def time_passes(self, milliseconds: int) -> None:
        self.now += milliseconds

    def close(self, name: str, lease: CentralLease) -> None:
        self.centre[name], freed = lease.close()
        self.outstanding.setdefault(name, freed)
        self.available += freed

    @invariant()
    def the_wallet_is_never_overdrawn_and_nothing_is_lost(self) -> None:
        held = sum(lease.held for lease in self.centre.values())
        assert self.available >= 0
        assert self.available + held + self.covered == BALANCE
        in_flight = sum(points for _, kind, points in self.chain[self.arrived :] if kind == "spend")
        owed = sum(self.late.values())
        spent = sum(lease.spent for lease in self.counter.values())
        assert self.covered + owed + in_flight == spent

    @invariant()
    def a_counter_never_has_more_than_was_granted(self) -> None:
        for name, lease in self.counter.items():
            granted = self.centre[name].granted if name in self.centre else 0
            assert lease.spent + lease.returned <= lease.granted <= granted
            assert self.late.get(name, 0) <= self.outstanding.get(name, 0)

    def teardown(self) -> None:
        while self.arrived < len(self.chain):
            self.an_operation_arrives()
        self.the_wallet_is_never_overdrawn_and_nothing_is_lost()
        self.a_counter_never_has_more_than_was_granted()


TestOneCounter = OneCounter.TestCase
TestOneCounter.settings = settings(max_examples=80, stateful_step_count=40)
