"""Money that goes back by the terminal that took it, and goods that come back without a receipt."""

import pytest

from tests.fakes.shop import Shop
from tests.unit.ui.presenters.conftest import ring_up
from tests.unit.ui.presenters.test_refund import fail, nothing, present, refunds, said
from tests.unit.ui.presenters.test_sell_prices import SlowGate
from urs_desktop.counter.use_cases.refund import Override
from urs_desktop.domain.permissions import Permission
from urs_desktop.domain.refusals import RefusalCode
from urs_desktop.protocol.codec import decode_body
from urs_desktop.protocol.operations import EventBody, RefundOverride
from urs_desktop.ui.presenters.gate import Act, Gate
from urs_desktop.ui.presenters.notices import NoticeCode
from urs_desktop.ui.presenters.refund import RefundPresenter
from urs_desktop.ui.presenters.refund_state import QuoteView, RefundPhase
from urs_desktop.ui.presenters.sell import SellPresenter
from urs_desktop.ui.presenters.sell_state import PayField


@pytest.fixture(autouse=True)
def _sold(shop: Shop, sell: SellPresenter) -> None:
    """One sale of a cake, in cash."""
    ring_up(sell, "CAKE")
    sell.accept()


@pytest.fixture
def by_card(shop: Shop, sell: SellPresenter) -> RefundPresenter:
    """A second sale of a cake, 30.00 of it taken by a terminal."""
    sell.new_sale()
    ring_up(sell, "CAKE")
    sell.pay.focus(PayField.CARD)
    sell.pay.edit(PayField.CARD, "30.00")
    sell.pay.accept_card()
    sell.pay.edit(PayField.REFERENCE, "T-1")
    sell.pay.accept_card()
    sell.pay.focus(PayField.CASH)
    sell.accept()
    room = present(shop)
    room.begin("2")
    room.take_all()
    return room


def tenders(shop: Shop, receipt: int) -> dict[str, int]:
    stored = shop.store.read(lambda book: book.refunds.by_receipt(receipt))
    return {} if stored is None else {tender.kind: tender.amount for tender in stored.body.tenders}


def test_the_terminal_gives_back_at_most_what_it_took(shop: Shop, by_card: RefundPresenter) -> None:
    assert by_card.state.may_use_card
    by_card.toggle_card()
    assert by_card.state.quote == QuoteView("£100.00", "£70.00", card="£30.00")
    by_card.edit("T-9")
    by_card.confirm()
    assert tenders(shop, 3) == {"card": 3000, "cash": 7000}
    assert by_card.state.done is not None
    assert (by_card.state.done.cash, by_card.state.done.card) == ("£70.00", "£30.00")
    [event] = [body for body in events(shop) if body.what == "refunded_by_card"]
    assert (event.subject, event.amount) == ("1-000003 T-9", 3000)


def events(shop: Shop) -> list[EventBody]:
    operations = shop.store.read(lambda book: book.operations.all())
    bodies = [decode_body(each.kind, each.schema, each.body) for each in operations]
    return [body for body in bodies if isinstance(body, EventBody)]


def test_money_goes_back_in_cash_unless_said_otherwise(shop: Shop, by_card: RefundPresenter) -> None:
    by_card.toggle_card()
    by_card.toggle_card()
    by_card.confirm()
    assert tenders(shop, 3) == {"cash": 10_000}


def test_what_the_terminal_gave_back_it_gives_no_second_time(shop: Shop, sell: SellPresenter) -> None:
    sell.new_sale()
    sell.entry.submit("2*CAKE")
    ring_up(sell)
    sell.pay.focus(PayField.CARD)
    sell.pay.edit(PayField.CARD, "130.00")
    sell.pay.accept_card()
    sell.pay.accept_card()
    sell.pay.focus(PayField.CASH)
    sell.accept()
    for expected in ({"card": 10_000}, {"card": 3_000, "cash": 7_000}):
        room = present(shop)
        room.begin("2")
        room.take(1, 1)
        room.toggle_card()
        room.confirm()
        assert tenders(shop, int(room.state.done.number.split("-")[1]) if room.state.done else 0) == expected


