"""Redeeming under everything a network does to a grant: nothing stays locked, nothing pays that was not granted.

Must never leave a lease unfinished that no sale can use.
"""

from collections.abc import Callable
from dataclasses import dataclass

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import CARD, CENTRAL_KEY, COUNTER_KEY, DAY_MS, Counter, make_basket, make_counter, make_line, pounds
from tests.fakes.central import FakeCentralStore
from tests.fakes.shop import NOON, FakeClock
from tests.unit.counter.faults import PowerCutError, content, cut_at
from urs_desktop.counter.ports import CentralUnavailableError
from urs_desktop.counter.store.book import SqlStore
from urs_desktop.counter.use_cases.redeem import Redeem
from urs_desktop.counter.use_cases.ring_up import SaleOrder
from urs_desktop.counter.use_cases.verification import verify
from urs_desktop.counter.values import Customer
from urs_desktop.domain.lease import Backing
from urs_desktop.domain.money import Money
from urs_desktop.domain.points import Points
from urs_desktop.domain.policy import Category
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol import grants
from urs_desktop.protocol.codec import decode_body
from urs_desktop.protocol.messages import (
    CustomerReply,
    CustomerRequest,
    GrantReply,
    GrantRequest,
    SaleReply,
    SaleRequest,
)
from urs_desktop.protocol.operations import ReturnBody

TOTAL = pounds(2000)


@dataclass
class BadLine:
    """The way to the central store with something wrong with it; `after` sees every grant that was made."""

    central: FakeCentralStore
    after: Callable[[GrantReply], GrantReply]

    def grant(self, request: GrantRequest) -> GrantReply:
        """Ask, and hand on what the line makes of the answer."""
        return self.after(self.central.grant(request))

    def customer(self, request: CustomerRequest) -> CustomerReply:
        """Ask."""
        return self.central.customer(request)

    def sale(self, request: SaleRequest) -> SaleReply:
        """Ask."""
        return self.central.sale(request)


@pytest.fixture
def counter() -> Counter:
    return make_counter()


def bad_line(counter: Counter, after: Callable[[GrantReply], GrantReply]) -> Redeem:
    return Redeem(counter.store, counter.recorder, BadLine(counter.central, after))


def lost(_: GrantReply) -> GrantReply:
    raise CentralUnavailableError("the answer never came")


def returns(counter: Counter) -> list[ReturnBody]:
    bodies = [decode_body(operation.kind, operation.schema, operation.body) for operation in counter.operations()]
    return [body for body in bodies if isinstance(body, ReturnBody)]


def nothing_is_locked(counter: Counter, wallet: int = 1240) -> None:
    """Assert that after a sync the customer's points are free, at both ends, and the books agree."""
    counter.central.sync(counter.store)
    assert not counter.read(lambda book: book.leases.unfinished())
    assert counter.central.held(CARD) == 0
    assert counter.central.wallets[CARD] == wallet
    assert verify(counter.store, COUNTER_KEY.public_key) == []


def code_of(work: Callable[[], object]) -> RefusalCode:
    with pytest.raises(Refusal) as caught:
        work()
    return caught.value.code


def test_a_grant_is_obtained_spent_and_its_rest_given_back(counter: Counter) -> None:
    lease = counter.redeem.obtain(CARD, Points(1000), TOTAL)
    assert (lease.leases[0].granted, lease.rest, counter.central.held(CARD)) == (1000, 1000, 1000)
    order = SaleOrder(make_basket(make_line("20.00")), CARD, Points(400), lease)
    counter.ring_up.complete(order)
    assert returns(counter) == []
    nothing_is_locked(counter, 1240 - 400 + 80)


def test_who_is_blocked_sells_and_earns_and_gets_no_points(counter: Counter) -> None:
    blocked = Customer(CARD, available=Points(1240), as_of=NOON, blocked=True)
    counter.store.write(lambda book: book.customers.put(blocked))
    assert code_of(lambda: counter.redeem.obtain(CARD, Points(100), TOTAL)) is RefusalCode.CUSTOMER_BLOCKED
    assert counter.read(lambda book: book.leases.unfinished()) == ()
    counter.sell(make_line("20.00"))
    nothing_is_locked(counter, 1240 + 100)


def test_less_than_was_asked_for_is_an_answer(counter: Counter) -> None:
    counter.central.most = 5
    assert counter.redeem.obtain(CARD, Points(1000), TOTAL).rest == 5


def test_an_abandoned_pay_gives_everything_back(counter: Counter) -> None:
    lease = counter.redeem.obtain(CARD, Points(1000), TOTAL)
    counter.redeem.give_back(lease)
    counter.redeem.give_back(lease)
    counter.redeem.give_up("unknown")
    assert [(body.lease, body.points) for body in returns(counter)] == [(lease.leases[0].lease_id, 1000)]
    nothing_is_locked(counter)


