"""A vendor's dashboard: the sums of all its counters, less what came back, and never anything of another vendor."""

import pytest

from tests.contract.central.refunding import refunded, result, sold
from tests.contract.central.shop import Shop
from tests.contract.central.till import NOW, Till
from urs_desktop.central import analytics
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol.figures import FiguresReply, FiguresRequest, ReceiptsReply, ReceiptsRequest
from urs_desktop.protocol.operations import SaleSpend

HOUR = 3_600_000


def figures(shop: Shop, *edges: int, till: Till | None = None, products: int = 9) -> FiguresReply:
    request = FiguresRequest(edges=edges, products=products)
    with shop.database.read() as connection:
        return analytics.figures(connection, (till or shop.till).device_id, request, NOW)


def receipts(shop: Shop, start: int, end: int, counter: int = 0, limit: int = 9) -> ReceiptsReply:
    request = ReceiptsRequest(start=start, end=end, counter=counter, limit=limit)
    with shop.database.read() as connection:
        return analytics.receipts(connection, shop.till.device_id, request)


def rows(reply: FiguresReply) -> list[tuple[int, int, int, int, int, int, int]]:
    return [(r.counter, r.n, r.sales, r.refunds, r.revenue, r.issued, r.redeemed) for r in reply.rows]


def test_nothing_sold(shop: Shop) -> None:
    reply = figures(shop, NOW, NOW + HOUR)
    assert (reply.rows, reply.products, reply.first, reply.last, reply.as_of) == ((), (), None, None, NOW)
    assert figures(shop).rows == ()


def test_all_counters_of_the_vendor_by_interval(shop: Shop) -> None:
    other = shop.another_till()
    sale = sold(shop, (1, 3000), (2, 2000), happened_at=NOW)
    sold(shop, (1, 100), happened_at=NOW + HOUR - 1, card=None)
    sold(shop, (1, 4000), happened_at=NOW + HOUR)
    other.sale(6000, policy=shop.policy, happened_at=NOW + HOUR)
    assert result(shop, other)[0] == "applied"
    refunded(shop, sale, {1: 1})
    mine, theirs = shop.till.identity.number, other.identity.number
    happened = [row["happened_at"] for row in shop.rows("refunds")]
    assert NOW <= int(str(happened[0])) < NOW + HOUR
    assert rows(figures(shop, NOW - HOUR, NOW, NOW + HOUR, NOW + 2 * HOUR)) == sorted(
        [
            (mine, 1, 2, 1, 5100 - 3000, 250 - 150, 0),
            (mine, 2, 1, 0, 4000, 200, 0),
            (theirs, 2, 1, 0, 6000, 300, 0),
        ],
        key=lambda row: (row[1], row[0]),
    )
    assert (figures(shop).first, figures(shop).last) == (NOW, NOW + HOUR)


def test_points_paid_with_are_revenue_and_redeemed(shop: Shop) -> None:
    """The vendor is paid for them: what customers owed is the revenue, however they paid."""
    shop.earn(500)
    grant = shop.grant(333, total=5333)
    shop.till.sale(
        policy=shop.policy,
        points_paid=333,
        spends=(SaleSpend(grant.lease_id, 333, 0),),
        sold=((1, 5333),),
        happened_at=NOW + 9 * HOUR,
    )
    assert result(shop) == ("applied", "")
    [row] = rows(figures(shop, NOW + 9 * HOUR, NOW + 10 * HOUR))
    assert row[2:] == (1, 0, 5333, 250, 333)


def test_another_vendor_sees_nothing_of_it(shop: Shop) -> None:
    sold(shop, (1, 3000), happened_at=NOW)
    stranger = shop.another_till(shop.another_vendor())
    reply = figures(shop, NOW - HOUR, NOW + HOUR, till=stranger)
    assert (reply.rows, reply.products, reply.first) == ((), (), None)
    with shop.database.read() as connection:
        request = ReceiptsRequest(start=NOW - HOUR, end=NOW + HOUR, counter=shop.till.identity.number)
        assert analytics.receipts(connection, stranger.device_id, request).receipts == ()


def test_the_best_products(shop: Shop) -> None:
    sale = sold(shop, (1, 3000), (4, 2000), happened_at=NOW)
    refunded(shop, sale, {2: 1})
    found = figures(shop, NOW, NOW + HOUR).products
    assert [(each.sku, each.pieces, each.revenue) for each in found] == [("SKU0", 1, 3000), ("SKU1", 3, 1500)]
    assert all(each.description for each in found)
    assert len(figures(shop, NOW, NOW + HOUR, products=1).products) == 1
    assert figures(shop, NOW, NOW + HOUR, products=-5).products == ()


def test_the_receipts_behind_a_figure(shop: Shop) -> None:
    other = shop.another_till()
    first = sold(shop, (1, 3000), happened_at=NOW)
    other.sale(6000, policy=shop.policy, happened_at=NOW + 1)
    assert result(shop, other)[0] == "applied"
    sold(shop, (1, 100), happened_at=NOW + HOUR)
    refunded(shop, first, {1: 1})
    found = receipts(shop, NOW, NOW + HOUR).receipts
    assert [(r.counter, r.is_refund, r.total, r.issued) for r in found if not r.is_refund] == [
        (other.identity.number, False, 6000, 300),
        (shop.till.identity.number, False, 3000, 150),
    ]
    [back] = [r for r in found if r.is_refund]
    assert (back.total, back.issued, back.counter) == (-3000, -150, shop.till.identity.number)
    assert [r.happened_at for r in found] == sorted((r.happened_at for r in found), reverse=True)
    mine = receipts(shop, NOW, NOW + HOUR, counter=other.identity.number).receipts
    assert [r.counter for r in mine] == [other.identity.number]
    assert len(receipts(shop, NOW, NOW + HOUR, limit=1).receipts) == 1
    assert receipts(shop, NOW, NOW + HOUR, limit=-1).receipts == ()


@pytest.mark.parametrize("edges", [(5, 5), (5, 4), (0, 2**63 - 1), (-(2**63), 0)])
def test_edges_that_do_not_grow_or_are_no_times(shop: Shop, edges: tuple[int, ...]) -> None:
    with pytest.raises(Refusal) as refused:
        figures(shop, *edges)
    assert refused.value.code is RefusalCode.AMOUNT_OUT_OF_RANGE


def test_receipts_of_what_is_no_time(shop: Shop) -> None:
    with pytest.raises(Refusal):
        receipts(shop, -(2**63), 2**63 - 1)


def test_an_unknown_counter(shop: Shop) -> None:
    with shop.database.read() as connection, pytest.raises(Refusal) as refused:
        analytics.figures(connection, b"?" * 16, FiguresRequest(edges=()), NOW)
    assert refused.value.code is RefusalCode.COUNTER_UNKNOWN
