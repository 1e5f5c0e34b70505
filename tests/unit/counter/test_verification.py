"""Proving the counter's records: each thing that was changed behind its back, or signed wrongly, is named.

Must never be content with a finding: it has to be the right one, and the only one.
"""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from tests.builders import CARD, COUNTER_KEY, Counter, make_basket, make_counter, make_line, make_policy
from tests.fakes.shop import NOON
from tests.unit.counter.faults import forged
from tests.unit.counter.test_refund import BOSS, refund, sell
from urs_desktop.counter.ports import Book
from urs_desktop.counter.store.book import SqlStore, store_in_memory
from urs_desktop.counter.use_cases.refund import RefundOrder
from urs_desktop.counter.use_cases.verification import verify
from urs_desktop.counter.values import Customer, StoredRefund
from urs_desktop.domain.points import Points
from urs_desktop.protocol.operations import RefundBody, RefundLine, SaleTender

INVENTED_REFUND = (
    "INSERT INTO refunds SELECT 9, 1, happened_at, recorded_at, sale_op_id, card, total, cash_back, points_back, "
    "clawed, NULL, NULL, NULL, NULL FROM refunds WHERE receipt = 2"
)
INVENTED_SALE = (
    "INSERT INTO sales SELECT 9, 2, happened_at, recorded_at, card, total, points_paid, earned, NULL, NULL "
    "FROM sales WHERE receipt = 1"
)


@pytest.fixture
def store() -> Iterator[SqlStore]:
    opened = store_in_memory()
    yield opened
    opened.close()


@pytest.fixture
def counter(store: SqlStore) -> Counter:
    """A counter with a sale, two refunds of it, one after a refund elsewhere, and one without a receipt."""
    counter = make_counter(store)
    sell(counter, points=1000)
    refund(counter, pieces={1: 1})
    sale = counter.read(lambda book: book.sales.by_receipt(1))
    assert sale is not None
    counter.central.refunded_elsewhere(sale.op_id, b"e" * 16, RefundLine(1, "MUG", "", 1, 2000))
    refund(counter, pieces={2: 1})
    counter.refunding.complete(RefundOrder(goods=make_basket(make_line("5.00")), override=BOSS))
    assert findings(counter) == []
    return counter


def findings(counter: Counter) -> list[str]:
    return verify(counter.store, COUNTER_KEY.public_key)


@pytest.mark.parametrize(
    ("forgery", "finding"),
    [
        ("UPDATE refunds SET cash_back = cash_back + 1 WHERE receipt = 2", "Receipt 2 among the refunds is not"),
        ("UPDATE refunds SET clawed = 0 WHERE receipt = 2", "Receipt 2 among the refunds is not"),
        ("UPDATE refunds SET sale_op_id = x'00' WHERE receipt = 3", "Receipt 3 among the refunds is not"),
        ("UPDATE refunds SET override_operator = 'other' WHERE receipt = 4", "Receipt 4 among the refunds is not"),
        ("UPDATE refund_lines SET quantity = 2 WHERE receipt = 2", "Receipt 2 among the refunds is not"),
        ("UPDATE refund_tenders SET amount = 1 WHERE receipt = 3 AND n = 1", "Receipt 3 among the refunds is not"),
        ("DELETE FROM refund_lines WHERE receipt = 2", "Receipt 2 among the refunds is not"),
        ("UPDATE refunds_elsewhere SET quantity = 2", "Receipt 3 does not say what refunding"),
        ("UPDATE refunds_elsewhere SET quantity = 3", "Receipt 3 does not say what refunding"),
        ("UPDATE policies SET reward_bp = reward_bp + 1", "Version 1 of policy policy-1 was changed"),
        ("UPDATE policies SET valid_until = 5", "Version 1 of policy policy-1 was changed"),
        ("UPDATE policies SET digest = x'00'", "Version 1 of policy policy-1 was changed"),
        ("UPDATE customers SET available = -1", f"Customer {CARD} has less than no points"),
        ("UPDATE chain SET receipt = 3", "The newest receipt should be 4, the counter says 3"),
        ("UPDATE sales SET total = total + 1", "Receipt 1 among the sales is not"),
        (
            INVENTED_REFUND,
            "There are 4 refunds, of which only 3 were signed",
        ),
        (
            INVENTED_SALE,
            "There are 2 sales, of which only 1 were signed",
        ),
    ],
)
def test_what_was_changed_is_named(counter: Counter, store: SqlStore, forgery: str, finding: str) -> None:
    forged(store, forgery)
    found = findings(counter)
    assert any(finding in each for each in found), found


