"""The shift room's presenter: float, cash in and out, the blind count, and reports that add up."""

from dataclasses import asdict

import pytest

from tests.fakes.runners import ImmediateRunner, ManualRunner
from tests.fakes.shop import Shop
from tests.unit.ui.presenters.conftest import ring_up
from tests.unit.ui.presenters.test_sell_prices import SlowGate
from urs_desktop.counter.paper.reader import Kicked
from urs_desktop.counter.use_cases.session import Person
from urs_desktop.domain.permissions import Permission, Role
from urs_desktop.domain.refusals import RefusalCode
from urs_desktop.protocol.codec import decode_body
from urs_desktop.protocol.operations import EventBody
from urs_desktop.ui.presenters.formatting import Formats
from urs_desktop.ui.presenters.gate import Gate, OpenGate
from urs_desktop.ui.presenters.notices import NoticeCode
from urs_desktop.ui.presenters.report_desk import STAYS_MS
from urs_desktop.ui.presenters.runner import Runner
from urs_desktop.ui.presenters.sell import SellPresenter
from urs_desktop.ui.presenters.shift import ShiftPresenter
from urs_desktop.ui.presenters.shift_state import ShiftPhase


def present(shop: Shop, runner: Runner | None = None, gate: Gate | None = None) -> ShiftPresenter:
    room = ShiftPresenter(shop.till, runner or ImmediateRunner(), shop.clock, Formats(), gate or OpenGate())
    room.begin()
    return room


def said(room: ShiftPresenter) -> object:
    return room.state.notice.code if room.state.notice else None


def at(room: ShiftPresenter) -> ShiftPhase:
    return room.state.phase


def typed(room: ShiftPresenter, keys: str) -> None:
    for key in keys:
        room.press(key)


def figures(room: ShiftPresenter) -> dict[str, str]:
    assert room.state.report is not None
    return {row.code: row.figure for row in room.state.report.rows}


@pytest.fixture
def room(shop: Shop) -> ShiftPresenter:
    return present(shop)


@pytest.fixture
def open_room(room: ShiftPresenter) -> ShiftPresenter:
    """A shift opened with 100.00."""
    typed(room, "100")
    room.submit()
    return room


def test_a_shift_is_opened_with_its_float(room: ShiftPresenter) -> None:
    assert at(room) is ShiftPhase.CLOSED
    typed(room, "100.5")
    room.submit()
    assert (at(room), room.state.number, said(room)) == (ShiftPhase.OPEN, "1", NoticeCode.SHIFT_OPENED)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("much", RefusalCode.AMOUNT_MALFORMED),
        ("-5", RefusalCode.AMOUNT_OUT_OF_RANGE),
        ("1.234", RefusalCode.AMOUNT_TOO_PRECISE),
    ],
)
def test_a_float_that_is_none(room: ShiftPresenter, text: str, code: RefusalCode) -> None:
    room.edit(amount=text)
    room.submit()
    assert (at(room), said(room)) == (ShiftPhase.CLOSED, code)


def test_cash_out_takes_a_reason(open_room: ShiftPresenter) -> None:
    open_room.drawer.start(out=True)
    typed(open_room, "20")
    open_room.submit()
    assert open_room.state.on_reason, "Enter goes on to the reason"
    open_room.submit()
    assert said(open_room) is RefusalCode.REASON_NEEDED
    open_room.edit(reason="milk")
    open_room.submit()
    assert (at(open_room), said(open_room)) == (ShiftPhase.OPEN, NoticeCode.CASH_MOVED)
    open_room.reports.show_x()
    assert (figures(open_room)["float"], figures(open_room)["paid_out"]) == ("£100.00", "-£20.00")


def test_the_x_report_tells_what_was_sold_and_not_what_should_be_there(
    open_room: ShiftPresenter, sell: SellPresenter
) -> None:
    ring_up(sell, "CAKE", card="C-1001")
    sell.pay.offer_points(500)
    sell.accept()
    open_room.reports.show_x()
    shown = figures(open_room)
    assert (shown["sales"], shown["tender_cash"], shown["tender_points"]) == ("£100.00", "£95.00", "£5.00")
    assert (shown["earned"], shown["redeemed"]) == ("475", "500")
    assert not {"expected", "counted", "over", "short", "even"} & set(shown)
    assert open_room.state.report is not None
    assert open_room.state.report.verdict is None
    assert open_room.state.report is not None
    assert open_room.state.report.missing == ("1-000001",)
    open_room.submit()
    assert at(open_room) is ShiftPhase.OPEN


