"""Refunds at the counter: one transaction, what is left and no more, the same however it is split.

Must never need the central store for a sale of this counter's own.
"""

from collections import Counter as Pieces
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
from tests.fakes.shop import NOON
from tests.fakes.store import FakeStore
from tests.unit.counter.faults import PowerCutError, content, cut_at, cut_at_commit, forged
from urs_desktop.counter.store.book import SqlStore, open_store, store_in_memory
from urs_desktop.counter.use_cases.receipts import RefundReceipt
from urs_desktop.counter.use_cases.refund import Override, RefundOrder
from urs_desktop.counter.use_cases.refundable import quote
from urs_desktop.counter.use_cases.reporting import Reporting
from urs_desktop.counter.use_cases.ring_up import SaleOrder
from urs_desktop.counter.use_cases.verification import verify
from urs_desktop.domain.basket import basket_of
from urs_desktop.domain.lease import NO_BACKING
from urs_desktop.domain.points import Points
from urs_desktop.domain.policy import Category
from urs_desktop.domain.refund import RefundState
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol.codec import decode_body
from urs_desktop.protocol.operations import RefundBody, SaleTender

KEY = bytes(range(32))
BOSS = Override("boss", "broken, no receipt")


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlStore]:
    opened = store_in_memory() if request.param == "memory" else open_store(tmp_path, KEY)
    yield opened
    opened.close()


@pytest.fixture
def counter(store: SqlStore) -> Counter:
    return make_counter(store)


def sell(counter: Counter, *, points: int = 0, card: str | None = CARD) -> None:
    """Sell three at 20.00 and one at 4.99, some of it for points."""
    basket = make_basket(make_line("20.00", 3), make_line("4.99", sku="BAG", description="Lunch bag"))
    lease = counter.redeem.obtain(CARD, Points(points), basket.total) if points else None
    order = SaleOrder(basket, card, Points(points), lease or NO_BACKING)
    counter.ring_up.complete(order)


def refund(counter: Counter, receipt: str = "1-000001", pieces: dict[int, int] | None = None) -> RefundReceipt:
    """Refund pieces of a receipt, or all that is left."""
    return counter.refunding.complete(RefundOrder(counter.refunding.find(receipt), pieces))


def bodies(counter: Counter) -> list[RefundBody]:
    decoded = [decode_body(o.kind, o.schema, o.body) for o in counter.operations() if o.kind == "refund"]
    return [body for body in decoded if isinstance(body, RefundBody)]


def code_of(counter: Counter, order: RefundOrder) -> RefusalCode:
    """Return the code with which a refund is refused, after seeing that nothing was kept."""
    assert isinstance(counter.store, SqlStore)
    before = content(counter.store)
    with pytest.raises(Refusal) as caught:
        counter.refunding.complete(order)
    assert content(counter.store) == before
    return caught.value.code


def not_found(counter: Counter, receipt: str) -> RefusalCode:
    with pytest.raises(Refusal) as caught:
        counter.refunding.find(receipt)
    return caught.value.code


def test_a_refund_is_stored_whole(counter: Counter, store: SqlStore) -> None:
    sell(counter, points=1000)
    receipt = refund(counter, pieces={1: 1, 2: 1})
    # 2499 of 6499 came back; floor(1000 * 2499 / 6499) = 384; 5499 - 2115 = 3384, of which 5 % are 169 of 274
    assert (receipt.number, receipt.sale_number, receipt.total, receipt.cash_back) == (
        "1-000002",
        "1-000001",
        pounds(2499),
        pounds(2115),
    )
    rows = content(store)
    sale = counter.read(lambda book: book.sales.by_receipt(1))
    assert sale is not None
    seq = sale.seq + 1
    assert rows["refunds"] == [(2, seq, NOON, NOON, sale.op_id, CARD, 2499, 2115, 384, 105, None, None, None, None)]
    assert rows["refund_lines"] == [
        (2, 1, 1, "MUG", "White metal mug", 1, 2000),
        (2, 2, 2, "BAG", "Lunch bag", 1, 499),
    ]
    assert rows["refund_tenders"] == [(2, 1, "points", 384, 384), (2, 2, "cash", 2115, 2115)]
    (body,) = bodies(counter)
    assert body == receipt.refund
    assert (body.sale, body.policy, body.engine, body.override, body.source) == (
        sale.op_id.hex(),
        sale.body.policy,
        1,
        None,
        None,
    )
    assert verify(store, COUNTER_KEY.public_key) == []
    assert Reporting(store, counter.clock).refund_receipt(2) == receipt


