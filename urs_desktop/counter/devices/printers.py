"""The printers a counter can name: an address says how to reach one, and the virtual one keeps its paper in memory.

Must never guess: an address nobody can read is refused before a byte is sent.
"""

import re
import threading
from collections import deque
from collections.abc import Sequence
from typing import Final
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from urs_desktop.counter.devices import lines, network, pacing, spooler, universal_bus
from urs_desktop.counter.print_ports import PrinterError, Trouble

VIRTUAL: Final = "virtual"
_BAUD: Final = 9600
_SHEETS: Final = 50
_NUMBER: Final = re.compile(r"[0-9A-Fa-f]{1,4}")


class VirtualRoll:
    """The paper of the virtual printer: what was sent to it, the last sheets of it."""

    def __init__(self) -> None:
        """Begin with no paper used."""
        self._sheets: deque[bytes] = deque(maxlen=_SHEETS)

    def add(self, data: bytes) -> None:
        """Print a job."""
        self._sheets.append(data)

    def sheets(self) -> Sequence[bytes]:
        """Return what was sent, job by job, the latest last."""
        return tuple(self._sheets)


class MachinePrinters:
    """Reaches printers by address, as counter.print_ports.Printers."""

    def __init__(self, roll: VirtualRoll, still_s: float = pacing.STILL_S) -> None:
        """Take the virtual printer's paper and how long, in seconds, a printer may take nothing."""
        self._roll = roll
        self._still_s = still_s

    def deliver(self, address: str, data: bytes, stop: threading.Event) -> None:
        """Give a printer all of `data`, once; raises PrinterError."""
        if not address:
            raise PrinterError(Trouble.NO_PRINTER, reached=False)
        try:
            parts = urlsplit(address)
            port = parts.port if parts.scheme == "tcp" else None
        except ValueError as error:
            raise _unreadable(address) from error
        if parts.path == VIRTUAL and not parts.scheme:
            self._roll.add(data)
            return
        match parts.scheme:
            case "tcp" if parts.hostname:
                network.deliver(parts.hostname, port or network.PORT, data, stop, self._still_s)
            case "usb":
                vendor, product = _usb_numbers(address, parts)
                universal_bus.deliver(vendor, product, data, stop, still_s=self._still_s)
            case "serial" if parts.path:
                lines.deliver_serial(unquote(parts.path), _baud(address, parts), data, stop, self._still_s)
            case "file" if parts.path:
                lines.deliver_file(unquote(parts.path), data, stop, self._still_s)
            case "system" if parts.path:
                spooler.deliver(unquote(parts.path), data, stop)
            case _:
                raise _unreadable(address)


def _unreadable(address: str) -> PrinterError:
    return PrinterError(Trouble.ADDRESS, reached=False, detail=address)


def _usb_numbers(address: str, parts: SplitResult) -> tuple[int, int]:
    numbers = parts.netloc.split(":")
    if len(numbers) != 2 or not all(_NUMBER.fullmatch(number) for number in numbers):  # noqa: PLR2004 - vendor, product
        raise _unreadable(address)
    return int(numbers[0], 16), int(numbers[1], 16)


def _baud(address: str, parts: SplitResult) -> int:
    given = parse_qs(parts.query).get("baud", [str(_BAUD)])[-1]
    if not given.isascii() or not given.isdigit() or not int(given):
        raise _unreadable(address)
    return int(given)
