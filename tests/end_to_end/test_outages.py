"""The central store stopped, killed, hanging or broken during sales: the cashier notices only the status line.

Selling goes on at its usual speed, the counter's threads say that they are offline and recover by themselves, and in
the end everything is at the central store once.
"""

import pytest

from tests.end_to_end import books
from tests.end_to_end.cashier import WANT, Cashier
from tests.end_to_end.processes import eventually, pause
from tests.end_to_end.shop import Shop, free_port

CLOSE_MS = 3000
IDLE_SECONDS = 1.5
BUSY_MS = 400
"""Processor time the program may use in that long of an outage; a thread that spins would use more."""


@pytest.fixture
def cashier(shop: Shop) -> Cashier:
    """Return a cashier at a counter that is online and has sold, been sent and been paid with points."""
    cashier = Cashier(shop)
    cashier.sell(10)
    cashier.until_recovered()
    assert cashier.pay_with_points()["points_paid"] == WANT
    cashier.until_recovered()
    return cashier


@pytest.mark.parametrize(
    ("end", "store"), [("stop", "sqlite"), ("kill", "sqlite"), ("kill", "postgresql")], indirect=["store"]
)
def test_stopped_and_restarted(cashier: Cashier, end: str) -> None:
    central = cashier.shop.central
    getattr(central, end)()
    cashier.sell()
    cashier.until("offline", online=False)
    assert cashier.pay_with_points()["refused"] == "unavailable"
    before = cashier.do("state")["cpu_ms"]
    pause(IDLE_SECONDS)
    assert cashier.do("state")["cpu_ms"] - before < BUSY_MS
    cashier.sell()
    assert cashier.do("state")["waiting"] > 2 * 20
    central.serve()
    cashier.until_recovered()
    cashier.compare()
    assert cashier.pay_with_points()["points_paid"] == WANT
    assert cashier.close() < CLOSE_MS
    cashier.settle()


def test_losing_every_reply(cashier: Cashier) -> None:
    """The central store does what it is asked and nobody learns of it: nothing is done twice, nothing stays locked."""
    central = cashier.shop.central
    central.stop()
    behind = free_port(central.port + 1)
    central.serve(port=behind)
    losing = ("failing-store", central.folder / "keys", str(central.port), "nothing", "--behind", str(behind))
    stub = cashier.shop.processes.start(*losing)
    eventually(lambda: stub.so_far("out"), "the store that loses replies stands")
    before = books.operations(central)
    cashier.sell()
    eventually(lambda: books.operations(central) > before, "the sales arrive")
    assert cashier.pay_with_points()["refused"] == "unavailable"
    cashier.until("offline", online=False)
    assert cashier.do("state")["waiting"] > 0
    stub.kill()
    central.stop()
    central.serve()
    cashier.until_recovered()
    cashier.compare()
    assert cashier.close() < CLOSE_MS
    cashier.settle()


def test_hanging_for_a_while(cashier: Cashier) -> None:
    """It takes connections and answers nothing."""
    cashier.shop.central.pause()
    cashier.sell()
    assert cashier.pay_with_points()["refused"] == "unavailable"
    cashier.sell()
    cashier.until("offline", online=False)
    cashier.sell()
    cashier.shop.central.resume()
    cashier.until_recovered()
    cashier.compare()
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
    assert "nothing is lost" in done.refusal()
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
    assert "nothing is lost" in sync.end().refusal()
    shop.central.resume()
    assert counter.ask("status")["online"]
