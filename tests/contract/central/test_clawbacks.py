"""What a refund takes back: from the sale's own lot, then the customer's others, then as a debt that is repaid."""

from tests.contract.central.refunding import paid_with, refunded, result, sold
from tests.contract.central.shop import Shop
from tests.contract.central.till import NOW, Till
from urs_desktop.central.schema import entries
from urs_desktop.domain.lease import EXACT_SETTLE_MS
from urs_desktop.domain.policy import DAY_MS
from urs_desktop.protocol.operations import Operation, SaleSpend


def spend(shop: Shop, points: int, till: Till | None = None) -> None:
    """Let the customer pay with points at a counter for a sale too small to earn any."""
    source = till or shop.till
    grant = shop.grant(points, till=source)
    source.sale(900, points_paid=points, policy=shop.policy, spends=(SaleSpend(grant.lease_id, points, 0),))
    assert result(shop, source)[0] == "applied"


def full(shop: Shop, sale: Operation, till: Till | None = None, now: int = NOW) -> None:
    """Refund a sale of one line of one piece."""
    source = till or shop.till
    source.refund(sale, {1: 1}, policy=shop.policy)
    assert result(shop, source, now)[0] == "applied"


def another_shop(shop: Shop) -> tuple[str, Till]:
    vendor = shop.another_vendor()
    return vendor, shop.another_till(vendor)


class TestWhereItTakesFrom:
    """Own lot first, whatever expires sooner; then the others; never what a lease holds."""

    def test_its_own_lot_first(self, shop: Shop) -> None:
        shop.change_policy(expires_after=12)
        shop.earn(100)
        shop.change_policy()
        sale = sold(shop, (1, 2000))
        shop.change_policy(expires_after=12)
        shop.earn(100)
        full(shop, sale)
        assert list(shop.lots().values()) == [(0, 100, 0), (0, 0, 0), (0, 100, 0)]
        assert shop.findings() == []

    def test_then_the_others_as_they_would_be_spent(self, shop: Shop) -> None:
        sale = sold(shop, (1, 4000))
        spend(shop, 200)
        shop.earn(100)
        shop.change_policy(expires_after=12)
        shop.earn(150)
        full(shop, sale)
        assert list(shop.lots().values()) == [(0, 0, 0), (0, 50, 0), (0, 0, 0)]
        assert shop.balances() == (0, 50, 0, 0)
        assert shop.findings() == []

    def test_points_not_yet_vested(self, shop: Shop) -> None:
        shop.change_policy(vests_after=5)
        sale = sold(shop, (2, 4000))
        assert shop.balances() == (200, 0, 0, 0)
        refunded(shop, sale, {1: 1})
        assert shop.balances() == (100, 0, 0, 0)
        shop.tidy(NOW + 5 * DAY_MS)
        assert shop.balances() == (0, 100, 0, 0)
        assert shop.findings() == []

    def test_points_not_yet_vested_of_other_sales(self, shop: Shop) -> None:
        sale = sold(shop, (1, 4000))
        spend(shop, 200)
        shop.change_policy(vests_after=5)
        shop.earn(150)
        full(shop, sale)
        assert shop.balances() == (0, 0, 0, 50)
        assert shop.findings() == []

    def test_what_vested_meanwhile_is_taken_as_it_is(self, shop: Shop) -> None:
        """Time is caught up with before anything is taken."""
        shop.change_policy(vests_after=5)
        sale = sold(shop, (1, 4000))
        full(shop, sale, now=NOW + 6 * DAY_MS)
        assert shop.booked() == {"EARN": 200, "VEST": 200, "CLAWBACK": 200}
        assert shop.balances() == (0, 0, 0, 0)
        assert shop.findings() == []

    def test_what_expired_is_owed(self, shop: Shop) -> None:
        shop.change_policy(expires_after=12)
        sale = sold(shop, (1, 4000))
        full(shop, sale, now=NOW + 12 * DAY_MS)
        assert shop.booked() == {"EARN": 200, "EXPIRE": 200, "DEBT": 200}
        assert shop.balances() == (0, 0, 0, 200)
        assert shop.findings() == []

    def test_held_points_are_not_touched(self, shop: Shop) -> None:
        sale = sold(shop, (1, 4000))
        shop.grant(150)
        full(shop, sale)
        assert shop.balances() == (0, 0, 150, 150)
        assert shop.booked()["CLAWBACK"] == 50
        assert shop.findings() == []

    def test_points_given_back_by_the_refund_itself_are_taken_last(self, shop: Shop) -> None:
        shop.earn(100)
        sale = paid_with(shop, 100, (1, 2100))
        spend(shop, 100)
        shop.earn(60)
        full(shop, sale)
        assert list(shop.lots().values()) == [(0, 60, 0), (0, 0, 0), (0, 0, 0)]
        assert shop.findings() == []


