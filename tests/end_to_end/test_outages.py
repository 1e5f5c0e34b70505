"""The central store stopped, killed, hanging or broken during sales: the cashier notices only the status line.

Selling goes on at its usual speed, the counter's threads say that they are offline and recover by themselves, and in
the end everything is at the central store once.
"""

import json
import os
from typing import Any

import pytest

from tests.end_to_end import books
from tests.end_to_end.processes import Process, eventually
from tests.end_to_end.reckoning import earned
from tests.end_to_end.shop import POLICIES, Shop

CARD = "C-500"
WANT = 100
EARNED = earned(3000, POLICIES["medium"])
EARNED_WITH_POINTS = earned(3000 - WANT, POLICIES["medium"])

SALE_MS = 1000
"""No sale takes longer, whatever the network does: its shortest time-out is three times that."""

ANSWER_MS = 8500
"""A cashier who asks for points has an answer by then."""

OFFLINE_SECONDS = 20
CLOSE_MS = 3000
BUSY_MS = 1500
"""Processor time the program may use in an outage; a thread that spins would use more."""


class Cashier:
    """Commands a counter at work, see tests.end_to_end.selling, and keeps the books a second time."""

    def __init__(self, shop: Shop) -> None:
        """Open the counter `medium`."""
        self.shop = shop
        self._pipe = shop.folder / "commands"
        os.mkfifo(self._pipe)
        counter = shop.counter("medium")
        self.process: Process = shop.processes.start("sell", counter.folder, counter.passphrase, self._pipe)
        self._answers = 0
        self.sales = self.wallet = 0
        self._answer()

    def _answer(self) -> Any:  # noqa: ANN401 - one of selling's documents
        self._answers += 1
        eventually(
            lambda: self.process.so_far("out").count("\n") >= self._answers or not self.process.runs, "an answer"
        )
        lines = selling_lines(self.process)
        assert len(lines) >= self._answers, self.process.end()
        return lines[self._answers - 1]

    def do(self, *command: str) -> Any:  # noqa: ANN401 - see _answer
        """Give a command and return its answer."""
        pipe = os.open(self._pipe, os.O_WRONLY | os.O_NONBLOCK)  # fails at once when nobody reads
        os.write(pipe, f"{' '.join(command)}\n".encode())
        os.close(pipe)
        return self._answer()

    def sell(self, count: int = 20) -> None:
        """Sell for cash, at the usual speed."""
        took = self.do("sell", CARD, str(count))
        assert took["slowest_ms"] < SALE_MS, took
        self.sales += count
        self.wallet += count * EARNED

    def pay_with_points(self) -> Any:  # noqa: ANN401 - see _answer
        """Ask for points and complete the sale in any case."""
        paid = self.do("points", CARD, str(WANT))
        assert paid["waited_ms"] < ANSWER_MS, paid
        self.sales += 1
        self.wallet += EARNED if paid["refused"] else EARNED_WITH_POINTS - WANT
        return paid

    def until(self, what: str, *, online: bool) -> None:
        """Wait until the status line says so."""
        eventually(lambda: self.do("state")["online"] is online, what, OFFLINE_SECONDS)

    def until_recovered(self) -> None:
        """Wait until everything has been sent."""
        self.until("online again", online=True)
        eventually(lambda: self.do("state")["waiting"] == 0, "everything sent", OFFLINE_SECONDS)

    def close(self) -> int:
        """Close the counter and return how many milliseconds its threads took."""
        took: int = self.do("close")["ms"]
        self.process.end().expect()
        return took

    def settle(self) -> None:
        """Compare both ends with the books kept here."""
        assert self.shop.counter("medium").ask("sync", "--once")["waiting"] == 0
        assert books.wallets(self.shop.central) == {CARD: self.wallet}
        assert len(books.sales(self.shop.central, self.shop.vendors["medium"])) == self.sales
        assert not books.receipts(self.shop.central)
        assert self.shop.counter("medium").ask("verify")["ok"]
        assert self.shop.central.ask("verify")["ok"]


def selling_lines(process: Process) -> list[Any]:
    """Return the whole lines a seller has answered so far."""
    return [json.loads(line) for line in process.so_far("out").split("\n")[:-1]]


@pytest.fixture
def cashier(shop: Shop) -> Cashier:
    """Return a cashier at a counter that is online and has sold, been sent and been paid with points."""
    cashier = Cashier(shop)
    cashier.sell(10)
    cashier.until_recovered()
    assert cashier.pay_with_points()["points_paid"] == WANT
    cashier.until_recovered()
    return cashier


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_stopped_and_restarted(cashier: Cashier, end: str) -> None:
    central = cashier.shop.central
    getattr(central, end)()
    cashier.sell()
    cashier.until("offline", online=False)
    before = cashier.do("state")["cpu_ms"]
    assert cashier.pay_with_points()["refused"] == "unavailable"
    assert cashier.do("state")["cpu_ms"] - before < BUSY_MS
    cashier.sell()
    assert cashier.do("state")["waiting"] > 2 * 20
    central.serve()
    cashier.until_recovered()
    assert cashier.pay_with_points()["points_paid"] == WANT
    assert cashier.close() < CLOSE_MS
    cashier.settle()


def test_hanging_for_a_while(cashier: Cashier) -> None:
    """It takes connections and answers nothing: a grant it reads in the end locks nothing."""
    cashier.shop.central.pause()
    cashier.sell()
    assert cashier.pay_with_points()["refused"] == "unavailable"
    cashier.sell()
    cashier.until("offline", online=False)
    cashier.sell()
    cashier.shop.central.resume()
    cashier.until_recovered()
    assert cashier.pay_with_points()["points_paid"] == WANT
    assert cashier.close() < CLOSE_MS
    cashier.settle()


@pytest.mark.parametrize("answer", ["500", "503", "nonsense", "elsewhere", "hang-up"])
def test_broken(cashier: Cashier, answer: str) -> None:
    central = cashier.shop.central
    central.stop()
    stub = cashier.shop.processes.start("failing-store", central.folder / "keys", str(central.port), answer)
    eventually(lambda: stub.so_far("out"), "the failing store stands")
    cashier.sell()
    cashier.until("offline", online=False)
    assert cashier.pay_with_points()["refused"] == "unavailable"
    done = cashier.shop.counter("small").try_to("sync", "--once")
    assert "wait for the central store" in done.refusal()
    cashier.sell()
    stub.kill()
    central.serve()
    cashier.until_recovered()
    assert cashier.close() < CLOSE_MS
    cashier.settle()


def test_closing_while_the_central_store_hangs(cashier: Cashier) -> None:
    cashier.shop.central.pause()
    cashier.sell()
    eventually(lambda: cashier.do("state")["waiting"], "something to push")
    assert cashier.close() < CLOSE_MS
    cashier.shop.central.resume()
    cashier.settle()


def test_commands_while_the_central_store_hangs(shop: Shop) -> None:
    """They give up after a while, with one sentence; what needs no network does not wait."""
    counter = shop.counter("medium")
    shop.central.pause()
    sync = counter.start("sync", "--once")
    status = shop.counter("second").ask("status")
    assert (status["online"], status["enrolled"]) == (False, True)
    assert "wait for the central store" in sync.end().refusal()
    shop.central.resume()
    assert counter.ask("status")["online"]
