"""A refund is stored as on the receipt, and the ledger is brought to where its sale stands: never a point more or less.

The cases in which other tills fail are negative tests here: field.md 27 (a refund keeps the points earned) and 28 (a
refund charges the points a second time).
"""

from collections.abc import Sequence

import pytest

from tests.contract.central.refunding import OVERRIDE, paid_with, refunded, result, sold
from tests.contract.central.shop import Shop
from tests.contract.central.till import NOW
from urs_desktop.central.policies import Terms, add_version
from urs_desktop.central.schema import refund_lines, refund_tenders, transactions
from urs_desktop.central.schema import refunds as refund_rows
from urs_desktop.domain.policy import DAY_MS, Category
from urs_desktop.protocol.operations import SaleSpend


class TestWhatComesBack:
    """What was earned is taken back, what was paid with is given back, as far as goods came back."""

    def test_a_full_refund_takes_all_that_was_earned(self, shop: Shop) -> None:
        """Not field.md 27: nobody keeps the points of goods that came back."""
        sale = sold(shop, (1, 3000), (2, 2000))
        assert shop.wallet() == (250, 0)
        refunded(shop, sale, {1: 1, 2: 2})
        assert shop.balances() == (0, 0, 0, 0)
        assert shop.accounts() == {}
        assert shop.booked() == {"EARN": 250, "CLAWBACK": 250}
        assert shop.findings() == []

    def test_a_refund_is_stored_whole(self, shop: Shop) -> None:
        sale = sold(shop, (1, 3000), (2, 2000))
        body = shop.till.refund_body(sale, {2: 1}, policy=shop.policy, override=OVERRIDE, operator="op")
        operation = shop.till.make(body)
        assert result(shop) == ("applied", "")
        [row] = shop.rows(refund_rows)
        assert (row["op_id"], row["sale_op_id"]) == (operation.op_id, sale.op_id)
        assert (row["total"], row["cash_back"], row["points_back"], row["clawed"]) == (1000, 1000, 0, 50)
        assert (row["override_operator"], row["override_reason"], row["operator"]) == ("operator", "no receipt", "op")
        assert row["customer_id"] == shop.rows(transactions)[0]["customer_id"]
        [line] = shop.rows(refund_lines)
        assert (line["line"], line["quantity"], line["total"], line["sku"]) == (2, 1, 1000, "SKU1")
        assert [row["amount"] for row in shop.rows(refund_tenders)] == [1000]

    @pytest.mark.parametrize(("pieces", "left"), [({2: 1}, 200), ({1: 1}, 100), ({1: 1, 2: 1}, 0)])
    def test_part_of_a_sale(self, shop: Shop, pieces: dict[int, int], left: int) -> None:
        """At or below the threshold nothing was earned, so nothing is left."""
        sale = sold(shop, (1, 3000), (2, 2000))
        refunded(shop, sale, pieces)
        assert shop.wallet() == (left, 0)
        assert shop.findings() == []

    @pytest.mark.parametrize(
        "split",
        [
            ({1: 1, 2: 3},),
            ({1: 1}, {2: 3}),
            ({2: 3}, {1: 1}),
            ({2: 1}, {2: 1}, {2: 1}, {1: 1}),
            ({2: 2}, {1: 1, 2: 1}),
        ],
    )
    def test_several_refunds_come_to_what_one_does(self, shop: Shop, split: Sequence[dict[int, int]]) -> None:
        shop.earn(500)
        sale = paid_with(shop, 333, (1, 3333), (3, 2000))
        assert shop.wallet() == (167 + 250, 0)
        refunded(shop, sale, *split)
        assert shop.balances() == (0, 500, 0, 0)
        assert shop.accounts() == {
            ("ISSUE", shop.vendor_id): -500,
            ("AVAIL", str(shop.rows("customers")[0]["customer_id"])): 500,
            ("DUE", shop.vendor_id): -500,
            ("POOL", ""): 500,
        }
        assert shop.findings() == []

    def test_points_are_charged_once(self, shop: Shop) -> None:
        """Not field.md 28: a refund gives back what was redeemed and takes none of it a second time."""
        shop.earn(500)
        sale = paid_with(shop, 450, (1, 900))
        refunded(shop, sale, {1: 1})
        assert shop.balances() == (0, 500, 0, 0)
        assert shop.booked() == {"EARN": 500, "HOLD": 450, "REDEEM": 450, "UNREDEEM": 450}
        assert shop.findings() == []

    def test_at_another_counter_of_the_vendor(self, shop: Shop) -> None:
        sale = sold(shop, (1, 3000), (2, 2000))
        other = shop.another_till()
        refunded(shop, sale, {1: 1}, till=other)
        assert shop.wallet() == (100, 0)
        assert shop.findings() == []

    def test_after_a_change_of_the_policy_the_sales_own_counts(self, shop: Shop) -> None:
        sale, first = sold(shop, (1, 3000), (2, 2000)), shop.policy
        shop.change_policy(reward_bp=5000, threshold=0)
        shop.till.refund(sale, {1: 1}, policy=first)
        assert result(shop) == ("applied", "")
        assert shop.wallet() == (100, 0)
        assert shop.findings() == []

    def test_a_sale_to_nobody(self, shop: Shop) -> None:
        sale = sold(shop, (1, 3000), card=None)
        refunded(shop, sale, {1: 1})
        assert shop.booked() == {}
        assert shop.findings() == []

    def test_the_reports_tables_follow(self, shop: Shop) -> None:
        shop.earn(500)
        sale = paid_with(shop, 200, (1, 3000), (2, 2000))
        refunded(shop, sale, {1: 1})
        rows = {row["transaction_id"]: row for row in shop.rows("reward_allocations")}
        assert (rows[sale.op_id]["reward_points"], rows[sale.op_id]["redeemed_points"]) == (96, 80)
        [analytics] = shop.rows("analytics")
        assert (analytics["total_transactions"], analytics["total_revenue"]) == (2, 10_000 + 5000 - 3000)
        assert (analytics["total_rewards"], analytics["profitability"]) == (596, 12_000 - 596)


