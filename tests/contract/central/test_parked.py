"""What was parked is applied after all, repaired or written off: once, by who may, and proved like everything else."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.contract.central.people import operator
from tests.contract.central.shop import Shop
from tests.contract.central.till import NOW, Till
from urs_desktop.central import accounts, closing, feed, ingest, parked
from urs_desktop.central.operators import Operator
from urs_desktop.central.schema import (
    customer_records,
    operations,
    parked_operations,
    parked_resolutions,
    products,
    transactions,
)
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol.codec import encode_body
from urs_desktop.protocol.messages import Became, PushResult, Resolved
from urs_desktop.protocol.operations import (
    EnrolBody,
    Operation,
    ProductItem,
    ProductsBody,
    RefundBody,
    RefundOverride,
    SaleBody,
)

BOSS = RefundOverride("Boss", "rung up by hand")
Broken = Callable[..., Any]


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Broken:
    """A store that fails over bodies of these kinds for a while, as one with a bug or an older program does."""

    @contextmanager
    def fail(*kinds: type) -> Iterator[None]:
        def handle(*_: object) -> None:
            raise ArithmeticError

        with monkeypatch.context() as patch:
            for kind in kinds:
                patch.setitem(ingest._HANDLERS, kind, handle)
            yield

    return fail


def last(shop: Shop, *operations_: Operation, till: Till | None = None, now: int = NOW) -> PushResult:
    reply = shop.push(*operations_, till=till, now=now)
    assert reply.verdict == "ok"
    return reply.results[-1]


def failed_sale(shop: Shop, broken: Broken, **changes: Any) -> Operation:  # noqa: ANN401
    """Return a sale of 50.00 that was parked though nothing is wrong with it."""
    with broken(SaleBody):
        sale = shop.till.sale(5000, policy=shop.policy, **changes)
        assert last(shop) == PushResult(
            seq=sale.seq, result="parked", code="internal", now=Became(result="parked", code="internal")
        )
    return sale


def sound(shop: Shop) -> None:
    assert shop.findings() == []


class TestRetry:
    def test_a_sale_is_applied_after_all(self, shop: Shop, broken: Broken) -> None:
        sale = failed_sale(shop, broken)
        shop.till.sale(3000, policy=shop.policy)
        shop.push()
        assert shop.wallet() == (150, 0), "what came later flowed on"
        shop.till.resolve(sale, operator="ann")
        assert last(shop, now=NOW + 9) == PushResult(seq=3, result="applied")
        assert shop.wallet() == (400, 0)
        [row] = shop.rows(parked_resolutions)
        assert (row["op_id"], row["action"], row["result"], row["operator"]) == (sale.op_id, "retry", "applied", "ann")
        stored = {row["op_id"]: row for row in shop.rows(transactions)}
        assert (stored[sale.op_id]["receipt"], stored[sale.op_id]["received_at"]) == (1, NOW + 9)
        sound(shop)

    def test_it_is_applied_once(self, shop: Shop, broken: Broken) -> None:
        sale = failed_sale(shop, broken)
        for _ in range(3):
            shop.till.resolve(sale)
        results = shop.push().results[1:]
        assert [(r.result, r.code) for r in results] == [("applied", "")] + [("adjusted", "resolved_before")] * 2
        assert results[-1].now == Became(result="applied")
        assert shop.wallet() == (250, 0)
        assert shop.push().results[0].now == Became(result="applied"), "a lost reply says what it is now"
        sound(shop)

    def test_a_counter_that_sends_it_all_again(self, shop: Shop, broken: Broken) -> None:
        """As after a rejoin: everything comes as a copy, and each copy says what became of the original."""
        sale = failed_sale(shop, broken)
        resolved = shop.till.resolve(sale)
        shop.push()
        for each in (sale, resolved):
            shop.till.make_raw(each.kind, each.schema, each.body, each.op_id)
        assert [(r.result, r.now) for r in shop.push().results[-2:]] == [("duplicate", Became(result="applied"))] * 2
        assert shop.wallet() == (250, 0)
        sound(shop)

    def test_both_in_one_push(self, shop: Shop, broken: Broken) -> None:
        """As after the centre was restored from a backup, where it fails again and is tried again in the same push."""
        sale = shop.till.sale(5000, policy=shop.policy)
        shop.till.resolve(sale)
        with broken(SaleBody):
            results = [(r.result, r.code, r.now) for r in shop.push().results]
        parked_now = Became(result="parked", code="internal")
        assert results == [("parked", "internal", parked_now), ("adjusted", "internal", parked_now)]
        shop.till.resolve(sale)
        assert last(shop).result == "applied"
        sound(shop)

    def test_what_fails_again_stays_parked(self, shop: Shop) -> None:
        riddle = shop.till.make_raw("riddle", 1, b"?")
        shop.push()
        shop.till.resolve(riddle)
        became = Became(result="parked", code="kind_unknown")
        assert last(shop) == PushResult(seq=2, result="adjusted", code="kind_unknown", now=became)
        assert (len(shop.rows(parked_operations)), shop.rows(parked_resolutions)) == (1, [])
        sound(shop)

    def test_a_sale_that_promised_otherwise_says_so(self, shop: Shop, broken: Broken) -> None:
        sale = failed_sale(shop, broken, earned=999)
        shop.till.resolve(sale)
        became = Became(result="adjusted", code="points_differ", earned=250)
        assert last(shop) == PushResult(seq=2, result="adjusted", code="points_differ", now=became)
        assert last(shop) == PushResult(seq=2, result="adjusted", code="points_differ", now=became)
        sound(shop)

    def test_a_refund_that_waited_for_it_is_posted(self, shop: Shop, broken: Broken) -> None:
        sale = failed_sale(shop, broken)
        shop.till.refund(sale, {1: 1, 2: 1}, policy=shop.policy)
        assert last(shop).code == "sale_unknown"
        shop.till.resolve(sale)
        assert last(shop).result == "applied"
        assert shop.wallet() == (0, 0)
        sound(shop)

    def test_a_refund_is_applied_after_all(self, shop: Shop, broken: Broken) -> None:
        sale = shop.till.sale(5000, policy=shop.policy)
        with broken(RefundBody):
            refund = shop.till.refund(sale, {1: 1, 2: 1}, policy=shop.policy)
            shop.push()
        shop.till.resolve(refund)
        assert last(shop).result == "applied"
        assert shop.wallet() == (0, 0)
        sound(shop)

    def test_products_reach_the_counters(self, shop: Shop, broken: Broken) -> None:
        with broken(ProductsBody):
            crate = shop.till.products(ProductItem("CRATE", "A crate", 1050, 2))
            shop.push()
        shop.till.resolve(crate)
        shop.push()
        assert [row["sku"] for row in shop.rows(products)] == ["CRATE"]
        with shop.database.write() as connection:
            items = feed.read(connection, shop.till.device_id, "", 100, NOW).items
        assert [item.product.item.sku for item in items if item.product] == ["CRATE"]


class TestWriteOff:
    def test_it_stays_without_effect_for_ever(self, shop: Shop, broken: Broken) -> None:
        sale = failed_sale(shop, broken)
        shop.till.resolve(sale, "write_off", operator="ann", override=BOSS)
        assert last(shop) == PushResult(seq=2, result="applied")
        [row] = shop.rows(parked_resolutions)
        assert (row["result"], row["override_operator"], row["override_reason"]) == ("written_off", "Boss", BOSS.reason)
        shop.till.resolve(sale)
        gone = Became(result="written_off")
        assert last(shop) == PushResult(seq=3, result="adjusted", code="resolved_before", now=gone)
        assert shop.push().results[0].now == gone
        assert shop.rows(transactions) == []
        with shop.database.read() as connection:
            assert closing.of_counters(connection)[shop.till.device_id] == closing.Closing(1, 0, (1,))
        sound(shop)

    @pytest.mark.parametrize(
        "override",
        [None, RefundOverride(" ANN ", "mine"), RefundOverride("", "x"), RefundOverride("Boss", "  ")],
    )
    def test_it_takes_somebody_else(self, shop: Shop, broken: Broken, override: RefundOverride | None) -> None:
        sale = failed_sale(shop, broken)
        shop.till.resolve(sale, "write_off", operator="ann", override=override)
        assert last(shop).code == RefusalCode.OVERRIDE_NEEDED
        assert shop.rows(parked_resolutions) == []
        sound(shop)


class TestRepair:
    def test_an_enrolments_card(self, shop: Shop) -> None:
        wrong = shop.till.enrolment("\n")
        assert last(shop).code == RefusalCode.CARD_MALFORMED
        body = EnrolBody(hlc=NOW, recorded_at=NOW, card="C-77", customer_id="")
        shop.till.resolve(wrong, "repair", replacement=encode_body(body)[2].decode())
        assert last(shop).result == "applied"
        assert [row["card_code"] for row in shop.rows(customer_records)] == ["C-77"]
        assert shop.rows(operations)[0]["body"] == wrong.body, "what was signed stays"
        sound(shop)

    @pytest.mark.parametrize("replacement", ["{}", "", "\ud83d\ude00", '{"card":1}'])
    def test_a_replacement_that_is_none_changes_nothing(self, shop: Shop, replacement: str) -> None:
        wrong = shop.till.enrolment("\n")
        shop.push()
        replacement = replacement.encode("utf-16", "surrogatepass").decode("utf-16")
        shop.till.resolve(wrong, "repair", replacement=replacement)
        assert last(shop).code == "body_malformed"
        sound(shop)

    def test_a_receipt_is_never_rewritten(self, shop: Shop, broken: Broken) -> None:
        sale = failed_sale(shop, broken)
        shop.till.resolve(sale, "repair", replacement=sale.body.decode())
        assert last(shop).code == "not_repairable"
        assert shop.rows(transactions) == []
        sound(shop)

    @pytest.mark.parametrize(("action", "replacement"), [("repair", None), ("retry", "{}"), ("burn", None)])
    def test_what_makes_no_sense(self, shop: Shop, action: str, replacement: str | None) -> None:
        wrong = shop.till.enrolment("\n")
        shop.push()
        shop.till.resolve(wrong, action, replacement=replacement)
        assert last(shop).code == "not_repairable"
        sound(shop)


class TestWhoMay:
    @pytest.mark.parametrize("name", ["", "zz" * 16, "ff" * 16, "ab"])
    def test_an_operation_nobody_parked(self, shop: Shop, name: str) -> None:
        sale = shop.till.sale()
        shop.till.resolve(sale)
        body = f'{{"action":"retry","hlc":1,"op_id":"{name}","recorded_at":1}}'
        shop.till.make_raw("parked.resolve", 1, body.encode())
        results = [(r.result, r.code) for r in shop.push().results[1:]]
        assert results == [("adjusted", "not_parked")] * 2
        sound(shop)

    def test_another_counters_operation(self, shop: Shop, broken: Broken) -> None:
        sale = failed_sale(shop, broken)
        other = shop.another_till()
        other.resolve(sale)
        assert last(shop, till=other).code == "not_parked"
        assert shop.rows(transactions) == []
        sound(shop)


class TestByTheStoresOperators:
    def retry(self, shop: Shop, operation: Operation, who: Operator, now: int = NOW) -> Became:
        with shop.database.write() as connection:
            return ingest.retry_parked(connection, operation.op_id, who, now, shop.randomness)

    def test_the_counter_learns_of_it_when_it_says_hello(self, shop: Shop, broken: Broken) -> None:
        sale, ann = failed_sale(shop, broken, earned=999), operator(shop)
        with shop.database.write() as connection:
            [listed] = parked.every(connection)
            token = shop.till.hello(connection).token
            accounts.check_session(connection, shop.till.device_id, token, NOW)
        assert (listed.op_id, listed.seq, listed.kind, listed.reason) == (sale.op_id, 1, "sale", "internal")
        became = Became(result="adjusted", code="points_differ", earned=250)
        assert self.retry(shop, sale, ann, NOW + 5) == became
        other = shop.another_till()
        with shop.database.write() as connection:
            assert parked.every(connection) == []
            with pytest.raises(accounts.SessionOverError):
                accounts.check_session(connection, shop.till.device_id, token, NOW)
            assert shop.till.hello(connection).resolved == (Resolved(op_id=sale.op_id, became=became),)
            assert other.hello(connection).resolved == ()
        [row] = shop.rows(parked_resolutions)
        assert (row["by_op_id"], row["operator"], row["resolved_at"]) == (None, ann.operator_id, NOW + 5)
        sound(shop)

    def test_it_is_applied_once_whoever_asks(self, shop: Shop, broken: Broken) -> None:
        sale, ann = failed_sale(shop, broken), operator(shop)
        assert self.retry(shop, sale, ann) == Became(result="applied")
        with pytest.raises(Refusal) as refusal:
            self.retry(shop, sale, ann)
        assert refusal.value.code is RefusalCode.OPERATION_NOT_PARKED
        shop.till.resolve(sale)
        assert last(shop).now == Became(result="applied")
        assert shop.wallet() == (250, 0)
        sound(shop)

    def test_what_fails_again_stays_parked(self, shop: Shop) -> None:
        riddle, ann = shop.till.make_raw("riddle", 1, b"?"), operator(shop)
        shop.push()
        assert self.retry(shop, riddle, ann) == Became(result="parked", code="kind_unknown")
        with shop.database.read() as connection:
            assert len(parked.every(connection)) == 1
        sound(shop)

    def test_what_was_never_parked(self, shop: Shop) -> None:
        sale, ann = shop.till.sale(), operator(shop)
        shop.push()
        with pytest.raises(Refusal):
            self.retry(shop, sale, ann)
