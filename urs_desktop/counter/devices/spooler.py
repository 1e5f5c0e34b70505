"""A printer of the operating system, by its name: CUPS by `lp`, Windows by its spooler, raw bytes in either case.

The system's queue takes the job whole or not at all. Must never let the system format what is already formatted.
"""

import subprocess
import sys
import threading
import time
from typing import Final

from urs_desktop.counter.devices import pacing
from urs_desktop.counter.print_ports import PrinterError, Trouble

if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

TITLE: Final = "URS receipt"
_COMMAND: Final = "lp"


def deliver(name: str, data: bytes, stop: threading.Event, command: str = _COMMAND) -> None:
    """Give the system's queue of this name all of `data`; raises PrinterError."""
    if sys.platform == "win32":
        _spool(name, data)
    else:
        _queue(name, data, stop, command)


def _queue(name: str, data: bytes, stop: threading.Event, command: str) -> None:
    arguments = [command, "-d", name, "-o", "raw", "-t", TITLE, "-s", "--", "-"]
    pipe = subprocess.PIPE
    try:
        process = subprocess.Popen(arguments, stdin=pipe, stdout=subprocess.DEVNULL, stderr=pipe)  # noqa: S603 - no shell
    except OSError as error:
        raise PrinterError(Trouble.SYSTEM, reached=False, detail=str(error)) from error
    with process:
        until, unsent, said = time.monotonic() + pacing.STILL_S, data, b""
        while True:
            try:
                _, said = process.communicate(unsent, timeout=pacing.WAIT_S)
                break
            except subprocess.TimeoutExpired:
                unsent = b""
            if stop.is_set() or time.monotonic() > until:
                process.kill()
                trouble = Trouble.STOPPED if stop.is_set() else Trouble.STALLED
                raise PrinterError(trouble, reached=True)
    if process.returncode:
        detail = said.decode(errors="replace").strip()
        raise PrinterError(Trouble.SYSTEM, reached=False, detail=detail)


if sys.platform == "win32":

    class _Document(ctypes.Structure):
        """DOC_INFO_1 of the Windows spooler."""

        _fields_ = (
            ("name", wintypes.LPWSTR),
            ("output", wintypes.LPWSTR),
            ("type", wintypes.LPWSTR),
        )

    def _spool(name: str, data: bytes) -> None:
        spooler = ctypes.WinDLL("winspool.drv", use_last_error=True)
        printer = wintypes.HANDLE()
        if not spooler.OpenPrinterW(name, ctypes.byref(printer), None):
            raise PrinterError(Trouble.NOT_FOUND, reached=False, detail=str(ctypes.WinError(ctypes.get_last_error())))
        try:
            if not spooler.StartDocPrinterW(printer, 1, ctypes.byref(_Document(TITLE, None, "RAW"))):
                detail = str(ctypes.WinError(ctypes.get_last_error()))
                raise PrinterError(Trouble.SYSTEM, reached=False, detail=detail)
            written = wintypes.DWORD()
            whole = spooler.WritePrinter(printer, data, len(data), ctypes.byref(written)) and written.value == len(data)
            if not whole or not spooler.EndDocPrinter(printer):
                raise PrinterError(Trouble.SYSTEM, reached=True, detail=str(ctypes.WinError(ctypes.get_last_error())))
        finally:
            spooler.ClosePrinter(printer)
