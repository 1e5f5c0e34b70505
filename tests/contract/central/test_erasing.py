"""Who is erased leaves a number and a ledger that fits, and neither the card nor a backup brings anybody back."""

from pathlib import Path

import pytest

from tests.contract.central.people import operator
from tests.contract.central.refunding import refunded, result, sold
from tests.contract.central.shop import Shop, empty_shop, open_shop
from tests.contract.central.till import NOW
from urs_desktop.central import adjustments, customer_import, customers, erasing, feed, merging
from urs_desktop.central.adjustments import AdjustmentError
from urs_desktop.central.erased import NO_CARD
from urs_desktop.central.erasing import Erasure
from urs_desktop.central.refunds import REFUND_DIFFERS
from urs_desktop.central.schema import METADATA, customer_records, customer_vendors, erasures
from urs_desktop.database.engine import Database, sqlite_engine
from urs_desktop.domain.lease import EXACT_SETTLE_MS
from urs_desktop.domain.policy import DAY_MS
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol.messages import CustomerRequest, FeedItem
from urs_desktop.protocol.operations import SaleSpend
from urs_desktop.protocol.tombstones import mark

SECRETS = ("Ann Example", "0113496", "ann@example.org", "a-salted-hash")


def erase(shop: Shop, card: str = "C-1", now: int = NOW) -> str:
    """Erase a customer and return what the ledger calls the customer from now."""
    by = operator(shop)
    with shop.database.write() as connection:
        return NO_CARD + erasing.erase(connection, card, by.operator_id, now)[0].customer_id


def told(shop: Shop, cursor: str = "") -> tuple[list[FeedItem], str]:
    with shop.database.write() as connection:
        reply = feed.read(connection, shop.till.device_id, cursor, 100, NOW)
    return [item for item in reply.items if item.customer or item.gone], reply.cursor


def load(shop: Shop, folder: Path) -> dict[str, int]:
    file = folder / "people.csv"
    file.write_text("code,name,phone,email,vendor\nC-1,Ann Example,0113496,ann@example.org,Shop\n")
    with shop.database.write() as connection:
        return dict(customer_import.import_file(connection, file, NOW, shop.randomness).reasons)


@pytest.fixture
def people(shop: Shop, tmp_path: Path) -> Shop:
    """The shop with Ann, whose card is C-1 and who has 300 points."""
    shop.push(shop.till.enrolment("C-1", person="a-salted-hash"))
    shop.earn(300)
    load(shop, tmp_path)
    return shop


