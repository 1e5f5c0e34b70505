"""Leaving while anything waits is asked about once and never refused; what was set aside is said once."""

from tests.fakes.shop import Shop
from tests.unit.ui.presenters.conftest import ring_up, said
from urs_desktop.counter.values import ParkedOperation
from urs_desktop.ui.presenters.notices import NoticeCode
from urs_desktop.ui.presenters.sell import SellPresenter
from urs_desktop.ui.presenters.sell_state import Overlay


def set_aside(shop: Shop, sell: SellPresenter, seq: int) -> None:
    parked = ParkedOperation(seq, "sale", "constraint")
    shop.store.write(lambda book: book.operations.acknowledge(0, [parked]))
    sell.refresh_status()


def test_with_nothing_waiting_the_window_closes(sell: SellPresenter) -> None:
    assert sell.leave.may_close()
    assert (sell.state.overlay, sell.state.left) == (Overlay.NONE, False)


def test_what_waits_is_said_first(sell: SellPresenter) -> None:
    ring_up(sell, "MUG")
    sell.accept()
    assert not sell.leave.may_close()
    assert (sell.state.overlay, sell.state.status.waiting) == (Overlay.LEAVING, "1")
    sell.back()
    assert sell.state.overlay is Overlay.NONE
    assert not sell.leave.may_close()
    sell.leave.close_anyway()
    assert sell.state.left
    assert sell.leave.may_close()


def test_the_next_scan_puts_the_question_away(sell: SellPresenter) -> None:
    ring_up(sell, "MUG")
    sell.accept()
    sell.leave.may_close()
    sell.entry.submit("BAG")
    assert sell.state.overlay is Overlay.NONE
    assert [line.sku for line in sell.state.lines] == ["BAG"]


def test_what_was_set_aside_is_asked_about_too(shop: Shop, sell: SellPresenter) -> None:
    set_aside(shop, sell, 1)
    assert not sell.leave.may_close()


def test_a_record_set_aside_is_said_once(shop: Shop, sell: SellPresenter) -> None:
    set_aside(shop, sell, 3)
    assert said(sell) is NoticeCode.SET_ASIDE
    assert sell.state.notice is not None
    assert sell.state.notice.values == (("kind", "sale"), ("reason_code", "constraint"))
    sell.back()
    sell.entry.submit("MUG")
    sell.refresh_status()
    assert said(sell) is None
    set_aside(shop, sell, 4)
    assert said(sell) is NoticeCode.SET_ASIDE


def test_it_waits_until_the_cashier_has_read_what_else_there_is(shop: Shop, sell: SellPresenter) -> None:
    sell.entry.submit("no such thing")
    before = said(sell)
    set_aside(shop, sell, 3)
    assert said(sell) is before is not None
    sell.entry.submit("MUG")
    sell.refresh_status()
    assert said(sell) is NoticeCode.SET_ASIDE
