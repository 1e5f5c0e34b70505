"""The centre knows which receipts of a counter are missing, also while the counter is silent."""

from typing import Any

import pytest

from tests.contract.central.shop import Shop
from tests.contract.central.till import NOW, Till
from urs_desktop.central import accounts, closing, inspection
from urs_desktop.central.schema import told_receipts
from urs_desktop.domain.ranges import Range


def greet(shop: Shop, receipt: int | None = None, till: Till | None = None, now: int = NOW) -> None:
    """Say hello telling of this receipt, or of the newest there is."""
    source = till or shop.till
    with shop.database.write() as connection:
        given = accounts.challenge(connection, source.device_id, now, source.randomness)
        message = source.greeting(given.challenge, receipt=receipt)
        accounts.hello(connection, source.device_id, message, now, source.randomness)


def stands(shop: Shop, till: Till | None = None) -> closing.Closing:
    with shop.database.read() as connection:
        return closing.of_counters(connection).get((till or shop.till).device_id, closing.Closing())


def test_a_counter_without_receipts_lacks_none(shop: Shop) -> None:
    greet(shop)
    assert stands(shop) == closing.Closing()


def test_what_was_told_and_not_sent_is_missing(shop: Shop) -> None:
    for _ in range(2):
        shop.till.sale()
    shop.push()
    unsent = [shop.till.sale() for _ in range(3)]
    greet(shop)
    assert stands(shop) == closing.Closing(told=5, received=2, missing=(Range(3, 5),))
    shop.push(unsent[0])
    assert stands(shop) == closing.Closing(told=5, received=3, missing=(Range(4, 5),))
    shop.push()
    assert stands(shop) == closing.Closing(told=5, received=5)


def test_a_counter_is_not_believed_when_it_tells_of_fewer(shop: Shop) -> None:
    greet(shop, 9)
    greet(shop, 4, now=NOW + 5)
    assert stands(shop).missing == (Range(1, 9),)
    assert [(row["receipt"], row["told_at"]) for row in shop.rows(told_receipts)] == [(9, NOW)]


def test_what_arrived_counts_as_told(shop: Shop) -> None:
    shop.till.sale()
    shop.push()
    assert stands(shop) == closing.Closing(told=1, received=1)


def test_gaps_at_the_beginning_and_in_between(shop: Shop) -> None:
    for receipt in (3, 4, 8):
        shop.till.sale(receipt=receipt)
    shop.push()
    greet(shop, 9)
    assert stands(shop).missing == (Range(1, 2), Range(5, 7), Range(9, 9))


def test_refunds_are_receipts_too_and_other_counters_are_others(shop: Shop) -> None:
    other = shop.another_till()
    sale = shop.till.sale(policy=shop.policy)
    shop.till.refund(sale, {1: 1}, policy=shop.policy)
    shop.push()
    greet(shop, till=other, receipt=7)
    assert stands(shop) == closing.Closing(told=2, received=2)
    assert stands(shop, other) == closing.Closing(told=7, missing=(Range(1, 7),))


def test_what_was_set_aside_has_arrived(shop: Shop) -> None:
    shop.till.sale()
    shop.till.sale(total=10**16)
    shop.till.sale()
    results = [result.result for result in shop.push().results]
    assert results == ["applied", "parked", "applied"]
    assert stands(shop) == closing.Closing(told=3, received=2, set_aside=(2,))


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"receipt":"2"}', b'{"receipt":-1}', b'{"receipt":true}', b"\xff"])
def test_a_parked_receipt_nobody_can_read_is_missing(shop: Shop, body: bytes) -> None:
    shop.till.make_raw("sale", 1, body)
    shop.push()
    greet(shop, 1)
    assert stands(shop) == closing.Closing(told=1, missing=(Range(1, 1),))


def test_a_refund_that_waits_for_its_sale_is_evidence_of_it(shop: Shop) -> None:
    other = shop.another_till()
    sale = shop.till.sale(policy=shop.policy)
    other.refund(sale, {1: 1}, policy=shop.policy)
    shop.push(till=other)
    assert stands(shop, other).refunds_waiting == 1
    shop.push()
    assert stands(shop, other).refunds_waiting == 0


@pytest.mark.parametrize("receipt", [2**63, 2**64 - 1])
def test_a_number_no_receipt_has_is_not_kept(shop: Shop, receipt: int) -> None:
    greet(shop, receipt)
    assert stands(shop) == closing.Closing()


def test_the_list_of_counters_says_it(shop: Shop) -> None:
    shop.till.sale(receipt=2)
    shop.push()
    greet(shop, 5)
    with shop.database.read() as connection:
        [row] = inspection.all_counters(connection)
    expected: dict[str, Any] = {
        "receipts_told": 5,
        "receipts_received": 1,
        "receipts_set_aside": [],
        "missing": [{"first": 1, "last": 1}, {"first": 3, "last": 5}],
        "missing_count": 4,
        "refunds_waiting": 0,
    }
    assert {name: row[name] for name in expected} == expected
    assert row["last_seen"]
