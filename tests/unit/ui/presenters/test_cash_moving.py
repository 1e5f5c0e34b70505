"""Cash beside sales, with a disk that fails at any moment: moved once, and never unsaid."""

import pytest

from tests.fakes.shop import Shop
from tests.unit.ui.presenters.test_shift import at, figures, present, said, typed
from urs_desktop.ui.presenters.notices import NoticeCode
from urs_desktop.ui.presenters.shift import ShiftPresenter
from urs_desktop.ui.presenters.shift_state import ShiftPhase


@pytest.fixture
def open_room(shop: Shop) -> ShiftPresenter:
    """A shift opened with 100.00."""
    room = present(shop)
    typed(room, "100")
    room.submit()
    return room


def lose_the_disk() -> None:
    raise OSError("no disk")


def pay_in_milk(room: ShiftPresenter) -> None:
    room.drawer.start(out=False)
    typed(room, "20")
    room.submit()
    room.edit(reason="milk")
    room.submit()


def paid_in(room: ShiftPresenter) -> str:
    room.reports.show_x()
    return figures(room)["paid_in"]


def test_cash_is_moved_once_though_saving_it_seemed_to_fail(shop: Shop, open_room: ShiftPresenter) -> None:
    shop.store.after_commit = lose_the_disk
    pay_in_milk(open_room)
    shop.store.after_commit = lambda: None
    assert (at(open_room), said(open_room)) == (ShiftPhase.OPEN, NoticeCode.CASH_MOVED_AFTER_ALL)
    assert open_room.state.notice is not None
    assert dict(open_room.state.notice.values) == {"amount": "£20.00", "reason": "milk"}
    assert paid_in(open_room) == "£20.00"


@pytest.mark.parametrize("kept", [True, False])
def test_cash_in_doubt_is_looked_for_before_it_is_moved_again(
    shop: Shop, open_room: ShiftPresenter, kept: bool
) -> None:
    def lose_everything() -> None:
        shop.store.before_read = lose_the_disk
        raise OSError("no disk")

    if kept:
        shop.store.after_commit = lose_everything
    else:
        shop.store.before_commit = lose_everything
    pay_in_milk(open_room)
    assert (at(open_room), said(open_room)) == (ShiftPhase.PAYING_IN, NoticeCode.CASH_IN_DOUBT)
    shop.store.before_read = shop.store.before_commit = shop.store.after_commit = lambda: None
    open_room.submit()
    assert said(open_room) is (NoticeCode.CASH_MOVED_AFTER_ALL if kept else NoticeCode.CASH_MOVED)
    assert paid_in(open_room) == "£20.00"
    open_room.back()
    pay_in_milk(open_room)
    assert said(open_room) is NoticeCode.CASH_MOVED, "the doubt is over"


def test_nothing_is_moved_where_saving_failed(shop: Shop, open_room: ShiftPresenter) -> None:
    shop.store.before_commit = lose_the_disk
    pay_in_milk(open_room)
    shop.store.before_commit = lambda: None
    assert at(open_room) is ShiftPhase.PAYING_IN
    open_room.submit()
    assert said(open_room) is NoticeCode.CASH_MOVED
    assert paid_in(open_room) == "£20.00"