class TestDebts:
    """What the wallet has not is owed to the vendor that gave it, and comes back from whatever the customer earns."""

    def test_the_vendor_that_took_the_goods_back_is_owed(self, shop: Shop) -> None:
        sale = sold(shop, (1, 4000))
        spend(shop, 150)
        full(shop, sale)
        assert shop.balances() == (0, 0, 0, 150)
        [debt] = [row for row in shop.rows(entries) if row["kind"] == "DEBT"]
        assert (debt["vendor_id"], debt["points"]) == (shop.vendor_id, 150)
        assert shop.accounts().get(("DUE", shop.vendor_id), 0) == 150 - (200 - 50)
        assert shop.findings() == []

    def test_the_next_earning_repays_it_wherever_it_is(self, shop: Shop) -> None:
        """The vendor that lets the customer earn pays for its own points; the money goes to the one that is owed."""
        sale = sold(shop, (1, 4000))
        spend(shop, 150)
        full(shop, sale)
        vendor, till = another_shop(shop)
        shop.earn(100, till=till)
        assert shop.balances() == (0, 0, 0, 50)
        accounts = shop.accounts()
        assert accounts["DUE", shop.vendor_id] == 100
        assert accounts["DUE", vendor] == -100
        assert accounts["ISSUE", vendor] == -100
        assert shop.findings() == []
        shop.earn(80, till=till)
        assert shop.balances() == (0, 30, 0, 0)
        assert shop.accounts()["DUE", shop.vendor_id] == 150
        assert sum(amount for (kind, _), amount in shop.accounts().items() if kind == "DEBT") == 0
        assert shop.findings() == []

    def test_several_debts_the_oldest_first(self, shop: Shop) -> None:
        vendor, till = another_shop(shop)
        first = shop.till.sale(policy=shop.policy, sold=[(1, 4000)])
        shop.push()
        second = till.sale(policy=shop.policy, sold=[(1, 4000)])
        shop.push(till=till)
        spend(shop, 400)
        full(shop, first, now=NOW + 1)
        full(shop, second, till, now=NOW + 2)
        assert shop.balances() == (0, 0, 0, 400)
        due = shop.accounts().get(("DUE", shop.vendor_id), 0), shop.accounts().get(("DUE", vendor), 0)
        shop.earn(250, till=shop.another_till(shop.another_vendor()))
        assert shop.balances() == (0, 0, 0, 150)
        now = shop.accounts().get(("DUE", shop.vendor_id), 0), shop.accounts().get(("DUE", vendor), 0)
        assert (now[0] - due[0], now[1] - due[1]) == (200, 50)
        assert shop.findings() == []

    def test_points_that_vest_repay_it(self, shop: Shop) -> None:
        sale = sold(shop, (1, 4000))
        spend(shop, 200)
        full(shop, sale)
        shop.change_policy(vests_after=2)
        shop.earn(120)
        assert shop.balances() == (120, 0, 0, 200)
        shop.tidy(NOW + 2 * DAY_MS)
        assert shop.balances() == (0, 0, 0, 80)
        assert shop.findings() == []

    def test_a_lease_that_returns_repays_it(self, shop: Shop) -> None:
        sale = sold(shop, (1, 4000))
        grant = shop.grant(150)
        full(shop, sale)
        assert shop.balances() == (0, 0, 150, 150)
        shop.till.give_back(grant.lease_id, 150)
        shop.push()
        assert shop.balances() == (0, 0, 0, 0)
        assert shop.findings() == []

    def test_a_lease_that_is_reclaimed_repays_it(self, shop: Shop) -> None:
        sale = sold(shop, (1, 4000))
        shop.grant(150)
        full(shop, sale)
        shop.tidy(NOW + EXACT_SETTLE_MS + 1)
        assert shop.balances() == (0, 0, 0, 0)
        assert shop.findings() == []

    def test_points_given_back_repay_it(self, shop: Shop) -> None:
        shop.earn(300)
        sale = sold(shop, (1, 4000))
        paid = paid_with(shop, 400, (1, 900))
        spend(shop, 100)
        full(shop, sale)
        assert shop.balances() == (0, 0, 0, 200)
        full(shop, paid)
        assert shop.balances() == (0, 200, 0, 0)
        assert shop.findings() == []

    def test_who_owes_gets_no_grant(self, shop: Shop) -> None:
        """Nothing is available to who owes: what comes in repays first."""
        sale = sold(shop, (1, 4000))
        spend(shop, 200)
        full(shop, sale)
        shop.earn(200)
        assert shop.balances() == (0, 0, 0, 0)
        shop.earn(60)
        assert shop.balances() == (0, 60, 0, 0)
        assert shop.findings() == []
