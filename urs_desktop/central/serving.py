"""Runs the application over HTTPS until it is told to stop: granian inside this process, TLS 1.3 only.

The ready file is written only once a request over TLS was answered. Must never outlive a signal by more than the
requests it is in the middle of, nor share its port or its data folder with a second server.
"""

import asyncio
import http.client
import logging
import signal
import socket
import ssl
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography import x509
from granian.constants import HTTPModes, Interfaces, SSLProtocols
from granian.http import HTTP1Settings
from granian.server.embed import Server
from litestar import Litestar

from urs_desktop.central import certificates
from urs_desktop.central.app import Store, threads
from urs_desktop.central.troubles import TroubleError
from urs_desktop.central.upkeep import tidy
from urs_desktop.protocol import endpoints
from urs_desktop.system.paths import write_atomically

STOP_SECONDS: Final = 5
"""Requests still running this long after a signal are cut off."""

TIDY_SECONDS: Final = 60
"""Leases whose time is over are reclaimed this often."""

_READY_TRIES: Final = 200
_READY_STEP_SECONDS: Final = 0.05
_PROBE_SECONDS: Final = 5
_ANY: Final = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - what to call ourselves by

_log = logging.getLogger(__name__)


class ServeError(TroubleError):
    """The server cannot start; `str` is one sentence for the person at the machine."""


@dataclass(frozen=True, slots=True)
class Tls:
    """What the server shows: files with its certificate chain and its private key (PKCS#8, not encrypted)."""

    chain: Path
    key: Path


@dataclass(frozen=True, slots=True)
class Address:
    """Where the store is served: the host as it was named, its IP address, and the port, never 0."""

    host: str
    ip: str
    port: int

    @property
    def reached_by(self) -> str:
        """The host by which this machine itself reaches it."""
        return _ANY.get(self.host, self.host)

    @property
    def url(self) -> str:
        """The address for counters on this machine, such as https://127.0.0.1:8443."""
        host = f"[{self.reached_by}]" if ":" in self.reached_by else self.reached_by
        return f"https://{host}:{self.port}"


def free_address(host: str, port: int) -> Address:
    """Return the address, a free port chosen for port 0; raises ServeError if it cannot be had.

    granian shares its port with whoever asks in the same way, so this is where a second server is noticed.
    """
    try:
        family, kind, _, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            if sys.platform != "win32":
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(where)
            return Address(host, str(where[0]), probe.getsockname()[1])
    except (OSError, OverflowError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ServeError(f"Nothing can be served at {host} port {port}: {reason}.") from error


def serve(
    app: Litestar,
    store: Store,
    tls: Tls,
    authority: x509.Certificate,
    address: Address,
    ready: Callable[[str], None],
    until_closed: int | None = None,
) -> None:
    """Serve until SIGTERM, SIGINT or the end of the stream with the file descriptor `until_closed`.

    `ready` gets the URL once it answers. Raises ServeError.
    """
    asyncio.run(_serve(app, store, tls, authority, address, ready, until_closed))


def write_ready_file(path: Path, url: str) -> None:
    """Write the URL for those who wait for the server; raises OSError."""
    write_atomically(path, f"{url}\n".encode())


async def _serve(
    app: Litestar,
    store: Store,
    tls: Tls,
    authority: x509.Certificate,
    address: Address,
    ready: Callable[[str], None],
    until_closed: int | None,
) -> None:
    loop = asyncio.get_running_loop()
    loop.set_default_executor(threads())
    _stop_on_signals(loop, store)
    if until_closed is not None:
        loop.add_reader(until_closed, store.stopping.set)
    server = _server(app, tls, address)
    running = loop.create_task(server.serve())
    stopped = loop.create_task(store.stopping.wait())
    announced = loop.create_task(_announce(store, authority, address, ready))
    tidied = loop.create_task(_tidy(store))
    try:
        await asyncio.wait({running, stopped, announced}, return_when=asyncio.FIRST_COMPLETED)
        if announced.done():
            announced.result()
        await asyncio.wait({running, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if not stopped.done():
            raise ServeError("The server stopped by itself; its log says why.")
    finally:
        store.stopping.set()
        server.stop()  # type: ignore[no-untyped-call]
        await asyncio.wait({announced, tidied}, timeout=STOP_SECONDS)
        await _ended(running)


async def _ended(running: asyncio.Task[None]) -> None:
    """Wait for the server's end; if it ended by an error, the log keeps that."""
    await asyncio.wait({running}, timeout=STOP_SECONDS)
    if running.done() and not running.cancelled() and running.exception() is not None:
        _log.error("the server failed", exc_info=running.exception())


def _stop_on_signals(loop: asyncio.AbstractEventLoop, store: Store) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(number, store.stopping.set)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(store.stopping.set))


def _server(app: Litestar, tls: Tls, address: Address) -> Server:
    server = Server(
        app,
        address=address.ip,
        port=address.port,
        interface=Interfaces.ASGI,
        http=HTTPModes.http1,
        websockets=False,
        backlog=1024,
        http1_settings=HTTP1Settings(header_read_timeout=15_000),
        log_enabled=False,
    )
    # Not by its arguments: they resolve the key's path, which a file in memory does not survive. In granian's order:
    # on, chain, key, its password, least protocol, client CA, revocations, whether clients need a certificate.
    tls13 = str(SSLProtocols.tls13)
    server.ssl_ctx = (True, str(tls.chain), str(tls.key), None, tls13, None, [], False)  # type: ignore[assignment]
    return server


async def _tidy(store: Store) -> None:
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(None, tidy, store)
    while not await store.rest(TIDY_SECONDS):
        await loop.run_in_executor(None, tidy, store)


async def _announce(store: Store, authority: x509.Certificate, address: Address, ready: Callable[[str], None]) -> None:
    loop = asyncio.get_running_loop()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_verify_locations(cadata=certificates.to_der(authority))
    for _ in range(_READY_TRIES):
        if await loop.run_in_executor(None, _answers, address, context):
            ready(address.url)
            return
        if await store.rest(_READY_STEP_SECONDS):
            return
    raise ServeError(f"The server does not answer at {address.url}; its log says why.")


def _answers(address: Address, context: ssl.SSLContext) -> bool:
    connection = http.client.HTTPSConnection(address.reached_by, address.port, timeout=_PROBE_SECONDS, context=context)
    try:
        connection.request("GET", endpoints.HEALTH)
        return connection.getresponse().status == http.client.NO_CONTENT
    except (OSError, http.client.HTTPException) as error:
        _log.info("not ready yet: %s", error)
        return False
    finally:
        connection.close()
