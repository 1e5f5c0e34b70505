"""A push is applied exactly once, in order, and only if it is the counter's."""

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contract.central.shop import Shop, empty_shop, open_shop
from tests.contract.central.till import NOW, forged, resealed
from urs_desktop.central import catalogue, ingest, sales
from urs_desktop.central.origin import Outcome
from urs_desktop.central.schema import (
    counters,
    operations,
    parked_operations,
    products,
    repeated_operations,
    transactions,
)
from urs_desktop.database.engine import Database, sqlite_engine
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol.codec import MalformedError
from urs_desktop.protocol.messages import PushRequest
from urs_desktop.protocol.operations import MAX_BODY_BYTES, ProductItem

CRATE = ProductItem("CRATE", "A crate", 1050, 2)


def results(reply: object) -> list[tuple[int, str, str]]:
    return [(r.seq, r.result, r.code) for r in reply.results]  # type: ignore[attr-defined]


class TestOrder:
    """Sequence, chain and signature decide what is applied, and nothing else does."""

    def test_a_batch_in_order(self, shop: Shop) -> None:
        shop.till.sale()
        shop.till.sale()
        reply = shop.push()
        assert (reply.verdict, reply.seq, reply.head) == ("ok", 2, shop.till.head)
        assert results(reply) == [(1, "applied", ""), (2, "applied", "")]
        assert len(shop.rows(transactions)) == 2

    def test_nothing_at_all(self, shop: Shop) -> None:
        with shop.database.write() as connection:
            request = PushRequest(request_id=b"r", epoch=1, operations=())
            reply = ingest.push(connection, shop.till.device_id, request, NOW, shop.randomness)
        assert (reply.verdict, reply.seq, reply.request_id) == ("ok", 0, b"r")

    def test_the_same_push_again_changes_nothing(self, shop: Shop) -> None:
        shop.till.sale(50_000, policy=shop.policy)
        first = shop.push()
        before = shop.rows(transactions), shop.wallet()
        second = shop.push()
        assert (second.verdict, second.seq, results(second)) == (first.verdict, first.seq, results(first))
        assert (shop.rows(transactions), shop.wallet()) == before

    def test_a_push_that_overlaps_the_last(self, shop: Shop) -> None:
        for _ in range(4):
            shop.till.sale()
        shop.push(*shop.till.operations[:3])
        assert shop.push(*shop.till.operations[1:]).seq == 4
        assert len(shop.rows(transactions)) == 4

    def test_a_result_once_lost_is_told_again(self, shop: Shop) -> None:
        shop.till.make_raw("riddle", 1, b"{}")
        shop.push()
        assert results(shop.push()) == [(1, "parked", "kind_unknown")]

    def test_a_gap_applies_nothing(self, shop: Shop) -> None:
        shop.till.sale()
        shop.till.sale()
        reply = shop.push(shop.till.operations[1])
        assert (reply.verdict, reply.seq) == ("gap", 0)
        assert shop.rows(transactions) == []

    def test_a_gap_inside_a_push_ends_it(self, shop: Shop) -> None:
        for _ in range(3):
            shop.till.sale()
        reply = shop.push(shop.till.operations[0], shop.till.operations[2])
        assert (reply.verdict, reply.seq) == ("ok", 1)

    def test_an_operation_twice_in_one_push(self, shop: Shop) -> None:
        operation = shop.till.sale()
        assert shop.push(operation, operation).seq == 1
        assert len(shop.rows(transactions)) == 1

    def test_another_history_is_a_fork(self, shop: Shop) -> None:
        operation = shop.till.sale()
        shop.push()
        other = resealed(shop.till, operation, op_id=b"?" * 16)
        assert shop.push(other).verdict == "fork"

    def test_another_history_behind_a_known_one_is_a_fork(self, shop: Shop) -> None:
        first = shop.till.sale()
        shop.push()
        second = shop.till.sale()
        assert shop.push(first, resealed(shop.till, second, prev=b"\x01" * 32)).verdict == "fork"
        assert len(shop.rows(transactions)) == 1

    def test_another_epoch(self, shop: Shop) -> None:
        shop.till.sale()
        with shop.database.write() as connection:
            connection.execute(counters.update().values(epoch=2))
        reply = shop.push()
        assert (reply.verdict, reply.epoch) == ("epoch", 2)
        assert shop.rows(transactions) == []

    def test_an_unknown_counter(self, shop: Shop) -> None:
        with shop.database.write() as connection, pytest.raises(Refusal) as refusal:
            ingest.push(connection, b"?" * 16, shop.till.request(), NOW, shop.randomness)
        assert refusal.value.code is RefusalCode.COUNTER_UNKNOWN

    def test_more_than_a_push_may_hold_is_a_prefix(self, shop: Shop) -> None:
        for _ in range(201):
            shop.till.make_raw("riddle", 1, b"{}")
        assert shop.push().seq == 200

    def test_out_of_time_is_a_prefix(self, shop: Shop) -> None:
        for _ in range(5):
            shop.till.sale()
        with shop.database.write() as connection:
            turns = iter([False, True])
            reply = ingest.push(
                connection, shop.till.device_id, shop.till.request(), NOW, shop.randomness, lambda: next(turns)
            )
        assert (reply.verdict, reply.seq, len(reply.results)) == ("ok", 2, 2)
        assert reply.head == shop.till.operations[1].hash
        assert shop.findings() == []

    def test_time_always_allows_one(self, shop: Shop) -> None:
        shop.till.sale()
        with shop.database.write() as connection:
            request = shop.till.request()
            reply = ingest.push(connection, shop.till.device_id, request, NOW, shop.randomness, lambda: True)
        assert reply.seq == 1


