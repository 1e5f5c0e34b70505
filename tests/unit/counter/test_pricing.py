"""Sales that were worked on, signed: discounts, taxes, other prices, cards, the smallest coin; and their refunds.

Must never sign a figure the settled purchase does not have.
"""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.builders import CARD, COUNTER_KEY, GBP, Counter, make_basket, make_counter, make_line, pounds
from tests.unit.counter.test_ring_up import sale_bodies
from urs_desktop.counter.store.book import SqlStore, store_in_memory
from urs_desktop.counter.use_cases.refund import RefundOrder
from urs_desktop.counter.use_cases.ring_up import SaleOrder
from urs_desktop.counter.use_cases.verification import verify
from urs_desktop.domain.basket import Basket, LineItem, basket_of
from urs_desktop.domain.pricing import Discount, PriceChange, TaxRate
from urs_desktop.domain.purchase import CardPayment
from urs_desktop.protocol.operations import PricedSaleBody, SaleBody, SaleOverride


@pytest.fixture
def store() -> Iterator[SqlStore]:
    opened = store_in_memory()
    yield opened
    opened.close()


@pytest.fixture
def counter(store: SqlStore) -> Counter:
    return make_counter(store)


def worked_on() -> Basket:
    """Two mugs at 20.00 less 10 % with 20 % in them, and a bag for 10.00 instead of 12.00 with 5 % on it; 2.00 off."""
    mug = replace(make_line("20.00", 2), tax=TaxRate(2000, included=True), discount=Discount(1000, reason="damaged"))
    change = PriceChange(make_line("12.00").unit_price, "price match", "boss")
    bag = LineItem("BAG", "Bag", 1, make_line("10.00").unit_price, TaxRate(500, included=False), None, change)
    return basket_of(GBP, (mug, bag), Discount(minor=200, reason="regular", allowed_by="boss"))


def test_all_that_was_done_is_signed(counter: Counter, store: SqlStore) -> None:
    cards = (CardPayment(pounds(2000), "T-0815"),)
    receipt = counter.ring_up.complete(SaleOrder(worked_on(), card=CARD, cards=cards, cash_tendered=pounds(5000)))
    (body,) = sale_bodies(counter)
    assert isinstance(body, PricedSaleBody)
    assert body == receipt.sale
    mug, bag = body.lines
    # 40.00 - 4.00 = 36.00 and 10.00: 2.00 off is shared 36 to 10, so 1.57 and 0.43 (largest remainder)
    assert (mug.discount, mug.tax, mug.total, mug.tax_included) == (557, 574, 3443, True)
    assert (bag.discount, bag.tax, bag.total, bag.tax_included) == (43, 48, 1005, False)
    assert (bag.list_price, bag.list_scale, bag.reason, mug.reason) == (1200, 2, "price match", "damaged")
    assert body.total == 4448 == receipt.total.minor
    assert [(t.kind, t.amount, t.tendered, t.reference) for t in body.tenders] == [
        ("card", 2000, 2000, "T-0815"),
        ("cash", 2448, 5000, ""),
    ]
    assert receipt.change == pounds(2552)
    assert body.overrides == (
        SaleOverride("price_override", 2, "boss", "price match"),
        SaleOverride("discount", 0, "boss", "regular"),
    )
    assert sum(line.earned for line in body.lines) == body.earned == 4448 * 5 // 100
    assert verify(store, COUNTER_KEY.public_key) == []


def test_what_needs_none_of_it_stays_plain(counter: Counter) -> None:
    counter.ring_up.complete(SaleOrder(make_basket(make_line("20.00"))))
    (body,) = sale_bodies(counter)
    assert type(body) is SaleBody


def test_a_refund_gives_back_what_was_paid_for_the_line(counter: Counter, store: SqlStore) -> None:
    counter.ring_up.complete(SaleOrder(worked_on(), card=CARD))
    found = counter.refunding.find("1")
    first = counter.refunding.complete(RefundOrder(found, {1: 1})).refund
    assert first.total == 3443 // 2
    second = counter.refunding.complete(RefundOrder(counter.refunding.find("1"), None)).refund
    assert first.total + second.total == 4448
    assert verify(store, COUNTER_KEY.public_key) == []


def test_a_priced_sale_is_told_whole_to_another_counter(counter: Counter) -> None:
    receipt = counter.ring_up.complete(SaleOrder(worked_on(), card=CARD))
    counter.central.sync(counter.store)
    found = counter.refunding.find("1")
    assert found.confirmed
    assert found.sale == receipt.sale
