"""Printers on a serial line, and behind a device file such as /dev/usb/lp0.

Must never create a file, nor block where a device does not take more.
"""

import os
import re
import select
import sys
import threading
from typing import Final

import serial

from urs_desktop.counter.devices import pacing
from urs_desktop.counter.print_ports import PrinterError, Trouble

_WINDOWS_PORT: Final = re.compile(r"/(COM\d+|LPT\d+)", re.IGNORECASE)
_WRITE_ONLY: Final = os.O_WRONLY | os.O_APPEND | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)


def device_name(path: str) -> str:
    """Return the device of an address's path: `/dev/ttyUSB0` as it is, `/COM3` as `COM3`."""
    port = _WINDOWS_PORT.fullmatch(path)
    return port[1] if port else path


def deliver_serial(path: str, baud: int, data: bytes, stop: threading.Event, still_s: float = pacing.STILL_S) -> None:
    """Give the printer on a serial line all of `data`; raises PrinterError."""
    try:
        line = serial.Serial(device_name(path), baud, write_timeout=still_s, timeout=pacing.WAIT_S)
    except ValueError as error:
        raise PrinterError(Trouble.ADDRESS, reached=False, detail=str(error)) from error
    except OSError as error:  # serial.SerialException is one
        trouble = pacing.trouble_of(error, Trouble.NOT_FOUND)
        raise PrinterError(trouble, reached=False, detail=str(error)) from error
    with line:

        def write(piece: bytes) -> int:
            try:
                line.write(piece)
            except serial.SerialTimeoutException as error:  # some of the piece may be out, and nobody says how much
                raise PrinterError(Trouble.STALLED, reached=True, detail=str(error)) from error
            return len(piece)

        pacing.hand_over(write, data, stop, still_s)


def deliver_file(path: str, data: bytes, stop: threading.Event, still_s: float = pacing.STILL_S) -> None:
    """Give the printer behind a device file all of `data`; raises PrinterError."""
    try:
        device = os.open(device_name(path), _WRITE_ONLY)
    except OSError as error:
        trouble = pacing.trouble_of(error, Trouble.NOT_FOUND)
        raise PrinterError(trouble, reached=False, detail=str(error)) from error
    try:

        def write(piece: bytes) -> int:
            if sys.platform != "win32" and not select.select([], [device], [], pacing.WAIT_S)[1]:
                return 0
            try:
                return os.write(device, piece)
            except BlockingIOError:
                return 0

        pacing.hand_over(write, data, stop, still_s)
    finally:
        os.close(device)