def test_the_count_is_blind(open_room: ShiftPresenter, sell: SellPresenter) -> None:
    ring_up(sell, "CAKE")
    sell.accept()
    open_room.counting.start()
    everything = repr(asdict(open_room.state))
    assert "200" not in everything.replace("£200", ""), "what should be there is nowhere in the state"
    assert "ReportView" not in everything
    typed(open_room, "4")
    assert open_room.state.counted == "£200.00"
    open_room.counting.close()
    assert (figures(open_room)["expected"], figures(open_room)["even"]) == ("£200.00", "£0.00")
    assert said(open_room) is NoticeCode.SHIFT_CLOSED_NOW
    report = open_room.state.report
    assert report is not None
    assert report.is_final


def test_enter_goes_from_coin_to_coin_and_closes_at_the_last(open_room: ShiftPresenter) -> None:
    open_room.counting.start()
    typed(open_room, "2")
    for _ in range(len(open_room.state.counts)):
        open_room.submit()
    assert at(open_room) is ShiftPhase.REPORT
    assert figures(open_room)["counted"] == "£100.00"


def test_a_count_that_was_left_is_gone_on_with(open_room: ShiftPresenter) -> None:
    open_room.counting.start()
    typed(open_room, "12")
    open_room.press("back")
    assert open_room.back()
    assert at(open_room) is ShiftPhase.OPEN
    open_room.counting.start()
    assert open_room.state.counted == "£50.00"


@pytest.mark.parametrize("text", ["-1", "x", "1.5", "100000", "\u0663"])
def test_what_is_no_number_of_pieces_changes_nothing(open_room: ShiftPresenter, text: str) -> None:
    open_room.counting.start()
    open_room.counting.count(0, "3")
    open_room.counting.count(0, text)
    assert open_room.state.counts[0][1] == "3"


def test_too_far_off_somebody_else_allows_it(shop: Shop) -> None:
    gate = SlowGate()
    room = present(shop, gate=gate)
    typed(room, "100")
    room.submit()
    gate.allow()
    room.counting.start()
    assert at(room) is ShiftPhase.OPEN, "who may not close may not count either"
    gate.allow()
    room.counting.close()
    gate.allow()
    assert (said(room), at(room), room.state.too_far_off) == (
        RefusalCode.DIFFERENCE_TOO_LARGE,
        ShiftPhase.COUNTING,
        True,
    )
    room.counting.allow_difference()
    assert gate.asked[-1][0] is Permission.CLOSE_WITH_DIFFERENCE
    gate.allow()
    assert figures(room)["short"] == "£100.00"
    gate.allow()
    assert shop.till.shifts.latest()[0].closed_seq is not None


def test_a_second_press_closes_once(shop: Shop) -> None:
    runner = ManualRunner()
    room = present(shop, runner)
    runner.drain()
    typed(room, "0")
    room.submit()
    room.submit()
    runner.drain()
    room.counting.start()
    room.counting.close()
    room.counting.close()
    room.submit()
    assert not room.back(), "while it is stored there is no step to go back"
    runner.drain()
    assert len(shop.till.shifts.latest()) == 1
    assert at(room) is ShiftPhase.REPORT


def test_closed_shifts_are_listed_and_shown_again(shop: Shop, open_room: ShiftPresenter) -> None:
    open_room.counting.start()
    typed(open_room, "2")
    open_room.counting.close()
    open_room.submit()
    assert at(open_room) is ShiftPhase.REPORT, "Enter was still meant for closing"
    shop.clock.advance(STAYS_MS)
    open_room.submit()
    assert at(open_room) is ShiftPhase.CLOSED
    assert [(row[0], row[3]) for row in open_room.state.shifts] == [("1", "£0.00")]
    open_room.reports.show(0)
    assert open_room.state.report is not None
    assert open_room.state.report.is_final


def test_the_report_is_printed(shop: Shop, open_room: ShiftPresenter) -> None:
    open_room.reports.show_x()
    open_room.reports.print_lines("X report", [("Sales", "£0.00")])
    assert said(open_room) is RefusalCode.NO_PRINTER
    assert at(open_room) is ShiftPhase.REPORT
    shop.till.setup.keep(type(shop.till.setup.read())(printer="virtual"))
    open_room.reports.print_lines("X report", [("Sales", "£0.00")])
    assert said(open_room) is NoticeCode.REPORT_PRINTING


