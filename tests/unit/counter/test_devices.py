"""Printers as they are: slow, refusing, dying in the middle, or not there; told truly whether anything came out."""

import errno
import os
import pty
import socket
import stat
import threading
import tty
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import usb.core
import usb.util

from urs_desktop.counter.devices import network, pacing, spooler, universal_bus
from urs_desktop.counter.devices.printers import MachinePrinters, VirtualRoll
from urs_desktop.counter.print_ports import PrinterError, Trouble

JOB = bytes(range(256)) * 40
STILL_S = 0.4
Behaviour = Callable[["FakePrinter", socket.socket], None]


class FakePrinter:
    """A printer on loopback that treats one connection as `behaviour` says."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.got = bytearray()
        self.done = threading.Event()
        self.let_go = threading.Event()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.port = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, args=(behaviour,))
        self._thread.start()

    def _serve(self, behaviour: Behaviour) -> None:
        with self._listening:
            connection, _ = self._listening.accept()
            with connection:
                behaviour(self, connection)
            self.done.set()

    def close(self) -> None:
        self.let_go.set()
        self._thread.join()


def takes_all(printer: FakePrinter, connection: socket.socket) -> None:
    while piece := connection.recv(1000):
        printer.got += piece


def takes_all_and_stays(printer: FakePrinter, connection: socket.socket) -> None:
    takes_all(printer, connection)
    printer.let_go.wait()


def takes_it_slowly(printer: FakePrinter, connection: socket.socket) -> None:
    while piece := connection.recv(4000):
        printer.got += piece
        printer.let_go.wait(0.05)


def takes_nothing(printer: FakePrinter, connection: socket.socket) -> None:
    printer.let_go.wait()


def dies_in_the_middle(printer: FakePrinter, connection: socket.socket) -> None:
    printer.got += connection.recv(100)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # closes with a reset


@pytest.fixture
def serve() -> Iterator[Callable[[Behaviour], FakePrinter]]:
    printers: list[FakePrinter] = []

    def start(behaviour: Behaviour) -> FakePrinter:
        printers.append(FakePrinter(behaviour))
        return printers[-1]

    yield start
    for printer in printers:
        printer.close()


@pytest.fixture
def roll() -> VirtualRoll:
    return VirtualRoll()


@pytest.fixture
def printers(roll: VirtualRoll) -> MachinePrinters:
    return MachinePrinters(roll, STILL_S)


def failure(
    printers: MachinePrinters, address: str, data: bytes = JOB, stop: threading.Event | None = None
) -> tuple[Trouble, bool]:
    with pytest.raises(PrinterError) as caught:
        printers.deliver(address, data, stop or threading.Event())
    return caught.value.trouble, caught.value.reached


Serve = Callable[[Behaviour], FakePrinter]


class TestPacing:
    def test_a_device_that_takes_a_little_at_a_time_gets_all_of_it_once(self) -> None:
        got = bytearray()

        def write(piece: bytes) -> int:
            taken = piece[: len(got) % 7]
            got.extend(taken)
            if not taken:
                got.extend(piece[:1])
                return 1
            return len(taken)

        pacing.hand_over(write, JOB, threading.Event())
        assert bytes(got) == JOB

    @pytest.mark.parametrize(("after", "reached"), [(0, False), (1, True)])
    def test_it_is_said_whether_any_byte_went_out(self, after: int, reached: bool) -> None:
        taken: list[int] = []

        def write(piece: bytes) -> int:
            if len(taken) == after:
                raise OSError(errno.EIO, "broken")
            taken.append(1)
            return 1

        with pytest.raises(PrinterError) as caught:
            pacing.hand_over(write, JOB, threading.Event())
        assert (caught.value.trouble, caught.value.reached) == (Trouble.GONE, reached)


class TestNetwork:
    @pytest.mark.parametrize("behaviour", [takes_all, takes_all_and_stays, takes_it_slowly])
    def test_it_gets_every_byte_once(self, printers: MachinePrinters, serve: Serve, behaviour: Behaviour) -> None:
        printer = serve(behaviour)
        printers.deliver(f"tcp://127.0.0.1:{printer.port}", JOB * 8, threading.Event())
        printer.close()
        assert bytes(printer.got) == JOB * 8

    def test_one_that_takes_nothing_is_given_up_and_may_have_printed(
        self, printers: MachinePrinters, serve: Serve
    ) -> None:
        printer = serve(takes_nothing)
        assert failure(printers, f"tcp://127.0.0.1:{printer.port}", JOB * 800) == (Trouble.STALLED, True)

    def test_what_only_this_machine_has_taken_is_not_printed(self, printers: MachinePrinters, serve: Serve) -> None:
        """The job fits into the buffers on the way, but the printer's machine confirms no more than a little of it."""
        printer = serve(takes_nothing)
        assert failure(printers, f"tcp://127.0.0.1:{printer.port}", JOB * 20) == (Trouble.STALLED, True)

    def test_one_that_dies_may_have_printed(self, printers: MachinePrinters, serve: Serve) -> None:
        printer = serve(dies_in_the_middle)
        assert failure(printers, f"tcp://127.0.0.1:{printer.port}") == (Trouble.GONE, True)

    def test_one_that_refuses_has_not(self, printers: MachinePrinters, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(network, "CONNECT_S", 0.3)
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
        assert failure(printers, f"tcp://127.0.0.1:{port}") == (Trouble.REFUSED, False)

    def test_one_that_is_busy_for_a_moment_is_asked_again(self, printers: MachinePrinters, serve: Serve) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
        late: list[socket.socket] = []
        timer = threading.Timer(0.5, lambda: late.append(socket.create_server(("127.0.0.1", port))))
        timer.start()
        printers.deliver(f"tcp://127.0.0.1:{port}", b"receipt", threading.Event())
        timer.join()
        connection, _ = late[0].accept()
        with connection, late[0]:
            assert connection.recv(100) == b"receipt"

    def test_a_name_nobody_knows(self, printers: MachinePrinters) -> None:
        assert failure(printers, "tcp://printer.invalid:9100") == (Trouble.UNREACHABLE, False)

    def test_whoever_closes_need_not_wait_for_it(self, serve: Serve) -> None:
        printer, stop = serve(takes_nothing), threading.Event()
        timer = threading.Timer(0.3, stop.set)
        timer.start()
        patient = MachinePrinters(VirtualRoll(), 60)
        assert failure(patient, f"tcp://127.0.0.1:{printer.port}", JOB * 800, stop) == (Trouble.STOPPED, True)
        timer.join()

    def test_nothing_is_sent_once_it_is_stopped(self, printers: MachinePrinters, serve: Serve) -> None:
        printer, stop = serve(takes_all), threading.Event()
        stop.set()
        assert failure(printers, f"tcp://127.0.0.1:{printer.port}", stop=stop) == (Trouble.STOPPED, False)
        printer.close()
        assert not printer.got


class TestAddresses:
    @pytest.mark.parametrize(
        "address",
        [
            *(
                "nonsense",
                "http://printer",
                "tcp://",
                "tcp://printer:port",
                "tcp://printer:99999",
                "usb://1",
                "usb://x:y",
            ),
            *(
                "usb://12345:1",
                "serial://",
                "serial:///dev/ttyUSB0?baud=fast",
                "serial:///dev/ttyUSB0?baud=0",
                "file://",
            ),
            *("system:", "virtually", "tcp://[::1"),
        ],
    )
    def test_what_nobody_can_read_is_refused(self, printers: MachinePrinters, address: str) -> None:
        assert failure(printers, address) == (Trouble.ADDRESS, False)

    def test_none_at_all(self, printers: MachinePrinters) -> None:
        assert failure(printers, "") == (Trouble.NO_PRINTER, False)

    @pytest.mark.parametrize("address", ["virtual", "virtual?model=text"])
    def test_the_virtual_one_keeps_its_paper(self, printers: MachinePrinters, roll: VirtualRoll, address: str) -> None:
        for n in range(60):
            printers.deliver(address, bytes((n,)), threading.Event())
        assert roll.sheets() == tuple(bytes((n,)) for n in range(10, 60)), "the last sheets"


class TestDeviceFile:
    def test_it_gets_every_byte(self, printers: MachinePrinters, tmp_path: Path) -> None:
        device = tmp_path / "a printer"
        device.write_bytes(b"before ")
        printers.deliver(f"file://{device}".replace(" ", "%20"), JOB, threading.Event())
        assert device.read_bytes() == b"before " + JOB

    def test_none_is_made(self, printers: MachinePrinters, tmp_path: Path) -> None:
        assert failure(printers, f"file://{tmp_path}/lp0") == (Trouble.NOT_FOUND, False)
        assert not list(tmp_path.iterdir())

    def test_one_nobody_listens_at(self, printers: MachinePrinters, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "lp0")
        assert failure(printers, f"file://{tmp_path}/lp0") == (Trouble.NOT_FOUND, False)

    def test_one_that_is_full_is_given_up(self, printers: MachinePrinters, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "lp0")
        reader = os.open(tmp_path / "lp0", os.O_RDONLY | os.O_NONBLOCK)
        try:
            assert failure(printers, f"file://{tmp_path}/lp0", JOB * 100) == (Trouble.STALLED, True)
        finally:
            os.close(reader)


class TestSerial:
    def test_it_gets_every_byte(self, printers: MachinePrinters) -> None:
        ours, theirs = pty.openpty()
        tty.setraw(theirs)
        got = bytearray()

        def take() -> None:
            while len(got) < len(JOB):
                got.extend(os.read(ours, 1000))

        reader = threading.Thread(target=take)
        reader.start()
        printers.deliver(f"serial://{os.ttyname(theirs)}?baud=19200", JOB, threading.Event())
        reader.join()
        os.close(ours)
        os.close(theirs)
        assert bytes(got) == JOB

    def test_one_that_takes_nothing_may_have_printed(self, printers: MachinePrinters) -> None:
        ours, theirs = pty.openpty()
        tty.setraw(theirs)
        assert failure(printers, f"serial://{os.ttyname(theirs)}", JOB * 100) == (Trouble.STALLED, True)
        os.close(ours)
        os.close(theirs)

    def test_one_that_is_not_there(self, printers: MachinePrinters) -> None:
        assert failure(printers, "serial:///dev/ttyNONE9") == (Trouble.NOT_FOUND, False)


def script(folder: Path, text: str) -> str:
    """Return a program that stands in for `lp`."""
    path = folder / "lp"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


class TestSystem:
    def test_the_queue_gets_raw_bytes(self, tmp_path: Path) -> None:
        command = script(tmp_path, f'echo "$@" > {tmp_path}/asked; cat > {tmp_path}/got')
        spooler.deliver("Front desk", JOB, threading.Event(), command)
        assert (tmp_path / "got").read_bytes() == JOB
        assert "-d Front desk -o raw" in (tmp_path / "asked").read_text()

    def test_a_queue_that_refuses_has_printed_nothing(self, tmp_path: Path) -> None:
        command = script(tmp_path, 'cat > /dev/null; echo "no such printer" >&2; exit 1')
        with pytest.raises(PrinterError, match="no such printer") as caught:
            spooler.deliver("X", JOB, threading.Event(), command)
        assert (caught.value.trouble, caught.value.reached) == (Trouble.SYSTEM, False)

    def test_a_machine_without_printing(self, tmp_path: Path) -> None:
        with pytest.raises(PrinterError) as caught:
            spooler.deliver("X", JOB, threading.Event(), str(tmp_path / "none"))
        assert (caught.value.trouble, caught.value.reached) == (Trouble.SYSTEM, False)

    def test_one_that_hangs_is_stopped(self, tmp_path: Path) -> None:
        stop = threading.Event()
        stop.set()
        with pytest.raises(PrinterError) as caught:
            spooler.deliver("X", JOB, stop, script(tmp_path, "exec tail -f /dev/null"))
        assert (caught.value.trouble, caught.value.reached) == (Trouble.STOPPED, True)


class FakeUsb:
    """A device with one interface and one endpoint, as pyusb shows one."""

    def __init__(self, *, address: int = 0x02, kind: int = 0x02, fails: Exception | None = None) -> None:
        self.got = bytearray()
        self.bEndpointAddress = address
        self.bmAttributes = kind
        self.bInterfaceNumber = 0
        self.fails = fails
        self.claimed = self.released = 0
        self._ctx = self

    def get_active_configuration(self) -> "list[FakeUsb]":
        if self.fails is not None:
            raise self.fails
        return [self]

    def __iter__(self) -> "Iterator[FakeUsb]":
        return iter((self,))

    def is_kernel_driver_active(self, number: int) -> bool:
        raise NotImplementedError

    def managed_claim_interface(self, device: object, interface: object) -> None:
        self.claimed += 1

    def managed_release_interface(self, device: object, interface: object) -> None:
        self.released += 1

    def dispose(self, device: object) -> None:
        """Let go of everything."""

    def write(self, piece: bytes, timeout: int) -> int:
        if len(self.got) > 3000 and self.fails is None and self.bInterfaceNumber:
            raise usb.core.USBTimeoutError("timed out", errno=errno.ETIMEDOUT)
        self.got += piece
        return len(piece)


class TestUsb:
    def test_it_gets_every_byte_and_is_let_go(self) -> None:
        device = FakeUsb()
        universal_bus.deliver(0x04B8, 0x0202, JOB, threading.Event(), lambda **_: device)
        assert bytes(device.got) == JOB
        assert (device.claimed, device.released) == (1, 1)

    @pytest.mark.parametrize(
        ("found", "trouble"),
        [
            (None, Trouble.NOT_FOUND),
            (FakeUsb(address=0x82), Trouble.NOT_FOUND),
            (FakeUsb(kind=0x03), Trouble.NOT_FOUND),
            (FakeUsb(fails=usb.core.USBError("denied", errno=errno.EACCES)), Trouble.FORBIDDEN),
            (FakeUsb(fails=usb.core.USBError("busy", errno=errno.EBUSY)), Trouble.REFUSED),
        ],
    )
    def test_one_that_cannot_be_had_has_printed_nothing(self, found: FakeUsb | None, trouble: Trouble) -> None:
        with pytest.raises(PrinterError) as caught:
            universal_bus.deliver(1, 2, JOB, threading.Event(), lambda **_: found)
        assert (caught.value.trouble, caught.value.reached) == (trouble, False)

    def test_one_that_stops_taking_may_have_printed(self) -> None:
        device = FakeUsb()
        device.bInterfaceNumber = 1
        with pytest.raises(PrinterError) as caught:
            universal_bus.deliver(1, 2, JOB, threading.Event(), lambda **_: device)
        assert (caught.value.trouble, caught.value.reached) == (Trouble.STALLED, True)
        assert device.released == 1

    def test_a_machine_without_libusb(self) -> None:
        def find(**_: int) -> None:
            raise usb.core.NoBackendError("no backend")

        with pytest.raises(PrinterError) as caught:
            universal_bus.deliver(1, 2, JOB, threading.Event(), find)
        assert (caught.value.trouble, caught.value.reached) == (Trouble.SYSTEM, False)
