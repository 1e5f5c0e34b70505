"""Records of persons beside their enrolments, and what a counter is told of a wallet."""

import msgspec
import pytest

from tests.contract.central.people import operator
from tests.contract.central.shop import Shop
from tests.contract.central.till import NOW, Till
from urs_desktop.central import customers, erasing, merging, persons, wallet_statements
from urs_desktop.central.schema import consents, customer_records
from urs_desktop.domain.person import person
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol.messages import CustomerRequest
from urs_desktop.protocol.people import PersonRecord, PersonReply, StatementReply, StatementRequest, digest

WORDING = "May this shop show your name and phone number at its tills?"
SALT = b"s" * 16


def enrolled(till: Till, card: str = "U1AAAA", phone: str = "+46705556677", *, agreed: bool = True) -> PersonRecord:
    """Return the record of a person whom the till has enrolled; the operation waits to be pushed."""
    who = person(phone, "Eva Ek", "eva@example.org", agreed=agreed, wording=WORDING, asked_at=NOW - 5)
    operation = till.enrolment(card, person=digest(card, SALT, who))
    return PersonRecord(
        op_id=operation.op_id,
        card=card,
        salt=SALT,
        phone=who.phone,
        name=who.name,
        email=who.email,
        agreed=who.agreed,
        wording=who.wording,
        asked_at=who.asked_at,
    )


def take(shop: Shop, record: PersonRecord, till: Till | None = None) -> PersonReply:
    with shop.database.write() as connection:
        return persons.take(connection, (till or shop.till).device_id, record, NOW)


def twice(shop: Shop) -> list[persons.Twice]:
    with shop.database.read() as connection:
        return persons.enrolled_twice(connection)


def row_of(shop: Shop, card: str) -> dict[str, object]:
    return next(row for row in shop.rows(customer_records) if row["card_code"] == card)


def refused(shop: Shop, record: PersonRecord, till: Till | None = None) -> RefusalCode:
    with pytest.raises(Refusal) as why:
        take(shop, record, till)
    return why.value.code


def tell(shop: Shop, card: str, till: Till | None = None, limit: int = 20) -> StatementReply:
    with shop.database.read() as connection:
        request = StatementRequest(card=card, limit=limit)
        return wallet_statements.tell(connection, (till or shop.till).device_id, request, NOW)


