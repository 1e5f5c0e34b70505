"""Customers merged while tills sell, ask and give back, on a server that lets many write."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from tests.contract.central.people import operator
from tests.contract.central.shop import Shop, open_shop
from tests.contract.central.test_programme_races import Work, beside
from tests.contract.central.till import NOW, Till
from urs_desktop.central import erasing, feed, leases, merging
from urs_desktop.central.operators import Operator
from urs_desktop.database.engine import Database
from urs_desktop.domain.lease import EXACT_SETTLE_MS
from urs_desktop.domain.refusals import Refusal, RefusalCode


@pytest.fixture
def shop(postgresql_database: Database) -> Shop:
    """A store on PostgreSQL with C-0 to C-3, who have 1,000 points each."""
    shop = open_shop(postgresql_database)
    for number in range(4):
        shop.earn(1000, f"C-{number}")
    return shop


def merging_of(old: str, new: str, by: Operator) -> Work:
    def work(connection: sa.Connection) -> str:
        return merging.merge(connection, old, new, by, "enrolled twice", NOW)

    return work


def asked(shop: Shop, card: str, till: Till) -> str | None:
    """Return the lease of some points, or None when nothing is available."""
    try:
        return shop.grant(100, card=card, till=till).lease_id
    except Refusal as refusal:
        if refusal.code is not RefusalCode.POINTS_NOT_AVAILABLE:
            raise
        return None


def test_a_sale_waits_for_a_merge_and_is_the_others(shop: Shop) -> None:
    by = operator(shop)
    sale = shop.till.sale(20_000, "C-0", policy=shop.policy)
    assert beside(shop, merging_of("C-0", "C-1", by), lambda c: shop.till.push(c, sale)) == ""
    assert (shop.wallet("C-0"), shop.wallet("C-1")) == ((0, 0), (3000, 0))
    assert shop.findings() == []


def test_a_merge_waits_for_a_sale_and_moves_what_it_earned(shop: Shop) -> None:
    by = operator(shop)
    sale = shop.till.sale(20_000, "C-0", policy=shop.policy)
    assert beside(shop, lambda c: shop.till.push(c, sale), merging_of("C-0", "C-1", by)) == ""
    assert (shop.wallet("C-0"), shop.wallet("C-1")) == ((0, 0), (3000, 0))
    assert shop.findings() == []


def test_two_merges_make_no_circle(shop: Shop) -> None:
    by = operator(shop)
    said = beside(shop, merging_of("C-0", "C-1", by), merging_of("C-1", "C-0", by))
    assert said.startswith("MergeError")
    assert shop.wallet("C-1") == (2000, 0)
    assert shop.findings() == []


def test_a_sale_waits_for_an_erasure_and_earns_nothing(shop: Shop) -> None:
    by = operator(shop)
    sale = shop.till.sale(20_000, "C-0", policy=shop.policy)
    assert beside(shop, lambda c: erasing.erase(c, "C-0", by.operator_id, NOW), lambda c: shop.till.push(c, sale)) == ""
    assert shop.accounts()["BREAKAGE", ""] == 1000
    assert shop.findings() == []


def test_an_erasure_waits_for_a_sale_and_takes_what_it_earned(shop: Shop) -> None:
    by = operator(shop)
    sale = shop.till.sale(20_000, "C-0", policy=shop.policy)
    assert beside(shop, lambda c: shop.till.push(c, sale), lambda c: erasing.erase(c, "C-0", by.operator_id, NOW)) == ""
    assert shop.accounts()["BREAKAGE", ""] == 2000
    assert shop.findings() == []


def test_nobody_waits_in_a_circle_and_no_point_is_lost(shop: Shop) -> None:
    """Sales, grants, returns, upkeep and merges at once: all are answered, and points are what was earned."""
    by = operator(shop)
    tills = [shop.till, *(shop.another_till() for _ in range(3))]
    start = threading.Barrier(len(tills) + 2)

    def sell(till: Till, number: int) -> None:
        start.wait()
        for turn in range(6):
            cards = [f"C-{(number + turn + n) % 4}" for n in range(4)]
            operations = [till.sale(5000, card, policy=shop.policy) for card in cards]
            lease = asked(shop, cards[0], till)
            if lease is not None:
                operations.append(till.give_back(lease, 100))
            results = shop.push(*operations, till=till).results
            assert [result.result for result in results] == ["applied"] * len(operations)

    def look_after() -> None:
        start.wait()
        for _ in range(10):
            with shop.database.write() as connection:
                leases.reclaim_due(connection, NOW + EXACT_SETTLE_MS + 1)
            with shop.database.write() as connection:
                feed.fan_out(connection, NOW)

    def merge() -> None:
        start.wait()
        for old, new in (("C-3", "C-1"), ("C-0", "C-2"), ("C-1", "C-2")):
            with shop.database.write() as connection:
                merging_of(old, new, by)(connection)

    with ThreadPoolExecutor(8) as pool:
        work = [pool.submit(sell, till, number) for number, till in enumerate(tills)]
        work += [pool.submit(look_after), pool.submit(merge)]
        for each in work:
            each.result()
    assert [shop.wallet(f"C-{number}") for number in (0, 1, 3)] == [(0, 0)] * 3
    assert shop.wallet("C-2") == (4000 + 4 * 6 * 4 * 250, 0)
    assert shop.findings() == []
