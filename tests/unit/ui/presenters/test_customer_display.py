"""The customer display's state: what concerns this customer, and nothing that does not."""

from dataclasses import replace

import pytest

from tests.fakes.runners import ImmediateRunner
from tests.fakes.shop import NOON, FakeClock, Shop
from tests.unit.ui.presenters.conftest import present, ring_up
from urs_desktop.counter.values import Customer
from urs_desktop.domain.points import Points
from urs_desktop.ui.presenters.customer_display import (
    THANKS_STAY_MS,
    DisplayPresenter,
    DisplayState,
    Scene,
    display_state,
    newest_line,
)
from urs_desktop.ui.presenters.sell import SellPresenter
from urs_desktop.ui.presenters.sell_state import CartLine, CustomerCard, PayField, Phase, SellState, TotalsView


def shown_by(sell: SellPresenter, shop: Shop) -> DisplayPresenter:
    display = DisplayPresenter(shop.clock, sell.pay.consent.pressed)
    sell.watch(display.sold)
    return display


@pytest.fixture
def sell(shop: Shop) -> SellPresenter:
    shop.prefer(customer_display=True, consent_above=300)
    return present(shop, ImmediateRunner())


@pytest.fixture
def display(sell: SellPresenter, shop: Shop) -> DisplayPresenter:
    return shown_by(sell, shop)


def test_a_sale_from_welcome_to_thanks_and_back(sell: SellPresenter, display: DisplayPresenter, shop: Shop) -> None:
    assert display.state == DisplayState(Scene.WELCOME, "Lindqvist & Daughters")
    sell.entry.submit("LANTERN")
    sell.entry.submit("3*MUG")
    state = display.state
    assert (state.scene, state.total, state.newest) == (Scene.SALE, "£20.15", 1)
    assert [(line.quantity, line.description, line.total) for line in state.lines] == [
        ("1", "Hanging lantern with glass", "£12.50"),
        ("3", "White metal mug", "£7.65"),
    ]
    assert (state.wallet, state.earns, state.earns_is_sure) == (None, "100", False)
    sell.customer.find("C-1001")
    wallet = display.state.wallet
    assert wallet is not None
    assert (wallet.first_name, wallet.points, wallet.worth, wallet.age.recent) == ("Maria", "1,240", "£12.40", True)
    sell.begin_pay()
    assert (display.state.scene, display.state.due) == (Scene.PAYING, "£20.15")
    sell.pay.offer_points("500")
    assert (display.state.scene, display.state.consent) == (Scene.CONSENT, ("500", "£5.00"))
    display.answer(yes=True)
    assert (display.state.scene, display.state.due, display.state.paid) == (
        Scene.PAYING,
        "£15.15",
        (("points", "£5.00"),),
    )
    sell.press("20")
    assert display.state.change == "£4.85"
    sell.accept()
    thanks = display.state
    assert (thanks.scene, thanks.change, thanks.earned, thanks.code) == (Scene.THANKS, "£4.85", "75", "C-1001")
    assert thanks.wallet is not None
    assert thanks.wallet.points == "740"
    shop.clock.advance(THANKS_STAY_MS)
    sell.refresh_status()
    assert display.state == DisplayState(Scene.WELCOME, "Lindqvist & Daughters")
    sell.entry.submit("BAG")
    assert (display.state.scene, display.state.newest, display.state.wallet) == (Scene.SALE, 0, None)


def test_no_and_silence(sell: SellPresenter, display: DisplayPresenter) -> None:
    ring_up(sell, "LANTERN", card="C-1001")
    display.answer(yes=True)
    sell.pay.offer_points("500")
    assert display.state.scene is Scene.CONSENT, "a yes before the question was none"
    display.answer(yes=False)
    assert (display.state.scene, display.state.paid) == (Scene.PAYING, ())


def test_without_a_display_the_question_is_not_for_it(shop: Shop, sell: SellPresenter) -> None:
    shop.prefer(customer_display=False)
    display = shown_by(sell, shop)
    ring_up(sell, "LANTERN", card="C-1001")
    sell.pay.offer_points("500")
    assert (sell.state.phase, display.state.scene) == (Phase.CONSENT, Scene.PAYING)