class TestProof:
    """What is not the counter's own is not applied, and nothing advances."""

    def test_a_changed_body(self, shop: Shop) -> None:
        operation = shop.till.sale()
        assert shop.push(forged(operation, body=operation.body + b" ")).verdict == "bad_sig"
        assert shop.rows(operations) == []

    @pytest.mark.parametrize("changes", [{"kind": "enrol"}, {"schema": 2}, {"op_id": b"?" * 16}])
    def test_a_changed_envelope(self, shop: Shop, changes: dict[str, object]) -> None:
        assert shop.push(forged(shop.till.sale(), **changes)).verdict == "bad_sig"

    def test_a_wrong_signature(self, shop: Shop) -> None:
        assert shop.push(forged(shop.till.sale(), sig=b"\x01" * 64)).verdict == "bad_sig"

    def test_no_signature(self, shop: Shop) -> None:
        assert shop.push(forged(shop.till.sale(), sig=b"")).verdict == "bad_sig"

    def test_another_counters_operation(self, shop: Shop) -> None:
        other = shop.another_till()
        reply = shop.push(other.sale())
        assert reply.verdict in {"fork", "bad_sig"}
        assert shop.rows(operations) == []

    def test_a_hash_that_was_recomputed_over_a_changed_body(self, shop: Shop) -> None:
        operation = resealed(shop.another_till(), shop.till.sale(), body=b"{}")
        assert shop.push(operation).verdict == "bad_sig"

    def test_a_wrong_signature_inside_a_batch_is_found_by_verify(self, shop: Shop) -> None:
        first, second = shop.till.sale(), shop.till.sale()
        assert shop.push(forged(first, sig=b"\x01" * 64), second).verdict == "ok"
        assert any("operation 1 is not signed" in finding for finding in shop.findings())

    @pytest.mark.parametrize(
        "changes",
        [
            {"seq": 0},
            {"seq": -1},
            {"seq": 2**64},
            {"schema": -1},
            {"op_id": b""},
            {"prev": b""},
            {"hash": b""},
            {"kind": "k" * 65},
        ],
    )
    def test_an_envelope_that_cannot_be_hashed(self, shop: Shop, changes: dict[str, object]) -> None:
        with pytest.raises(MalformedError):
            shop.push(forged(shop.till.sale(), **changes))


class TestIdentity:
    """An operation happens once for ever, by its id and its body."""

    def test_a_known_operation_offered_again_is_a_duplicate(self, shop: Shop) -> None:
        first = shop.till.sale(50_000, policy=shop.policy)
        again = shop.till.make_raw(first.kind, first.schema, first.body, first.op_id)
        shop.push(first)
        assert results(shop.push(again)) == [(2, "duplicate", "")]
        assert shop.wallet() == (2500, 0)
        assert shop.rows(repeated_operations)[0]["op_id"] == first.op_id
        assert shop.findings() == []
        assert results(shop.push()) == [(1, "applied", ""), (2, "duplicate", "")]

    def test_a_duplicate_within_one_push(self, shop: Shop) -> None:
        first = shop.till.sale(50_000, policy=shop.policy)
        shop.till.make_raw(first.kind, first.schema, first.body, first.op_id)
        assert results(shop.push()) == [(1, "applied", ""), (2, "duplicate", "")]
        assert shop.wallet() == (2500, 0)
        assert shop.findings() == []

    @pytest.mark.parametrize("together", [False, True])
    def test_a_known_id_with_another_body_is_a_fork(self, shop: Shop, together: bool) -> None:
        first = shop.till.sale()
        if not together:
            shop.push()
        shop.till.make_raw("sale", 1, first.body.replace(b"Thing", b"Stuff"), first.op_id)
        before = len(shop.rows(operations))
        assert shop.push().verdict == "fork"
        assert len(shop.rows(operations)) == before

    def test_another_counters_id_is_a_fork(self, shop: Shop) -> None:
        first = shop.till.sale()
        shop.push()
        other = shop.another_till()
        other.make_raw(first.kind, first.schema, first.body, first.op_id)
        assert shop.push(till=other).verdict == "fork"


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
        with pytest.raises(KeyboardInterrupt), shop.database.write() as connection:
            shop.till.push(connection)
            raise KeyboardInterrupt
        assert shop.rows(operations) == []
        assert shop.push().seq == 1
        assert shop.wallet() == (2500, 0)


