"""A sale is stored as on the receipt, its points are posted as the rules say, and it is never refused."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.contract.central.shop import Shop, empty_shop, open_shop
from tests.contract.central.till import NOW
from urs_desktop.central import policies
from urs_desktop.central.policies import Terms
from urs_desktop.central.schema import entries, lots, postings, tenders, transaction_lines, transactions
from urs_desktop.database.engine import Database, sqlite_engine
from urs_desktop.domain.policy import Category
from urs_desktop.protocol.operations import (
    PaidTender,
    PricedLine,
    PricedSaleBody,
    SaleBody,
    SaleLine,
    SalePolicy,
    SaleSource,
    SaleSpend,
    SaleTender,
)


def outcome(shop: Shop) -> tuple[str, str]:
    reply = shop.push()
    assert reply.verdict == "ok"
    return reply.results[-1].result, reply.results[-1].code


def test_a_sale_is_stored_whole(shop: Shop) -> None:
    body = shop.till.sale_body(
        50_000, policy=shop.policy, source=SaleSource("retail", "536365", "ab" * 32), operator="op"
    )
    operation = shop.till.make(body)
    assert outcome(shop) == ("applied", "")
    [sale] = shop.rows(transactions)
    assert sale["op_id"] == operation.op_id
    assert (sale["total"], sale["points_paid"], sale["points_promised"], sale["points_posted"]) == (
        50_000,
        0,
        2500,
        2500,
    )
    assert (sale["journal"], sale["invoice"], sale["operator"]) == ("retail", "536365", "op")
    lines = [(row["n"], row["sku"], row["total"], row["earned"]) for row in shop.rows(transaction_lines)]
    assert lines == [(n, line.sku, line.total, line.earned) for n, line in enumerate(body.lines, 1)]
    assert [row["amount"] for row in shop.rows(tenders)] == [50_000]
    assert shop.wallet() == (2500, 0)


def test_an_earning_makes_a_lot_and_a_balanced_entry(shop: Shop) -> None:
    shop.till.sale(50_000, policy=shop.policy)
    shop.push()
    [lot] = shop.rows(lots)
    assert (lot["granted"], lot["vendor_id"]) == (2500, shop.vendor_id)
    assert (lot["pending"], lot["available"], lot["held"]) == (0, 2500, 0)
    accounts = {(row["account"], row["unit"]): row["amount"] for row in shop.rows(postings)}
    assert accounts == {
        ("ISSUE", "points"): -2500,
        ("AVAIL", "points"): 2500,
        ("DUE", "money"): -2500,
        ("POOL", "money"): 2500,
    }


@pytest.mark.parametrize(("total", "points"), [(1000, 0), (1001, 50), (1019, 50), (1020, 51)])
def test_the_threshold_is_strict_and_points_are_rounded_down(shop: Shop, total: int, points: int) -> None:
    shop.till.sale(total, policy=shop.policy)
    assert outcome(shop) == ("applied", "")
    assert shop.wallet() == (points, 0)


def test_nobody_earns_nothing(shop: Shop) -> None:
    shop.till.sale(50_000, card=None, policy=shop.policy)
    assert outcome(shop) == ("applied", "")
    assert shop.rows(entries) == []


def test_points_promised_to_nobody(shop: Shop) -> None:
    shop.till.sale(50_000, card=None, earned=7)
    assert outcome(shop) == ("adjusted", "points_without_customer")


def test_a_promise_the_rules_do_not_give_is_adjusted(shop: Shop) -> None:
    body = shop.till.sale_body(50_000, policy=shop.policy)
    lines = (msgspec.structs.replace(body.lines[0], earned=body.lines[0].earned + 1), body.lines[1])
    shop.till.make(msgspec.structs.replace(body, earned=2501, lines=lines))
    assert outcome(shop) == ("adjusted", "points_differ")
    [sale] = shop.rows(transactions)
    assert (sale["points_promised"], sale["points_posted"]) == (2501, 2500)
    assert shop.wallet() == (2500, 0)


def cited(shop: Shop, **changes: object) -> SalePolicy:
    reference = SalePolicy(shop.policy.policy_id, shop.policy.version, shop.policy.digest().hex())
    return msgspec.structs.replace(reference, **changes)


@pytest.mark.parametrize("changes", [{"version": 2}, {"policy_id": "?"}, {"hash": "00" * 32}, {"hash": ""}])
def test_an_unknown_policy_posts_nothing_and_keeps_the_sale(shop: Shop, changes: dict[str, object]) -> None:
    body = shop.till.sale_body(50_000, policy=shop.policy)
    shop.till.make(msgspec.structs.replace(body, policy=cited(shop, **changes)))
    assert outcome(shop) == ("adjusted", "policy_unknown")
    assert len(shop.rows(transactions)) == 1
    assert shop.wallet() == (0, 0)


@pytest.mark.parametrize(
    ("category", "currency", "own"),
    [(Category.LARGE, "GBP", False), (Category.MEDIUM, "EUR", False), (Category.MEDIUM, "GBP", True)],
)
def test_a_policy_that_is_not_the_vendors_is_unknown(shop: Shop, category: Category, currency: str, own: bool) -> None:
    other = shop.another_vendor()
    with shop.database.write() as connection:
        terms = Terms(0, 10_000, 0, NOW - 1)
        foreign = policies.add_version(
            connection, category, other if own else None, currency, terms, NOW, shop.randomness
        )
    shop.till.sale(50_000, policy=foreign)
    assert outcome(shop) == ("adjusted", "policy_unknown")
    assert shop.wallet() == (0, 0)


def test_an_older_version_counts_as_on_the_receipt(shop: Shop) -> None:
    with shop.database.write() as connection:
        terms = Terms(0, 1000, 0, NOW)
        newer = policies.add_version(connection, Category.MEDIUM, None, "GBP", terms, NOW, shop.randomness)
    assert (newer.policy_id, newer.version) == (shop.policy.policy_id, 2)
    shop.till.sale(50_000, policy=shop.policy)
    assert outcome(shop) == ("applied", "")
    assert shop.wallet() == (2500, 0)


def test_another_engine_posts_nothing(shop: Shop) -> None:
    shop.till.sale(50_000, policy=shop.policy, engine=2)
    assert outcome(shop) == ("adjusted", "engine_unknown")
    assert shop.wallet() == (0, 0)


def test_another_currency_posts_nothing(shop: Shop) -> None:
    shop.till.sale(50_000, policy=shop.policy, currency="EUR")
    assert outcome(shop) == ("adjusted", "currencies_mixed")
    assert shop.wallet() == (0, 0)


def test_an_earning_without_a_policy_is_not_believed(shop: Shop) -> None:
    shop.till.sale(50_000, earned=5)
    assert outcome(shop) == ("adjusted", "policy_unknown")


def test_a_sale_without_a_policy(shop: Shop) -> None:
    shop.till.sale(50_000)
    assert outcome(shop) == ("applied", "")


def test_a_card_that_cannot_be_one_keeps_the_sale(shop: Shop) -> None:
    shop.till.sale(50_000, card="x" * 65)
    assert outcome(shop) == ("adjusted", "card_malformed")
    assert len(shop.rows(transactions)) == 1
    assert shop.findings() == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"lines": (SaleLine("A", "a", 1, 1, 2, 1, 0),)}, "lines_inconsistent"),
        ({"lines": ()}, "lines_inconsistent"),
        ({"tenders": (SaleTender("cash", 1, 1),)}, "tenders_inconsistent"),
        ({"spends": (SaleSpend("L", 0, -5),)}, "spends_inconsistent"),
    ],
)
def test_a_receipt_that_does_not_add_up_is_stored_and_marked(shop: Shop, changes: dict[str, Any], code: str) -> None:
    shop.till.sale(**changes)
    assert outcome(shop) == ("adjusted", code)
    assert len(shop.rows(transactions)) == 1
    assert shop.findings() == []


def test_shares_that_do_not_add_up(shop: Shop) -> None:
    body = shop.till.sale_body(50_000, policy=shop.policy)
    shop.till.make(
        msgspec.structs.replace(body, lines=(msgspec.structs.replace(body.lines[0], earned=0), body.lines[1]))
    )
    assert outcome(shop) == ("adjusted", "shares_inconsistent")
    assert shop.wallet() == (2500, 0)


class TestPointsAsTender:
    """What a lease covers is redeemed; the rest the vendor gave."""

    def test_a_grant_spent_whole(self, shop: Shop) -> None:
        shop.earn(300)
        grant = shop.grant(200)
        assert shop.wallet() == (100, 200)
        shop.till.sale(900, points_paid=200, spends=(SaleSpend(grant.lease_id, 200, 0),), policy=shop.policy)
        assert outcome(shop) == ("applied", "")
        assert shop.wallet() == (100, 0)
        assert shop.findings() == []

    def test_a_grant_spent_in_part_and_returned(self, shop: Shop) -> None:
        shop.earn(300)
        grant = shop.grant(200)
        shop.till.sale(900, points_paid=150, spends=(SaleSpend(grant.lease_id, 150, 50),), policy=shop.policy)
        assert outcome(shop) == ("applied", "")
        assert shop.wallet() == (150, 0)
        assert [row["kind"] for row in shop.rows(entries)] == ["EARN", "REDEEM", "VOID"] or shop.findings() == []

    def test_points_without_a_lease_are_the_vendors(self, shop: Shop) -> None:
        shop.earn(300)
        shop.till.sale(900, points_paid=200, policy=shop.policy)
        assert outcome(shop) == ("adjusted", "spends_inconsistent")
        assert shop.wallet() == (300, 0)
        assert sum(row["points"] for row in shop.rows(entries) if row["kind"] == "LATE") == 200  # type: ignore[misc]
        assert shop.findings() == []

    def test_points_over_the_grant_are_the_vendors(self, shop: Shop) -> None:
        shop.earn(300)
        grant = shop.grant(200)
        shop.till.sale(900, points_paid=250, spends=(SaleSpend(grant.lease_id, 250, 0),), policy=shop.policy)
        assert outcome(shop) == ("adjusted", "points_late")
        assert shop.wallet() == (100, 0)
        kinds = {row["kind"]: row["points"] for row in shop.rows(entries)}
        assert (kinds["REDEEM"], kinds["LATE"]) == (200, 50)
        assert shop.findings() == []

    def test_a_grant_spent_twice_is_redeemed_once(self, shop: Shop) -> None:
        shop.earn(300)
        grant = shop.grant(200)
        for _ in range(2):
            shop.till.sale(900, points_paid=200, spends=(SaleSpend(grant.lease_id, 200, 0),), policy=shop.policy)
        assert outcome(shop) == ("adjusted", "points_late")
        assert shop.wallet() == (100, 0)
        assert shop.findings() == []

    @pytest.mark.parametrize("whose", ["counter", "customer", "nobody"])
    def test_a_lease_of_somebody_else_covers_nothing(self, shop: Shop, whose: str) -> None:
        shop.earn(300)
        shop.earn(300, "C-2")
        grant = shop.grant(200, till=shop.another_till() if whose == "counter" else None)
        card = {"counter": "C-1", "customer": "C-2", "nobody": None}[whose]
        shop.till.sale(900, card, points_paid=200, spends=(SaleSpend(grant.lease_id, 200, 0),))
        assert outcome(shop) == ("adjusted", "points_late")
        assert (shop.wallet(), shop.wallet("C-2")) == ((100, 200), (300, 0))
        assert shop.findings() == []

    def test_more_spent_than_paid_settles_what_was_paid(self, shop: Shop) -> None:
        shop.earn(300)
        grant = shop.grant(200)
        shop.till.sale(900, points_paid=50, spends=(SaleSpend(grant.lease_id, 200, 0),), policy=shop.policy)
        assert outcome(shop) == ("adjusted", "spends_inconsistent")
        assert shop.wallet() == (100, 150)
        assert shop.findings() == []

    def test_negative_points_take_and_give_nothing(self, shop: Shop) -> None:
        shop.earn(300)
        grant = shop.grant(200)
        shop.till.sale(900, points_paid=-50, spends=(SaleSpend(grant.lease_id, -50, -10),), policy=shop.policy)
        assert outcome(shop)[0] == "adjusted"
        assert shop.wallet() == (100, 200)
        assert shop.findings() == []

    def test_lots_are_used_oldest_first(self, shop: Shop) -> None:
        shop.earn(100)
        shop.earn(100)
        grant = shop.grant(150)
        shop.till.sale(900, points_paid=150, spends=(SaleSpend(grant.lease_id, 150, 0),), policy=shop.policy)
        shop.push()
        assert list(shop.lots().values()) == [(0, 0, 0), (0, 50, 0)]

    def test_an_expiring_lot_goes_first(self, shop: Shop) -> None:
        shop.earn(100)
        shop.change_policy(expires_after=12)
        shop.earn(100)
        grant = shop.grant(100)
        shop.till.sale(900, points_paid=100, spends=(SaleSpend(grant.lease_id, 100, 0),), policy=shop.policy)
        shop.push()
        assert list(shop.lots().values()) == [(0, 100, 0), (0, 0, 0)]
        assert shop.findings() == []


class TestViews:
    """The report's tables follow from the sales."""

    def test_reward_allocations(self, shop: Shop) -> None:
        shop.earn(300)
        grant = shop.grant(200)
        shop.till.sale(5000, points_paid=200, spends=(SaleSpend(grant.lease_id, 200, 0),), policy=shop.policy)
        shop.till.sale(900, card=None)
        shop.push()
        allocations = [(row["reward_points"], row["redeemed_points"]) for row in shop.rows("reward_allocations")]
        assert sorted(allocations) == [(240, 200), (300, 0)]

    def test_frequency_and_analytics(self, shop: Shop) -> None:
        line = SaleLine("BEST", "Best", 50, 10, 2, 500, 0)
        shop.till.sale(500, lines=(line,))
        shop.till.sale(900)
        shop.till.sale(900)
        shop.push()
        counts = {row["sku"]: row["frequency_of_buying"] for row in shop.rows("frequency_of_buying")}
        assert counts == {"BEST": 1, "SKU0": 2, "SKU1": 2}
        [analytics] = shop.rows("analytics")
        assert analytics == {
            "vendor_id": shop.vendor_id,
            "popular_product": "BEST",
            "total_transactions": 3,
            "total_revenue": 2300,
            "updated_at": NOW,
            "total_rewards": 0,
            "profitability": 2300,
        }

    def test_the_wallet_balance_is_what_is_available_and_held(self, shop: Shop) -> None:
        shop.earn(300)
        shop.grant(100)
        [row] = shop.rows("customers")
        assert (row["wallet_balance"], row["available"], row["held"]) == (300, 200, 100)