def test_a_card_number_is_no_reference(shop: Shop, by_card: RefundPresenter) -> None:
    by_card.toggle_card()
    by_card.edit("4111111111111111")
    by_card.confirm()
    assert (said(by_card), refunds(shop)) == (RefusalCode.CARD_NUMBER_REFUSED, 0)


def test_a_sale_in_cash_offers_no_terminal(shop: Shop) -> None:
    room = present(shop)
    room.choose(0)
    room.toggle_card()
    assert (room.state.may_use_card, room.state.by_card) == (False, False)


def gather(shop: Shop, gate: Gate | None = None) -> RefundPresenter:
    room = present(shop, gate=gate)
    room.without_receipt()
    for code in ("MUG", "2*MUG", "5012345678900", "CAKE"):
        room.edit(code)
        room.submit()
    return room


def test_goods_without_a_receipt_take_a_second_person(shop: Shop) -> None:
    gate = SlowGate()
    room = gather(shop, gate)
    assert [(line.description, line.chosen, line.worth) for line in room.state.lines] == [
        ("White metal mug", 4, "£10.20"),
        ("Set of three cake tins", 1, "£100.00"),
    ]
    room.submit()
    room.submit()
    assert (gate.asked[0], refunds(shop)) == ((Permission.REFUND_WITHOUT_RECEIPT, ""), 0)
    gate.allow()
    gate.allow()
    assert (room.state.phase, refunds(shop)) == (RefundPhase.DONE, 1)


def test_goods_without_a_receipt_and_nobody_to_allow_it(shop: Shop) -> None:
    room = gather(shop)
    room.step(-1)
    assert len(room.state.lines) == 1, "the last piece of a line takes the line out"
    room.submit()
    assert said(room) is RefusalCode.OVERRIDE_NEEDED, "leave without a name and a reason is none"
    assert (room.state.phase, refunds(shop)) == (RefundPhase.GATHERING, 0)


def test_goods_that_somebody_else_allowed(shop: Shop) -> None:
    class Allowing:
        def demand(self, permission: Permission, subject: str, act: Act) -> None:
            act(Override("BO", "no receipt, own label"))

    room = gather(shop, Allowing())
    room.take(2, 0)
    room.confirm()
    room.confirm()
    assert (room.state.phase, refunds(shop)) == (RefundPhase.DONE, 1)
    stored = shop.store.read(lambda book: book.refunds.by_receipt(2))
    assert stored is not None
    assert (stored.body.sale, stored.body.total, stored.body.points_back, stored.body.clawed) == (None, 1020, 0, 0)
    assert stored.body.override == RefundOverride("BO", "no receipt, own label")


@pytest.mark.parametrize(
    ("typed", "code"), [("NOPE", RefusalCode.PRODUCT_UNKNOWN), ("0*MUG", RefusalCode.QUANTITY_OUT_OF_RANGE)]
)
def test_goods_nobody_knows(shop: Shop, typed: str, code: RefusalCode) -> None:
    room = present(shop)
    room.without_receipt()
    room.edit(typed)
    room.submit()
    assert (said(room), room.state.lines) == (code, ())
    room.submit()
    assert said(room) is RefusalCode.REFUND_EMPTY
    assert room.back()
    assert room.state.phase is RefundPhase.LOOKING


def test_goods_that_were_stored_although_it_failed_are_not_refunded_again(shop: Shop) -> None:
    gate = SlowGate()
    room = gather(shop, gate)
    room.confirm()
    shop.store.after_commit = fail
    gate.allow()
    shop.store.after_commit = nothing
    assert (room.state.phase, said(room)) == (RefundPhase.DONE, NoticeCode.REFUND_DONE)
    room.submit()
    assert refunds(shop) == 1
