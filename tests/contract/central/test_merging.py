"""A customer who turns out to be another: both cards are the other's from then on, and no point is lost or doubled."""

from pathlib import Path

import pytest

from tests.contract.central.people import operator
from tests.contract.central.refunding import refunded, result, sold
from tests.contract.central.shop import Shop
from tests.contract.central.till import NOW
from urs_desktop.central import adjustments, blocking, customer_import, customers, feed, inspection, merging
from urs_desktop.central.merging import MergeError
from urs_desktop.central.schema import customer_merges, customer_records, customer_vendors, entries, lots
from urs_desktop.domain.lease import EXACT_SETTLE_MS
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol.messages import CustomerReply, CustomerRequest, FeedItem
from urs_desktop.protocol.operations import SaleSpend
from urs_desktop.protocol.tombstones import mark


def merge(shop: Shop, card: str = "C-1", other: str = "C-2", now: int = NOW, reason: str = "enrolled twice") -> None:
    by = operator(shop)
    with shop.database.write() as connection:
        merging.merge(connection, card, other, by, reason, now)


def look_up(shop: Shop, card: str = "", phone: str = "") -> CustomerReply:
    with shop.database.read() as connection:
        request = CustomerRequest(card=card, phone=phone)
        return customers.look_up(connection, shop.till.device_id, request, NOW)


def told(shop: Shop, cursor: str = "") -> tuple[list[FeedItem], str]:
    with shop.database.write() as connection:
        reply = feed.read(connection, shop.till.device_id, cursor, 100, NOW)
    return [item for item in reply.items if item.customer or item.gone], reply.cursor


@pytest.fixture
def two(shop: Shop) -> Shop:
    """The shop with C-1, who has 300 points, and C-2, who has 100."""
    shop.earn(300)
    shop.earn(100, "C-2")
    return shop


class TestPoints:
    """What is owned and owed moves on, at the merge and whenever something comes back."""

    def test_points_move_at_once_and_every_card_is_the_others(self, two: Shop) -> None:
        merge(two)
        assert (two.wallet("C-1"), two.wallet("C-2")) == ((0, 0), (400, 0))
        two.earn(100, "C-1")
        assert (two.wallet("C-1"), two.wallet("C-2")) == ((0, 0), (500, 0))
        assert two.grant(450, card="C-1").card == "C-1"
        assert two.wallet("C-2") == (50, 450)
        assert two.booked()["MERGE"] == 300
        assert two.findings() == []

    def test_a_lot_keeps_where_it_comes_from_and_when_it_is_over(self, shop: Shop) -> None:
        shop.change_policy(vests_after=2, expires_after=9)
        sale = sold(shop, (1, 20_000))
        shop.earn(100, "C-2")
        merge(shop)
        names = ("vendor_id", "op_id", "vests_at", "expires_at", "created_at", "granted")
        old, new = (
            [tuple(row[name] for name in names) for row in shop.rows(lots) if row["op_id"] == sale.op_id][n]
            for n in (0, 1)
        )
        assert old == new
        assert shop.balances("C-1") == (0, 0, 0, 0)
        assert shop.balances("C-2")[0] == 1000 + 100
        assert shop.findings() == []

    @pytest.mark.parametrize("card", ["C-1", "C-2"])
    def test_an_open_lease_is_spent_with_either_card(self, two: Shop, card: str) -> None:
        grant = two.grant(200)
        merge(two)
        assert two.wallet("C-1") == (0, 200)
        spend = SaleSpend(grant.lease_id, 150, 30)
        sale = two.till.sale(card=card, policy=two.policy, points_paid=150, spends=(spend,), sold=[(1, 10_000)])
        assert result(two) == ("applied", "")
        assert two.wallet("C-1") == (0, 20)
        assert two.wallet("C-2") == (100 + 100 + 30 + 492, 0)
        two.tidy(NOW + EXACT_SETTLE_MS + 1)
        assert two.wallet("C-1") == (0, 0)
        assert two.wallet("C-2") == (100 + 100 + 50 + 492, 0)
        refunded(two, sale, {1: 1})
        assert two.wallet("C-2") == (100 + 100 + 50 + 150, 0)
        assert two.findings() == []

    def test_a_grant_asked_for_again_is_the_same_with_either_card(self, two: Shop) -> None:
        grant = two.grant(200)
        merge(two)
        again = two.grant(200, lease_id=grant.lease_id)
        assert (again.granted, again.card) == (200, "C-1")
        assert two.grant(200, lease_id=grant.lease_id, card="C-2").granted == 200

    def test_a_returned_lease_moves_on(self, two: Shop) -> None:
        grant = two.grant(200)
        merge(two)
        two.push(two.till.give_back(grant.lease_id, 200))
        assert (two.wallet("C-1"), two.wallet("C-2")) == ((0, 0), (400, 0))
        assert two.findings() == []

    def test_a_sale_of_before_is_refunded_from_what_moved(self, shop: Shop) -> None:
        sale = sold(shop, (2, 20_000))
        shop.earn(100, "C-2")
        merge(shop)
        refunded(shop, sale, {1: 1})
        assert shop.wallet("C-2") == (600, 0)
        refunded_lots = [row for row in shop.rows(lots) if row["op_id"] == sale.op_id]
        assert sorted(str(row["available"]) for row in refunded_lots) == ["0", "500"]
        assert shop.findings() == []

    def test_a_debt_is_owed_by_the_other(self, shop: Shop) -> None:
        sale = sold(shop, (1, 20_000))
        grant = shop.grant(900)
        refunded(shop, sale, {1: 1})
        shop.earn(100, "C-2")
        assert shop.balances("C-1") == (0, 0, 900, 900)
        merge(shop)
        assert (shop.balances("C-1"), shop.balances("C-2")) == ((0, 0, 900, 0), (0, 0, 0, 800))
        shop.push(shop.till.give_back(grant.lease_id, 900))
        assert (shop.balances("C-1"), shop.balances("C-2")) == ((0, 0, 0, 0), (0, 100, 0, 0))
        assert shop.findings() == []

    def test_a_chain_of_merges_leads_to_its_end(self, two: Shop) -> None:
        grant = two.grant(200)
        two.earn(100, "C-3")
        merge(two)
        merge(two, "C-2", "C-3")
        two.push(two.till.give_back(grant.lease_id, 200))
        two.earn(100, "C-1")
        assert [two.wallet(card) for card in ("C-1", "C-2", "C-3")] == [(0, 0), (0, 0), (600, 0)]
        assert two.findings() == []

    def test_points_by_hand_asked_for_before_go_to_the_other(self, two: Shop) -> None:
        maker, checker = operator(two), operator(two, "Bob")
        with two.database.write() as connection:
            made = [
                adjustments.propose(connection, "C-1", points, "by hand", maker, NOW, two.randomness)
                for points in (50, -20)
            ]
        merge(two)
        for adjustment in made:
            with two.database.write() as connection:
                adjustments.approve(connection, adjustment, checker, NOW)
        assert (two.wallet("C-1"), two.wallet("C-2")) == ((0, 0), (430, 0))
        assert two.findings() == []