def test_a_locked_counter_shows_nothing_of_the_sale(sell: SellPresenter, display: DisplayPresenter) -> None:
    ring_up(sell, "LANTERN", card="C-1001")
    display.shut(is_shut=True)
    assert display.state == DisplayState(Scene.WELCOME, "Lindqvist & Daughters")
    sell.refresh_status()
    assert display.state.lines == ()
    display.shut(is_shut=False)
    assert display.state.scene is Scene.PAYING


def test_nothing_confidential_is_shown(shop: Shop, sell: SellPresenter, display: DisplayPresenter) -> None:
    """Other customers found by a search, notices, phones, family names, terminal references: none of it."""
    shop.know(Customer("C-7777", "Otherwise Secretson", "+46111222333", available=Points(5), as_of=NOON))
    seen: list[DisplayState] = []
    display.watch(seen.append)
    sell.customer.find("Secretson")
    sell.entry.search("Secretson")
    assert sell.state.results.rows
    sell.customer.find("C-1001")
    sell.entry.submit("LANTERN")
    sell.entry.submit("NOSUCHCODE")
    assert sell.state.notice is not None
    sell.begin_pay()
    sell.pay.focus(PayField.CARD)
    sell.pay.edit(PayField.CARD, "2.50")
    sell.pay.accept_card()
    sell.pay.edit(PayField.REFERENCE, "AUTH-555777")
    sell.pay.accept_card()
    assert display.state.paid == (("card", "£2.50"),)
    sell.pay.tender_cash("exact")
    assert display.state.scene is Scene.THANKS
    everything = repr(seen)
    for secret in ("Secretson", "C-7777", "Maria Lindqvist", "+46701234567", "NOSUCHCODE", "555777", "waiting"):
        assert secret not in everything, secret


def test_the_family_name_before_a_comma_is_not_shown(shop: Shop, sell: SellPresenter) -> None:
    customer = CustomerCard("C-1", name="Lindqvist, Maria Elena")
    state = display_state(replace(sell.state, customer=customer))
    assert state.wallet is not None
    assert state.wallet.first_name == "Maria"


@pytest.mark.parametrize(("card", "code"), [("4111111111111111", ""), ("4111 1111 1111 1111", ""), ("C-1", "C-1")])
def test_no_code_looks_like_a_payment_card(sell: SellPresenter, card: str, code: str) -> None:
    ring_up(sell, "LANTERN", card="C-1001")
    sell.pay.confirm()
    receipt = sell.state.receipt
    assert receipt is not None
    assert display_state(replace(sell.state, receipt=replace(receipt, card=card))).code == code


def test_a_sale_without_customer_has_no_code_and_earns_nothing(sell: SellPresenter, display: DisplayPresenter) -> None:
    ring_up(sell, "LANTERN")
    sell.pay.confirm()
    assert (display.state.code, display.state.earned, display.state.wallet) == ("", "", None)


def line(sku: str, quantity: str = "1") -> CartLine:
    return CartLine(sku, sku, quantity, "1", "1")


@pytest.mark.parametrize(
    ("before", "after", "newest", "expected"),
    [
        ((), (line("a"),), None, 0),
        ((line("a"),), (line("a"), line("b")), 0, 1),
        ((line("a"), line("b")), (line("a", "2"), line("b")), 1, 0),
        ((line("a"), line("b")), (line("a"), line("b")), 1, 1),
        ((line("a"), line("b")), (line("a"),), 1, None),
        ((line("a"), line("b")), (line("b"),), 1, 0),
        ((line("a"),), (), 0, None),
    ],
)
def test_the_newest_line(
    before: tuple[CartLine, ...], after: tuple[CartLine, ...], newest: int | None, expected: int | None
) -> None:
    assert newest_line(before, after, newest) == expected


def test_nobody_is_told_of_what_did_not_change() -> None:
    display = DisplayPresenter(FakeClock(), lambda _: None)
    seen: list[DisplayState] = []
    display.watch(seen.append)
    sell = SellState(TotalsView("£0.00"))
    display.sold(sell)
    display.sold(replace(sell, theme="dark"))
    assert len(seen) == 1
