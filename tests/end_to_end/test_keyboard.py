"""The cashier's work done from outside: the installed counter on a screen, worked by its keys alone.

The central store is a real process too. Must never look inside: commands of both ends say what came of it.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.processes import eventually
from tests.end_to_end.screen import Screen, Window
from tests.end_to_end.shop import Shop

CARD = "C-77"
PRODUCTS = "sku,description,price,barcode\nTEA,Green tea,12.50,4006381333931\nMUG,A mug,7.25,5901234123457\n"
TEA, MUG = "4006381333931", "5901234123457"


@pytest.fixture
def window(shop: Shop, screen: Screen, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Window]:
    """Return the medium vendor's counter with two products, its window open; a picture is kept of its last screen."""
    counter = shop.counter("medium")
    counter.ask("import-products", shop.file("products.csv", PRODUCTS))
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    window = Window(screen, counter.folder, counter.passphrase, home)
    try:
        yield window
        screen.save(tmp_path / "last.png")
        window.end()
    finally:
        window.kill()


class Cashier:
    """Ten fingers at the keys."""

    def __init__(self, window: Window, shop: Shop) -> None:
        self.screen = window.screen
        self.shop = shop
        self.counter = shop.counter("medium")

    def scan(self, code: str) -> None:
        """Scan a product; `2*` before its code takes two."""
        with self.screen.shows_news(f"{code} in the cart"):
            self.screen.type(code)
            self.screen.press("Return")

    def attach(self, card: str) -> None:
        """Type a customer's card."""
        with self.screen.shows_news("the customer"):
            self.screen.press("F3")
            self.screen.type(card)
            self.screen.press("Return")

    def pay(self) -> None:
        """Press Enter until the sale is on disk, as somebody in a hurry does."""
        receipts = self.counter.ask("status")["receipts"]

        def paid() -> bool:
            self.screen.press("Return")
            return bool(self.counter.ask("status")["receipts"] > receipts)

        with self.screen.shows_news("the receipt"):
            eventually(paid, "a receipt")

    def until_sent(self) -> None:
        """Wait until the central store has everything."""
        eventually(lambda: self.counter.ask("status")["waiting"] == 0, "everything sent")

    def wallet(self) -> int:
        """Return what the central store says the customer has."""
        points: int = self.shop.central.ask("customer", "show", CARD)["wallet_balance"]
        return points

    def sell(self, *codes: str) -> None:
        """Sell to the customer for cash, and begin the next sale."""
        self.attach(CARD)
        for code in codes:
            self.scan(code)
        with self.screen.shows_news("the payment"):
            self.screen.press("F12")
        self.pay()
        with self.screen.shows_news("an empty cart"):
            self.screen.press("Escape")

    def prove(self, receipts: int) -> None:
        """See that both ends have this many receipts and find everything in order."""
        self.until_sent()
        status = self.counter.ask("status")
        assert (status["receipts"], status["parked"], status["missing"]) == (receipts, 0, []), status
        assert self.counter.ask("verify")["ok"]
        assert self.shop.central.ask("verify")["ok"]


def test_a_sale_that_earns_and_one_that_redeems(window: Window, shop: Shop) -> None:
    """25.00 earn 125 points; the next sale of 19.75 is paid with all of them, 1.25, and earns on what is left."""
    cashier = Cashier(window, shop)
    screen = cashier.screen
    cashier.sell(f"2*{TEA}")
    cashier.until_sent()
    assert cashier.wallet() == 125
    cashier.attach(CARD)
    cashier.scan(TEA)
    cashier.scan(MUG)
    with screen.shows_news("the points"):
        screen.press("F4")
    with screen.shows_news("the grant"):
        screen.press("F4")
    cashier.pay()
    cashier.prove(receipts=2)
    why = cashier.counter.ask("why", "2")
    assert why["points_paid"] == 125, why
    assert cashier.wallet() == why["points_earned"] == 92


def test_goods_come_back(window: Window, shop: Shop) -> None:
    """One of two teas comes back: 12.50 are given and the points it earned are taken, and only the rest is left."""
    cashier = Cashier(window, shop)
    screen = cashier.screen
    cashier.sell(f"2*{TEA}", MUG)
    cashier.until_sent()
    assert cashier.wallet() == 161
    with screen.shows_news("the refund room"):
        screen.press("F9")
    screen.type("1-1")
    with screen.shows_news("the lines of the sale"):
        screen.press("Return")
    with screen.shows_news("what it gives and takes"):
        screen.press("plus")
    screen.press("Return")
    eventually(lambda: cashier.counter.ask("status")["receipts"] == 2, "the refund's receipt")
    with screen.shows_news("the sell screen"):
        screen.press("Escape")
    cashier.prove(receipts=2)
    assert cashier.wallet() == 98
    window.end()
    left = cashier.counter.ask("refund", "1-1", "--quote")
    assert left["total_minor"] == 1975, left
