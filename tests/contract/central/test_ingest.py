"""A push is applied exactly once, in order, and only if it is the counter's."""

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contract.central.shop import Shop, empty_shop, open_shop
from tests.contract.central.till import NOW, forged, resealed
from urs_desktop.central import ingest
from urs_desktop.central.schema import (
    counters,
    operations,
    repeated_operations,
    transactions,
)
from urs_desktop.database.engine import Database, sqlite_engine
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol.codec import MalformedError
from urs_desktop.protocol.messages import PushRequest
from urs_desktop.protocol.operations import Operation, ProductItem

CRATE = ProductItem("CRATE", "A crate", 1050, 2)


def results(reply: object) -> list[tuple[int, str, str]]:
    return [(r.seq, r.result, r.code) for r in reply.results]  # type: ignore[attr-defined]


def push_and_crash(shop: Shop, part: list[Operation]) -> None:
    """Push and lose everything before the commit."""
    with suppress(KeyboardInterrupt), shop.database.write() as connection:
        shop.till.push(connection, *part)
        raise KeyboardInterrupt


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
                push_and_crash(shop, part)
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
