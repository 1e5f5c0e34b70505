"""A counter that has shifts asks for one to be opened, once for each sale, and holds nothing up."""

import pytest

from tests.fakes.shop import Shop
from tests.unit.ui.presenters.conftest import ring_up, said
from urs_desktop.counter.use_cases.preferences import Preferences
from urs_desktop.domain.money import Money
from urs_desktop.ui.presenters.notices import NoticeCode
from urs_desktop.ui.presenters.sell import SellPresenter
from urs_desktop.ui.presenters.sell_state import Phase


@pytest.fixture
def one_closed(shop: Shop) -> Shop:
    """A counter whose first shift is closed."""
    shop.till.shifts.open(Money(0, shop.till.identity.currency))
    shop.till.shifts.close({})
    return shop


def test_a_counter_that_never_had_a_shift_is_not_asked(sell: SellPresenter) -> None:
    sell.refresh_status()
    assert said(sell) is None
    assert (sell.state.status.shift, sell.state.status.shift_closed) == ("", False)


def test_it_asks_and_names_the_key(one_closed: Shop, sell: SellPresenter) -> None:
    sell.refresh_status()
    assert said(sell) is NoticeCode.SHIFT_NEEDED
    assert sell.state.notice is not None
    assert dict(sell.state.notice.values) == {"key": "Insert"}
    assert sell.state.status.shift_closed
    one_closed.till.setup.keep(Preferences(keys={"shift": "F16"}))
    sell.back()
    ring_up(sell, "BAG")
    sell.accept()
    sell.new_sale()
    sell.refresh_status()
    assert sell.state.notice is not None
    assert dict(sell.state.notice.values) == {"key": "F16"}


def test_it_holds_up_no_sale_and_asks_once_for_each(one_closed: Shop, sell: SellPresenter) -> None:
    sell.refresh_status()
    ring_up(sell, "BAG")
    sell.refresh_status()
    assert said(sell) is None, "nothing is said over the sale"
    sell.accept()
    assert sell.state.phase is Phase.RECEIPT
    sell.refresh_status()
    assert said(sell) is not NoticeCode.SHIFT_NEEDED
    sell.new_sale()
    sell.refresh_status()
    assert said(sell) is NoticeCode.SHIFT_NEEDED
    sell.back()
    sell.refresh_status()
    assert said(sell) is None, "once for each sale"


def test_a_sale_that_has_begun_is_not_talked_over(shop: Shop, sell: SellPresenter) -> None:
    sell.entry.scan("BAG")
    assert sell.state.phase is Phase.SELLING
    assert sell.state.lines
    shop.till.shifts.open(Money(0, shop.till.identity.currency))
    shop.till.shifts.close({})
    sell.refresh_status()
    assert (said(sell), sell.state.status.shift_closed) == (None, True)


def test_it_is_silent_once_a_shift_is_open(one_closed: Shop, sell: SellPresenter) -> None:
    sell.refresh_status()
    assert said(sell) is NoticeCode.SHIFT_NEEDED
    one_closed.till.shifts.open(Money(0, one_closed.till.identity.currency))
    sell.refresh_status()
    assert said(sell) is None
    assert sell.state.status.shift == "2"