class TestPointsPaid:
    """Points paid with go back to the lots they came from, as old as they were; what the vendor gave goes nowhere."""

    def two_lots(self, shop: Shop) -> tuple[bytes, bytes]:
        """Give a customer 100 points that expire in 12 days, and 100 that expire in 20."""
        first = shop.policy
        shop.change_policy(expires_after=12)
        shop.earn(100)
        shop.change_policy(expires_after=20)
        shop.earn(100)
        shop.policy = first
        early, late = shop.lots()
        return early, late

    def test_what_was_spent_last_goes_back_first(self, shop: Shop) -> None:
        early, late = self.two_lots(shop)
        sale = paid_with(shop, 150, (3, 900))
        assert shop.lots() == {early: (0, 0, 0), late: (0, 50, 0)}
        refunded(shop, sale, {1: 1})
        assert shop.lots() == {early: (0, 0, 0), late: (0, 100, 0)}
        shop.till.refund(sale, {1: 2}, policy=shop.policy, before=[{1: 1}])
        assert result(shop) == ("applied", "")
        assert shop.lots() == {early: (0, 100, 0), late: (0, 100, 0)}
        assert shop.findings() == []

    def test_points_given_back_expire_when_they_would_have(self, shop: Shop) -> None:
        early, late = self.two_lots(shop)
        sale = paid_with(shop, 150, (3, 900))
        refunded(shop, sale, {1: 3})
        shop.tidy(NOW + 12 * DAY_MS)
        assert shop.lots() == {early: (0, 0, 0), late: (0, 100, 0)}
        assert shop.findings() == []

    def test_points_of_a_lot_that_is_over_expire_again_in_the_same_entry(self, shop: Shop) -> None:
        early, late = self.two_lots(shop)
        sale = paid_with(shop, 150, (3, 900))
        after = NOW + 12 * DAY_MS
        shop.tidy(after)
        shop.till.refund(sale, {1: 3}, policy=shop.policy)
        assert result(shop, now=after) == ("applied", "")
        assert shop.lots() == {early: (0, 0, 0), late: (0, 100, 0)}
        assert shop.booked()["UNREDEEM"] == 150
        assert "EXPIRE" not in shop.booked()
        accounts = shop.accounts()
        assert (accounts["EXPIRED", ""], accounts["BREAKAGE", ""], accounts["POOL", ""]) == (100, 100, 100)
        assert ("REDEEMED", shop.vendor_id) not in accounts
        assert shop.findings() == []

    def test_all_of_them_may_be_over(self, shop: Shop) -> None:
        self.two_lots(shop)
        sale = paid_with(shop, 150, (3, 900))
        after = NOW + 30 * DAY_MS
        shop.till.refund(sale, {1: 3}, policy=shop.policy)
        assert result(shop, now=after) == ("applied", "")
        assert shop.balances() == (0, 0, 0, 0)
        assert shop.findings() == []

    def test_late_points_are_given_back_to_nobody(self, shop: Shop) -> None:
        """The vendor gave them: a refund makes its gift smaller."""
        shop.earn(300)
        sale = shop.till.sale(policy=shop.policy, points_paid=200, sold=[(2, 900)])
        shop.push()
        assert shop.booked() == {"EARN": 300, "LATE": 200}
        shop.till.refund(sale, {1: 1}, policy=shop.policy)
        assert result(shop) == ("applied", "")
        assert shop.wallet() == (300, 0)
        assert shop.booked() == {"EARN": 300, "LATE": 200, "UNLATE": 100}
        assert shop.findings() == []

    @pytest.mark.parametrize("pieces", range(1, 8))
    def test_points_partly_late_are_given_back_in_proportion(self, shop: Shop, pieces: int) -> None:
        """Two of three points were redeemed; however many refunds, both parts only grow and end whole."""
        shop.earn(51)
        grant = shop.grant(2)
        spend = SaleSpend(grant.lease_id, 3, 0)
        sale = shop.till.sale(policy=shop.policy, points_paid=3, spends=(spend,), sold=[(7, 7)])
        shop.push()
        assert (shop.booked()["REDEEM"], shop.booked()["LATE"]) == (2, 1)
        before: list[dict[int, int]] = []
        for _ in range(pieces):
            shop.till.refund(sale, {1: 1}, policy=shop.policy, before=before)
            before.append({1: 1})
            assert result(shop) == ("applied", "")
            assert shop.findings() == []
        back = 3 * pieces // 7
        booked = shop.booked()
        assert (booked.get("UNREDEEM", 0), booked.get("UNLATE", 0)) == (2 * back // 3, back - 2 * back // 3)
        assert shop.wallet() == (49 + 2 * back // 3, 0)

    def test_more_points_than_the_total_are_given_back_up_to_it(self, shop: Shop) -> None:
        """A hostile receipt: what was redeemed comes back as far as goods were sold for it."""
        shop.earn(300)
        grant = shop.grant(300)
        spend = SaleSpend(grant.lease_id, 300, 0)
        sale = shop.till.sale(points_paid=300, spends=(spend,), sold=[(1, 100)])
        shop.push()
        assert shop.wallet() == (0, 0)
        shop.till.refund(sale, {1: 1})
        shop.push()
        assert shop.wallet() == (100, 0)
        assert shop.findings() == []


def test_a_policy_of_the_vendors_own_counts(shop: Shop) -> None:
    with shop.database.write() as connection:
        terms = Terms(500, 500, 5000, NOW)
        own = add_version(connection, Category.MEDIUM, shop.vendor_id, "GBP", terms, NOW, shop.randomness)
    shop.policy = own
    sale = sold(shop, (1, 600), (1, 400))
    refunded(shop, sale, {2: 1})
    assert shop.wallet() == (30, 0)
    assert shop.findings() == []
