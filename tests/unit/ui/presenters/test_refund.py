"""The refund room's presenter: found, chosen, quoted, confirmed once; and what goes wrong on the way."""

from dataclasses import replace

import pytest

from tests.fakes.runners import ImmediateRunner, ManualRunner
from tests.fakes.shop import Shop, open_shop
from tests.unit.ui.presenters.conftest import present as selling
from tests.unit.ui.presenters.conftest import ring_up
from tests.unit.ui.presenters.test_sell_prices import SlowGate
from urs_desktop.counter.use_cases.refund import RefundOrder
from urs_desktop.domain.permissions import Permission
from urs_desktop.domain.pricing import TaxRate
from urs_desktop.domain.refusals import RefusalCode
from urs_desktop.protocol.operations import PricedSaleBody
from urs_desktop.ui.presenters.formatting import Formats
from urs_desktop.ui.presenters.gate import Gate, OpenGate
from urs_desktop.ui.presenters.notices import NoticeCode
from urs_desktop.ui.presenters.refund import RefundPresenter
from urs_desktop.ui.presenters.refund_state import QuoteView, RefundPhase
from urs_desktop.ui.presenters.runner import Runner
from urs_desktop.ui.presenters.sell import SellPresenter
from urs_desktop.ui.presenters.sell_state import EntryMode


def present(shop: Shop, runner: Runner | None = None, gate: Gate | None = None) -> RefundPresenter:
    presenter = RefundPresenter(shop.till, runner or ImmediateRunner(), Formats(), gate or OpenGate())
    presenter.begin()
    return presenter


def said(room: RefundPresenter) -> object:
    return room.state.notice.code if room.state.notice else None


def refunds(shop: Shop) -> int:
    return shop.store.read(lambda book: book.refunds.count())


@pytest.fixture(autouse=True)
def _sold(shop: Shop, sell: SellPresenter) -> None:
    """One sale of three mugs and a cake, paid partly with points by Maria."""
    sell.entry.submit("3*MUG")
    ring_up(sell, "CAKE", card="C-1001")
    sell.pay.offer_points(500)
    sell.accept()


@pytest.fixture
def room(shop: Shop) -> RefundPresenter:
    return present(shop)


def test_the_newest_receipts_are_offered(room: RefundPresenter) -> None:
    assert [(row[0], row[2], row[3]) for row in room.state.found] == [("1-000001", "£107.65", "Maria Lindqvist")]
    room.choose(0)
    assert (room.state.phase, room.state.number) == (RefundPhase.CHOOSING, "1-000001")
    assert [(line.sold, line.back, line.left, line.chosen) for line in room.state.lines] == [
        ("3", "", 3, 0),
        ("1", "", 1, 0),
    ]


@pytest.mark.parametrize("typed", ["1", "1-1", "1-000001", " 1-000001 "])
def test_by_number_however_it_is_typed(room: RefundPresenter, typed: str) -> None:
    room.edit(typed)
    room.submit()
    assert room.state.number == "1-000001"


def test_by_customer_when_only_one_receipt_fits(room: RefundPresenter) -> None:
    room.edit("C-1001")
    room.submit()
    assert room.state.phase is RefundPhase.CHOOSING


def test_several_that_fit_are_listed(shop: Shop, sell: SellPresenter) -> None:
    sell.new_sale()
    ring_up(sell, "CAKE", card="C-1001")
    sell.accept()
    room = present(shop)
    room.edit("C-1001")
    room.submit()
    assert (said(room), len(room.state.found)) == (NoticeCode.CHOOSE_RECEIPT, 2)


@pytest.mark.parametrize("typed", ["999", "nobody"])
def test_what_nobody_knows(room: RefundPresenter, typed: str) -> None:
    room.edit(typed)
    room.submit()
    assert (said(room), room.state.phase) == (RefusalCode.RECEIPT_UNKNOWN, RefundPhase.LOOKING)


