"""Runs the application over HTTPS until it is told to stop: granian inside this process, TLS 1.3 only.

The ready file is written only once a request over TLS was answered. Must never outlive a signal by more than the
requests it is in the middle of, nor share its port or its data folder with a second server.
"""

import asyncio
import contextlib
import http.client
import logging
import signal
import socket
import ssl
import sys
from collections.abc import Awaitable, Callable
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
from urs_desktop.central.keys import TlsFiles
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
class Address:
    """Where the store is served; port 0 has been replaced by a free one."""

    host: str
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
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            if sys.platform != "win32":
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            return Address(host, probe.getsockname()[1])
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ServeError(f"Nothing can be served at {host} port {port}: {reason}.") from error


def serve(
    app: Litestar,
    store: Store,
    tls: TlsFiles,
    authority: x509.Certificate,
    address: Address,
    ready: Callable[[str], None],
) -> None:
    """Serve until SIGTERM or SIGINT; `ready` gets the URL once it answers. Raises ServeError."""
    asyncio.run(_serve(app, store, tls, authority, address, ready))


def write_ready_file(path: Path, url: str) -> None:
    """Write the URL for those who wait for the server; raises OSError."""
    write_atomically(path, f"{url}\n".encode())


async def _serve(
    app: Litestar,
    store: Store,
    tls: TlsFiles,
    authority: x509.Certificate,
    address: Address,
    ready: Callable[[str], None],
) -> None:
    loop = asyncio.get_running_loop()
    loop.set_default_executor(threads())
    stopping = asyncio.Event()
    _on_signals(loop, stopping)
    server = _server(app, tls, address)
    running = loop.create_task(server.serve())
    jobs = [loop.create_task(_tidy(store)), loop.create_task(_announce(authority, address, ready))]
    stopped = loop.create_task(stopping.wait())
    try:
        await asyncio.wait({running, stopped, jobs[1]}, return_when=asyncio.FIRST_COMPLETED)
        if jobs[1].done():
            jobs[1].result()
        await asyncio.wait({running, stopped}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        store.stopping.set()
        server.stop()  # type: ignore[no-untyped-call]
        for job in (*jobs, stopped):
            job.cancel()
        await _ended(running)
    if not stopping.is_set():
        raise ServeError("The server stopped by itself; its log says why.")


async def _ended(running: Awaitable[None]) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(running, STOP_SECONDS)


def _on_signals(loop: asyncio.AbstractEventLoop, stopping: asyncio.Event) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(number, stopping.set)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stopping.set))


def _server(app: Litestar, tls: TlsFiles, address: Address) -> Server:
    return Server(
        app,
        address=address.host,
        port=address.port,
        interface=Interfaces.ASGI,
        http=HTTPModes.http1,
        websockets=False,
        backlog=1024,
        http1_settings=HTTP1Settings(header_read_timeout=15_000),
        log_enabled=False,
        ssl_cert=tls.chain,
        ssl_key=tls.key,
        ssl_key_password=tls.password,
        ssl_protocol_min=SSLProtocols.tls13,
    )


async def _tidy(store: Store) -> None:
    loop = asyncio.get_running_loop()
    while True:
        await loop.run_in_executor(None, tidy, store)
        await asyncio.sleep(TIDY_SECONDS)


async def _announce(authority: x509.Certificate, address: Address, ready: Callable[[str], None]) -> None:
    loop = asyncio.get_running_loop()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_verify_locations(cadata=certificates.to_der(authority))
    for _ in range(_READY_TRIES):
        if await loop.run_in_executor(None, _answers, address, context):
            ready(address.url)
            return
        await asyncio.sleep(_READY_STEP_SECONDS)
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
