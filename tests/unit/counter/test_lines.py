"""Points kept ready at a counter: asked for after a good sync, spent without a connection, given back in time.

Must never spend more of a line than was granted, nor give back what a payment counts on.
"""

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from tests.builders import CARD, COUNTER_KEY, DAY_MS, Counter, make_basket, make_counter, make_line, pounds
from tests.unit.counter.faults import PowerCutError, cut_at
from urs_desktop.counter.ports import CentralUnavailableError
from urs_desktop.counter.store.book import SqlStore
from urs_desktop.counter.use_cases import floor
from urs_desktop.counter.use_cases.lines import Lines
from urs_desktop.counter.use_cases.redeem import Here, Redeem
from urs_desktop.counter.use_cases.ring_up import SaleOrder
from urs_desktop.counter.use_cases.verification import verify
from urs_desktop.domain.lease import STANDING_GRANT_MS, Backing
from urs_desktop.domain.points import NO_POINTS, Points
from urs_desktop.domain.policy import Category
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol import carried, endpoints
from urs_desktop.protocol.codec import decode_body
from urs_desktop.protocol.messages import GrantReply, Vendor
from urs_desktop.protocol.operations import ReturnBody, SaleBody, SaleSpend

TOTAL = pounds(2000)
WALLET = 1240


@pytest.fixture
def counter() -> Counter:
    return make_counter()


def lines(counter: Counter) -> Lines:
    return Lines(counter.store, counter.recorder)


def keep(counter: Counter) -> None:
    """Do what the link does after a good sync."""
    keeper = lines(counter)
    keeper.tidy()
    while (request := keeper.next_request()) is not None:
        try:
            keeper.accept(counter.central.line(request))
        except Refusal:
            keeper.refused(request.lease_id)
    counter.central.sync(counter.store)


def with_line(counter: Counter) -> Counter:
    """Let the customer buy something and be kept half of the points ready: 1240 + 100 earned, 670 of them."""
    counter.sell(make_line("20.00"), card=CARD)
    counter.central.sync(counter.store)
    keep(counter)
    return counter


def pay(counter: Counter, points: int, backing: Backing) -> SaleBody:
    order = SaleOrder(make_basket(make_line("20.00")), CARD, Points(points), backing)
    return counter.ring_up.complete(order).sale


def returns(counter: Counter) -> list[ReturnBody]:
    bodies = [decode_body(operation.kind, operation.schema, operation.body) for operation in counter.operations()]
    return [body for body in bodies if isinstance(body, ReturnBody)]


def set_floor(counter: Counter, customer: int, in_all: int) -> None:
    vendor = Vendor(
        vendor_id="v", name="", category="", currency="", location="", floor_customer=customer, floor_counter=in_all
    )
    counter.store.write(lambda book: floor.keep_limits(book, vendor))


def test_who_buys_is_kept_points_ready(counter: Counter) -> None:
    assert counter.redeem.here(CARD) == Here()
    with_line(counter)
    assert counter.redeem.here(CARD) == Here(line=Points(670))
    assert counter.central.held(CARD) == 670
    keep(counter)
    assert counter.central.calls.count("line") == 1


def test_the_line_pays_without_a_connection_more_than_once(counter: Counter) -> None:
    with_line(counter)
    counter.central.online = False
    first = pay(counter, 400, counter.redeem.obtain(CARD, Points(400), TOTAL))
    second = counter.redeem.obtain(CARD, Points(400), TOTAL)
    assert second.rest == 270
    body = pay(counter, 270, second)
    assert [spend.points for spend in (*first.spends, *body.spends)] == [400, 270]
    assert counter.redeem.here(CARD).points == 0
    with pytest.raises(CentralUnavailableError):
        counter.redeem.obtain(CARD, Points(1), TOTAL)
    counter.central.online = True
    counter.central.sync(counter.store)
    assert (counter.central.held(CARD), counter.central.late) == (0, 0)
    assert verify(counter.store, COUNTER_KEY.public_key) == []


def test_online_the_central_store_adds_what_the_line_lacks(counter: Counter) -> None:
    with_line(counter)
    backing = counter.redeem.obtain(CARD, Points(1000), TOTAL)
    assert [lease.rest for lease in backing.leases] == [330, 670]
    body = pay(counter, 900, backing)
    assert [(spend.points, spend.returned) for spend in body.spends] == [(330, 0), (570, 0)]
    assert counter.redeem.here(CARD).points == 100
    counter.central.sync(counter.store)
    assert counter.central.late == 0


def test_a_line_that_was_not_needed_stays_ready(counter: Counter) -> None:
    with_line(counter)
    backing = counter.redeem.obtain(CARD, Points(1000), TOTAL)
    assert counter.redeem.here(CARD).points == 0
    counter.redeem.give_back(backing)
    assert counter.redeem.here(CARD).points == 670
    assert [body.points for body in returns(counter)] == [330]