def test_what_it_gives_and_takes_is_said_before(shop: Shop, room: RefundPresenter) -> None:
    room.choose(0)
    room.take(1, 2)
    # 5.10 of 107.65, of which 500 points paid: floor(500 * 510 / 10765) = 23 points and 4.87 in cash;
    # earned floor(10265 * 5 %) = 513, without the 4.87 floor(9778 * 5 %) = 488
    assert room.state.quote == QuoteView("£5.10", "£4.87", points="23", clawed="25")
    assert room.state.lines[0].worth == "£5.10"
    assert refunds(shop) == 0


def test_cash_is_said_in_the_coins_there_are() -> None:
    shop = open_shop(code="CHF")
    shop.stock("TEA", "Tea", "3.02")
    sell = selling(shop, ImmediateRunner())
    ring_up(sell, "TEA")
    sell.accept()
    room = present(shop)
    room.choose(0)
    room.take_all()
    assert room.state.quote == QuoteView("CHF\u00a03.02", "CHF\u00a03.00")
    room.confirm()
    assert room.state.done is not None
    assert (room.state.done.total, room.state.done.cash) == ("CHF\u00a03.02", "CHF\u00a03.00")


def test_confirmed_once_whatever_is_pressed(shop: Shop, room: RefundPresenter) -> None:
    room.choose(0)
    room.take_all()
    room.confirm()
    room.confirm()
    room.submit()
    assert refunds(shop) == 1
    room.begin("1-000001")
    assert said(room) is NoticeCode.ALL_REFUNDED
    room.take_all()
    room.confirm()
    assert (said(room), refunds(shop)) == (RefusalCode.REFUND_EMPTY, 1)


def test_done_says_what_went_back(room: RefundPresenter) -> None:
    room.choose(0)
    room.take(2, 1)
    room.confirm()
    done = room.state.done
    assert done is not None
    assert (done.number, done.sale_number, done.total, done.cash, done.points) == (
        "1-000002",
        "1-000001",
        "£100.00",
        "£95.36",
        "464",
    )
    assert said(room) is NoticeCode.REFUND_DONE
    assert not room.back(), "from here Esc leads to selling"


def test_a_slow_store_and_an_impatient_hand(shop: Shop) -> None:
    runner = ManualRunner()
    room = present(shop, runner)
    runner.drain()
    room.choose(0)
    runner.drain()
    room.take_all()
    room.confirm()
    room.confirm()
    room.take(1, 0)
    assert room.back(), "a refund that is being stored is not left"
    assert room.state.phase is RefundPhase.COMPLETING
    runner.drain()
    assert (room.state.phase, refunds(shop)) == (RefundPhase.DONE, 1)


def test_pieces_stay_within_what_is_left(room: RefundPresenter) -> None:
    room.choose(0)
    for _ in range(5):
        room.step(1)
    assert room.state.lines[0].chosen == 3
    room.take(1, -4)
    assert room.state.lines[0].chosen == 0
    room.press("2")
    room.press("9")
    assert room.state.lines[0].chosen == 3
    room.press("back")
    assert room.state.lines[0].chosen == 0
    room.take(7, 1)
    room.take_all()
    room.take_all()
    assert room.state.quote is None


def test_somebody_else_refunds_meanwhile(shop: Shop, room: RefundPresenter) -> None:
    room.choose(0)
    room.take(1, 3)
    found = shop.till.refunding.find("1")
    shop.till.refunding.complete(RefundOrder(found, {1: 2}))
    room.confirm()
    assert said(room) is RefusalCode.REFUND_EXCEEDS_SALE
    assert (room.state.lines[0].left, room.state.lines[0].chosen) == (1, 1), "the sale is shown as it is by now"
    room.confirm()
    assert refunds(shop) == 2


def test_without_a_connection_what_happened_elsewhere_may_be_missing(shop: Shop) -> None:
    shop.connect(online=False)
    room = present(shop)
    room.choose(0)
    assert (said(room), room.state.confirmed) == (NoticeCode.REFUNDS_ELSEWHERE, False)
    room.take_all()
    room.confirm()
    assert refunds(shop) == 1


def test_another_counters_receipt_needs_a_connection(shop: Shop) -> None:
    shop.connect(online=False)
    room = present(shop)
    room.edit("7-000001")
    room.submit()
    assert said(room) is RefusalCode.RECEIPT_NEEDS_CONNECTION


