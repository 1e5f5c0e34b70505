"""The dashboard's figures: whose days they are, which intervals a time has, and whose counters they speak of."""

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest

from tests.builders import make_basket, make_line, make_policy
from tests.fakes.shop import Shop, open_shop
from urs_desktop.counter.ports import CentralUnavailableError
from urs_desktop.counter.use_cases.dashboard import Dashboard, Span, Step
from urs_desktop.counter.use_cases.ring_up import SaleOrder

HOUR = 3_600_000


def at(text: str, zone: tzinfo = UTC) -> int:
    moment = datetime.fromisoformat(text).replace(tzinfo=zone)
    return int(moment.timestamp()) * 1000


@pytest.fixture
def shop() -> Shop:
    shop = open_shop()
    shop.clock.time = at("2026-11-28 10:30")
    shop.store.write(lambda book: book.policies.put(make_policy(policy_id="early", valid_from=0)))
    return shop


def dashboard(shop: Shop, zone: tzinfo = UTC) -> Dashboard:
    return Dashboard(shop.store, shop.clock, shop.central, zone)


def sell(shop: Shop, moment: str, price: str = "20.00", zone: tzinfo = UTC, card: str | None = "C-1001") -> None:
    order = SaleOrder(make_basket(make_line(price)), card=card, happened_at=at(moment, zone))
    shop.till.ring_up.complete(order)


def test_a_counter_that_sold_nothing(shop: Shop) -> None:
    overview = dashboard(shop).here(Span.WEEK)
    assert [each.figures.sales for each in overview.intervals] == [0] * 7
    assert (overview.total.sales, overview.products, overview.everywhere) == (0, (), False)
    assert len(dashboard(shop).here(Span.ALL).intervals) == 1


@pytest.mark.parametrize(
    ("span", "count", "step"),
    [(Span.TODAY, 24, Step.HOUR), (Span.WEEK, 7, Step.DAY), (Span.MONTH, 30, Step.DAY), (Span.QUARTER, 90, Step.DAY)],
)
def test_a_time_ends_with_today(shop: Shop, span: Span, count: int, step: Step) -> None:
    sell(shop, "2026-11-28 00:00")
    sell(shop, "2026-11-28 23:59:59")
    sell(shop, "2026-11-29 00:00")
    sell(shop, "2020-01-01 00:00")
    overview = dashboard(shop).here(span)
    assert (len(overview.intervals), overview.step, overview.total.sales) == (count, step, 2)
    assert overview.intervals[-1].end == at("2026-11-29 00:00")
    assert overview.as_of == shop.clock.now()


def test_everything_is_shown_by_months_where_it_is_long(shop: Shop) -> None:
    sell(shop, "2009-12-01 08:26")
    sell(shop, "2011-12-09 12:50", "5.00")
    overview = dashboard(shop).here(Span.ALL)
    assert overview.step is Step.MONTH
    assert overview.intervals[0].start == at("2009-12-01")
    assert overview.intervals[-1].end == at("2012-01-01")
    assert [each.figures.revenue for each in overview.intervals if each.figures.sales] == [2000, 500]
    assert (overview.total.revenue, overview.total.issued, overview.total.profit) == (2500, 100, 2400)


def test_everything_is_shown_by_days_where_it_is_short(shop: Shop) -> None:
    sell(shop, "2026-11-20 08:26")
    sell(shop, "2026-11-26 08:26")
    overview = dashboard(shop).here(Span.ALL)
    assert (overview.step, len(overview.intervals)) == (Step.DAY, 7)
    assert overview.intervals[0].start == at("2026-11-20")


def test_sales_ahead_of_the_clock_are_among_all(shop: Shop) -> None:
    sell(shop, "2027-05-01 08:00")
    overview = dashboard(shop).here(Span.ALL)
    assert (len(overview.intervals), overview.total.sales) == (1, 1)


@pytest.mark.parametrize(
    "zone", [ZoneInfo("Asia/Kathmandu"), ZoneInfo("Pacific/Auckland"), timezone(timedelta(hours=-5))]
)
def test_days_are_the_shops(shop: Shop, zone: tzinfo) -> None:
    shop.clock.time = at("2026-11-28 10:30", zone)
    sell(shop, "2026-11-27 23:59:59", "1.00", zone)
    sell(shop, "2026-11-28 00:00", "2.00", zone)
    days = dashboard(shop, zone).here(Span.WEEK).intervals
    assert [each.figures.revenue for each in days[-2:]] == [100, 200]


def test_the_day_the_clocks_go_back_has_twenty_five_hours(shop: Shop) -> None:
    london = ZoneInfo("Europe/London")
    shop.clock.time = at("2026-10-25 10:00", london)
    sell(shop, "2026-10-25 23:30", "3.00", london)
    hours = dashboard(shop, london).here(Span.TODAY).intervals
    assert (len(hours), hours[-1].figures.revenue) == (25, 300)
    days = dashboard(shop, london).here(Span.WEEK).intervals
    assert days[-1].end - days[-1].start == 25 * HOUR


def test_all_counters_as_the_central_store_knows(shop: Shop) -> None:
    sell(shop, "2026-11-28 09:00")
    body = shop.store.read(lambda book: book.sales.latest(1))[0].body
    shop.central.sync(shop.store)
    shop.central.sold_elsewhere(2, b"2" * 16, body)
    overview = dashboard(shop).everywhere(Span.WEEK)
    assert (overview.everywhere, overview.total.sales, overview.total.revenue) == (True, 2, 4000)
    assert [(number, figures.revenue) for number, figures in overview.counters] == [(1, 2000), (2, 2000)]
    assert overview.products[0].revenue == 4000
    assert dashboard(shop).everywhere(Span.ALL).intervals[0].start == at("2026-11-28")
    assert dashboard(shop).here(Span.WEEK).total.sales == 1


def test_without_a_connection_only_this_counter(shop: Shop) -> None:
    shop.connect(online=False)
    assert dashboard(shop).here(Span.TODAY).total.sales == 0
    with pytest.raises(CentralUnavailableError):
        dashboard(shop).everywhere(Span.TODAY)


def test_the_receipts_behind_a_day(shop: Shop) -> None:
    sell(shop, "2026-11-27 09:00")
    sell(shop, "2026-11-28 09:00", "5.00")
    day = dashboard(shop).here(Span.WEEK).intervals[-1]
    [found] = dashboard(shop).receipts(day.start, day.end, everywhere=False)
    assert (found.counter, found.figures.receipt, found.figures.total) == (1, 2, 500)
    shop.central.sync(shop.store)
    shop.central.sold_elsewhere(2, b"2" * 16, shop.store.read(lambda book: book.sales.latest(1))[0].body)
    both = dashboard(shop).receipts(day.start, day.end, everywhere=True)
    assert sorted(each.counter for each in both) == [1, 2]
    [other] = dashboard(shop).receipts(day.start, day.end, everywhere=True, counter=2)
    assert other.counter == 2