def test_a_restart_lets_go_of_what_a_payment_counted_on(counter: Counter) -> None:
    with_line(counter)
    counter.redeem.obtain(CARD, Points(1000), TOTAL)
    again = Redeem(counter.store, counter.recorder, counter.central)
    assert again.give_back_all() == 2
    assert again.here(CARD).points == 670
    assert again.give_back_all() == 0


def test_a_recalled_line_goes_back_but_not_during_a_payment(counter: Counter) -> None:
    with_line(counter)
    lease = counter.read(lambda book: book.leases.line(CARD))[0]
    backing = counter.redeem.obtain(CARD, Points(100), TOTAL)
    counter.store.write(lambda book: book.leases.recall(lease.lease_id))
    assert (lines(counter).urgent(), lines(counter).tidy()) == (0, 0)
    pay(counter, 100, backing)
    assert counter.redeem.here(CARD) == Here()
    assert (lines(counter).urgent(), lines(counter).tidy(), lines(counter).urgent()) == (1, 1, 0)
    counter.central.sync(counter.store)
    assert (counter.central.held(CARD), counter.central.late) == (0, 0)
    assert lines(counter).next_request() is None


def test_a_line_is_exchanged_halfway_and_never_spent_when_it_is_over(counter: Counter) -> None:
    with_line(counter)
    counter.clock.advance(STANDING_GRANT_MS // 2 - 1)
    assert lines(counter).tidy() == 0
    counter.clock.advance(STANDING_GRANT_MS)
    assert counter.redeem.here(CARD) == Here()
    keep(counter)
    assert counter.redeem.here(CARD).points > 0
    assert (counter.central.calls.count("line"), len(returns(counter))) == (2, 1)


def test_a_spend_on_its_way_is_never_late_because_the_line_was_exchanged(counter: Counter) -> None:
    with_line(counter)
    counter.central.online = False
    pay(counter, 400, counter.redeem.obtain(CARD, Points(400), TOTAL))
    counter.clock.advance(STANDING_GRANT_MS // 2)
    counter.central.online = True
    keep(counter)
    assert counter.central.late == 0


def test_an_answer_that_came_too_late_or_is_not_the_centres_opens_nothing(counter: Counter) -> None:
    counter.sell(make_line("20.00"), card=CARD)
    counter.central.sync(counter.store)
    keeper = lines(counter)
    request = keeper.next_request()
    assert request is not None
    reply = counter.central.line(request)
    changed: tuple[dict[str, Any], ...] = ({"granted": reply.granted + 1}, {"epoch": 2}, {"lease_id": "another"})
    for changes in changed:
        with pytest.raises(Refusal) as caught:
            keeper.accept(msgspec.structs.replace(reply, **changes))
        assert caught.value.code is RefusalCode.GRANT_OVER
    keeper.give_up(request.lease_id)
    with pytest.raises(Refusal):
        keeper.accept(reply)
    assert counter.redeem.here(CARD) == Here()
    counter.central.sync(counter.store)
    assert counter.central.held(CARD) == 0


def test_an_answer_twice_adds_nothing(counter: Counter) -> None:
    counter.sell(make_line("20.00"), card=CARD)
    counter.central.sync(counter.store)
    keeper = lines(counter)
    request = keeper.next_request()
    assert request is not None
    reply = counter.central.line(request)
    keeper.accept(reply)
    with pytest.raises(Refusal):
        keeper.accept(reply)
    assert counter.redeem.here(CARD).line == 670


def test_small_vendors_and_fenced_counters_ask_for_nothing() -> None:
    small = make_counter(category=Category.SMALL)
    small.sell(make_line("20.00"), card=CARD)
    small.central.sync(small.store)
    assert lines(small).next_request() is None
    fenced = with_line(make_counter())
    fenced.store.write(lambda book: book.operations.fence())
    assert lines(fenced).next_request() is None
    assert fenced.redeem.here(CARD) == Here()


def test_who_has_nothing_is_asked_for_once_a_day(counter: Counter) -> None:
    counter.central.wallets[CARD] = 1
    counter.sell(make_line("1.00"), card=CARD)
    counter.central.sync(counter.store)
    keep(counter)
    keep(counter)
    assert counter.central.calls.count("line") == 1
    assert returns(counter) == []
    counter.clock.advance(DAY_MS + 1)
    keep(counter)
    assert counter.central.calls.count("line") == 2


def test_a_crash_at_any_statement_spends_a_line_once_or_not_at_all() -> None:
    number, finished = 0, False
    while not finished:
        counter = with_line(make_counter())
        assert isinstance(counter.store, SqlStore)
        counter.central.online = False
        try:
            with cut_at(counter.store, number):
                pay(counter, 400, counter.redeem.obtain(CARD, Points(400), TOTAL))
                finished = True
        except PowerCutError:
            counter.redeem.give_back_all()
        sold = counter.read(lambda book: book.sales.count()) - 1
        assert counter.redeem.here(CARD).line == 670 - 400 * sold
        assert verify(counter.store, COUNTER_KEY.public_key) == []
        number += 1
    assert number > 10


def test_a_clock_in_doubt_spends_nothing_without_a_connection(counter: Counter) -> None:
    set_floor(with_line(counter), 200, 5000)
    counter.clock.advance(-10 * 60 * 1000)
    assert counter.redeem.here(CARD) == Here()
    assert counter.redeem.obtain(CARD, Points(100), TOTAL).leases[0].standing is False
    counter.central.online = False
    with pytest.raises(CentralUnavailableError):
        counter.redeem.obtain(CARD, Points(100), TOTAL)


class TestFloor:
    """Points without a lease, at the vendor's risk."""

    def test_only_what_the_vendor_allows_and_only_without_a_connection(self, counter: Counter) -> None:
        set_floor(counter, 200, 250)
        assert counter.redeem.here(CARD) == Here(floor=Points(200))
        online = counter.redeem.obtain(CARD, Points(300), TOTAL)
        assert (online.floor, online.rest) == (NO_POINTS, 300)
        counter.redeem.give_back(online)
        counter.central.online = False
        backing = counter.redeem.obtain(CARD, Points(300), TOTAL)
        assert (backing.leases, backing.floor) == ((), 200)
        assert pay(counter, 200, backing).spends == (SaleSpend("", 200, 0),)
        assert counter.redeem.here(CARD) == Here()
        assert counter.redeem.here("C-1002") == Here(floor=Points(50))
        counter.central.online = True
        counter.central.sync(counter.store)
        assert counter.central.floor == 200
        assert counter.redeem.here(CARD) == Here(floor=Points(200))
        assert verify(counter.store, COUNTER_KEY.public_key) == []

    def test_after_the_line(self, counter: Counter) -> None:
        set_floor(with_line(counter), 200, 5000)
        counter.central.online = False
        backing = counter.redeem.obtain(CARD, Points(1000), TOTAL)
        assert ([lease.rest for lease in backing.leases], backing.floor) == ([670], 200)
        assert [(spend.lease != "", spend.points) for spend in pay(counter, 870, backing).spends] == [
            (True, 670),
            (False, 200),
        ]

    def test_more_than_the_floor_is_refused_at_the_sale_too(self, counter: Counter) -> None:
        set_floor(counter, 200, 5000)
        for backing in (Backing(floor=Points(500)), Backing(floor=Points(100))):
            with pytest.raises(Refusal) as caught:
                pay(counter, 201, backing)
            assert caught.value.code is RefusalCode.POINTS_NOT_AVAILABLE

    def test_a_fenced_counter_has_none(self, counter: Counter) -> None:
        set_floor(counter, 200, 5000)
        counter.store.write(lambda book: book.operations.fence())
        assert counter.redeem.here(CARD) == Here()


def test_a_lease_of_another_epoch_pays_nothing(counter: Counter) -> None:
    with_line(counter)
    lease = counter.read(lambda book: book.leases.line(CARD))[0]
    counter.store.write(lambda book: book.leases.put(replace(lease, lease_id="old", epoch=0)))
    assert counter.redeem.here(CARD).line == 670


class TestCarried:
    """A grant brought by the customer's phone while the counter has no connection."""

    def ask(self, counter: Counter) -> tuple[GrantReply, str]:
        counter.central.online = False
        shown = counter.redeem.carry(CARD, Points(300), TOTAL)
        text = shown.address.rpartition("/")[2]
        asked = carried.read_request(text)
        assert carried.is_authentic(COUNTER_KEY.public_key, asked)
        assert shown.address == f"{counter.identity.central_url}{endpoints.CARRIED.format(request=text)}"
        counter.central.online = True
        reply = counter.central.grant(asked.request)
        counter.central.online = False
        return reply, shown.lease_id

    def test_it_pays(self, counter: Counter) -> None:
        reply, lease_id = self.ask(counter)
        backing = counter.redeem.accept_carried(f" {carried.grant_text(reply)}\n")
        assert backing.rest == 300
        assert [spend.lease for spend in pay(counter, 300, backing).spends] == [lease_id]
        with pytest.raises(Refusal):
            counter.redeem.accept_carried(carried.grant_text(reply))
        counter.central.online = True
        counter.central.sync(counter.store)
        assert (counter.central.held(CARD), counter.central.late) == (0, 0)

    def test_what_is_changed_or_meant_for_another_pays_nothing(self, counter: Counter) -> None:
        reply, _ = self.ask(counter)
        more = carried.grant_text(msgspec.structs.replace(reply, granted=3000))
        other = carried.grant_text(msgspec.structs.replace(reply, lease_id="another"))
        for text in ("", "URSG1.", "URSG1.%%", carried.grant_text(reply)[:-4], more, other):
            with pytest.raises(Refusal) as caught:
                counter.redeem.accept_carried(text)
            assert caught.value.code is RefusalCode.GRANT_OVER

    def test_what_is_not_brought_back_is_given_back(self, counter: Counter) -> None:
        reply, lease_id = self.ask(counter)
        counter.redeem.give_up(lease_id)
        with pytest.raises(Refusal):
            counter.redeem.accept_carried(carried.grant_text(reply))
        counter.central.online = True
        counter.central.sync(counter.store)
        assert counter.central.held(CARD) == 0
