"""What cannot be applied is kept and named; what the database cannot do now is tried again."""

import hashlib
from contextlib import suppress

import msgspec
import pytest
import sqlalchemy as sa

from tests.contract.central.shop import Shop
from urs_desktop.central import ingest, refunds, sales
from urs_desktop.central.origin import Outcome
from urs_desktop.central.schema import (
    operations,
    parked_operations,
    products,
    transactions,
)
from urs_desktop.protocol.operations import MAX_BODY_BYTES, Operation, ProductItem, SalePolicy, SaleSpend

CRATE = ProductItem("CRATE", "A crate", 1050, 2)


def results(reply: object) -> list[tuple[int, str, str]]:
    return [(r.seq, r.result, r.code) for r in reply.results]  # type: ignore[attr-defined]


def push_and_crash(shop: Shop, part: list[Operation]) -> None:
    """Push and lose everything before the commit."""
    with suppress(KeyboardInterrupt), shop.database.write() as connection:
        shop.till.push(connection, *part)
        raise KeyboardInterrupt


class TestPoison:
    """What cannot be applied is kept and named, and what comes behind it goes on."""

    def parked(self, shop: Shop, code: str) -> None:
        shop.till.sale()
        reply = shop.push()
        assert results(reply) == [(1, "parked", code), (2, "applied", "")]
        assert shop.rows(parked_operations)[0]["reason"] == code
        assert len(shop.rows(transactions)) == 1
        assert shop.findings() == []

    def test_an_unknown_kind(self, shop: Shop) -> None:
        shop.till.make_raw("riddle", 1, b"\xff\x00 not even text")
        self.parked(shop, "kind_unknown")
        assert shop.rows(operations)[0]["body"] == b"\xff\x00 not even text"

    def test_an_unknown_schema(self, shop: Shop) -> None:
        shop.till.make_raw("sale", 99, b"{}")
        self.parked(shop, "kind_unknown")

    @pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"\xff", b'{"hlc":1.5}', b"{" * 1000, b'{"a":"\\ud800"}'])
    def test_a_malformed_body(self, shop: Shop, body: bytes) -> None:
        shop.till.make_raw("sale", 1, body)
        self.parked(shop, "body_malformed")

    def test_a_body_that_is_too_large(self, shop: Shop) -> None:
        shop.till.make_raw("sale", 1, b" " * (MAX_BODY_BYTES + 1))
        self.parked(shop, "body_too_large")

    def test_a_card_that_cannot_be_one(self, shop: Shop) -> None:
        shop.till.enrolment("\x00")
        self.parked(shop, "card_malformed")

    def test_a_number_beyond_the_database(self, shop: Shop) -> None:
        shop.till.make(shop.till.sale_body(happened_at=2**80))
        self.parked(shop, "internal")

    def test_a_bug_of_this_program(self, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        def stumble(*_: object) -> Outcome:
            raise ZeroDivisionError

        monkeypatch.setitem(ingest._HANDLERS, type(shop.till.sale_body()), stumble)
        shop.till.receipt = 0
        shop.till.sale()
        assert results(shop.push()) == [(1, "parked", "internal")]

    def test_nothing_of_a_parked_operation_stays(self, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        def stumble(*_: object) -> Outcome:
            raise ZeroDivisionError

        monkeypatch.setattr(sales, "_settle", stumble)
        shop.till.sale(50_000, policy=shop.policy)
        assert results(shop.push()) == [(1, "parked", "internal")]
        assert shop.rows(transactions) == []
        assert shop.rows("customers") == []

    def test_a_receipt_number_used_twice(self, shop: Shop) -> None:
        shop.till.sale()
        shop.till.make(shop.till.sale_body(receipt=1))
        reply = shop.push()
        assert results(reply) == [(1, "applied", ""), (2, "parked", "constraint")]
        assert shop.findings() == []


def noise(count: int) -> str:
    """Return so many hexadecimal digits that cannot be made shorter."""
    return "".join(hashlib.sha256(str(n).encode()).hexdigest() for n in range(count // 64))


class TestNamesLongerThanAnIndexTakes:
    """PostgreSQL indexes no value of more than 2,704 bytes: a name that long blocks no counter for ever."""

    LONG = noise(12_800)

    def test_of_a_lease_in_a_sale(self, shop: Shop) -> None:
        shop.till.sale(900, points_paid=20, spends=(SaleSpend(self.LONG, 20, 0),))
        assert results(shop.push()) == [(1, "adjusted", "points_late")]
        assert shop.findings() == []

    def test_of_a_lease_in_a_return(self, shop: Shop) -> None:
        shop.till.give_back(self.LONG, 1)
        assert results(shop.push()) == [(1, "parked", "text_malformed")]
        assert shop.findings() == []

    def test_of_a_sale_in_a_refund(self, shop: Shop) -> None:
        sale = shop.till.sale()
        shop.till.refund(sale, {1: 1}, sale=self.LONG)
        assert results(shop.push()) == [(1, "applied", ""), (2, "adjusted", "sale_unknown")]
        assert shop.findings() == []

    def test_of_a_product(self, shop: Shop) -> None:
        shop.till.products(ProductItem(self.LONG, "long", 1, 2))
        shop.till.sale()
        assert results(shop.push())[1:] == [(2, "applied", "")]
        assert shop.findings() == []

    def test_of_a_policy(self, shop: Shop) -> None:
        body = shop.till.sale_body(policy=shop.policy)
        shop.till.make(msgspec.structs.replace(body, policy=SalePolicy(self.LONG, 1, "00")))
        assert results(shop.push()) == [(1, "adjusted", "policy_unknown")]
        assert shop.findings() == []

    def test_whatever_else_is_too_long_is_parked(self, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(refunds, "sale_id", lambda body: bytes.fromhex(body.sale))
        sale = shop.till.sale()
        shop.till.refund(sale, {1: 1}, sale=self.LONG)
        shop.till.sale()
        outcomes = results(shop.push())
        assert (outcomes[0][1], outcomes[2][1]) == ("applied", "applied")
        assert outcomes[1][1] in {"parked", "adjusted"}


class TestTransientTrouble:
    """The database's own trouble rolls everything back and is the caller's to answer."""

    def test_a_locked_database_parks_nothing(self, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        def locked(*_: object) -> Outcome:
            raise sa.exc.OperationalError("INSERT", {}, Exception("database is locked"))

        monkeypatch.setitem(ingest._HANDLERS, type(shop.till.sale_body()), locked)
        shop.till.receipt = 0
        shop.till.products(CRATE)
        shop.till.sale()
        with pytest.raises(sa.exc.OperationalError):
            shop.push()
        assert (shop.rows(operations), shop.rows(products)) == ([], [])
        monkeypatch.undo()
        assert shop.push().seq == 2

    def test_a_crash_before_the_commit_loses_nothing_and_doubles_nothing(self, shop: Shop) -> None:
        shop.till.sale(50_000, policy=shop.policy)
        push_and_crash(shop, shop.till.operations)
        assert shop.rows(operations) == []
        assert shop.push().seq == 1
        assert shop.wallet() == (2500, 0)