class TestProducts:
    """The later hybrid clock wins, whoever comes first."""

    @pytest.mark.parametrize("order", [(1, 2), (2, 1)])
    def test_the_later_clock_wins(self, shop: Shop, order: tuple[int, int]) -> None:
        other = shop.another_till()
        for till, hlc in zip((shop.till, other), order, strict=True):
            till.products(ProductItem("CRATE", f"version {hlc}", hlc, 2), hlc=NOW + hlc)
            shop.push(till=till)
        [row] = shop.rows(products)
        assert (row["description"], row["price"], row["location"]) == ("version 2", 2, "Leeds")

    def test_the_same_product_twice_in_one_operation(self, shop: Shop) -> None:
        shop.till.products(CRATE, CRATE)
        assert results(shop.push()) == [(1, "applied", "")]
        assert len(shop.rows(products)) == 1

    def test_vendors_do_not_meet(self, shop: Shop) -> None:
        other = shop.another_till(shop.another_vendor())
        shop.till.products(CRATE)
        other.products(CRATE)
        shop.push()
        shop.push(till=other)
        assert len(shop.rows(products)) == 2

    def test_no_products_at_all(self, shop: Shop) -> None:
        shop.till.products()
        assert results(shop.push()) == [(1, "applied", "")]

    def test_a_failed_operation_publishes_nothing_that_is_there(
        self, shop: Shop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        whole = catalogue.apply_products

        def stumble(*arguments: object) -> Outcome:
            whole(*arguments)  # type: ignore[arg-type]
            raise ZeroDivisionError

        operation = shop.till.products(CRATE)
        monkeypatch.setitem(ingest._HANDLERS, ingest.ProductsBody, stumble)
        assert results(shop.push(operation)) == [(1, "parked", "internal")]
        assert shop.rows(products) == []


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(
    pushes=st.lists(st.tuples(st.integers(0, 11), st.integers(1, 12), st.booleans()), min_size=1, max_size=12),
    kinds=st.lists(st.sampled_from(["sale", "enrol", "products", "poison"]), min_size=12, max_size=12),
)
def test_any_order_of_pushes_leaves_each_operation_once(pushes: list[tuple[int, int, bool]], kinds: list[str]) -> None:
    """Slices of a chain in any order, some rolled back before their commit: a prefix arrives, each once."""
    database = Database(sqlite_engine(None))
    try:
        empty_shop(database)
        shop = open_shop(database)
        for kind in kinds:
            if kind == "sale":
                shop.till.sale(30_000, policy=shop.policy)
            elif kind == "enrol":
                shop.till.enrolment("C-9")
            elif kind == "products":
                shop.till.products(CRATE)
            else:
                shop.till.make_raw("riddle", 1, b"?")
        reached = 0
        for start, length, crashes in pushes:
            part = shop.till.operations[start : start + length]
            if crashes:
                with pytest.raises(KeyboardInterrupt), database.write() as connection:
                    shop.till.push(connection, *part)
                    raise KeyboardInterrupt
                continue
            reply = shop.push(*part)
            expected = max(reached, start + len(part)) if start <= reached else reached
            assert (reply.seq, reply.verdict) == (expected, "gap" if start > reached else "ok")
            reached = reply.seq
        assert [row["seq"] for row in shop.rows(operations)] == list(range(1, reached + 1))
        sold = sum(kind == "sale" for kind in kinds[:reached])
        assert len(shop.rows(transactions)) == sold
        if sold:
            assert shop.wallet() == (1500 * sold, 0)
        assert shop.findings() == []
    finally:
        database.close()