def test_no_shift_is_opened_by_a_key_too_many(shop: Shop, room: ShiftPresenter) -> None:
    room.submit()
    assert (at(room), said(room)) == (ShiftPhase.CLOSED, RefusalCode.FLOAT_NEEDED)
    assert not shop.till.shifts.latest()
    typed(room, "0")
    room.submit()
    assert at(room) is ShiftPhase.OPEN


@pytest.mark.parametrize("out", [True, False])
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("-5", RefusalCode.AMOUNT_OUT_OF_RANGE),
        ("0", RefusalCode.AMOUNT_OUT_OF_RANGE),
        ("", RefusalCode.AMOUNT_MALFORMED),
    ],
)
def test_no_amount_turns_paying_out_into_paying_in(
    open_room: ShiftPresenter, out: bool, text: str, code: RefusalCode
) -> None:
    open_room.drawer.start(out=out)
    open_room.edit(amount=text)
    open_room.submit()
    assert (said(open_room), open_room.state.on_reason) == (code, False)
    open_room.edit(reason="milk")
    open_room.submit()
    assert said(open_room) == code
    assert at(open_room) is (ShiftPhase.PAYING_OUT if out else ShiftPhase.PAYING_IN)


@pytest.mark.parametrize(("role", "tells"), [(Role.SUPERVISOR, False), (Role.MANAGER, True)])
def test_who_may_look_into_the_drawer(shop: Shop, open_room: ShiftPresenter, role: Role, tells: bool) -> None:
    shop.till.session.enter(Person("MIA", "Mia", role))
    open_room.reports.show_x()
    assert ("expected" in figures(open_room)) == tells


def test_the_third_count_is_somebody_elses(shop: Shop, open_room: ShiftPresenter) -> None:
    open_room.counting.start()
    for count in ("5", "6"):
        open_room.counting.clear()
        typed(open_room, count)
        open_room.counting.close()
    assert (said(open_room), open_room.state.too_far_off) == (RefusalCode.COUNTED_TOO_OFTEN, True)
    open_room.counting.clear()
    typed(open_room, "2")
    open_room.counting.close()
    assert said(open_room) is RefusalCode.COUNTED_TOO_OFTEN, "what fits is not told either"
    assert open_room.state.too_far_off
    open_room.counting.allow_difference()
    assert (figures(open_room)["even"], figures(open_room)["miscounts"]) == ("£0.00", "3")


def test_what_is_acknowledged_meanwhile(shop: Shop, open_room: ShiftPresenter, sell: SellPresenter) -> None:
    ring_up(sell, "CAKE")
    sell.accept()
    open_room.reports.show_x()
    open_room.reports.refresh()
    assert missing(open_room) == ("1-000001",)
    head = shop.store.read(lambda book: book.operations.head())
    shop.store.write(lambda book: book.operations.acknowledge(head.seq, []))
    open_room.reports.refresh()
    assert missing(open_room) == ()


def missing(room: ShiftPresenter) -> tuple[str, ...]:
    assert room.state.report is not None
    return room.state.report.missing


def test_a_report_that_was_put_away_stays_away(shop: Shop, sell: SellPresenter) -> None:
    runner = ManualRunner()
    room = present(shop, runner)
    runner.drain()
    typed(room, "0")
    room.submit()
    runner.drain()
    ring_up(sell, "CAKE")
    sell.accept()
    room.reports.show_x()
    runner.drain()
    room.reports.refresh()
    room.submit()
    runner.drain()
    assert (at(room), room.state.report) == (ShiftPhase.OPEN, None)


def test_the_drawer_opens_for_cash_and_the_count_is_signed(shop: Shop, room: ShiftPresenter) -> None:
    shop.prefer(printer="virtual")
    typed(room, "100")
    room.submit()
    room.drawer.start(out=True)
    room.edit(amount="5")
    room.edit(reason="milk")
    room.submit()
    assert shop.printers.printed().count(Kicked()) == 2
    assert events(shop) == [], "opening and paying out are signed themselves"
    room.counting.start()
    assert shop.printers.printed().count(Kicked()) == 3
    assert events(shop) == ["count"]


def test_no_drawer_opens_where_none_is_wanted(shop: Shop, open_room: ShiftPresenter) -> None:
    shop.prefer(printer="virtual", opens_drawer=False)
    open_room.counting.start()
    assert Kicked() not in shop.printers.printed()
    assert events(shop) == [], "nothing is signed that did not happen"


def events(shop: Shop) -> list[str]:
    operations = shop.store.read(lambda book: book.operations.all())
    bodies = [decode_body(each.kind, each.schema, each.body) for each in operations]
    return [body.subject for body in bodies if isinstance(body, EventBody)]