def test_whatever_statement_fails_nothing_is_half_there(counter: Counter, store: SqlStore) -> None:
    sell(counter)
    order = RefundOrder(counter.refunding.find("1"), {1: 2})
    before, number = content(store), 0
    while True:
        try:
            with cut_at(store, number):
                counter.refunding.complete(order)
        except PowerCutError:
            assert content(store) == before
            number += 1
        else:
            break
    assert number >= 10
    with pytest.raises(PowerCutError), cut_at_commit(store):
        refund(counter)
    assert [body.receipt for body in bodies(counter)] == [2]
    assert verify(store, COUNTER_KEY.public_key) == []


def test_sales_and_refunds_share_one_numbering_without_a_gap(counter: Counter) -> None:
    for expected in ("1-000003", "1-000006"):
        sell(counter)
        sell(counter, card=None)
        assert code_of(counter, RefundOrder(goods=make_basket())) is RefusalCode.OVERRIDE_NEEDED
        assert refund(counter, pieces={1: 1}).number == expected
    status = Reporting(counter.store, counter.clock).status()
    assert (status.receipts, status.acknowledged, status.missing) == (6, 5, (6,))
    counter.central.sync(counter.store)
    assert Reporting(counter.store, counter.clock).status().missing == ()


def test_a_refund_is_no_sale_and_a_sale_no_refund(counter: Counter) -> None:
    sell(counter)
    refund(counter)
    reporting = Reporting(counter.store, counter.clock)
    for ask, number in ((reporting.receipt, 2), (reporting.refund_receipt, 1), (reporting.refund_receipt, 3)):
        with pytest.raises(Refusal) as caught:
            ask(number)
        assert caught.value.code is RefusalCode.RECEIPT_UNKNOWN
    assert not_found(counter, "1-000002") is RefusalCode.RECEIPT_UNKNOWN


def test_a_quote_is_what_the_refund_then_is_and_stores_nothing(counter: Counter, store: SqlStore) -> None:
    sell(counter, points=500)
    refund(counter, pieces={1: 1})
    before = content(store)
    found = counter.refunding.find("1")
    quoted = quote(found, {1: 1})
    assert found.remaining == (2, 1)
    assert quoted.remaining == (1, 1)
    assert content(store)["refunds"] == before["refunds"]
    body = counter.refunding.complete(RefundOrder(found, {1: 1})).refund
    assert quoted.adds == RefundState(body.total, Points(body.points_back), body.cash_back, Points(body.clawed))
    assert quoted.lines == body.lines
    assert quote(counter.refunding.find("1")).pieces == {1: 1, 2: 1}


def test_more_than_is_left_is_refused_and_nothing_is_half_done(counter: Counter) -> None:
    sell(counter)
    found = counter.refunding.find("1")
    for pieces, code in (
        ({}, RefusalCode.REFUND_EMPTY),
        ({1: 4}, RefusalCode.REFUND_EXCEEDS_SALE),
        ({1: 1, 2: 2}, RefusalCode.REFUND_EXCEEDS_SALE),
        ({3: 1}, RefusalCode.LINE_UNKNOWN),
        ({0: 1}, RefusalCode.LINE_UNKNOWN),
        ({1: 0}, RefusalCode.QUANTITY_OUT_OF_RANGE),
        ({1: -1}, RefusalCode.QUANTITY_OUT_OF_RANGE),
    ):
        assert code_of(counter, RefundOrder(found, pieces)) is code
    refund(counter, pieces={1: 3})
    # Found before the refund: looked at again in the transaction.
    assert code_of(counter, RefundOrder(found, {1: 1})) is RefusalCode.REFUND_EXCEEDS_SALE
    assert refund(counter).refund.total == 499
    assert code_of(counter, RefundOrder(found)) is RefusalCode.REFUND_EMPTY