_NUMBERS = st.integers(-(10**6), 10**6)


@settings(max_examples=150)
@given(
    total=_NUMBERS,
    paid=_NUMBERS,
    earned=_NUMBERS,
    spends=st.lists(st.tuples(st.sampled_from(["own", "other", "none"]), _NUMBERS, _NUMBERS), max_size=3),
    card=st.sampled_from([None, "C-1", "C-2", "", "\x00"]),
)
def test_whatever_a_receipt_says_the_ledger_holds(
    total: int, paid: int, earned: int, spends: list[tuple[str, int, int]], card: str | None
) -> None:
    """A signed receipt of any figures is stored, and every invariant of the ledger holds after it."""
    database = Database(sqlite_engine(None))
    try:
        empty_shop(database)
        shop = open_shop(database)
        shop.earn(3000)
        leases = {
            "own": shop.grant(1000).lease_id,
            "other": shop.grant(500, till=shop.another_till()).lease_id,
            "none": "never",
        }
        used = tuple(SaleSpend(leases[whose], points, returned) for whose, points, returned in spends)
        body = shop.till.sale_body(total, card, points_paid=paid, spends=used, earned=earned)
        shop.till.make(msgspec.structs.replace(body, policy=cited(shop)))
        result, _ = outcome(shop)
        assert result in {"applied", "adjusted"}
        assert shop.findings() == []
        assert len(shop.rows(transactions)) == 2
    finally:
        database.close()


