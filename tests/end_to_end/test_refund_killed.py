"""Killed at each step of a refund: it is whole or not there, no goods come back twice, no point is wrong anywhere."""

import signal
from typing import Any

import pytest

from tests.end_to_end import books, giving_back
from tests.end_to_end.paying import STATEMENT
from tests.end_to_end.processes import Done
from tests.end_to_end.reckoning import earned
from tests.end_to_end.shop import POLICIES, Counter, Shop

CARD = "C-88"
PRICE, PENCE = "80.00", 8000
EARNED = earned(PENCE, POLICIES["medium"])


class Desk:
    """A counter that sells and takes back, and what must be in its books."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.counter: Counter = shop.counter("medium")
        self.sales = self.refunds = 0

    def sell(self) -> str:
        """Sell for cash and return the receipt's number."""
        paid = self.shop.processes.run("pay", self.counter.folder, self.counter.passphrase, CARD, PRICE, "0").expect()
        self.sales += 1
        number: str = paid.document["number"]
        return number

    def give_back(self, receipt: str, *options: str) -> Done:
        """Refund everything that is left of a receipt, or die on the way."""
        return self.shop.processes.run(*("give-back", self.counter.folder, self.counter.passphrase, receipt), *options)

    def die(self, receipt: str, step: str) -> None:
        """Die while refunding."""
        self.give_back(receipt, "--die-at", step).expect(-signal.SIGKILL)
        self.refunds += step == giving_back.COMMITTED

    def settle(self) -> Any:  # noqa: ANN401 - the status as a document
        """Start again and sync, then compare both ends with what must be."""
        status = self.counter.ask("sync", "--once")
        assert (status["waiting"], status["parked"]) == (0, 0)
        assert books.wallets(self.shop.central)[CARD] == (self.sales - self.refunds) * EARNED
        status = self.counter.ask("status")
        assert (status["receipts"], status["missing"]) == (self.sales + self.refunds, [])

    def prove(self) -> None:
        """Have both ends prove what they keep."""
        assert self.counter.ask("verify")["ok"]
        assert self.shop.central.ask("verify")["ok"]


@pytest.fixture
def desk(shop: Shop) -> Desk:
    return Desk(shop)


def test_killed_at_each_step(desk: Desk) -> None:
    for step in giving_back.STEPS:
        receipt = desk.sell()
        desk.die(receipt, step)
        desk.settle()
        again = desk.give_back(receipt)
        if step == giving_back.COMMITTED:
            again.expect(1)
        else:
            done = again.expect().document
            desk.refunds += 1
            assert (done["total"], done["cash_back"], done["clawed"]) == (PENCE, PENCE, EARNED)
        desk.settle()
    desk.prove()


def test_killed_after_each_statement(desk: Desk) -> None:
    statements = desk.give_back(desk.sell()).expect().document["statements"]
    desk.refunds += 1
    assert statements > 5, "the refund's transaction was not watched"
    receipt = desk.sell()
    for number in range(1, statements + 1):
        desk.die(receipt, f"{STATEMENT}{number}")
    desk.settle()
    assert desk.give_back(receipt).expect().document["total"] == PENCE
    desk.refunds += 1
    desk.settle()
    desk.prove()
