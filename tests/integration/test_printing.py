"""A counter's parts as they ship, from the sale to the socket: encrypted store, write lane, printing thread, network.

Must never reach beyond loopback.
"""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.builders import CARD, COUNTER_KEY, make_basket, make_identity, make_line, make_policy
from tests.fakes.shop import CountingRandomness, FakeClock
from urs_desktop.counter.devices.printers import MachinePrinters, VirtualRoll
from urs_desktop.counter.devices.worker import PrintWorker
from urs_desktop.counter.executors import LaneStore, Priority, WriteLane
from urs_desktop.counter.paper.reader import Cut, read, text_of
from urs_desktop.counter.ports import Book
from urs_desktop.counter.print_ports import JobState
from urs_desktop.counter.store.book import open_store
from urs_desktop.counter.use_cases.preferences import Preferences, Setup
from urs_desktop.counter.use_cases.printing import Printing
from urs_desktop.counter.use_cases.recording import Recorder
from urs_desktop.counter.use_cases.ring_up import RingUp, SaleOrder
from urs_desktop.counter.use_cases.spooling import Spooling
from urs_desktop.counter.values import Customer
from urs_desktop.ui.presenters.stationery import PaperStationery


class Printer:
    """A printer on loopback that keeps what each connection brought; `dying` ones are reset after some bytes."""

    def __init__(self) -> None:
        self.jobs: list[bytes] = []
        self.dying = False
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"tcp://127.0.0.1:{self._listening.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            connection, _ = self._listening.accept()
            with connection:
                got = bytearray()
                while piece := connection.recv(100):
                    got += piece
                    if self.dying:
                        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                        break
                if not got:
                    return
                self.jobs.append(bytes(got))

    def close(self) -> None:
        socket.create_connection(self._listening.getsockname()).close()  # one that brings nothing ends it
        self._thread.join()
        self._listening.close()


@pytest.fixture
def printer() -> Iterator[Printer]:
    printer = Printer()
    yield printer
    printer.close()


class Open:
    """A counter that is open: sells, and waits until its printer has nothing more to do."""

    def __init__(self, store: LaneStore, clock: FakeClock, worker: PrintWorker, spooling: Spooling) -> None:
        recorder = Recorder(COUNTER_KEY, clock, CountingRandomness(store.read(lambda book: book.operations.head().hlc)))
        self.ring_up = RingUp(store, recorder)
        self.printing = Printing(store, recorder, Setup(store), PaperStationery(), spooling, worker.wake, VirtualRoll())
        self._changed = threading.Event()
        spooling.watch(self._changed.set)

    def sell(self, card: str | None = None) -> str:
        receipt = self.ring_up.complete(SaleOrder(make_basket(make_line("20.00")), card=card))
        self.printing.completed(receipt)
        return receipt.number

    def settle(self) -> None:
        until = time.monotonic() + 20
        while self.printing.paper().waiting:
            assert time.monotonic() < until, "the printer never has nothing to do"
            self._changed.wait(0.05)
            self._changed.clear()


@contextmanager
def counter(folder: Path, printer: Printer) -> Iterator[Open]:
    """Open the counter in this folder with the threads it has in a shop, and close it in their order."""
    clock = FakeClock()
    with ExitStack() as shut_down:
        store = open_store(folder, bytes(range(32)))
        shut_down.callback(store.close)
        lane = WriteLane()
        shut_down.callback(lane.close)
        for_cashier, for_sync = LaneStore(store, lane, Priority.CASHIER), LaneStore(store, lane, Priority.SYNC)

        def fill(book: Book) -> None:
            book.settings.put_identity(make_identity())
            book.policies.put(make_policy())
            book.customers.put(Customer(CARD, "Maria Lindqvist"))

        for_cashier.write(fill)
        setup = Setup(for_cashier)
        setup.keep(Preferences(printer=printer.address, columns=42))
        spooling = Spooling(for_sync, clock, MachinePrinters(VirtualRoll(), 2), setup)
        worker = PrintWorker(spooling)
        shut_down.callback(worker.close)
        opened = Open(for_cashier, clock, worker, spooling)
        worker.start()
        yield opened


def test_from_the_sale_to_the_paper(tmp_path: Path, printer: Printer) -> None:
    with counter(tmp_path, printer) as till:
        numbers = [till.sell(CARD), till.sell()]
        till.settle()
        copy = till.printing.reprint(numbers[0])
        till.settle()
        assert copy.subject == numbers[0]
    texts = [text_of(read(job)) for job in printer.jobs]
    assert len(texts) == 3
    assert ["Maria Lindqvist" in text for text in texts] == [True, False, True]
    assert ["COPY" in text for text in texts] == [False, False, True]
    assert [number in text for number, text in zip((*numbers, numbers[0]), texts, strict=True)] == [True] * 3
    assert all(isinstance(read(job)[-1], Cut) for job in printer.jobs)


def test_a_printer_that_dies_and_a_restart_never_print_twice(tmp_path: Path, printer: Printer) -> None:
    printer.dying = True
    with counter(tmp_path, printer) as till:
        number = till.sell(CARD)
        till.settle()
        job = till.printing.paper(number).job
        assert job is not None
        assert job.state is JobState.UNKNOWN
    printer.dying = False
    with counter(tmp_path, printer) as till:
        after = till.sell()
        till.settle()
        job = till.printing.paper(number).job
        assert job is not None
        assert job.state is JobState.UNKNOWN
    assert len(printer.jobs) == 2
    assert after in text_of(read(printer.jobs[1]))
    assert b"Maria" not in (tmp_path / "counter.sqlite").read_bytes()