class TestRecords:
    """Taken in once, as signed, into the one row that erasing empties."""

    def test_a_record_makes_the_customer_known(self, shop: Shop) -> None:
        record = enrolled(shop.till)
        shop.push()
        assert take(shop, record) == PersonReply()
        row = row_of(shop, record.card)
        assert (row["name"], row["phone"], row["email"], row["consent_at"]) == (
            "Eva Ek",
            "+46705556677",
            "eva@example.org",
            NOW - 5,
        )
        with shop.database.read() as connection:
            found = customers.look_up(connection, shop.till.device_id, CustomerRequest(phone="+46705556677"), NOW)
        assert (found.card, found.name) == (record.card, "Eva Ek")

    def test_the_answer_is_kept_with_its_wording(self, shop: Shop) -> None:
        record = enrolled(shop.till, agreed=False)
        shop.push()
        take(shop, record)
        [kept] = shop.rows(consents)
        assert (kept["agreed"], kept["wording"], kept["asked_at"], kept["received_at"]) == (0, WORDING, NOW - 5, NOW)
        assert row_of(shop, record.card)["consent_at"] is None
        assert not shop.findings()

    def test_sent_again_it_changes_nothing(self, shop: Shop) -> None:
        record = enrolled(shop.till)
        shop.push()
        first = take(shop, record)
        before = shop.rows(customer_records)
        assert take(shop, record) == first
        assert shop.rows(customer_records) == before
        assert len(shop.rows(consents)) == 1

    @pytest.mark.parametrize(
        "change",
        [
            {"phone": "+46705556678"},
            {"name": "Eva Berg"},
            {"email": ""},
            {"agreed": False},
            {"wording": "May we?"},
            {"asked_at": NOW},
            {"card": "U1BBBB"},
            {"salt": b"t" * 16},
            {"op_id": b"x" * 16},
        ],
    )
    def test_what_was_not_signed_is_refused(self, shop: Shop, change: dict[str, object]) -> None:
        record = enrolled(shop.till)
        shop.push()
        assert refused(shop, msgspec.structs.replace(record, **change)) is RefusalCode.PERSON_DIFFERS
        assert row_of(shop, record.card)["phone"] == ""
        assert not shop.rows(consents)

    def test_another_counter_cannot_send_it(self, shop: Shop) -> None:
        other = shop.another_till()
        record = enrolled(shop.till)
        shop.push()
        assert refused(shop, record, other) is RefusalCode.PERSON_DIFFERS

    def test_what_is_known_is_not_overwritten(self, shop: Shop) -> None:
        first, second = enrolled(shop.till), enrolled(shop.till, phone="+46700000000")
        shop.push()
        take(shop, first)
        take(shop, second)
        assert row_of(shop, first.card)["phone"] == "+46705556677"
        assert len(shop.rows(consents)) == 2

    def test_a_phone_number_stays_its_first_customers(self, shop: Shop) -> None:
        other = shop.another_till()
        first, second = enrolled(shop.till), enrolled(other, "U1BBBB")
        shop.push()
        shop.push(till=other)
        assert take(shop, first) == PersonReply()
        assert take(shop, second, other) == PersonReply(phone_of="U1AAAA")
        assert take(shop, second, other) == PersonReply(phone_of="U1AAAA"), "asked again, the same answer"
        assert (row_of(shop, "U1BBBB")["phone"], row_of(shop, "U1BBBB")["name"]) == ("", "Eva Ek")
        with shop.database.read() as connection:
            found = customers.look_up(connection, other.device_id, CustomerRequest(phone="+46705556677"), NOW)
        assert found.card == "U1AAAA", "the phone still finds exactly one"

    def test_the_office_is_told_who_may_be_one_person(self, shop: Shop) -> None:
        assert twice(shop) == []
        records = [enrolled(shop.till, f"U1{letter * 4}") for letter in "ABCD"]
        other = enrolled(shop.till, "U1OTHER", phone="+46700000000")
        shop.push()
        for record in (*records, other):
            take(shop, record)
        assert twice(shop) == [persons.Twice(f"U1{letter * 4}", "U1AAAA", NOW - 5) for letter in "BCD"]
        by = operator(shop, "olga")
        with shop.database.write() as connection:
            merging.merge(connection, "U1BBBB", "U1AAAA", by, "same person, asked at the desk", NOW)
            erasing.erase(connection, "U1CCCC", by.operator_id, NOW)
        assert twice(shop) == [persons.Twice("U1DDDD", "U1AAAA", NOW - 5)]

    def test_the_office_merges_them_and_the_points_are_one_wallet(self, shop: Shop) -> None:
        first, second = enrolled(shop.till), enrolled(shop.till, "U1BBBB")
        shop.push()
        take(shop, first)
        take(shop, second)
        shop.earn(300, "U1BBBB")
        by = operator(shop)
        with shop.database.write() as connection:
            merging.merge(connection, "U1BBBB", "U1AAAA", by, "same person, asked at the desk", NOW)
        assert shop.wallet("U1AAAA")[0] == 300
        assert not shop.findings()

    def test_who_was_erased_stays_forgotten(self, shop: Shop) -> None:
        record = enrolled(shop.till)
        shop.push()
        by = operator(shop)
        with shop.database.write() as connection:
            erasing.erase(connection, record.card, by.operator_id, NOW)
        assert refused(shop, record) is RefusalCode.CUSTOMER_ERASED
        assert all(row["phone"] == "" for row in shop.rows(customer_records))

    def test_erasing_empties_what_a_record_brought(self, shop: Shop) -> None:
        record = enrolled(shop.till)
        shop.push()
        take(shop, record)
        by = operator(shop)
        with shop.database.write() as connection:
            erasing.erase(connection, record.card, by.operator_id, NOW)
        told = repr([shop.rows(customer_records), shop.rows(consents)])
        assert not any(word in told for word in ("Eva", "5556677", "example.org"))


class TestStatements:
    """The newest entries of a wallet, for a counter of a vendor whose customer it is."""

    def test_newest_first_with_receipts(self, shop: Shop) -> None:
        shop.till.sale(50_000, policy=shop.policy)
        shop.till.sale(30_000, policy=shop.policy)
        shop.push()
        told = tell(shop, "C-1")
        earned = [entry for entry in told.entries if entry.kind == "EARN"]
        number = f"{shop.till.identity.number}-{shop.till.receipt:06d}"
        assert earned[0].number in (number, f"{shop.till.identity.number}-000001")
        assert {entry.points for entry in earned} == {2500, 1500}
        assert told.available == 4000
        assert all(entry.own for entry in told.entries)
        assert len(tell(shop, "C-1", limit=1).entries) == 1
        assert len(tell(shop, "C-1", limit=-7).entries) == 1

    def test_other_vendors_receipts_are_not_named(self, shop: Shop) -> None:
        other = shop.another_till(shop.another_vendor())
        shop.till.sale(50_000, policy=shop.policy)
        shop.push()
        other.sale(1_000)
        shop.push(till=other)
        told = tell(shop, "C-1", other)
        assert [(entry.own, entry.number) for entry in told.entries if entry.kind == "EARN"] == [(False, "")]

    def test_another_vendors_customer_is_unknown(self, shop: Shop) -> None:
        other = shop.another_till(shop.another_vendor())
        shop.till.sale(50_000, policy=shop.policy)
        shop.push()
        with pytest.raises(Refusal) as why:
            tell(shop, "C-1", other)
        assert why.value.code is RefusalCode.CUSTOMER_UNKNOWN

    def test_nobody(self, shop: Shop) -> None:
        with pytest.raises(Refusal) as why:
            tell(shop, "C-404")
        assert why.value.code is RefusalCode.CUSTOMER_UNKNOWN

    def test_points_kept_ready_at_counters_are_no_entry_of_the_customers(self, shop: Shop) -> None:
        shop.earn(500)
        shop.grant(100)
        told = tell(shop, "C-1")
        assert not {entry.kind for entry in told.entries} & {"HOLD", "VOID"}
        assert (told.available, told.held) == (400, 100)
