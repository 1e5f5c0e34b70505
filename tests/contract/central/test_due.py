"""What time does: points vest and expire, by themselves and before a grant, but never those a lease holds."""

import pytest
import sqlalchemy as sa

from tests.contract.central.shop import Shop
from tests.contract.central.till import NOW
from urs_desktop.central import due, leases
from urs_desktop.central.schema import entries, lots, settings, wallets
from urs_desktop.domain.lease import EXACT_SETTLE_MS
from urs_desktop.domain.policy import DAY_MS
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol.operations import SaleSpend

EXPIRY = NOW + 12 * DAY_MS


def everybody(shop: Shop, now: int) -> int:
    with shop.database.write() as connection:
        return due.everybody(connection, now)


@pytest.fixture
def passing(shop: Shop) -> Shop:
    """A customer with 100 points for ever and 100 that expire after 12 days."""
    shop.earn(100)
    shop.change_policy(expires_after=12)
    shop.earn(100)
    return shop


class TestByItself:
    """The upkeep does what is due, once."""

    def test_points_expire_at_their_time_and_not_before(self, passing: Shop) -> None:
        assert everybody(passing, EXPIRY - 1) == 0
        assert passing.balances() == (0, 200, 0, 0)
        assert everybody(passing, EXPIRY) == 1
        assert passing.balances() == (0, 100, 0, 0)
        assert everybody(passing, EXPIRY) == 0
        assert passing.booked() == {"EARN": 200, "EXPIRE": 100}
        accounts = passing.accounts()
        assert (accounts["EXPIRED", ""], accounts["BREAKAGE", ""], accounts["POOL", ""]) == (100, 100, 100)
        assert passing.findings() == []

    def test_points_vest_at_their_time_and_not_before(self, shop: Shop) -> None:
        shop.change_policy(vests_after=2)
        shop.earn(100)
        assert everybody(shop, NOW + 2 * DAY_MS - 1) == 0
        assert shop.balances() == (100, 0, 0, 0)
        assert everybody(shop, NOW + 2 * DAY_MS) == 1
        assert shop.balances() == (0, 100, 0, 0)
        assert shop.findings() == []

    def test_points_vest_and_expire_at_once_if_nobody_came_by(self, shop: Shop) -> None:
        shop.change_policy(vests_after=2, expires_after=3)
        shop.earn(100)
        assert everybody(shop, NOW + 9 * DAY_MS) == 1
        assert shop.booked() == {"EARN": 100, "VEST": 100, "EXPIRE": 100}
        assert shop.balances() == (0, 0, 0, 0)
        assert shop.findings() == []

    def test_the_entry_names_the_policy(self, shop: Shop) -> None:
        policy = shop.change_policy(vests_after=2, expires_after=3)
        shop.earn(100)
        shop.tidy(NOW + 9 * DAY_MS)
        for row in shop.rows(entries):
            assert (row["policy_id"], row["policy_version"]) == (policy.policy_id, policy.version)
            assert row["policy_digest"] == policy.digest()

    def test_many_customers_in_turns(self, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        shop.change_policy(expires_after=12)
        for n in range(5):
            shop.earn(100, f"C-{n}")
        monkeypatch.setattr(due, "_CUSTOMERS", due._CUSTOMERS.limit(2))
        assert [everybody(shop, EXPIRY) for _ in range(4)] == [2, 2, 1, 0]
        assert shop.findings() == []

    def test_it_is_noted_when_nothing_is_left(self, passing: Shop) -> None:
        everybody(passing, EXPIRY)
        assert passing.rows(settings) == []
        everybody(passing, EXPIRY)
        with passing.database.read() as connection:
            assert EXPIRY - 10 * 60_000 < due.done_until(connection) <= EXPIRY

    def test_verify_demands_what_was_noted(self, passing: Shop) -> None:
        row = {"key": due.DUE_UNTIL, "value": str(EXPIRY)}
        with passing.database.write() as connection:
            connection.execute(settings.insert(), row)
        assert any("has expired and still has 100 points" in finding for finding in passing.findings())

    def test_one_customer_whose_points_cannot_move_holds_nobody_up(self, shop: Shop) -> None:
        shop.change_policy(expires_after=12)
        for card in ("C-1", "C-2", "C-3"):
            shop.earn(100, card)
        broken = next(iter(shop.lots("C-2")))
        with shop.database.write() as connection:
            customer = lots.c.customer_id == wallets.c.customer_id
            owner = sa.select(lots.c.lot_id).where(customer, lots.c.lot_id == broken).exists()
            connection.execute(wallets.update().where(owner).values(available=50))
        assert [everybody(shop, EXPIRY) for _ in range(2)] == [2, 0]
        assert [shop.balances(card) for card in ("C-1", "C-3")] == [(0, 0, 0, 0)] * 2

    def test_points_that_come_back_by_a_clock_that_lags_expire_once_more(self, passing: Shop) -> None:
        """A request takes the time before it waits for the upkeep: what it brings back expires at the next turn."""
        grant = passing.grant(150, now=EXPIRY - 1000)
        passing.tidy(EXPIRY)
        passing.till.give_back(grant.lease_id, 150)
        passing.push(now=EXPIRY - 1)
        assert passing.balances() == (0, 200 - 50, 0, 0)
        assert passing.findings() == []
        passing.tidy(EXPIRY + 1)
        assert passing.balances() == (0, 100, 0, 0)
        assert passing.findings() == []


class TestAtAGrant:
    """A customer who comes by gets what is due first."""

    def test_what_vested_can_be_spent(self, shop: Shop) -> None:
        shop.change_policy(vests_after=2)
        shop.earn(100)
        with pytest.raises(Refusal) as refusal:
            shop.grant(100)
        assert refusal.value.code is RefusalCode.POINTS_NOT_AVAILABLE
        assert shop.grant(100, now=NOW + 2 * DAY_MS).granted == 100
        assert shop.findings() == []

    def test_what_expired_cannot(self, passing: Shop) -> None:
        assert passing.grant(150, now=EXPIRY).granted == 100
        assert passing.balances() == (0, 0, 100, 0)
        assert passing.findings() == []


class TestLeases:
    """A lease takes from what outlives it, and what it holds does not expire while it does."""

    def test_lots_that_outlive_the_settle_window_come_first(self, passing: Shop) -> None:
        early, late = [lot for lot, _ in passing.lots().items()][::-1]
        passing.grant(50, now=EXPIRY - EXACT_SETTLE_MS + 1)
        assert passing.lots()[late] == (0, 50, 50)
        assert passing.lots()[early] == (0, 100, 0)

    def test_before_that_what_expires_first_goes_first(self, passing: Shop) -> None:
        early, late = [lot for lot, _ in passing.lots().items()][::-1]
        passing.grant(50, now=EXPIRY - EXACT_SETTLE_MS - 1)
        assert passing.lots()[late] == (0, 100, 0)
        assert passing.lots()[early] == (0, 50, 50)

    def test_what_does_not_outlive_it_is_lent_all_the_same(self, passing: Shop) -> None:
        assert passing.grant(150, now=EXPIRY - 1).granted == 150
        assert passing.findings() == []

    def test_held_points_expire_when_they_come_back(self, passing: Shop) -> None:
        grant = passing.grant(150, now=EXPIRY - 1)
        passing.tidy(EXPIRY)
        assert passing.balances() == (0, 0, 150, 0)
        assert passing.findings() == []
        passing.till.give_back(grant.lease_id, 150)
        passing.push(now=EXPIRY)
        assert passing.balances() == (0, 100, 0, 0)
        assert passing.booked()["EXPIRE"] == 100
        assert passing.findings() == []

    def test_held_points_expire_when_they_are_reclaimed(self, passing: Shop) -> None:
        passing.grant(150, now=EXPIRY - 1)
        with passing.database.write() as connection:
            leases.reclaim_due(connection, EXPIRY + EXACT_SETTLE_MS)
        assert passing.booked()["EXPIRE"] == 50
        passing.tidy(EXPIRY + EXACT_SETTLE_MS)
        assert passing.balances() == (0, 100, 0, 0)
        assert passing.findings() == []

    def test_held_points_that_were_spent_are_honoured(self, passing: Shop) -> None:
        grant = passing.grant(150, now=EXPIRY - 1)
        passing.till.sale(points_paid=150, policy=passing.policy, spends=(SaleSpend(grant.lease_id, 150, 0),))
        assert passing.push(now=EXPIRY + 1).results[-1].code == ""
        assert passing.booked()["REDEEM"] == 150
        assert passing.findings() == []

    def test_of_what_it_holds_the_soonest_over_is_spent_first(self, passing: Shop) -> None:
        early, late = [lot for lot, _ in passing.lots().items()][::-1]
        grant = passing.grant(150, now=EXPIRY - 1)
        assert passing.lots() == {late: (0, 0, 100), early: (0, 50, 50)}
        spend = SaleSpend(grant.lease_id, 80, 70)
        passing.till.sale(points_paid=80, policy=passing.policy, spends=(spend,), sold=[(1, 900)])
        passing.push(now=EXPIRY - 1)
        assert passing.lots() == {late: (0, 70, 0), early: (0, 50, 0)}
        assert passing.findings() == []