def test_a_refund_that_is_gone_is_named(counter: Counter, store: SqlStore) -> None:
    rows = ("refund_lines", "refund_tenders", "refunds_elsewhere", "refunds")
    forged(store, *(f"DELETE FROM {table} WHERE receipt = 2" for table in rows))
    assert findings(counter) == ["Receipt 2 was signed but is not among the refunds."]


def test_a_policy_changed_with_its_digest_is_named_by_the_sales_that_cite_it(counter: Counter, store: SqlStore) -> None:
    changed = make_policy(reward_bp=1000)
    forged(store, f"UPDATE policies SET reward_bp = 1000, digest = x'{changed.digest().hex()}'")
    found = findings(counter)
    assert found[0] == "Receipt 1 was reckoned with version 1 of policy policy-1, which is not as it was then."
    assert any("cannot be reckoned anew" in each for each in found)
    forged(store, "DELETE FROM policies")
    assert findings(counter) == found


def test_every_receipt_is_numbered_whether_sale_or_refund(counter: Counter, store: SqlStore) -> None:
    forged(store, "UPDATE operations SET kind = 'refound' WHERE seq = (SELECT seq FROM refunds WHERE receipt = 2)")
    assert any("Receipt 2 is missing or out of order" in each for each in findings(counter))


def sign(counter: Counter, **changed: Any) -> None:  # noqa: ANN401 - any field of a body
    """Let whoever has the counter's key sign a refund like receipt 2 with something changed, and store it."""

    def work(book: Book) -> None:
        first = book.refunds.by_receipt(2)
        assert first is not None
        number = book.operations.head().receipt + 1
        stamp = counter.recorder.stamp(book)
        same: dict[str, Any] = {"hlc": stamp.hlc, "receipt": number}
        body: RefundBody = msgspec.structs.replace(first.body, **{**same, **changed})
        operation = counter.recorder.append(book, body)
        book.refunds.put(StoredRefund(number, operation.op_id, operation.seq, body))

    counter.store.write(work)


class TestSignedWrongly:
    """Only figures can tell: hashes, signatures and rows all fit."""

    @pytest.fixture
    def plain(self, store: SqlStore) -> Counter:
        """A counter with a sale of three at 20.00 and a refund of one of them: 2000 back, 100 points taken."""
        counter = make_counter(store)
        counter.sell(make_line("20.00", 3))
        refund(counter, pieces={1: 1})
        sign(counter)
        assert findings(counter) == []
        return counter

    @pytest.mark.parametrize(
        ("changed", "finding"),
        [
            ({"clawed": 99}, "does not say what refunding from receipt 1 comes to"),
            ({"clawed": 101}, "does not say what refunding from receipt 1 comes to"),
            ({"points_back": 1, "cash_back": 1999}, "does not say what refunding from receipt 1 comes to"),
            ({"lines": (RefundLine(1, "MUG", "", 2, 2000),)}, "refunds more than was left of receipt 1"),
            ({"lines": (RefundLine(2, "MUG", "", 1, 2000),)}, "refunds more than was left of receipt 1"),
            ({"lines": (RefundLine(0, "MUG", "", 1, 2000),)}, "refunds more than was left of receipt 1"),
            ({"lines": (RefundLine(1, "MUG", "", 1, 1999),)}, "do not add up"),
            ({"tenders": (SaleTender("cash", 1, 1),)}, "do not add up"),
            ({"cash_back": 1999}, "do not add up"),
            ({"total": 1999}, "do not add up"),
            ({"card": "C-2"}, "names another customer or policy"),
            ({"policy": None}, "names another customer or policy"),
            ({"sale": None, "clawed": 0, "card": None}, "do not add up"),
            ({"receipt": 9}, "missing or out of order"),
        ],
        ids=str,
    )
    def test_it_is_named(self, plain: Counter, changed: dict[str, Any], finding: str) -> None:
        sign(plain, **changed)
        found = findings(plain)
        assert any(finding in each for each in found), found

    def test_more_than_was_sold_over_several_refunds(self, plain: Counter) -> None:
        sign(plain)
        assert findings(plain) == []
        sign(plain)
        found = findings(plain)
        assert "Receipt 5 refunds more than was left of receipt 1." in found

    def test_a_sale_of_another_counter_is_the_centres_to_reckon(self, plain: Counter) -> None:
        sign(plain, sale="ab" * 16, clawed=7)
        assert findings(plain) == []


def test_points_of_customers_at_or_above_nothing_are_fine(counter: Counter) -> None:
    counter.store.write(lambda book: book.customers.put(Customer("C-9", available=Points(0), as_of=NOON)))
    assert findings(counter) == []
