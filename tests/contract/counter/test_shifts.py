"""What every store of the counter promises of shifts, and what the use case makes of them.

Must never know which store it runs against.
"""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.builders import CARD, GBP, make_basket, make_line, pounds
from urs_desktop.counter.ports import Store
from urs_desktop.counter.use_cases.events import EventKind, Events
from urs_desktop.counter.use_cases.recording import Recorder
from urs_desktop.counter.use_cases.refund import Override, Refunding, RefundOrder
from urs_desktop.counter.use_cases.ring_up import RingUp, SaleOrder
from urs_desktop.counter.use_cases.session import Person
from urs_desktop.counter.use_cases.shifts import Shifts
from urs_desktop.counter.values import ParkedOperation
from urs_desktop.domain.permissions import Role
from urs_desktop.domain.pricing import tax_rate
from urs_desktop.domain.purchase import CardPayment
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.domain.shift import difference_limit
from urs_desktop.protocol.codec import decode_body
from urs_desktop.protocol.operations import EventBody, PaidTender, PricedLine, PricedSaleBody, ShiftBody

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
    assert code_of(lambda: shifts.report(7)) is RefusalCode.SHIFT_UNKNOWN
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


@pytest.mark.parametrize("off", [difference_limit(GBP), -difference_limit(GBP)])
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


def miscounts(store: Store) -> list[EventBody]:
    bodies = [decode_body(o.kind, o.schema, o.body) for o in store.read(lambda book: book.operations.all())]
    return [body for body in bodies if isinstance(body, EventBody) and body.what == EventKind.COUNT_REFUSED]


def test_a_blind_count_is_not_tried_until_it_fits(store: Store, shifts: Shifts) -> None:
    shifts.open(pounds(10_000))
    assert code_of(lambda: shifts.close({1000: 8})) is RefusalCode.DIFFERENCE_TOO_LARGE
    assert code_of(lambda: shifts.close({1000: 9})) is RefusalCode.COUNTED_TOO_OFTEN
    assert code_of(lambda: shifts.close({1000: 10})) is RefusalCode.COUNTED_TOO_OFTEN, "what fits is not told either"
    assert [(each.subject, each.amount) for each in miscounts(store)] == [("1", 8000), ("1", 9000), ("1", 10_000)]
    closed = shifts.close({1000: 10}, BOSS)
    assert (closed.difference, closed.totals.miscounts, closed.closing.allowed_by) == (0, 3, "boss")


def test_counts_of_another_shift_are_over(shifts: Shifts) -> None:
    shifts.open(pounds(10_000))
    for _ in range(2):
        code_of(lambda: shifts.close({}))
    shifts.close({}, BOSS)
    shifts.open(pounds(0))
    assert shifts.close({}).totals.miscounts == 0


def test_nobody_allows_a_difference_of_their_own(store: Store, recorder: Recorder, shifts: Shifts) -> None:
    shifts.open(pounds(10_000))
    recorder.session.enter(Person("ANNA", "Anna", Role.CASHIER))
    own = Override("anna", "I counted well")
    assert code_of(lambda: shifts.close({}, own)) is RefusalCode.OVERRIDE_BY_SAME_PERSON
    assert code_of(lambda: shifts.close({}, Override("BOSS", " "))) is RefusalCode.OVERRIDE_NEEDED
    assert shifts.current() is not None
    recorder.session.enter(Person("MIA", "Mia", Role.MANAGER))
    shifts.close({}, Override("MIA", "the safe was robbed"))
    closed = steps(store)[-1]
    assert closed.operator == "MIA"
    assert closed.override is not None
    assert closed.override.reason == "the safe was robbed"


def test_a_step_is_whole_or_not_at_all(store: Store, recorder: Recorder, shifts: Shifts) -> None:
    """What fails after a step was written takes row and operation away together."""
    shifts.open(pounds(10_000))
    before = store.read(lambda book: book.operations.head())

    class Broken(Shifts):
        def _sign(self, *args: object, **more: object) -> tuple[int, ShiftBody]:
            super()._sign(*args, **more)  # type: ignore[arg-type]
            raise OSError("the disk is full")

    broken = Broken(store, recorder)
    for act in (lambda: broken.close({1000: 10}), lambda: broken.pay(pounds(5), "coins")):
        with pytest.raises(OSError, match="disk"):
            act()
    assert store.read(lambda book: book.operations.head()) == before
    assert shifts.current() is not None
    assert shifts.report().movements == ()