def test_who_may_not_waits_for_somebody_who_may(shop: Shop) -> None:
    gate = SlowGate()
    room = present(shop, gate=gate)
    room.choose(0)
    room.take_all()
    room.confirm()
    assert gate.asked == [(Permission.REFUND, "1-000001")]
    assert refunds(shop) == 0
    gate.allow()
    gate.allow()
    assert refunds(shop) == 1


def test_a_late_answer_does_not_open_a_sale_that_was_left(shop: Shop) -> None:
    runner = ManualRunner()
    room = present(shop, runner)
    runner.drain()
    room.choose(0)
    room.begin()
    runner.drain()
    assert (room.state.phase, room.state.number) == (RefundPhase.LOOKING, "")


def test_a_scanned_receipt_leads_to_its_refund(sell: SellPresenter) -> None:
    led: list[str] = []
    sell.scans.to_receipt = led.append
    sell.new_sale()
    sell.entry.submit("1-000001")
    assert led == ["1-000001"]
    assert not sell.state.lines


def test_a_failure_after_it_was_stored_refunds_nothing_twice(shop: Shop, room: RefundPresenter) -> None:
    room.choose(0)
    room.take(1, 1)
    shop.store.after_commit = fail
    room.confirm()
    shop.store.after_commit = nothing
    assert (room.state.phase, said(room)) == (RefundPhase.DONE, NoticeCode.REFUND_DONE)
    room.submit()
    assert refunds(shop) == 1


def test_a_failure_before_it_was_stored_keeps_what_was_chosen(shop: Shop, room: RefundPresenter) -> None:
    room.choose(0)
    room.take(1, 1)
    shop.store.before_commit = fail
    room.confirm()
    shop.store.before_commit = nothing
    assert (room.state.phase, said(room), refunds(shop)) == (RefundPhase.CHOOSING, NoticeCode.DISK_TROUBLE, 0)
    room.confirm()
    assert refunds(shop) == 1


def test_a_refund_in_doubt_is_looked_at_anew(shop: Shop, room: RefundPresenter) -> None:
    def stored_and_gone() -> None:
        shop.store.before_read = fail
        fail()

    room.choose(0)
    room.take(1, 1)
    shop.store.after_commit = stored_and_gone
    room.confirm()
    shop.store.after_commit = shop.store.before_read = nothing
    assert (room.state.phase, said(room), refunds(shop)) == (RefundPhase.LOOKING, NoticeCode.DISK_TROUBLE, 1)
    room.submit()
    room.choose(0)
    assert room.state.lines[0].back == "1"


def fail() -> None:
    raise OSError("the disk is gone")


def nothing() -> None:
    """Fail no more."""


@pytest.mark.parametrize("included", [True, False])
@pytest.mark.parametrize("parts", [(1, 1, 1), (2, 1), (1, 2)])
def test_the_parts_of_a_priced_sale_add_up_to_the_penny_and_the_tax(
    shop: Shop, sell: SellPresenter, parts: tuple[int, ...], included: bool
) -> None:
    taxed = replace(shop.stock("PIE", "Pie", "0.67"), tax=TaxRate(700, included))
    shop.store.write(lambda book: book.catalogue.put(taxed))
    sell.new_sale()
    sell.entry.submit("3*PIE")
    sell.entry.submit("BAG")
    sell.entry.start(EntryMode.RECEIPT_DISCOUNT)
    sell.entry.submit("0.77")
    ring_up(sell)
    sell.accept()
    (sold,) = shop.store.read(lambda book: book.sales.latest(1))
    assert isinstance(sold.body, PricedSaleBody)
    total = tax = 0
    for pieces in parts:
        room = present(shop)
        room.begin("2")
        room.take(1, pieces)
        quoted = room.state.quote
        assert quoted is not None
        total, tax = total + pence(quoted.total), tax + pence(quoted.tax)
        room.confirm()
    assert (total, tax) == (sold.body.lines[0].total, sold.body.lines[0].tax)


def pence(shown: str) -> int:
    return int(shown.strip("£").replace(".", "") or "0")