def priced(shop: Shop, **changes: Any) -> PricedSaleBody:  # noqa: ANN401 - any field of a line
    """Return a sale of one line of two pieces at 10.00 with 1.00 off and 20 % on it: 22.80."""
    line: dict[str, Any] = {"sku": "MUG", "description": "Mug", "quantity": 2, "price": 1000, "scale": 2, "earned": 114}
    work = {"discount": 100, "tax": 380, "tax_rate": 2000, "tax_included": False, "total": 2280, **changes}
    body = shop.till.sale_body(2280, policy=shop.policy, earned=114)
    fields = {name: getattr(body, name) for name in SaleBody.__struct_fields__ if name not in ("lines", "tenders")}
    tenders = (PaidTender("card", 1000, 1000, "T-1"), PaidTender("cash", 1280, 1300))
    return PricedSaleBody(**fields, lines=(PricedLine(**line, **work),), tenders=tenders, rounding=20)


def test_a_sale_with_discount_tax_and_card_is_posted_like_any_other(shop: Shop) -> None:
    shop.till.make(priced(shop))
    assert outcome(shop) == ("applied", "")
    assert shop.wallet() == (114, 0)
    assert [(row["kind"], row["amount"]) for row in shop.rows(tenders)] == [("card", 1000), ("cash", 1280)]
    assert shop.findings() == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"tax": 379},
        {"discount": -100, "total": 2480, "tax": 420},
        {"discount": 3000},
        {"tax_rate": 1900},
        {"tax_included": True},
        {"tax_rate": -1},
        {"tax_rate": 10_001},
        {"quantity": 3},
        {"price": -1000},
        {"scale": 10},
    ],
)
def test_a_line_that_does_not_come_to_its_total_is_named(shop: Shop, wrong: dict[str, int]) -> None:
    body = priced(shop)
    line = msgspec.structs.replace(body.lines[0], **wrong)
    shop.till.make(msgspec.structs.replace(body, lines=(line,)))
    assert outcome(shop) == ("adjusted", "lines_inconsistent")
    assert shop.wallet() == (114, 0), "the customer keeps what the receipt's total earns"
