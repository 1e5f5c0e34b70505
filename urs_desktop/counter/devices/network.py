"""A printer on the network: raw bytes over TCP, by custom on port 9100.

It says nothing in return, so printed means that its machine has taken every byte and not broken the connection. Must
never wait longer than the limits here.
"""

import os
import socket
import sys
import threading
import time
from typing import Final

from urs_desktop.counter.devices import pacing
from urs_desktop.counter.print_ports import PrinterError, Trouble

if sys.platform == "linux":
    import fcntl
    import struct
    import termios

PORT: Final = 9100
CONNECT_S: Final = 3.0
"""A printer that serves another counter refuses for a moment, so it is asked again until then."""

_AGAIN_S: Final = 0.2
_PARTING_S: Final = 0.5


def deliver(host: str, port: int, data: bytes, stop: threading.Event, still_s: float = pacing.STILL_S) -> None:
    """Give the printer all of `data`; raises PrinterError."""
    with _connected(host, port, stop) as connection:
        connection.settimeout(pacing.WAIT_S)

        def write(piece: bytes) -> int:
            try:
                return connection.send(piece)
            except TimeoutError:
                return 0

        pacing.hand_over(write, data, stop, still_s)
        _part(connection, stop, still_s)


def _connected(host: str, port: int, stop: threading.Event) -> socket.socket:
    until = time.monotonic() + CONNECT_S
    while True:
        try:
            return socket.create_connection((host, port), timeout=max(_AGAIN_S, until - time.monotonic()))
        except ConnectionRefusedError as error:
            if time.monotonic() > until:
                raise PrinterError(Trouble.REFUSED, reached=False, detail=str(error)) from error
        except (OSError, UnicodeError) as error:
            raise PrinterError(Trouble.UNREACHABLE, reached=False, detail=str(error)) from error
        if stop.wait(_AGAIN_S):
            raise PrinterError(Trouble.STOPPED, reached=False)


def _part(connection: socket.socket, stop: threading.Event, still_s: float) -> None:
    """Say that this was all and wait until the other machine has it; a connection it breaks by then is a failure."""
    try:
        connection.shutdown(socket.SHUT_WR)
        moved_at, left = time.monotonic(), _on_the_way(connection)
        while left:
            if stop.wait(_AGAIN_S / 4):
                raise PrinterError(Trouble.STOPPED, reached=True)
            before, left = left, _on_the_way(connection)
            if broken := connection.getsockopt(
                socket.SOL_SOCKET, socket.SO_ERROR
            ):  # the rest stays on the way for ever
                raise PrinterError(Trouble.GONE, reached=True, detail=os.strerror(broken))
            if left < before:
                moved_at = time.monotonic()
            elif time.monotonic() - moved_at > still_s:
                raise PrinterError(Trouble.STALLED, reached=True)
        connection.settimeout(_PARTING_S)
        connection.recv(1)
    except TimeoutError:
        return  # it has everything and keeps the connection, as many do
    except OSError as error:
        raise PrinterError(Trouble.GONE, reached=True, detail=str(error)) from error


def _on_the_way(connection: socket.socket) -> int:
    """Return how many bytes the other machine has not confirmed; 0 where this machine cannot say."""
    if sys.platform != "linux":
        return 0
    answer = fcntl.ioctl(connection.fileno(), termios.TIOCOUTQ, b"\0" * struct.calcsize("i"))
    return int(struct.unpack("i", answer)[0])
