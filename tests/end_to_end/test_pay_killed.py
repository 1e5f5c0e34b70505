"""Killed at each step of Pay with points: no sale lost, doubled or half there, no points locked, no wallet wrong."""

import random
import signal
from typing import Any

import pytest

from tests.end_to_end import books, paying
from tests.end_to_end.cashier import Cashier
from tests.end_to_end.processes import Done, eventually, pause
from tests.end_to_end.reckoning import earned
from tests.end_to_end.shop import POLICIES, Counter, Shop

_AGES = 10**13
CARD = "C-77"
PRICE, PENCE, WANT = "30.00", 3000, 700
TERMS = POLICIES["medium"]
WON_WITH_POINTS = earned(PENCE - WANT, TERMS)
FIRST_PRICE, FIRST_PENCE = "400.00", 40_000


class Till:
    """A counter at which one customer pays again and again, and what must be in its books and in the wallet."""

    def __init__(self, shop: Shop) -> None:
        """Begin with a customer who has points."""
        self.shop = shop
        self.counter: Counter = shop.counter("medium")
        self.sales = self.wallet = 0
        assert self.pay(0, FIRST_PRICE)["earned"] == earned(FIRST_PENCE, TERMS)
        self.settle()
        assert self.wallet > 2 * WANT

    def try_to_pay(self, want: int, price: str = PRICE, *options: str) -> Done:
        """Pay, or die on the way."""
        return self.shop.processes.run(
            *("pay", self.counter.folder, self.counter.passphrase, CARD, price, str(want)), *options
        )

    def pay(self, want: int, price: str = PRICE) -> Any:  # noqa: ANN401 - the receipt's document
        """Pay to the end and return the receipt."""
        receipt = self.try_to_pay(want, price).expect().document
        self.sales += 1
        self.wallet += receipt["earned"] - receipt["points_paid"]
        return receipt

    def die(self, step: str, want: int = WANT, *options: str) -> None:
        """Die while paying."""
        self.try_to_pay(want, PRICE, "--die-at", step, *options).expect(-signal.SIGKILL)
        if step == "sale-committed":
            self.sales += 1
            self.wallet += WON_WITH_POINTS - WANT

    def settle(self) -> None:
        """Start again and sync, then compare the central store with what must be."""
        status = self.counter.ask("sync", "--once")
        assert (status["waiting"], status["parked"]) == (0, 0)
        assert books.wallets(self.shop.central) == {CARD: self.wallet}
        assert len(books.sales(self.shop.central, self.shop.vendors["medium"])) == self.sales
        assert not books.receipts(self.shop.central)

    def verify(self) -> None:
        """Compare what the commands of both ends say with what must be, and prove both."""
        shown = self.shop.central.ask("customer", "show", CARD)
        assert (shown["held"], shown["wallet_balance"], shown["available"]) == (0, self.wallet, self.wallet)
        status = self.counter.ask("status")
        assert (status["receipts"], status["acknowledged"], status["missing"]) == (self.sales, self.sales, [])
        assert self.counter.ask("verify")["ok"]
        assert self.shop.central.ask("verify")["ok"]


@pytest.fixture
def till(shop: Shop) -> Till:
    """Return a counter whose customer has points."""
    return Till(shop)


def test_killed_at_each_step(till: Till) -> None:
    for step in paying.STEPS:
        till.die(step)
        till.settle()
    receipt = till.pay(WANT)
    assert (receipt["points_paid"], receipt["earned"]) == (WANT, WON_WITH_POINTS)
    till.settle()
    till.verify()


def test_killed_after_each_statement_of_the_sale(till: Till) -> None:
    statements = till.pay(WANT)["statements"]
    assert statements > 10, "the sale's transaction was not watched"
    for number in range(1, statements + 1):
        till.die(f"{paying.STATEMENT}{number}")
        till.settle()
    till.verify()


def test_killed_again_and_again_before_the_first_sync(till: Till) -> None:
    """Every cut-off Pay leaves a lease; the next start gives all of them back, also those of points nobody granted."""
    for step in paying.STEPS:
        till.die(step, 100 if step != "sale-committed" else WANT)
    till.settle()
    till.verify()


def test_a_grant_that_is_read_after_its_counter_died(till: Till) -> None:
    """The central store hangs while the grant is on its way; the counter's restart asks at the same time."""
    central = till.shop.central
    till.die("grant-sent", WANT, "--hang", str(central.server.pid))
    restart = till.counter.start("sync", "--once")
    eventually(lambda: not till.counter.is_free(), "the restart works on the data folder")
    central.resume()
    restart.end().expect()
    till.settle()
    till.verify()


def test_killed_in_the_restart_too(till: Till) -> None:
    """The restart dies as well, and the one after it: what was to be returned is returned once."""
    till.die("granted")
    for _ in range(3):
        restart = till.counter.start("sync", "--once")
        eventually(lambda: not till.counter.is_free(), "the restart works on the data folder")
        pause(random.random() / 4)
        restart.kill()
    till.settle()
    till.verify()


def test_points_of_a_counter_that_never_comes_back(till: Till) -> None:
    """They are locked no longer than their window, by the central store's clock."""
    till.die("granted")
    shown = till.shop.central.ask("customer", "show", CARD)
    assert (shown["held"], shown["wallet_balance"]) == (WANT, till.wallet)
    books.altered(till.shop.central.database, f"UPDATE leases SET settle_by = settle_by - {_AGES} WHERE state = 'open'")
    shown = till.shop.central.ask("customer", "show", CARD)
    assert (shown["held"], shown["available"]) == (0, till.wallet)
    books.altered(till.shop.central.database, f"UPDATE leases SET settle_by = settle_by + {_AGES} WHERE settle_by < 0")
    till.settle()
    till.verify()


def test_paying_again_without_a_restart(till: Till) -> None:
    """Points a dead process had set aside are not there a second time; after the restart they are."""
    till.die("granted", PENCE // 2)
    rest = till.wallet - PENCE // 2
    assert till.pay(PENCE // 2)["points_paid"] == rest
    till.settle()
    assert till.pay(PENCE // 2)["points_paid"] == PENCE // 2
    till.settle()
    till.verify()


def test_the_window_opens_again(till: Till) -> None:
    """What opens the screens gives the points back as well, and sends that without being asked."""
    till.die("granted")
    cashier = Cashier(till.shop)
    cashier.until_recovered()
    assert books.wallets(till.shop.central) == {CARD: till.wallet}
    cashier.close()
    till.settle()
    till.verify()


def test_the_window_is_killed_with_points_in_hand(till: Till) -> None:
    cashier = Cashier(till.shop)
    held = cashier.do("obtain", CARD, str(WANT))
    assert held["points"] == WANT
    cashier.process.kill()
    till.settle()
    till.verify()


def test_the_window_is_closed_with_points_in_hand(till: Till) -> None:
    """Closing gives them back at this end at once, and sends it with the next start at the latest."""
    cashier = Cashier(till.shop)
    cashier.do("obtain", CARD, str(WANT))
    cashier.close()
    till.settle()
    till.verify()
