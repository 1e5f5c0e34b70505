"""Proving the shifts: a row that was changed, a step out of order, a Z report that says what nobody took.

Must never be content with a finding: it has to be the right one, and the only one.
"""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest

from tests.builders import COUNTER_KEY, Counter, make_counter, make_line, pounds
from tests.unit.counter.faults import PowerCutError, counted, cut_at, cut_at_commit, forged
from urs_desktop.counter.ports import Book
from urs_desktop.counter.store.book import SqlStore, store_in_memory
from urs_desktop.counter.use_cases.shifts import Shifts
from urs_desktop.counter.use_cases.verification import verify
from urs_desktop.protocol.codec import decode_body
from urs_desktop.protocol.operations import ShiftBody, ShiftFigure


@pytest.fixture
def store() -> Iterator[SqlStore]:
    opened = store_in_memory()
    yield opened
    opened.close()


@pytest.fixture
def counter(store: SqlStore) -> Counter:
    """A counter with a closed shift of two sales and an open one."""
    counter = make_counter(store)
    shifts = Shifts(store, counter.recorder)
    shifts.open(pounds(1000))
    counter.sell(make_line("20.00"))
    shifts.pay(pounds(-300), "milk")
    counter.sell(make_line("5.00"))
    shifts.close({2000: 1, 1000: 1, 200: 1})
    shifts.open(pounds(500))
    assert findings(counter) == []
    return counter


def findings(counter: Counter) -> list[str]:
    return verify(counter.store, COUNTER_KEY.public_key)


@pytest.mark.parametrize(
    ("forgery", "finding"),
    [
        ("UPDATE shifts SET expected = 0 WHERE number = 1", "Shift 1 among the shifts is not the one that was signed."),
        ("UPDATE shifts SET counted = 9 WHERE number = 1", "Shift 1 among the shifts is not the one that was signed."),
        ("UPDATE shifts SET opened_by = 'x' WHERE number = 2", "Shift 2 among the shifts is not"),
        ("UPDATE shifts SET closed_seq = NULL WHERE number = 1", "Shift 1 among the shifts is not"),
        ("DELETE FROM shifts WHERE number = 1", "Shift 1 among the shifts is not the one that was signed."),
        ("INSERT INTO shifts SELECT 3, 99, 0, '', 0, NULL, NULL, '', 0, 0", "Shift 3 was never signed."),
    ],
)
def test_a_changed_row_is_named(counter: Counter, store: SqlStore, forgery: str, finding: str) -> None:
    forged(store, forgery)
    (found,) = findings(counter)
    assert finding in found


def sign(counter: Counter, action: str, **changed: Any) -> None:  # noqa: ANN401 - any field of a body
    """Let whoever has the counter's key sign a step like the last one of its kind with something changed."""

    def work(book: Book) -> None:
        bodies = [decode_body(o.kind, o.schema, o.body) for o in book.operations.all() if o.kind == "shift"]
        like = [body for body in bodies if isinstance(body, ShiftBody) and body.action == action][-1]
        stamp = counter.recorder.stamp(book)
        fresh: dict[str, Any] = {"hlc": stamp.hlc, "recorded_at": stamp.now}
        counter.recorder.append(book, msgspec.structs.replace(like, **{**fresh, **changed}))

    counter.store.write(work)


@pytest.mark.parametrize(
    ("action", "changed", "finding"),
    [
        ("open", {"shift": 3}, "Shift 3 was opened out of order"),
        ("pay_out", {}, "is a step of shift 1, which was not open then"),
        ("close", {}, "is a step of shift 1, which was not open then"),
        ("close", {"shift": 2}, "The report of shift 2 does not say what its operations come to"),
        ("close", {"shift": 2, "expected": 500}, "The report of shift 2 does not say what its operations come to"),
        ("close", {"shift": 2, "figures": ()}, "The report of shift 2 does not say what its operations come to"),
        (
            "close",
            {"shift": 2, "figures": (ShiftFigure("sales", 3),)},
            "The report of shift 2 does not say what its operations come to",
        ),
        ("close", {"shift": 2, "counted": ()}, "The coins and notes counted in shift 2 do not add up"),
    ],
)
def test_what_was_signed_wrongly_is_named(counter: Counter, action: str, changed: dict[str, Any], finding: str) -> None:
    sign(counter, action, **changed)
    found = findings(counter)
    assert any(finding in each for each in found), found


STEPS: dict[str, Callable[[Shifts], object]] = {
    "pay": lambda shifts: shifts.pay(pounds(100), "coins"),
    "close": lambda shifts: shifts.close({500: 1}),
}


@pytest.mark.parametrize("step", STEPS)
def test_a_power_cut_at_any_statement_leaves_a_step_whole_or_not_there(
    counter: Counter, store: SqlStore, step: str
) -> None:
    shifts = Shifts(store, counter.recorder)
    before = (shifts.report(), store.read(lambda book: book.operations.head()))
    with counted(store) as statements, pytest.raises(PowerCutError), cut_at_commit(store):
        STEPS[step](shifts)
    assert len(statements) > 3
    for number in range(len(statements)):
        with pytest.raises(PowerCutError), cut_at(store, number):
            STEPS[step](shifts)
        assert (shifts.report(), store.read(lambda book: book.operations.head())) == before
    STEPS[step](shifts)
    assert findings(counter) == []
