"""Customers are found one at a time, enrolled once for a card, and imported row by row."""

from pathlib import Path

import pytest

from tests.contract.central.shop import Shop
from tests.contract.central.till import NOW
from urs_desktop.central import customer_import, customers, inspection
from urs_desktop.central.customer_import import FileRefusedError, Imported
from urs_desktop.central.schema import customer_vendors, wallets
from urs_desktop.domain.lease import EXACT_SETTLE_MS
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol.codec import MalformedError
from urs_desktop.protocol.messages import CustomerReply, CustomerRequest

UUID = "6f0a2e3c-5a53-4d52-9d3e-27b8f1f6c001"


def look_up(shop: Shop, card: str = "", phone: str = "") -> CustomerReply:
    with shop.database.read() as connection:
        request = CustomerRequest(card=card, phone=phone)
        return customers.look_up(connection, shop.till.device_id, request, NOW)


def load(shop: Shop, folder: Path, content: str | bytes) -> Imported:
    file = folder / "customers.csv"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    with shop.database.write() as connection:
        return customer_import.import_file(connection, file, NOW, shop.randomness)


class TestEnrolment:
    """Enrolling is an upsert by card, whoever does it and in which order."""

    def test_a_new_card_takes_the_counters_id(self, shop: Shop) -> None:
        shop.till.enrolment("C-9", UUID)
        shop.push()
        [row] = shop.rows("customers")
        assert (row["customer_id"], row["card_code"], row["wallet_balance"]) == (UUID, "C-9", 0)
        assert shop.rows(customer_vendors)[0]["vendor_id"] == shop.vendor_id

    def test_two_counters_enrol_the_same_card(self, shop: Shop) -> None:
        other = shop.another_till(shop.another_vendor())
        shop.till.enrolment("C-9", UUID)
        other.enrolment("C-9", "7f0a2e3c-5a53-4d52-9d3e-27b8f1f6c002")
        shop.push()
        assert shop.push(till=other).results[-1].result == "applied"
        assert [row["customer_id"] for row in shop.rows("customers")] == [UUID]
        assert len(shop.rows(customer_vendors)) == 2

    @pytest.mark.parametrize("proposed", ["", "no uuid", UUID])
    def test_an_id_that_will_not_do_is_replaced(self, shop: Shop, proposed: str) -> None:
        shop.till.enrolment("C-8", UUID)
        shop.till.enrolment("C-9", proposed)
        assert [result.result for result in shop.push().results] == ["applied", "applied"]
        assert len({row["customer_id"] for row in shop.rows("customers")}) == 2

    def test_a_sale_before_its_enrolment(self, shop: Shop) -> None:
        shop.till.sale(50_000, "C-9", policy=shop.policy)
        shop.till.enrolment("C-9", UUID)
        shop.push()
        assert shop.wallet("C-9") == (2500, 0)
        assert len(shop.rows(wallets)) == 1

    def test_spaces_around_a_card_are_no_second_card(self, shop: Shop) -> None:
        shop.till.enrolment(" C-9 ")
        shop.till.sale(50_000, "C-9 ", policy=shop.policy)
        shop.push()
        assert shop.wallet("C-9") == (2500, 0)
        assert shop.findings() == []


class TestLookUp:
    """One at a time; of another vendor's customer no more than the name."""

    @pytest.fixture
    def people(self, shop: Shop, tmp_path: Path) -> Shop:
        load(
            shop,
            tmp_path,
            "code,name,phone,email,vendor\n"
            "C-1,Ann,0113 496 0000,ann@example.org,Shop\n"
            "C-2,Bob,+44 113 4960001,bob@example.org,\n"
            "C-3,Cy,555,,\n"
            "C-4,Di,555,,\n"
            "C-5,Ed,777,,Shop\n"
            "C-6,Flo,777,,\n",
        )
        return shop

    def test_by_card(self, people: Shop) -> None:
        assert look_up(people, "C-1") == CustomerReply(
            card="C-1", name="Ann", phone="01134960000", email="ann@example.org", available=0, as_of=NOW
        )

    def test_by_phone_however_it_is_written(self, people: Shop) -> None:
        assert look_up(people, phone="(0113) 496-0000").card == "C-1"

    def test_of_another_vendor_only_the_name(self, people: Shop) -> None:
        assert look_up(people, phone="+441134960001") == CustomerReply(
            card="C-2", name="Bob", phone="", email="", available=0, as_of=NOW
        )

    def test_a_shared_phone_is_nobodys(self, people: Shop) -> None:
        with pytest.raises(Refusal) as refusal:
            look_up(people, phone="555")
        assert refusal.value.code is RefusalCode.CUSTOMER_UNKNOWN

    def test_a_shared_phone_is_the_own_customers(self, people: Shop) -> None:
        assert look_up(people, phone="777").card == "C-5"

    @pytest.mark.parametrize("request_", [("C-99", ""), ("", "999")])
    def test_nobody(self, people: Shop, request_: tuple[str, str]) -> None:
        with pytest.raises(Refusal) as refusal:
            look_up(people, *request_)
        assert refusal.value.code is RefusalCode.CUSTOMER_UNKNOWN

    @pytest.mark.parametrize("request_", [("", ""), ("C-1", "777"), ("", "no digits")])
    def test_a_question_that_is_none(self, people: Shop, request_: tuple[str, str]) -> None:
        with pytest.raises(MalformedError):
            look_up(people, *request_)


