"""Handing bytes to a device piece by piece: it may be slow, but not still for long, and whoever closes can stop it.

Must never send a byte twice, nor lose count of whether any byte went out.
"""

import errno
import threading
import time
from collections.abc import Callable
from typing import Final

from urs_desktop.counter.print_ports import PrinterError, Trouble

PIECE: Final = 1024
STILL_S: Final = 10.0
"""A printer that takes nothing for so long is given up."""

WAIT_S: Final = 0.2
"""One try to write waits at most so long."""

_TROUBLES: Final = {
    errno.ENOENT: Trouble.NOT_FOUND,
    errno.ENODEV: Trouble.NOT_FOUND,
    errno.ENXIO: Trouble.NOT_FOUND,
    errno.EACCES: Trouble.FORBIDDEN,
    errno.EPERM: Trouble.FORBIDDEN,
    errno.EBUSY: Trouble.REFUSED,
    errno.ECONNREFUSED: Trouble.REFUSED,
}


def trouble_of(error: OSError, otherwise: Trouble) -> Trouble:
    """Return which trouble an error of the machine stands for."""
    return _TROUBLES.get(error.errno or 0, otherwise)


def hand_over(write: Callable[[bytes], int], data: bytes, stop: threading.Event, still_s: float = STILL_S) -> None:
    """Write all of `data` through `write`, which says how many bytes it took, 0 when there was no room for a while.

    Raises PrinterError: `reached` as soon as any byte was taken.
    """
    sent, moved_at = 0, time.monotonic()
    while sent < len(data):
        if stop.is_set():
            raise PrinterError(Trouble.STOPPED, reached=sent > 0)
        try:
            taken = write(data[sent : sent + PIECE])
        except OSError as error:
            trouble = Trouble.GONE if sent else trouble_of(error, Trouble.GONE)
            raise PrinterError(trouble, reached=sent > 0, detail=str(error)) from error
        if taken:
            sent, moved_at = sent + taken, time.monotonic()
        elif time.monotonic() - moved_at > still_s:
            raise PrinterError(Trouble.STALLED, reached=sent > 0)