splits = st.permutations([1, 1, 1, 2, 3, 3]).flatmap(
    lambda pieces: st.lists(st.booleans(), min_size=6, max_size=6).map(lambda cuts: (pieces, cuts))
)


@settings(max_examples=40)
@given(splits, st.integers(0, 900), st.integers(0, 1700))
def test_split_in_any_way_refunds_come_to_the_same(
    split: tuple[list[int], list[bool]], points: int, threshold: int
) -> None:
    counter = make_counter(FakeStore(), policy=make_policy(threshold=threshold, reward_bp=777))
    lines = (make_line("3.33", 3), make_line("7.01", sku="B"), make_line("0.0833", 2, sku="C"))
    basket = basket_of(GBP, lines)
    points = min(points, basket.total.minor // 2)
    lease = counter.redeem.obtain(CARD, Points(points), basket.total) if points else None
    counter.ring_up.complete(SaleOrder(basket, CARD, Points(points), lease or NO_BACKING))
    found = counter.refunding.find("1")
    whole = quote(found).adds
    pieces, cuts = split
    refunds = [Pieces[int]()]
    for piece, cut in zip(pieces, cuts, strict=True):
        if cut and refunds[-1]:
            refunds.append(Pieces())
        refunds[-1][piece] += 1
    for each in refunds:
        body = refund(counter, pieces=dict(each)).refund
        assert body.total == body.cash_back + body.points_back == sum(line.total for line in body.lines)
        assert sum(tender.amount for tender in body.tenders) == body.total
        assert min(body.cash_back, body.points_back, body.clawed, *(line.total for line in body.lines)) >= 0
    made = bodies(counter)
    assert (
        RefundState(
            sum(body.total for body in made),
            Points(sum(body.points_back for body in made)),
            sum(body.cash_back for body in made),
            Points(sum(body.clawed for body in made)),
        )
        == whole
    )
    assert whole == RefundState(
        basket.total.minor, Points(points), basket.total.minor - points, Points(found.sale.earned)
    )
    assert verify(counter.store, COUNTER_KEY.public_key) == []
    counter.central.sync(counter.store)
    assert counter.central.wallets[CARD] == 1240
    assert not any(counter.central.debts.values())


def test_the_policy_of_the_sale_counts_whatever_holds_now(counter: Counter) -> None:
    sell(counter, points=1000)
    changed = make_policy(version=2, reward_bp=9000, threshold=0, valid_from=NOON + 1)
    counter.store.write(lambda book: book.policies.put(changed))
    counter.clock.advance(DAY_MS)
    body = refund(counter, pieces={1: 1}).refund
    assert (body.points_back, body.cash_back, body.clawed) == (307, 1693, 84)
    assert body.policy is not None
    assert (body.policy.version, body.happened_at) == (1, NOON + DAY_MS)
    sell(counter)
    assert refund(counter, "3", {2: 1}).refund.clawed == 449


def test_a_sale_whose_policy_is_not_here_is_not_guessed_at(counter: Counter, store: SqlStore) -> None:
    sell(counter)
    forged(store, "UPDATE policies SET reward_bp = 1")
    assert not_found(counter, "1") is RefusalCode.POLICY_UNKNOWN


@pytest.mark.parametrize("has_policy", [True, False])
def test_without_a_customer_or_a_policy_only_cash_goes_back(store: SqlStore, *, has_policy: bool) -> None:
    counter = make_counter(store, policy=make_policy() if has_policy else make_policy(code="JPY"))
    sell(counter, card=None if has_policy else CARD)
    body = refund(counter, pieces={1: 2}).refund
    assert (body.total, body.cash_back, body.points_back, body.clawed) == (4000, 4000, 0, 0)
    assert (body.card, body.policy is None) == (None if has_policy else CARD, not has_policy)
    assert body.tenders == (SaleTender("cash", 4000, 4000),)


def test_goods_that_cost_nothing_come_back_for_nothing(counter: Counter) -> None:
    counter.sell(make_line("20.00"), make_line("0.00", 2, sku="GIFT"))
    body = refund(counter, pieces={2: 1}).refund
    assert (body.total, body.cash_back, body.clawed, body.tenders) == (0, 0, 0, ())


def available(counter: Counter) -> int | None:
    customer = counter.read(lambda book: book.customers.by_card(CARD))
    assert customer is not None
    return customer.available


def test_what_is_known_of_the_customers_points_falls_and_never_rises(counter: Counter) -> None:
    sell(counter, points=1000)
    assert available(counter) == 240
    receipt = refund(counter, pieces={1: 1})
    assert (receipt.refund.points_back, receipt.refund.clawed, receipt.balance) == (307, 84, 156)
    refund(counter)
    assert available(counter) == 0
    counter.central.sync(counter.store)
    assert counter.central.wallets[CARD] == 1240


def test_a_customer_nobody_knows_points_of_stays_unknown(counter: Counter) -> None:
    sell(counter, card="C-NEW")
    assert refund(counter).balance is None


def test_offline_a_sale_of_this_counter_is_refunded_as_it_is_known_here(counter: Counter) -> None:
    sell(counter)
    counter.central.online = False
    found = counter.refunding.find("000001")
    assert not found.confirmed
    assert refund(counter, pieces={1: 1}).refund.total == 2000
    assert counter.refunding.find("1").remaining == (2, 1)
    assert not_found(counter, "9") is RefusalCode.RECEIPT_UNKNOWN
    assert not_found(counter, "1-000009") is RefusalCode.RECEIPT_UNKNOWN
    assert not_found(counter, "2-000001") is RefusalCode.RECEIPT_NEEDS_CONNECTION


def test_what_waits_is_sent_before_the_central_store_is_asked(counter: Counter) -> None:
    sell(counter)
    assert counter.refunding.find("1").confirmed
    assert counter.read(lambda book: book.operations.head()).acknowledged == len(counter.operations())


@pytest.mark.parametrize("text", ["", " ", "x", "1-", "-1", "1-2-3", "1--2", "\u0661", "9" * 16, "1-000001x", "🙂"])
def test_what_is_no_receipt_number_is_unknown(counter: Counter, text: str) -> None:
    sell(counter)
    assert not_found(counter, text) is RefusalCode.RECEIPT_UNKNOWN
    assert "sale" not in counter.central.calls


def test_a_fenced_counter_refunds_its_own_sales(counter: Counter) -> None:
    sell(counter)
    counter.store.write(lambda book: book.operations.fence())
    counter.central.failure = counter.central.failure
    counter.central.online = False
    assert refund(counter).refund.total == 6499


def test_a_counter_that_is_not_enrolled_refunds_nothing() -> None:
    counter = make_counter(store_in_memory())
    counter.store = store_in_memory()
    assert not_found(counter, "1") is RefusalCode.NOT_ENROLLED
    assert code_of(counter, RefundOrder(goods=make_basket(), override=BOSS)) is RefusalCode.NOT_ENROLLED


def test_a_small_vendor_refunds_too(store: SqlStore) -> None:
    counter = make_counter(store, Category.SMALL)
    sell(counter)
    body = refund(counter).refund
    assert (body.cash_back, body.points_back, body.clawed) == (6499, 0, 324)