class TestImport:
    """Good rows are kept, bad ones named; a file that is none changes nothing."""

    @pytest.mark.parametrize("header", ["code", "card", "card_code", "CustomerID", "Customer ID", " CARD-CODE "])
    def test_header_names(self, shop: Shop, tmp_path: Path, header: str) -> None:
        assert load(shop, tmp_path, f"{header},Name\nC-1,Ann\n").stored == 1
        assert shop.rows("customers")[0]["name"] == "Ann"

    def test_bad_rows_are_reported_by_line(self, shop: Shop, tmp_path: Path) -> None:
        done = load(
            shop,
            tmp_path,
            'code,name,vendor\nC-1,Ann,\n,Bob,\n\nC-3,"Cy\nthe second",\nC-4,Di,Nowhere\nC-5,Ed,,one too many\nC-6\n'
            f"{'x' * 65},Flo,\n",
        )
        assert done.reported == [
            (3, "card_malformed"),
            (6, "text_malformed"),
            (7, "vendor_unknown"),
            (8, "row_malformed"),
            (10, "card_malformed"),
        ]
        assert (done.read, done.stored, done.added) == (7, 2, 2)
        assert sorted(str(row["card_code"]) for row in shop.rows("customers")) == ["C-1", "C-6"]

    def test_a_quote_that_does_not_end(self, shop: Shop, tmp_path: Path) -> None:
        done = load(shop, tmp_path, 'code,name\nC-1,Ann\nC-2,"Bob\nC-3,Cy\n')
        assert (done.stored, [code for _, code in done.reported]) == (1, ["row_malformed"])

    def test_a_second_import_updates_and_empty_cells_keep(self, shop: Shop, tmp_path: Path) -> None:
        load(shop, tmp_path, "code,name,phone,email\nC-1,Ann,123,a@b\n")
        done = load(shop, tmp_path, "code,name,phone\nC-1,Anna,\nC-2,,\n")
        assert (done.stored, done.added) == (2, 1)
        people = {
            row["card_code"]: (row["name"], row["phone"], row["email"], row["consent_at"])
            for row in shop.rows("customers")
        }
        assert people == {"C-1": ("Anna", "123", "a@b", NOW), "C-2": ("", "", "", None)}

    def test_a_card_twice_in_one_file(self, shop: Shop, tmp_path: Path) -> None:
        done = load(shop, tmp_path, "code,name,phone\nC-1,Ann,1\nC-1,,2\n")
        assert (done.stored, done.added) == (2, 1)
        [row] = shop.rows("customers")
        assert (row["name"], row["phone"]) == ("Ann", "2")

    def test_a_vendor_by_name_or_id(self, shop: Shop, tmp_path: Path) -> None:
        shop.another_vendor()
        shop.another_vendor()
        done = load(shop, tmp_path, f"code,vendor\nC-1,SHOP\nC-2,{shop.vendor_id}\nC-3,Other\n")
        assert (done.stored, done.reported) == (2, [(4, "vendor_unknown")])
        assert {row["vendor_id"] for row in shop.rows(customer_vendors)} == {shop.vendor_id}

    @pytest.mark.parametrize(
        "content", [b"", b"\n", b"code\n", b"name,phone\nAnn,1\n", b"code,name\nC-1,\xff\n", b"\xff\xfeC\x00"]
    )
    def test_a_file_that_is_none(self, shop: Shop, tmp_path: Path, content: bytes) -> None:
        with pytest.raises(FileRefusedError):
            load(shop, tmp_path, content)
        assert shop.rows("customers") == []

    def test_bad_bytes_at_the_end_take_the_good_rows_with_them(self, shop: Shop, tmp_path: Path) -> None:
        rows = "".join(f"C-{n},Name {n}\n" for n in range(5000))
        with pytest.raises(FileRefusedError):
            load(shop, tmp_path, b"code,name\n" + rows.encode() + b"C-x,\xff\n")
        assert shop.rows("customers") == []

    def test_a_byte_order_mark(self, shop: Shop, tmp_path: Path) -> None:
        assert load(shop, tmp_path, b"\xef\xbb\xbfcode,name\nC-1,Zo\xc3\xab\n").stored == 1
        assert shop.rows("customers")[0]["name"] == "Zoë"


class TestShow:
    """The command line's view of one customer."""

    def show(self, shop: Shop, wanted: str, now: int = NOW) -> dict[str, object]:
        with shop.database.write() as connection:
            return inspection.customer(connection, wanted, now)

    def test_balance_lots_and_entries(self, shop: Shop) -> None:
        shop.earn(300)
        shop.grant(100)
        document = self.show(shop, "C-1")
        assert (document["wallet_balance"], document["available"], document["held"]) == (300, 200, 100)
        assert [(lot["granted"], lot["remaining"], lot["receipt"]) for lot in document["lots"]] == [(300, 300, 1)]  # type: ignore[attr-defined]
        assert sorted(entry["kind"] for entry in document["entries"]) == ["EARN", "HOLD"]  # type: ignore[attr-defined]

    def test_what_is_held_too_long_comes_back(self, shop: Shop) -> None:
        shop.earn(300)
        shop.grant(100)
        assert self.show(shop, "C-1", NOW + EXACT_SETTLE_MS + 1)["held"] == 0

    def test_by_phone(self, shop: Shop, tmp_path: Path) -> None:
        load(shop, tmp_path, "code,phone\nC-1,0113 1\nC-2,5\nC-3,5\n")
        assert self.show(shop, "01131")["code"] == "C-1"
        for wanted, details in (("5", {"matches": 2}), ("6", {}), ("nobody", {})):
            with pytest.raises(Refusal) as refusal:
                self.show(shop, wanted)
            assert (refusal.value.code, refusal.value.details) == (RefusalCode.CUSTOMER_UNKNOWN, details)
