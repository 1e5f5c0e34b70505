"""Pay: one transaction with everything in it, or nothing at all.

Must never need the central store.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.builders import (
    CARD,
    COUNTER_KEY,
    DAY_MS,
    GBP,
    Counter,
    make_basket,
    make_counter,
    make_line,
    make_policy,
    pounds,
)
from tests.fakes.shop import NOON, CountingRandomness
from tests.unit.counter.faults import PowerCutError, content, counted, cut_at, cut_at_commit
from urs_desktop.counter.store.book import SqlStore, open_store, store_in_memory
from urs_desktop.counter.use_cases.recording import Recorder
from urs_desktop.counter.use_cases.reporting import Reporting
from urs_desktop.counter.use_cases.ring_up import RingUp, SaleOrder
from urs_desktop.counter.use_cases.verification import verify
from urs_desktop.counter.values import Customer
from urs_desktop.domain.basket import Basket, LineItem, basket_of
from urs_desktop.domain.lease import NO_BACKING, Backing, CounterLease
from urs_desktop.domain.points import Points
from urs_desktop.domain.policy import Category
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol.codec import decode_body
from urs_desktop.protocol.operations import MAX_BODY_BYTES, SaleBody

KEY = bytes(range(32))


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlStore]:
    opened = store_in_memory() if request.param == "memory" else open_store(tmp_path, KEY)
    yield opened
    opened.close()


@pytest.fixture
def counter(store: SqlStore) -> Counter:
    return make_counter(store)


def code_of(counter: Counter, order: SaleOrder) -> RefusalCode:
    """Return the code with which a sale is refused, after seeing that nothing was kept."""
    assert isinstance(counter.store, SqlStore)
    before = content(counter.store)
    with pytest.raises(Refusal) as caught:
        counter.ring_up.complete(order)
    assert content(counter.store) == before
    return caught.value.code


def sale_bodies(counter: Counter) -> list[SaleBody]:
    bodies = [decode_body(o.kind, o.schema, o.body) for o in counter.operations() if o.kind == "sale"]
    return [body for body in bodies if isinstance(body, SaleBody)]


def with_points(counter: Counter) -> SaleOrder:
    """Return an order of 20.00 that pays 7.00 with points, of 10.00 granted before."""
    lease = counter.redeem.obtain(CARD, Points(1000), pounds(2000))
    return SaleOrder(
        make_basket(make_line("20.00")),
        card=CARD,
        points=Points(700),
        backing=lease,
        cash_tendered=pounds(2000),
    )


def test_a_sale_is_stored_whole(counter: Counter, store: SqlStore) -> None:
    receipt = counter.ring_up.complete(with_points(counter))
    assert (receipt.number, receipt.total, receipt.change) == ("1-000001", pounds(2000), pounds(700))
    rows = content(store)
    assert rows["sales"] == [(1, 1, NOON, NOON, CARD, 2000, 700, 65, None, None)]
    assert rows["sale_lines"] == [(1, 1, "MUG", "White metal mug", 1, 2000, 2, 2000, 65)]
    assert rows["tenders"] == [(1, 1, "points", 700, 700), (1, 2, "cash", 1300, 2000)]
    assert rows["point_entries"] == [(1, "EARN", CARD, 65), (1, "REDEEM", CARD, 700)]
    assert rows["chain"][0][1] == 1
    (body,) = sale_bodies(counter)
    assert body == receipt.sale
    assert [(spend.points, spend.returned) for spend in body.spends] == [(700, 300)]
    assert body.policy is not None
    assert body.policy.hash == make_policy().digest().hex()
    assert not counter.read(lambda book: book.leases.unfinished())
    assert verify(store, COUNTER_KEY.public_key) == []


def test_whatever_statement_fails_nothing_is_half_there(counter: Counter, store: SqlStore) -> None:
    order = replace(with_points(counter))
    stranger = SaleOrder(make_basket(make_line("20.00"), make_line("1.00", sku="B")), card="C-NEW")
    for sale in (order, stranger):
        before = content(store)
        number = 0
        while True:
            try:
                with cut_at(store, number):
                    counter.ring_up.complete(sale)
            except PowerCutError:
                assert content(store) == before
                number += 1
            else:
                break
        assert number >= 12
        after = content(store)
        assert all(after[table] != before[table] for table in ("sales", "sale_lines", "tenders", "operations", "chain"))
    assert verify(store, COUNTER_KEY.public_key) == []
    assert [body.receipt for body in sale_bodies(counter)] == [1, 2]


def test_a_commit_that_fails_keeps_nothing(counter: Counter, store: SqlStore) -> None:
    before = content(store)
    with pytest.raises(PowerCutError), cut_at_commit(store):
        counter.sell(make_line("20.00"))
    assert content(store) == before
    counter.sell(make_line("20.00"))
    assert len(content(store)["sales"]) == 1


def test_a_sale_is_a_handful_of_statements(counter: Counter, store: SqlStore) -> None:
    few = SaleOrder(make_basket(make_line("20.00")), card=CARD)
    many = SaleOrder(basket_of(GBP, tuple(make_line(sku=f"S{n}") for n in range(200))), card=CARD)
    with counted(store) as one:
        counter.ring_up.complete(few)
    with counted(store) as two:
        counter.ring_up.complete(many)
    assert len(one) == len(two) < 40


def test_selling_and_earning_need_no_network(counter: Counter) -> None:
    counter.central.online = False
    counter.sell(make_line("20.00"))
    assert counter.central.calls == []
    assert sale_bodies(counter)[0].earned == 100


def test_a_stranger_is_enrolled_in_the_same_transaction(counter: Counter) -> None:
    counter.sell(make_line("20.00"), card="C-NEW")
    counter.sell(make_line("20.00"), card="C-NEW")
    assert [operation.kind for operation in counter.operations()] == ["enrol", "sale", "sale"]
    assert counter.read(lambda book: book.customers.by_card("C-NEW")) == Customer("C-NEW")
    assert b"Maria" not in b"".join(operation.body for operation in counter.operations())


def test_a_sale_without_a_customer_earns_nobody_points(counter: Counter, store: SqlStore) -> None:
    counter.sell(make_line("20.00"), card=None)
    assert sale_bodies(counter)[0].earned == 0
    assert content(store)["point_entries"] == []


def test_receipts_are_numbered_without_a_gap_whatever_is_refused(counter: Counter) -> None:
    for _ in range(3):
        counter.sell()
        assert code_of(counter, SaleOrder(Basket(GBP))) is RefusalCode.BASKET_EMPTY
        short = SaleOrder(make_basket(), cash_tendered=pounds(1), card="C-NEVER")
        assert code_of(counter, short) is RefusalCode.PAYMENT_SHORT
    assert [body.receipt for body in sale_bodies(counter)] == [1, 2, 3]


def test_points_that_were_not_granted_are_refused(counter: Counter) -> None:
    basket = make_basket(make_line("20.00"))
    order = with_points(counter)
    unknown = Backing((replace(order.backing.leases[0], lease_id="unknown"),))
    for points, backing, card, code in (
        (700, NO_BACKING, CARD, RefusalCode.POINTS_NOT_AVAILABLE),
        (700, unknown, CARD, RefusalCode.POINTS_NOT_AVAILABLE),
        (700, order.backing, "C-1002", RefusalCode.POINTS_NOT_AVAILABLE),
        (700, order.backing, None, RefusalCode.POINTS_WITHOUT_CUSTOMER),
        (1001, order.backing, CARD, RefusalCode.POINTS_OVER_CAP),
        (-1, order.backing, CARD, RefusalCode.POINTS_OVER_CAP),
    ):
        assert code_of(counter, SaleOrder(basket, card, Points(points), backing)) is code
    counter.ring_up.complete(order)
    again = SaleOrder(basket, CARD, Points(1), order.backing)
    assert code_of(counter, again) is RefusalCode.GRANT_EXCEEDED


def test_more_than_was_granted_is_refused(counter: Counter) -> None:
    counter.central.most = 300
    order = with_points(counter)
    assert code_of(counter, order) is RefusalCode.GRANT_EXCEEDED


def test_a_grant_is_over_after_five_minutes(counter: Counter) -> None:
    order = with_points(counter)
    counter.clock.advance(300_000)
    assert code_of(counter, order) is RefusalCode.GRANT_OVER
    counter.clock.advance(-300_000)
    counter.ring_up.complete(order)


def test_winding_the_clock_back_does_not_revive_a_grant(counter: Counter) -> None:
    order = with_points(counter)
    counter.clock.advance(300_000)
    counter.sell()
    counter.clock.advance(-300_000)
    assert code_of(counter, order) is RefusalCode.GRANT_OVER


def test_a_fenced_counter_sells_and_earns_and_spends_nothing(counter: Counter) -> None:
    order = with_points(counter)
    counter.store.write(lambda book: book.operations.fence())
    assert code_of(counter, order) is RefusalCode.COUNTER_FENCED
    counter.sell(make_line("20.00"))
    assert sale_bodies(counter)[0].earned == 100


def test_a_counter_that_is_not_enrolled_sells_nothing(store: SqlStore) -> None:
    counter = make_counter(store_in_memory())
    bare = Counter(store, counter.central, counter.clock, counter.recorder, counter.redeem, counter.ring_up)
    bare.ring_up = RingUp(store, counter.recorder)
    assert code_of(bare, SaleOrder(make_basket())) is RefusalCode.NOT_ENROLLED


def test_the_policy_and_the_time_of_a_sale_are_of_one_moment(store: SqlStore) -> None:
    """A clock that moves at every look: the policy a sale names held at its recorded_at, also for a stranger."""
    counter = make_counter(store)

    class Restless:
        time = NOON

        def now(self) -> int:
            self.time += 1
            return self.time

    for lead in range(1, 8):
        begin = Restless.time + 100 * lead
        policy = make_policy(version=1 + lead, reward_bp=500 + lead, valid_from=begin + lead)
        counter.store.write(lambda book, policy=policy: book.policies.put(policy))  # type: ignore[misc]
        clock = Restless()
        clock.time = begin
        ring_up = RingUp(store, Recorder(COUNTER_KEY, clock, CountingRandomness(1000 * lead)))
        body = ring_up.complete(SaleOrder(make_basket(make_line("20.00")), card=f"C-{lead}")).sale
        assert body.policy is not None
        assert (body.policy.version == 1 + lead) == (body.recorded_at >= policy.valid_from)


def test_the_hybrid_clock_only_grows(counter: Counter) -> None:
    for step in (0, 0, -DAY_MS, 5, DAY_MS, 0):
        counter.clock.advance(step)
        counter.sell()
    stamps = [body.hlc for body in sale_bodies(counter)]
    assert stamps == sorted(set(stamps))
    assert all(body.hlc >= body.recorded_at for body in sale_bodies(counter))


def test_a_policy_in_another_currency_never_holds(store: SqlStore) -> None:
    counter = make_counter(store, policy=make_policy(code="JPY"))
    counter.sell(make_line("20.00"))
    body = sale_bodies(counter)[0]
    assert (body.policy, body.earned) == (None, 0)


@pytest.mark.parametrize("points", [1, 700])
def test_a_small_vendor_takes_no_points(store: SqlStore, points: int) -> None:
    counter = make_counter(store, Category.SMALL)
    lease = CounterLease("l", CARD, 1, Points(1000), Points(0), Points(0), NOON + 1000)
    counter.store.write(lambda book: book.leases.put(lease))
    order = SaleOrder(make_basket(make_line("20.00")), CARD, Points(points), Backing((lease,)))
    assert code_of(counter, order) is RefusalCode.POINTS_NOT_REDEEMED_HERE
    counter.sell(make_line("20.00"))
    assert sale_bodies(counter)[0].earned == 100


def test_a_receipt_beyond_what_one_operation_holds_is_refused_whole(counter: Counter) -> None:
    line = make_line(description="ж" * 500)
    lines: tuple[LineItem, ...] = tuple(replace(line, sku=f"S{n}") for n in range(300))
    assert len(lines) * 1000 > MAX_BODY_BYTES
    assert code_of(counter, SaleOrder(basket_of(GBP, lines))) is RefusalCode.RECEIPT_TOO_LARGE


def test_a_thousand_real_lines_fit_into_one_operation(counter: Counter) -> None:
    line = make_line(description="WHITE HANGING HEART T-LIGHT HOLDER W")
    counter.ring_up.complete(SaleOrder(basket_of(GBP, tuple(replace(line, sku=f"8512{n}A") for n in range(1114)))))
    assert len(sale_bodies(counter)[0].lines) == 1114


def test_the_largest_amounts_are_stored_exactly(counter: Counter, store: SqlStore) -> None:
    dear = make_line("9007199.254740991", quantity=999_999)
    counter.sell(dear)
    body = sale_bodies(counter)[0]
    assert body.total == dear.total.minor > 2**31
    assert content(store)["sales"][0][5] == body.total
    assert Reporting(store, counter.clock).receipt(1).total == dear.total


def test_a_receipt_that_was_never_given_is_unknown(counter: Counter) -> None:
    with pytest.raises(Refusal) as caught:
        Reporting(counter.store, counter.clock).receipt(1)
    assert caught.value.code is RefusalCode.RECEIPT_UNKNOWN


def test_the_status_names_what_the_central_store_has_not_confirmed(counter: Counter) -> None:
    for _ in range(3):
        counter.sell()
    counter.store.write(lambda book: book.operations.acknowledge(2, ()))
    status = Reporting(counter.store, counter.clock, lambda: True).status()
    assert (status.receipts, status.acknowledged, status.missing) == (3, 2, (3,))
    assert (status.connection.waiting, status.connection.online, status.connection.fenced) == (1, True, False)
    counter.central.sync(counter.store)
    assert Reporting(counter.store, counter.clock).status().missing == ()


def test_what_is_on_disk_is_there_after_a_restart(tmp_path: Path) -> None:
    first = open_store(tmp_path, KEY)
    make_counter(first).sell(make_line("20.00"))
    before = content(first)
    first.close()
    second = open_store(tmp_path, KEY)
    assert content(second) == before
    assert verify(second, COUNTER_KEY.public_key) == []
    assert second.check() == []
    second.close()