def test_a_lost_answer_gives_back_what_the_counter_never_saw(counter: Counter) -> None:
    with pytest.raises(CentralUnavailableError):
        bad_line(counter, lost).obtain(CARD, Points(1000), TOTAL)
    assert counter.central.held(CARD) == 1000
    assert [body.points for body in returns(counter)] == [0]
    nothing_is_locked(counter)


def test_a_request_that_never_arrived_is_closed_before_it_can_open(counter: Counter) -> None:
    request = counter.redeem.prepare(CARD, Points(1000), TOTAL)
    counter.redeem.give_up(request.lease_id)
    counter.central.sync(counter.store)
    assert code_of(lambda: counter.central.grant(request)) is RefusalCode.GRANT_OVER
    nothing_is_locked(counter)


def test_an_answer_that_comes_twice_adds_nothing(counter: Counter) -> None:
    request = counter.redeem.prepare(CARD, Points(1000), TOTAL)
    replies = [counter.central.grant(request), counter.central.grant(request)]
    leases = [counter.redeem.accept(reply) for reply in replies]
    assert [lease.rest for lease in leases] == [1000, 1000]
    order = SaleOrder(make_basket(make_line("20.00")), CARD, Points(1000), Backing((leases[0],)))
    counter.ring_up.complete(order)
    assert code_of(lambda: counter.redeem.accept(replies[0])) is RefusalCode.GRANT_OVER
    assert code_of(lambda: counter.ring_up.complete(order)) is RefusalCode.GRANT_EXCEEDED
    nothing_is_locked(counter, 1240 - 1000 + 0)


def test_an_answer_after_the_lease_was_given_back_revives_nothing(counter: Counter) -> None:
    request = counter.redeem.prepare(CARD, Points(1000), TOTAL)
    reply = counter.central.grant(request)
    counter.redeem.give_up(request.lease_id)
    assert code_of(lambda: counter.redeem.accept(reply)) is RefusalCode.GRANT_OVER
    nothing_is_locked(counter)


def resigned(reply: GrantReply, device: bytes = b"d" * 16, **changed: object) -> GrantReply:
    """Return a grant with other figures, signed by the centre as if it had granted those."""
    fields = {name: getattr(reply, name) for name in ("lease_id", "epoch", "card", "granted", "spend_until")}
    return grants.grant(CENTRAL_KEY, device, **{**fields, **changed})


WRONG = {
    "forged signature": lambda reply: msgspec.structs.replace(reply, sig=b"\x00" * 64),
    "signed by the counter itself": lambda reply: msgspec.structs.replace(reply, sig=COUNTER_KEY.sign(b"\x00" * 32)),
    "raised": lambda reply: msgspec.structs.replace(reply, granted=reply.granted + 1),
    "below zero": lambda reply: msgspec.structs.replace(reply, granted=-1),
    "another epoch": lambda reply: resigned(reply, epoch=2),
    "another counter": lambda reply: resigned(reply, device=b"e" * 16),
    "another customer": lambda reply: resigned(reply, card="C-1002"),
    "another lease": lambda reply: resigned(reply, lease_id="other"),
}


@pytest.mark.parametrize("wrong", sorted(WRONG))
def test_an_answer_that_is_not_the_centres_changes_nothing(counter: Counter, wrong: str) -> None:
    assert code_of(lambda: bad_line(counter, WRONG[wrong]).obtain(CARD, Points(1000), TOTAL)) is RefusalCode.GRANT_OVER
    assert [body.points for body in returns(counter)] == [0]
    nothing_is_locked(counter)


def test_what_the_rules_refuse_is_never_asked(counter: Counter) -> None:
    small = make_counter(category=Category.SMALL)
    assert code_of(lambda: small.redeem.obtain(CARD, Points(1), TOTAL)) is RefusalCode.POINTS_NOT_REDEEMED_HERE
    for points in (1001, 0, -1):
        code = code_of(lambda points=points: counter.redeem.obtain(CARD, Points(points), TOTAL))  # type: ignore[misc]
        assert code is RefusalCode.POINTS_OVER_CAP
    counter.store.write(lambda book: book.operations.fence())
    assert code_of(lambda: counter.redeem.obtain(CARD, Points(1), TOTAL)) is RefusalCode.COUNTER_FENCED
    assert counter.central.calls == small.central.calls == []
    assert counter.operations() == small.operations() == []


