"""The answer to a push says what was posted for a receipt that promised something else, also when it comes again."""

import msgspec

from tests.contract.central.refunding import sold
from tests.contract.central.shop import Shop
from urs_desktop.protocol.messages import Became, PushResult
from urs_desktop.protocol.operations import SaleSpend


def last(shop: Shop, *, times: int = 1) -> PushResult:
    """Push all the till has, so many times, and return what the last answer says of the last operation."""
    replies = [shop.push() for _ in range(times)]
    assert {reply.verdict for reply in replies} == {"ok"}
    return replies[-1].results[-1]


def test_what_is_as_promised_needs_no_words(shop: Shop) -> None:
    shop.till.sale(50_000, policy=shop.policy)
    assert last(shop) == PushResult(seq=1, result="applied")


def test_a_sale_that_promised_other_points_says_what_was_posted(shop: Shop) -> None:
    shop.till.sale(50_000, policy=shop.policy, earned=4000)
    became = Became(result="adjusted", code="points_differ", earned=2500)
    assert last(shop) == PushResult(seq=1, result="adjusted", code="points_differ", now=became)
    assert last(shop, times=2) == PushResult(seq=1, result="adjusted", code="points_differ", now=became), "a lost reply"


def test_points_the_vendor_gives_are_said_beside_what_was_earned(shop: Shop) -> None:
    spend = SaleSpend("never-granted", 300, 0)
    shop.till.sale(50_000, policy=shop.policy, points_paid=300, spends=(spend,))
    assert last(shop).now == Became(result="adjusted", code="points_late", earned=2485, late=300)


def test_a_refund_that_promised_otherwise_says_what_went_back(shop: Shop) -> None:
    sale = sold(shop, (2, 40_000))
    shop.till.refund(sale, {1: 1}, policy=shop.policy, clawed=5)
    assert last(shop, times=2).now == Became(result="adjusted", code="refund_differs", clawed=1000)


def test_a_refund_before_its_sale_has_posted_nothing_yet(shop: Shop) -> None:
    other = shop.another_till()
    sale = shop.till.sale(40_000, policy=shop.policy)
    other.refund(sale, {1: 1}, policy=shop.policy)
    assert shop.push(till=other).results[-1].now == Became(result="adjusted", code="sale_unknown")


def test_a_copy_says_what_became_of_the_original(shop: Shop) -> None:
    wrong = shop.till.sale(50_000, policy=shop.policy, earned=4000)
    right = shop.till.sale(50_000, policy=shop.policy)
    parked = shop.till.make_raw("future", 9, b"{}")
    shop.push()
    for operation in (wrong, right, parked):
        shop.till.make_raw(operation.kind, operation.schema, operation.body, operation.op_id)
    told = [(result.result, result.now) for result in shop.push().results[-3:]]
    assert told == [
        ("duplicate", Became(result="adjusted", code="points_differ", earned=2500)),
        ("duplicate", Became(result="applied")),
        ("duplicate", Became(result="parked", code="kind_unknown")),
    ]
    again = [(result.result, result.now) for result in shop.push().results[-3:]]
    assert again == told, "a lost reply"
    assert shop.findings() == []


def test_copies_in_the_same_push_as_their_original(shop: Shop) -> None:
    wrong = shop.till.sale(50_000, policy=shop.policy, earned=4000)
    shop.till.make_raw(wrong.kind, wrong.schema, wrong.body, wrong.op_id)
    became = Became(result="adjusted", code="points_differ", earned=2500)
    assert [msgspec.structs.astuple(result) for result in shop.push().results] == [
        (1, "adjusted", "points_differ", became),
        (2, "duplicate", "", became),
    ]


def test_only_this_counters_places_are_looked_up(shop: Shop) -> None:
    other = shop.another_till()
    other.sale(50_000, policy=shop.policy)
    shop.push(till=other)
    shop.till.sale(50_000, policy=shop.policy, earned=1)
    now = last(shop).now
    assert now is not None
    assert (now.result, now.earned) == ("adjusted", 2500)