class TestRecord:
    """Of the person nothing is left, at the centre and by the feed at counters."""

    def test_no_table_but_what_was_signed_says_who_it_was(self, people: Shop) -> None:
        told(people)
        tombstone = erase(people)
        for table in METADATA.sorted_tables:
            if table.name != "operations":
                said = repr(people.rows(table))
                for secret in (*SECRETS, "C-1'"):
                    assert secret not in said, table.name
        [row] = people.rows("customers")
        assert (row["card_code"], row["name"], row["wallet_balance"]) == (tombstone, "", 0)
        assert people.rows(customer_vendors) == []
        assert people.findings() == []

    def test_counters_are_told_to_forget_and_new_ones_too(self, people: Shop) -> None:
        other = people.another_till(people.another_vendor())
        _, cursor = told(people)
        erase(people)
        assert told(people, cursor)[0] == [FeedItem(gone=mark("C-1"))]
        assert told(people)[0] == [FeedItem(gone=mark("C-1"))]
        with people.database.write() as connection:
            items = feed.read(connection, other.device_id, "", 100, NOW).items
        assert not [item for item in items if item.customer or item.gone]

    @pytest.mark.parametrize("request_", [CustomerRequest(card="C-1"), CustomerRequest(phone="0113496")])
    def test_nobody_is_found(self, people: Shop, request_: CustomerRequest) -> None:
        erase(people)
        with people.database.read() as connection, pytest.raises(Refusal) as refusal:
            customers.look_up(connection, people.till.device_id, request_, NOW)
        wanted = RefusalCode.CUSTOMER_ERASED if request_.card else RefusalCode.CUSTOMER_UNKNOWN
        assert refusal.value.code is wanted

    def test_it_is_done_once_and_by_no_card_of_a_tombstone(self, people: Shop) -> None:
        tombstone = erase(people)
        for card, code in (("C-1", RefusalCode.CUSTOMER_ERASED), ("C-9", RefusalCode.CUSTOMER_UNKNOWN)):
            with pytest.raises(Refusal) as refusal:
                erase(people, card)
            assert refusal.value.code is code
        people.till.sale(50_000, tombstone, policy=people.policy)
        assert result(people) == ("adjusted", RefusalCode.CARD_MALFORMED)
        assert people.findings() == []

    def test_who_was_merged_is_erased_as_well(self, people: Shop) -> None:
        people.earn(100, "C-2")
        by = operator(people)
        with people.database.write() as connection:
            merging.merge(connection, "C-1", "C-2", by, "enrolled twice", NOW)
        erase(people, "C-1")
        assert len(people.rows(erasures)) == 2
        for card in ("C-1", "C-2"):
            with pytest.raises(Refusal) as refusal:
                people.grant(10, card=card)
            assert refusal.value.code is RefusalCode.CUSTOMER_ERASED
        with people.database.write() as connection, pytest.raises(Refusal):
            merging.merge(connection, "C-2", "C-3", by, "again", NOW)
        assert people.booked()["EXPIRE"] == 400
        assert people.findings() == []

    def test_a_card_merged_before_is_forgotten_where_it_was_used(self, people: Shop) -> None:
        """The vendor is the customer's whom the card forwards to, and was never the card's own."""
        people.earn(100, "C-2")
        other, by = people.another_till(people.another_vendor()), operator(people)
        with people.database.write() as connection:
            merging.merge(connection, "C-1", "C-2", by, "enrolled twice", NOW)
        other.sale(5_000, "C-1")
        people.push(till=other)
        erase(people, "C-2")
        with people.database.write() as connection:
            items = feed.read(connection, other.device_id, "", 100, NOW).items
        assert {item.gone for item in items if item.gone} == {mark("C-1"), mark("C-2")}


class TestPoints:
    """What is there and what comes back later is breakage; an open lease settles as ever."""

    def test_points_become_breakage(self, people: Shop) -> None:
        tombstone = erase(people)
        assert people.balances(tombstone) == (0, 0, 0, 0)
        assert people.accounts()["BREAKAGE", ""] == 300
        assert people.findings() == []

    def test_a_late_spend_settles_and_the_rest_is_breakage(self, people: Shop) -> None:
        grant = people.grant(200)
        tombstone = erase(people)
        assert people.balances(tombstone) == (0, 0, 200, 0)
        spend = SaleSpend(grant.lease_id, 150, 30)
        sale = people.till.sale(policy=people.policy, points_paid=150, spends=(spend,), sold=[(1, 20_000)])
        assert result(people) == ("adjusted", RefusalCode.CUSTOMER_ERASED)
        assert people.balances(tombstone) == (0, 0, 20, 0)
        assert people.booked()["REDEEM"] == 150
        assert "LATE" not in people.booked()
        people.tidy(NOW + EXACT_SETTLE_MS + 1)
        assert people.balances(tombstone) == (0, 0, 0, 0)
        assert people.accounts()["BREAKAGE", ""] == 150
        people.till.refund(sale, {1: 1}, policy=people.policy)
        assert result(people) == ("adjusted", REFUND_DIFFERS), "the receipt promised points that nobody got"
        assert people.balances(tombstone) == (0, 0, 0, 0)
        assert people.accounts()["BREAKAGE", ""] == 300
        assert people.findings() == []

    def test_pending_points_can_be_taken_back_and_then_become_breakage(self, shop: Shop) -> None:
        shop.change_policy(vests_after=2)
        sale = sold(shop, (2, 20_000))
        tombstone = erase(shop)
        assert shop.balances(tombstone) == (1000, 0, 0, 0)
        refunded(shop, sale, {1: 1})
        assert shop.balances(tombstone) == (500, 0, 0, 0)
        shop.tidy(NOW + 2 * DAY_MS)
        assert shop.balances(tombstone) == (0, 0, 0, 0)
        assert shop.accounts()["BREAKAGE", ""] == 500
        assert shop.findings() == []

    def test_a_debt_is_repaid_before_anything_is_breakage(self, shop: Shop) -> None:
        sale = sold(shop, (1, 20_000))
        grant = shop.grant(900)
        refunded(shop, sale, {1: 1})
        tombstone = erase(shop)
        shop.push(shop.till.give_back(grant.lease_id, 900))
        assert shop.balances(tombstone) == (0, 0, 0, 0)
        assert shop.booked()["RECOVER"] == 900
        assert "EXPIRE" not in shop.booked()
        assert shop.findings() == []

    def test_no_points_by_hand_for_a_tombstone(self, people: Shop) -> None:
        maker, checker = operator(people), operator(people, "Bob")
        with people.database.write() as connection:
            made = adjustments.propose(connection, "C-1", 50, "by hand", maker, NOW, people.randomness)
        erase(people)
        with people.database.write() as connection, pytest.raises(AdjustmentError):
            adjustments.approve(connection, made, checker, NOW)