def test_what_the_centre_refuses_is_handed_on_and_given_back(counter: Counter) -> None:
    code = code_of(lambda: counter.redeem.obtain("C-9999", Points(1), TOTAL))
    assert code is RefusalCode.CUSTOMER_UNKNOWN
    nothing_is_locked(counter)


def test_offline_nothing_is_locked(counter: Counter) -> None:
    counter.central.online = False
    with pytest.raises(CentralUnavailableError):
        counter.redeem.obtain(CARD, Points(1), TOTAL)
    nothing_is_locked(counter)


def test_a_restart_gives_everything_unfinished_back(counter: Counter) -> None:
    counter.central.wallets["C-1002"] = 50
    granted = counter.redeem.obtain(CARD, Points(1000), TOTAL)
    asked = counter.redeem.prepare(CARD, Points(10), TOTAL)
    lost_to_us = counter.redeem.prepare("C-1002", Points(10), TOTAL)
    counter.central.grant(lost_to_us)
    again = Redeem(counter.store, counter.recorder, counter.central)
    assert again.give_back_all() == 3
    assert again.give_back_all() == 0
    given = {body.lease: body.points for body in returns(counter)}
    assert given == {granted.leases[0].lease_id: 1000, asked.lease_id: 0, lost_to_us.lease_id: 0}
    nothing_is_locked(counter)
    assert counter.central.wallets["C-1002"] == 50


def test_a_crash_at_any_statement_of_a_grant_leaves_nothing_locked_after_a_restart() -> None:
    number, finished = 0, False
    while not finished:
        counter = make_counter()
        assert isinstance(counter.store, SqlStore)
        try:
            with cut_at(counter.store, number):
                lease = counter.redeem.obtain(CARD, Points(1000), TOTAL)
                counter.redeem.give_back(lease)
                finished = True
        except PowerCutError:
            counter.redeem.give_back_all()
        nothing_is_locked(counter)
        number += 1
    assert number > 10


@settings(max_examples=25)
@given(
    st.lists(st.tuples(st.sampled_from(["sell", "drop", "lose", "restart", "sync"]), st.integers(1, 1000)), max_size=12)
)
def test_no_history_of_grants_loses_or_makes_a_point(steps: list[tuple[str, int]]) -> None:
    counter = make_counter()
    spent = earned = 0
    for step, points in steps:
        try:
            if step == "lose":
                bad_line(counter, lost).obtain(CARD, Points(points), TOTAL)
            elif step == "drop":
                counter.redeem.give_back(counter.redeem.obtain(CARD, Points(points), TOTAL))
            elif step == "restart":
                counter.redeem.obtain(CARD, Points(points), TOTAL)
                counter.redeem.give_back_all()
            elif step == "sync":
                counter.central.sync(counter.store)
            else:
                lease = counter.redeem.obtain(CARD, Points(points), TOTAL)
                order = SaleOrder(make_basket(make_line("20.00")), CARD, lease.rest, lease)
                sale = counter.ring_up.complete(order).sale
                spent, earned = spent + sale.points_paid, earned + sale.earned
        except CentralUnavailableError:
            continue
        except Refusal as refusal:
            assert refusal.code is RefusalCode.POINTS_NOT_AVAILABLE  # noqa: PT017 - not what is tested
    nothing_is_locked(counter, 1240 - spent + earned)
    assert isinstance(counter.store, SqlStore)
    assert all(row[7] == 1 for row in content(counter.store)["leases"])


@pytest.mark.parametrize("apart", [-DAY_MS, DAY_MS])
def test_the_two_ends_clocks_need_not_agree(counter: Counter, apart: int) -> None:
    counter.central.clock = FakeClock(NOON + apart)
    lease = counter.redeem.obtain(CARD, Points(1000), TOTAL)
    counter.clock.advance(299_999)
    counter.ring_up.complete(SaleOrder(make_basket(make_line("20.00")), CARD, Points(1000), lease))


def test_a_clock_that_was_ahead_and_is_corrected_locks_nobody_out(counter: Counter) -> None:
    counter.clock.advance(DAY_MS)
    counter.sell()
    counter.clock.advance(-DAY_MS)
    lease = counter.redeem.obtain(CARD, Points(1000), TOTAL)
    order = SaleOrder(make_basket(make_line("20.00")), CARD, Points(1000), lease)
    assert counter.ring_up.complete(order).sale.points_paid == 1000


def test_the_request_names_total_and_policy(counter: Counter) -> None:
    request = counter.redeem.prepare(CARD, Points(7), Money(2000, TOTAL.currency))
    assert (request.want, request.total, request.policy_id, request.policy_version) == (7, 2000, "policy-1", 1)
    assert request.epoch == 1
