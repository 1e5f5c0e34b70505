"""Why a receipt earned its points: found by any of its receipts, with every refund in its place.

Must never need the central store for this counter's own receipts.
"""

from collections.abc import Iterator

import pytest

from tests.builders import CARD, Counter, make_basket, make_counter, make_line, make_policy
from tests.unit.counter.faults import content
from tests.unit.counter.test_refund import BOSS, refund, sell
from tests.unit.counter.test_refund_elsewhere import elsewhere
from urs_desktop.counter.store.book import SqlStore, store_in_memory
from urs_desktop.counter.use_cases.explaining import Explained, Explaining
from urs_desktop.counter.use_cases.receipts import RefundReceipt
from urs_desktop.counter.use_cases.refund import Refunding, RefundOrder
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol.operations import RefundLine


@pytest.fixture
def store() -> Iterator[SqlStore]:
    opened = store_in_memory()
    yield opened
    opened.close()


@pytest.fixture
def counter(store: SqlStore) -> Counter:
    return make_counter(store)


def explained(counter: Counter, receipt: str = "1") -> Explained:
    found = Explaining(counter.store, counter.refunding).receipt(receipt)
    assert isinstance(found, Explained)
    return found


def test_a_sale_is_explained_with_its_refunds_in_order(counter: Counter) -> None:
    sell(counter, points=1000)
    refund(counter, pieces={1: 1})
    refund(counter, pieces={1: 2})
    found = explained(counter)
    assert (found.number, found.sale.card, found.confirmed) == ("1-000001", CARD, True)
    assert found.steps.earning.points == found.sale.earned == 274
    assert [line.earned for line in found.sale.lines] == list(found.steps.shares)
    assert [each.number for each in found.refunds] == ["1-000002", "1-000003"]
    for each in found.refunds:
        assert each.signed is not None
        adds = each.step.adds
        signed = (each.signed.total, each.signed.points_back, each.signed.cash_back, each.signed.clawed)
        assert (adds.value, adds.points_back, adds.cash_back, adds.clawed) == signed


def test_any_of_its_receipts_leads_to_the_sale_and_nothing_changes(counter: Counter, store: SqlStore) -> None:
    sell(counter)
    refund(counter, pieces={1: 1})
    counter.central.sync(counter.store)
    before = content(store)
    assert explained(counter, "1-000002") == explained(counter, "1") == explained(counter, "1-1")
    assert content(store) == before


def test_offline_and_without_a_way_to_the_centre_it_is_explained_from_here(counter: Counter) -> None:
    sell(counter)
    counter.central.online = False
    assert not explained(counter).confirmed
    alone = Explaining(counter.store, Refunding(counter.store, counter.recorder, None))
    found = alone.receipt("1")
    assert isinstance(found, Explained)
    assert not found.confirmed
    with pytest.raises(Refusal) as caught:
        alone.receipt("2-000001")
    assert caught.value.code is RefusalCode.RECEIPT_NEEDS_CONNECTION


def test_a_refund_at_another_counter_has_no_number_here(counter: Counter) -> None:
    sell(counter)
    counter.central.sync(counter.store)
    sale = counter.read(lambda book: book.sales.by_receipt(1))
    assert sale is not None
    for op_id in (b"\xff" * 16, b"\x00" * 16):
        counter.central.refunded_elsewhere(sale.op_id, op_id, RefundLine(1, "MUG", "", 1, 2000))
    refund(counter, pieces={2: 1})
    first, second, third = explained(counter).refunds
    assert (first.number, first.signed, first.step.adds.value) == ("", None, 2000)
    assert (second.number, second.step.before) == ("1-000002", first.step.after)
    assert (third.op_id, third.step.before) == (b"\xff" * 16, second.step.after)


def test_a_refund_without_a_sale_here_is_told_as_it_is(counter: Counter) -> None:
    goods = counter.refunding.complete(RefundOrder(goods=make_basket(make_line("5.00")), override=BOSS))
    assert Explaining(counter.store, counter.refunding).receipt("1") == goods
    found = elsewhere(counter)
    counter.refunding.complete(RefundOrder(found, {1: 1}))
    told = Explaining(counter.store, counter.refunding).receipt("1-000002")
    assert isinstance(told, RefundReceipt)
    assert (told.sale_number, told.refund.total) == ("", 2000)
    other = explained(counter, "2-000008")
    assert [each.number for each in other.refunds] == ["1-000002"]


def test_a_sale_nobody_earned_on_and_one_below_the_threshold(store: SqlStore) -> None:
    counter = make_counter(store, policy=make_policy(threshold=10_000))
    sell(counter, card=None)
    sell(counter)
    for receipt in ("1", "2"):
        steps = explained(counter, receipt).steps
        assert (steps.earning.exceeds, steps.earning.points, steps.sold.earned) == (False, 0, 0)


def test_an_unknown_receipt_is_refused(counter: Counter) -> None:
    with pytest.raises(Refusal) as caught:
        explained(counter, "7")
    assert caught.value.code is RefusalCode.RECEIPT_UNKNOWN
