"""The printing thread: it waits for printers so that nobody else does, and ends when it is told to."""

import threading
from collections.abc import Iterator

import pytest

from tests.builders import make_basket, make_line
from tests.fakes.shop import Shop, open_shop
from urs_desktop.counter.devices.worker import PrintWorker
from urs_desktop.counter.print_ports import JobState, PrinterError, Trouble
from urs_desktop.counter.use_cases.printing import Printing
from urs_desktop.counter.use_cases.ring_up import SaleOrder
from urs_desktop.counter.use_cases.spooling import Spooling
from urs_desktop.ui.presenters.stationery import PaperStationery


class HangingPrinter:
    """Takes a job and nothing more until it is let go, or stopped."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.let_go = threading.Event()
        self.sent = 0

    def deliver(self, address: str, data: bytes, stop: threading.Event) -> None:
        self.sent += 1
        self.reached.set()
        while not self.let_go.wait(0.01):
            if stop.is_set():
                raise PrinterError(Trouble.STOPPED, reached=True)

    def sheets(self) -> list[bytes]:
        return []


@pytest.fixture
def shop() -> Shop:
    shop = open_shop()
    shop.prefer(printer="tcp://printer")
    return shop


@pytest.fixture
def printer() -> HangingPrinter:
    return HangingPrinter()


@pytest.fixture
def worker(shop: Shop, printer: HangingPrinter) -> Iterator[PrintWorker]:
    worker = PrintWorker(Spooling(shop.store, shop.clock, printer, shop.till.setup))
    yield worker
    printer.let_go.set()
    worker.close()


@pytest.fixture
def printing(shop: Shop, worker: PrintWorker, printer: HangingPrinter) -> Printing:
    stationery = PaperStationery()
    return Printing(shop.store, shop.recorder, shop.till.setup, stationery, worker._spooling, worker.wake, printer)


def sell(shop: Shop, printing: Printing) -> str:
    receipt = shop.till.ring_up.complete(SaleOrder(make_basket(make_line("20.00"))))
    printing.completed(receipt)
    return receipt.number


def when_nothing_waits(printing: Printing, done: threading.Event) -> None:
    """Have `done` set as soon as no job waits any more."""

    def look() -> None:
        if not printing.paper().waiting:
            done.set()

    printing.spooling.watch(look)


def test_selling_goes_on_while_the_printer_hangs(
    shop: Shop, worker: PrintWorker, printing: Printing, printer: HangingPrinter
) -> None:
    worker.start()
    first = sell(shop, printing)
    assert printer.reached.wait(5)
    others = [sell(shop, printing) for _ in range(3)]
    assert shop.receipts() == 4
    assert printing.paper(first).waiting == 4
    done = threading.Event()
    when_nothing_waits(printing, done)
    printer.let_go.set()
    assert done.wait(5)
    states = [job.state for number in (first, *others) if (job := printing.paper(number).job)]
    assert states == [JobState.PRINTED] * 4
    assert printer.sent == 4


def test_closing_does_not_wait_for_it(
    shop: Shop, worker: PrintWorker, printing: Printing, printer: HangingPrinter
) -> None:
    worker.start()
    first = sell(shop, printing)
    assert printer.reached.wait(5)
    second = sell(shop, printing)
    worker.close()
    states = [job.state for number in (first, second) if (job := printing.paper(number).job)]
    assert states == [JobState.UNKNOWN, JobState.WAITING]


def test_a_book_that_fails_once_ends_nothing(
    shop: Shop, worker: PrintWorker, printing: Printing, printer: HangingPrinter
) -> None:
    printer.let_go.set()
    failing = threading.Event()

    def fail() -> None:
        shop.store.before_read = lambda: None
        failing.set()
        raise OSError("disk")

    shop.store.before_read = fail
    worker.start()
    assert failing.wait(5)
    done = threading.Event()
    when_nothing_waits(printing, done)
    sell(shop, printing)
    assert done.wait(5)


def test_one_that_was_never_started_can_be_closed(worker: PrintWorker) -> None:
    worker.close()