def test_what_the_centre_acknowledges_later(store: Store, recorder: Recorder, shifts: Shifts) -> None:
    shifts.open(pounds(0))
    for _ in range(3):
        sell(store, recorder)
    closed = shifts.close({1000: 6})
    assert closed.waiting == (1, 2, 3)
    seqs = [o.seq for o in store.read(lambda book: book.operations.all()) if o.kind == "sale"]
    store.write(lambda book: book.operations.acknowledge(seqs[1], [ParkedOperation(seqs[0], "sale", "card_unknown")]))
    now = shifts.acknowledged(closed)
    assert (now.waiting, now.set_aside) == ((3,), (1,))
    assert (now.totals, now.closing) == (closed.totals, closed.closing)
    assert shifts.report(1) == now


def test_the_tax_of_what_came_back(store: Store, recorder: Recorder, shifts: Shifts) -> None:
    tax = tax_rate(2000, included=True)
    taxed = replace(make_line("12.00", quantity=3), tax=tax)
    shifts.open(pounds(0))
    RingUp(store, recorder).complete(SaleOrder(make_basket(taxed, make_line("5.00")), card=CARD))
    refunding = Refunding(store, recorder, None)
    for _ in range(2):
        refunding.complete(RefundOrder(refunding.find("1"), {1: 1}))
    refunding.complete(RefundOrder(goods=make_basket(make_line("1.00")), override=BOSS))
    totals = shifts.report().totals
    assert [(t.rate, t.net, t.tax) for t in totals.taxes] == [(2000, 3000, 600)]
    assert [(t.rate, t.net, t.tax) for t in totals.refund_taxes] == [(2000, 2000, 400)]
    assert (totals.refunds, totals.refunded, totals.untaxed) == (3, 2500, 1)
    shifts.close({100: 16})
    assert {each.what: each.amount for each in steps(store)[-1].figures}["refund_tax.2000.in"] == 400


def test_refunds_in_parts_give_back_the_tax_of_their_line(store: Store, recorder: Recorder, shifts: Shifts) -> None:
    """Each third of 0.17 tax rounded by itself would make 0.18; each shift knows what came back in one before it."""
    taxed = replace(make_line("0.34", quantity=3), tax=tax_rate(2000, included=True))
    shifts.open(pounds(0))
    RingUp(store, recorder).complete(SaleOrder(make_basket(taxed, make_line("1.00"))))
    refunding = Refunding(store, recorder, None)
    refunding.complete(RefundOrder(refunding.find("1"), {1: 1}))
    refunding.complete(RefundOrder(refunding.find("1"), {1: 1, 2: 1}))
    first = shifts.report().totals
    shifts.close({})
    shifts.open(pounds(0))
    refunding.complete(RefundOrder(refunding.find("1"), {1: 1}))
    second = shifts.report().totals
    assert [(t.net, t.tax) for t in first.taxes] == [(85, 17)]
    assert [(t.net, t.tax) for t in first.refund_taxes] == [(57, 11)]
    assert [(t.net, t.tax) for t in second.refund_taxes] == [(28, 6)]


def test_discounts_taxes_and_every_tender(store: Store, recorder: Recorder, shifts: Shifts) -> None:
    """Bodies of both schemas in one shift; every figure is that of the bodies, added up a second way."""
    shifts.open(pounds(5000))
    sell(store, recorder, "10.00")
    lines = (
        PricedLine("A", "A", 2, 1000, 2, 1800, 0, discount=200, tax=300, tax_rate=2000),
        PricedLine("B", "B", 1, 1000, 2, 1050, 0, tax=50, tax_rate=500, tax_included=False),
        PricedLine("C", "C", 1, 333, 2, 333, 0),
    )
    tenders = (PaidTender("card", 1000, 1000, "T-9"), PaidTender("points", 83, 83), PaidTender("cash", 2100, 2100))
    stored = store.read(lambda book: book.sales.latest(1))[0].body
    body = PricedSaleBody(
        **{name: getattr(stored, name) for name in stored.__struct_fields__ if name not in _OTHERWISE},
        hlc=stored.hlc + 1,
        receipt=2,
        total=3183,
        points_paid=83,
        lines=lines,
        tenders=tenders,
        rounding=-3,
    )
    store.write(lambda book: recorder.append(book, body))
    totals = shifts.report().totals
    assert (totals.total, totals.discount, totals.rounding) == (4183, 200, -3)
    assert totals.gross == 4183 + 200 - 50
    assert [(t.rate, t.included, t.net, t.tax) for t in totals.taxes] == [
        (500, False, 1000, 50),
        (2000, True, 1500, 300),
    ]
    assert totals.tenders == (("card", 1000), ("cash", 3100), ("points", 83))
    closed = shifts.close({1000: 8, 50: 1, 20: 2, 5: 1, 2: 1})
    assert closed.expected == 5000 + 3100 - 3
    assert closed.difference == 0
    signed = {figure.what: figure.amount for figure in steps(store)[-1].figures}
    assert (signed["tender.card"], signed["tax.2000.in"], signed["tax.500.on"]) == (1000, 300, 50)


_OTHERWISE = ("hlc", "receipt", "total", "points_paid", "lines", "tenders")