class TestRecords:
    """The person is found once, whatever is typed."""

    @pytest.fixture
    def people(self, two: Shop, tmp_path_factory: pytest.TempPathFactory) -> Shop:
        file = tmp_path_factory.mktemp("import") / "people.csv"
        file.write_text("code,name,phone,email,vendor\nC-1,Ann,0113 4960000,ann@example.org,\nC-2,Anna,,,\n")
        with two.database.write() as connection:
            customer_import.import_file(connection, file, NOW, two.randomness)
        return two

    def test_what_the_other_lacks_is_taken_over(self, people: Shop) -> None:
        merge(people)
        found = look_up(people, "C-1")
        assert (found.card, found.name, found.phone, found.available) == ("C-2", "Anna", "01134960000", 400)
        assert look_up(people, phone="0113 4960000") == found
        with people.database.write() as connection:
            assert inspection.customer(connection, "C-1", NOW)["code"] == "C-2"
        [left] = [row for row in people.rows(customer_records) if row["card_code"] == "C-1"]
        assert (left["name"], left["phone"], left["email"], left["consent_at"]) == ("", "", "", None)

    def test_an_import_by_the_old_card_is_about_the_other(self, people: Shop, tmp_path: Path) -> None:
        merge(people)
        file = tmp_path / "later.csv"
        file.write_text("code,name,email\nC-1,Annabel,new@example.org\n")
        with people.database.write() as connection:
            customer_import.import_file(connection, file, NOW, people.randomness)
        assert look_up(people, "C-2").name == "Annabel"
        assert [row["name"] for row in people.rows(customer_records) if row["card_code"] == "C-1"] == [""]

    def test_counters_forget_the_old_card_and_learn_of_the_other(self, people: Shop) -> None:
        items, cursor = told(people)
        assert {item.customer.card for item in items if item.customer} == {"C-1", "C-2"}
        merge(people)
        items, _ = told(people, cursor)
        assert [item.gone for item in items if item.gone] == [mark("C-1")]
        assert [(item.customer.card, item.customer.available) for item in items if item.customer] == [("C-2", 400)]

    def test_the_other_is_a_customer_of_the_same_vendors(self, people: Shop) -> None:
        other = people.another_till(people.another_vendor())
        people.push(other.sale(900, "C-1"), till=other, now=NOW + 5)
        merge(people)
        [new] = {row["customer_id"] for row in people.rows(customer_records) if row["card_code"] == "C-2"}
        links = {row["vendor_id"]: row["seen_at"] for row in people.rows(customer_vendors) if row["customer_id"] == new}
        assert sorted(map(str, links.values())) == [str(NOW), str(NOW + 5)]

    def test_a_block_stays(self, people: Shop) -> None:
        with people.database.write() as connection:
            blocking.block(connection, "C-1", NOW)
        merge(people)
        with pytest.raises(Refusal) as refusal:
            people.grant(10, card="C-2")
        assert refusal.value.code is RefusalCode.CUSTOMER_BLOCKED
        with people.database.write() as connection:
            assert blocking.unblock(connection, "C-1")
        assert people.grant(10, card="C-2").granted == 10


class TestRefused:
    """Nothing is merged into itself, in a circle or twice."""

    @pytest.mark.parametrize(("card", "other"), [("C-1", "C-1"), ("C-2", "C-1"), ("C-1", "C-3"), ("C-2", "C-2")])
    def test_circles(self, two: Shop, card: str, other: str) -> None:
        two.earn(100, "C-3")
        merge(two)
        before = two.rows(entries)
        with pytest.raises(MergeError):
            merge(two, card, other)
        assert two.rows(entries) == before
        assert len(two.rows(customer_merges)) == 1
        merge(two, "C-3", "C-1")
        assert two.wallet("C-2") == (500, 0)

    @pytest.mark.parametrize(("card", "other"), [("C-9", "C-2"), ("C-1", "C-9"), ("", "C-2")])
    def test_nobody(self, two: Shop, card: str, other: str) -> None:
        with pytest.raises(Refusal) as refusal:
            merge(two, card, other)
        assert refusal.value.code is RefusalCode.CUSTOMER_UNKNOWN

    def test_without_a_reason(self, two: Shop) -> None:
        with pytest.raises(MergeError):
            merge(two, reason=" ")