class TestCard:
    """A card that was erased makes nobody and earns nothing."""

    def test_a_late_receipt_is_kept_and_earns_nothing(self, people: Shop) -> None:
        erase(people)
        people.till.sale(50_000, policy=people.policy)
        assert result(people) == ("adjusted", RefusalCode.CUSTOMER_ERASED)
        people.till.enrolment("C-1")
        assert result(people) == ("adjusted", RefusalCode.CUSTOMER_ERASED)
        assert len(people.rows(customer_records)) == 1
        assert people.rows(customer_vendors) == []
        assert people.findings() == []

    def test_an_import_brings_nobody_back(self, people: Shop, tmp_path: Path) -> None:
        erase(people)
        assert load(people, tmp_path) == {"customer_erased": 1}
        assert len(people.rows(customer_records)) == 1


class TestRestored:
    """The list is applied to a store that was restored from before the erasures."""

    def listed(self, shop: Shop) -> list[Erasure]:
        with shop.database.read() as connection:
            return erasing.every(connection)

    def again(self, shop: Shop, listed: list[Erasure]) -> int:
        with shop.database.write() as connection:
            return erasing.apply_again(connection, listed, NOW)

    def test_who_is_there_again_is_erased_again(self, people: Shop) -> None:
        [line] = self.lines(people)
        assert self.again(people, [line]) == 1
        assert self.again(people, [line]) == 0
        assert self.listed(people) == [line]
        assert repr(people.rows(customer_records)).count("Ann Example") == 0
        assert people.findings() == []

    def lines(self, people: Shop) -> list[Erasure]:
        """Return the list as a store has it from which the backup was not made."""
        [row] = people.rows(customer_records)
        return [Erasure(str(row["customer_id"]), mark("C-1"), "somebody", NOW - 5)]

    def test_who_came_back_under_another_number_is_known_by_the_card(self, people: Shop) -> None:
        [line] = self.lines(people)
        assert self.again(people, [Erasure("another", line.mark, "somebody", NOW)]) == 1
        assert [each.customer_id for each in self.listed(people)] == [line.customer_id]
        assert people.findings() == []

    def test_who_is_not_there_yet_is_not_made_by_a_counter_either(self, shop: Shop) -> None:
        assert self.again(shop, [Erasure("number", mark("C-1"), "somebody", NOW)]) == 1
        shop.till.sale(50_000, policy=shop.policy)
        assert result(shop) == ("adjusted", RefusalCode.CUSTOMER_ERASED)
        assert [row["customer_id"] for row in shop.rows(customer_records)] == ["number"]
        assert shop.findings() == []


def test_nothing_of_the_person_is_left_in_the_pages_of_a_file(tmp_path: Path) -> None:
    database = Database(sqlite_engine(tmp_path / "central.sqlite"))
    empty_shop(database)
    shop = open_shop(database)
    shop.earn(300)
    load(shop, tmp_path)
    tombstone = erase(shop)
    with database.write() as connection:
        assert erasing.every(connection)[0].customer_id in tombstone
    database.close()
    whole = b"".join(each.read_bytes() for each in tmp_path.glob("central.sqlite*"))
    for secret in SECRETS[:3]:
        assert secret.encode() not in whole
