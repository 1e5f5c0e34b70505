"""Printers that keep what they are sent, or fail as a test wants; and a spool that is worked off at once.

Must never wait.
"""

import threading
from collections.abc import Sequence

from urs_desktop.counter.paper.reader import Printed, read, text_of
from urs_desktop.counter.print_ports import PrinterError
from urs_desktop.counter.use_cases.spooling import Spooling


class FakePrinters:
    """Takes every job; `fails` is raised by the next deliveries, after `taken` bytes where it says it reached."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.addresses: list[str] = []
        self.fails: Exception | None = None

    def deliver(self, address: str, data: bytes, stop: threading.Event) -> None:
        self.addresses.append(address)
        if self.fails is not None:
            if isinstance(self.fails, PrinterError) and self.fails.reached:
                self.sent.append(data[: len(data) // 2])
            raise self.fails
        self.sent.append(data)

    def sheets(self) -> Sequence[bytes]:
        return tuple(self.sent)

    def printed(self) -> list[Printed]:
        """Return all that came out."""
        return [each for sheet in self.sent for each in read(sheet)]

    def texts(self) -> list[str]:
        """Return the text of every sheet."""
        return [text_of(read(sheet)) for sheet in self.sent]


class ImmediateSpool:
    """Works a spool off when it is woken; `held` leaves the jobs where they are."""

    def __init__(self, spooling: Spooling) -> None:
        self.spooling = spooling
        self.held = False
        self.stop = threading.Event()

    def wake(self) -> None:
        while not self.held and self.spooling.step(self.stop):
            pass
