"""The dashboard's presenter: times, scopes, bars, what is behind them, and files; late answers and lost connections."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.builders import DAY_MS, make_basket, make_line, make_policy
from tests.fakes.runners import ImmediateRunner, ManualRunner
from tests.fakes.shop import NOON, Shop, open_shop
from urs_desktop.counter.use_cases.dashboard import Span
from urs_desktop.counter.use_cases.ring_up import SaleOrder
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.ui.presenters.dashboard import DashboardPresenter
from urs_desktop.ui.presenters.dashboard_state import DashboardState
from urs_desktop.ui.presenters.formatting import Formats
from urs_desktop.ui.presenters.gate import OpenGate
from urs_desktop.ui.presenters.navigation import Navigator, Place
from urs_desktop.ui.presenters.notices import NoticeCode
from urs_desktop.ui.presenters.runner import Runner

HOUR = 3_600_000


class Files:
    """Keeps what was written; `failure` makes writing fail."""

    def __init__(self) -> None:
        self.written: dict[str, str] = {}
        self.failure: OSError | None = None

    def write(self, name: str, text: str) -> Path:
        if self.failure:
            raise self.failure
        self.written[name] = text
        return Path("documents") / name


@pytest.fixture
def files() -> Files:
    return Files()


@pytest.fixture
def shop() -> Shop:
    """A shop with two sales today and one yesterday, and one of another counter that arrived."""
    shop = open_shop()
    shop.store.write(lambda book: book.policies.put(make_policy(policy_id="early", valid_from=0)))
    for at, price in ((NOON - DAY_MS, "30.00"), (NOON - HOUR, "20.00"), (NOON, "5.00")):
        line = make_line(price, 1, "MUG", "White metal mug")
        shop.till.ring_up.complete(SaleOrder(make_basket(line), card="C-1001", happened_at=at))
    shop.central.sync(shop.store)
    shop.central.sold_elsewhere(2, b"2" * 16, shop.store.read(lambda book: book.sales.latest(1))[0].body)
    return shop


@pytest.fixture
def navigator() -> Navigator:
    return Navigator(OpenGate(), lambda: True, (Place.RECEIPTS, Place.DASHBOARD))


def present(shop: Shop, runner: Runner, navigator: Navigator, files: Files) -> DashboardPresenter:
    formats = Formats("en_GB", ZoneInfo("UTC"))
    return DashboardPresenter(shop.till, runner, shop.clock, formats, navigator, files.write)


@pytest.fixture
def board(shop: Shop, navigator: Navigator, files: Files) -> DashboardPresenter:
    made = present(shop, ImmediateRunner(), navigator, files)
    made.look()
    return made


@pytest.fixture
def runner() -> ManualRunner:
    return ManualRunner()


@pytest.fixture
def late(shop: Shop, runner: ManualRunner, navigator: Navigator, files: Files) -> DashboardPresenter:
    return present(shop, runner, navigator, files)


def said(board: DashboardPresenter) -> object:
    return board.state.notice.code if board.state.notice else None


def test_a_week_of_this_counter(board: DashboardPresenter) -> None:
    state = board.state
    assert (len(state.bars), state.everywhere, state.is_empty, state.busy, state.selected) == (
        7,
        False,
        False,
        False,
        None,
    )
    assert [bar.sales for bar in state.bars][-2:] == [1, 2]
    assert state.bars[-1].row == ("Fri, 15 Jan 2027", "2", "0", "£25.00", "100", "0", "£24.00")
    assert (state.bars[-1].label, state.bars[-1].profit) == ("15 Jan", 2400)
    assert (state.sums.sales, state.sums.issued, state.sums.revenue, state.sums.profit) == (
        "3",
        "250",
        "£55.00",
        "£52.50",
    )
    assert state.products == (("White metal mug", "3", "£55.00"),)
    assert state.age.recent


def test_today_is_shown_by_hours(board: DashboardPresenter) -> None:
    board.choose_span(Span.TODAY)
    assert len(board.state.bars) == 24
    assert [bar.row[0] for bar in board.state.bars if bar.sales] == ["07:00 \u2013 08:00", "08:00 \u2013 09:00"]


def test_all_counters_and_one_bar_for_each(board: DashboardPresenter) -> None:
    board.group(by_counter=True)
    state = board.state
    assert (state.everywhere, state.by_counter) == (True, True)
    assert [(bar.label, bar.revenue) for bar in state.bars] == [("1", 5500), ("2", 500)]
    assert state.sums.sales == "4"
    board.group(by_counter=False)
    assert (len(board.state.bars), board.state.everywhere) == (7, True)
    board.choose_scope(everywhere=False)
    assert board.state.sums.sales == "3"


def test_without_a_connection_it_says_so_and_shows_this_counter(shop: Shop, board: DashboardPresenter) -> None:
    shop.connect(online=False)
    board.group(by_counter=True)
    state = board.state
    assert (said(board), state.everywhere, state.by_counter) == (NoticeCode.CENTRAL_NEEDED, False, False)
    assert (state.sums.sales, len(state.bars), state.busy) == ("3", 7, False)


def test_along_the_bars_and_behind_one_and_back(board: DashboardPresenter, navigator: Navigator) -> None:
    board.drill()
    assert not board.back(), "no bar is chosen"
    for _ in range(2):
        board.move(1)
        assert board.state.selected == 6
    board.drill()
    behind = board.state.behind
    assert behind is not None
    assert behind.title == "Fri, 15 Jan 2027"
    assert [row[0] for row in behind.rows] == ["1-000003", "1-000002"]
    assert behind.rows[1][2:] == ("£20.00", "100", "0")
    board.move(-1)
    assert (board.state.selected, board.state.behind) == (5, None)
    board.drill()
    board.open_receipt(0)
    assert (navigator.state.place, navigator.state.about) == (Place.RECEIPTS, "1-000001")
    assert [board.back(), board.back()] == [True, False]


def test_receipts_of_another_counter_are_listed_and_not_opened(board: DashboardPresenter, navigator: Navigator) -> None:
    board.group(by_counter=True)
    board.select(1)
    board.drill()
    assert board.state.behind is not None
    assert [row[0] for row in board.state.behind.rows] == ["2-000003"]
    board.open_receipt(0)
    board.open_receipt(5)
    assert navigator.state.place is Place.SELL


def test_choosing_what_is_not_there(board: DashboardPresenter) -> None:
    board.select(7)
    board.select(-1)
    assert board.state.selected is None


def test_an_answer_that_was_overtaken_is_dropped(late: DashboardPresenter, runner: ManualRunner) -> None:
    late.choose_span(Span.MONTH)
    late.choose_span(Span.TODAY)
    runner.step(1)
    runner.step(0)
    assert (late.state.span, len(late.state.bars)) == (Span.TODAY, 24)


def test_figures_on_their_way_are_waited_for_before_a_bar_is_opened(
    late: DashboardPresenter, runner: ManualRunner
) -> None:
    late.look()
    runner.drain()
    late.move(1)
    late.choose_span(Span.MONTH)
    late.move(1)
    late.drill()
    runner.drain()
    assert (late.state.span, len(late.state.bars), late.state.behind) == (Span.MONTH, 30, None)


def test_the_bar_pressed_last_is_the_one_that_opens(late: DashboardPresenter, runner: ManualRunner) -> None:
    late.look()
    runner.drain()
    for place in (5, 6):
        late.select(place)
        late.drill()
    runner.drain()
    assert late.state.behind is not None
    assert late.state.behind.title == "Fri, 15 Jan 2027"
    assert len(late.state.behind.rows) == 2


def test_receipts_of_a_bar_no_longer_chosen_are_dropped(late: DashboardPresenter, runner: ManualRunner) -> None:
    late.look()
    runner.drain()
    late.move(1)
    late.drill()
    late.move(-1)
    runner.drain()
    assert (late.state.behind, late.state.busy) == (None, False)


def test_the_figures_as_a_file(board: DashboardPresenter, files: Files) -> None:
    board.save()
    lines = files.written["figures.csv"].splitlines()
    assert lines[0].startswith("from,to,sales,refunds,revenue")
    assert lines[-1] == "2027-01-15 00:00,2027-01-16 00:00,2,0,25.00,100,0,1.00,24.00"
    assert len(lines) == 8
    assert said(board) is NoticeCode.FILE_SAVED


def test_a_file_that_cannot_be_written(board: DashboardPresenter, files: Files) -> None:
    files.failure = PermissionError("no")
    board.save()
    assert said(board) is NoticeCode.FILE_NOT_SAVED


def test_nothing_is_saved_before_there_is_anything(late: DashboardPresenter, files: Files) -> None:
    late.save()
    assert files.written == {}


def test_a_refusal_is_said_and_the_figures_stay(board: DashboardPresenter) -> None:
    board.fail(Refusal(RefusalCode.COUNTER_REVOKED))
    assert (said(board), board.state.sums.sales) == (RefusalCode.COUNTER_REVOKED, "3")


def test_nothing_sold_is_empty(navigator: Navigator, files: Files) -> None:
    board = present(open_shop(), ImmediateRunner(), navigator, files)
    seen: list[DashboardState] = []
    board.watch(seen.append)
    board.look()
    board.move(1)
    assert (seen[-1].is_empty, len(seen[-1].bars), seen[-1].sums.profit) == (True, 7, "£0.00")
