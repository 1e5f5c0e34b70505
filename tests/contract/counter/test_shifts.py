"""What every store of the counter promises of shifts, and what the use case makes of them.

Must never know which store it runs against.
"""

from collections.abc import Callable

import pytest

from tests.builders import CARD, make_basket, make_line, pounds
from urs_desktop.counter.ports import Store
from urs_desktop.counter.use_cases.events import EventKind, Events
from urs_desktop.counter.use_cases.recording import Recorder
from urs_desktop.counter.use_cases.refund import Override, Refunding, RefundOrder
from urs_desktop.counter.use_cases.ring_up import RingUp, SaleOrder
from urs_desktop.counter.use_cases.shifts import ALLOWED_DIFFERENCE, Shifts
from urs_desktop.domain.purchase import CardPayment
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol.codec import decode_body
from urs_desktop.protocol.operations import ShiftBody

BOSS = Override("boss", "the float was wrong")


@pytest.fixture
def shifts(store: Store, recorder: Recorder) -> Shifts:
    return Shifts(store, recorder)


def code_of(act: Callable[[], object]) -> RefusalCode:
    with pytest.raises(Refusal) as refused:
        act()
    return refused.value.code


def steps(store: Store) -> list[ShiftBody]:
    bodies = [decode_body(o.kind, o.schema, o.body) for o in store.read(lambda book: book.operations.all())]
    return [body for body in bodies if isinstance(body, ShiftBody)]


def sell(store: Store, recorder: Recorder, price: str = "20.00", by_card: int = 0) -> None:
    cards = (CardPayment(pounds(by_card), "T-1"),) if by_card else ()
    RingUp(store, recorder).complete(SaleOrder(make_basket(make_line(price)), card=CARD, cards=cards))


def test_a_counter_without_shifts(shifts: Shifts) -> None:
    assert (shifts.current(), list(shifts.latest())) == (None, [])
    assert code_of(shifts.report) is RefusalCode.SHIFT_CLOSED
    assert code_of(lambda: shifts.close({})) is RefusalCode.SHIFT_CLOSED
    assert code_of(lambda: shifts.pay(pounds(100), "change")) is RefusalCode.SHIFT_CLOSED


def test_a_day_adds_up_to_the_penny(store: Store, recorder: Recorder, shifts: Shifts) -> None:
    sell(store, recorder, "99.99")
    shifts.open(pounds(10_000))
    sell(store, recorder, "20.00")
    sell(store, recorder, "30.00", by_card=1_000)
    shifts.pay(pounds(500), "change from the bank")
    shifts.pay(pounds(-250), "milk")
    refunding = Refunding(store, recorder, None)
    refunding.complete(RefundOrder(refunding.find("2"), {1: 1}))
    Events(store, recorder).note(EventKind.DRAWER_OPENED, "no_sale")
    Events(store, recorder).note(EventKind.SALE_VOIDED, "")
    report = shifts.report()
    totals = report.totals
    assert (totals.sales, totals.refunds, totals.first, totals.last) == (2, 1, 2, 4)
    assert (totals.total, totals.refunded, totals.tenders) == (5000, 2000, (("card", 1000), ("cash", 4000)))
    assert (totals.drawer, totals.voids) == (1, 1)
    assert [(each.amount, each.reason) for each in report.movements] == [(500, "change from the bank"), (-250, "milk")]
    assert report.expected == 10_000 + 4000 - 2000 + 500 - 250
    closed = shifts.close({5000: 2, 1000: 2, 200: 1, 50: 1})
    assert (closed.shift.counted, closed.difference) == (12_250, 0)
    assert shifts.current() is None
    sell(store, recorder, "7.00")
    assert shifts.report(1) == closed, "a closed shift stays as it was"
    assert closed.waiting == (2, 3, 4)


def test_every_step_is_signed(store: Store, recorder: Recorder, shifts: Shifts) -> None:
    shifts.open(pounds(1000))
    shifts.pay(pounds(300), "coins", BOSS)
    shifts.close({1000: 1, 100: 3})
    opened, paid, closed = steps(store)
    assert (opened.action, opened.shift, opened.amount, opened.currency) == ("open", 1, 1000, "GBP")
    assert (paid.action, paid.amount, paid.reason) == ("pay_in", 300, "coins")
    assert paid.override is not None
    assert paid.override.operator == "boss"
    assert (closed.action, closed.amount, closed.expected) == ("close", 1300, 1300)
    assert [(each.value, each.count) for each in closed.counted] == [(1000, 1), (100, 3)]
    assert {figure.what: figure.amount for figure in closed.figures}["paid_in"] == 300


def test_one_shift_at_a_time_numbered_in_order(shifts: Shifts) -> None:
    assert shifts.open(pounds(0)).number == 1
    assert code_of(lambda: shifts.open(pounds(0))) is RefusalCode.SHIFT_OPEN
    shifts.close({})
    assert shifts.open(pounds(0)).number == 2
    assert [shift.number for shift in shifts.latest()] == [2, 1]


def test_a_difference_needs_somebody_else_and_is_not_told(store: Store, shifts: Shifts) -> None:
    shifts.open(pounds(10_000))
    with pytest.raises(Refusal) as refused:
        shifts.close({1000: 9})
    assert refused.value.code is RefusalCode.DIFFERENCE_TOO_LARGE
    assert not refused.value.details, "a blind count stays blind"
    assert shifts.current() is not None
    assert len(steps(store)) == 1
    closed = shifts.close({1000: 9}, BOSS)
    assert closed.difference == -1000


@pytest.mark.parametrize("off", [ALLOWED_DIFFERENCE, -ALLOWED_DIFFERENCE])
def test_a_small_difference_is_the_cashiers(shifts: Shifts, off: int) -> None:
    shifts.open(pounds(10_000))
    assert shifts.close({1: 10_000 + off}).difference == off


@pytest.mark.parametrize(
    ("amount", "reason", "code"),
    [
        (0, "nothing", RefusalCode.AMOUNT_OUT_OF_RANGE),
        (100, "  ", RefusalCode.REASON_NEEDED),
        (100, "x" * 201, RefusalCode.TEXT_MALFORMED),
        (10**15, "much", RefusalCode.AMOUNT_OUT_OF_RANGE),
    ],
)
def test_what_cannot_be_paid_in(store: Store, shifts: Shifts, amount: int, reason: str, code: RefusalCode) -> None:
    shifts.open(pounds(0))
    assert code_of(lambda: shifts.pay(pounds(amount), reason)) is code
    assert len(steps(store)) == 1


def test_a_float_below_nothing(shifts: Shifts) -> None:
    assert code_of(lambda: shifts.open(pounds(-1))) is RefusalCode.AMOUNT_OUT_OF_RANGE
    assert shifts.current() is None
