"""The central store as a web application: what all its routes share, and how every failure is answered.

Must never tell a client more than a stable code: no traceback, no server name, no documentation routes.
"""

import asyncio
import logging
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa
from litestar import Litestar, Request, Response
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler

from urs_desktop.central.accounts import SessionOverError
from urs_desktop.database.engine import Database, DatabaseFileError, reason_of
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol import endpoints
from urs_desktop.protocol.codec import MEDIA_TYPE, MalformedError, encode
from urs_desktop.protocol.messages import Problem
from urs_desktop.protocol.signatures import SigningKey
from urs_desktop.system.clock import Clock
from urs_desktop.system.ids import Randomness

MALFORMED: Final = "malformed"
UNAVAILABLE: Final = "unavailable"
INTERNAL: Final = "internal"
TOO_LARGE: Final = "too_large"
NOT_FOUND: Final = "not_found"
METHOD_NOT_ALLOWED: Final = "method_not_allowed"
"""Codes of answers that are no refusal of the programme, see protocol.messages.Problem."""

MOST_BODY: Final = 64 * 1024
"""No request but a push may have a body larger than this."""

THREADS: Final = 24
"""So many requests may be at the database at once; it has connections for more."""

_CUT_SHORT: Final = "client disconnected prematurely"
"""What Litestar says of a request whose connection ended before its body did; it has no class of its own for that."""

_CODES: Final = {400: MALFORMED, 404: NOT_FOUND, 405: METHOD_NOT_ALLOWED, 413: TOO_LARGE}

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Store:
    """What the routes work with; `stopping`, set in the server's loop, ends all waiting when the server is to stop."""

    database: Database
    signing_key: SigningKey
    ca_certificate: bytes
    clock: Clock
    randomness: Randomness
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """Open a writing transaction, on SQLite one at a time within this process.

        SQLite's own waiting sleeps in growing steps and is not fair; a lock hands over at once. PostgreSQL has as many
        writers as it has connections.
        """
        with self._turn if self.database.is_sqlite else nullcontext(), self.database.write() as connection:
            yield connection

    async def rest(self, seconds: float) -> bool:
        """Wait so long, or until the server is to stop, and return whether it is."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.stopping.wait(), seconds)
        return self.stopping.is_set()


def create(store: Store, routes: list[HTTPRouteHandler]) -> Litestar:
    """Return the application over a store."""
    return Litestar(
        route_handlers=routes,
        state=State({"store": store}),
        exception_handlers={
            Refusal: _refused,
            SessionOverError: _session_over,
            MalformedError: _malformed,
            HTTPException: _http,
            sa.exc.SQLAlchemyError: _database,
            DatabaseFileError: _database,
            Exception: _bug,
        },
        openapi_config=None,
        # granian names itself unless the application sends a name of its own.
        response_headers={"server": "urs"},
        request_max_body_size=MOST_BODY,
        logging_config=None,
        debug=False,
    )


def threads() -> ThreadPoolExecutor:
    """Return the threads in which requests use the database."""
    return ThreadPoolExecutor(THREADS, thread_name_prefix="store")


def problem(status: int, code: str, details: dict[str, str | int] | None = None) -> Response[bytes]:
    """Return the answer to a request that did not succeed."""
    body = encode(Problem(code=code, details=details or {}))
    return Response(body, status_code=status, media_type=MEDIA_TYPE)


_Request = Request[Any, Any, State]
Handler = Callable[[_Request, Exception], Response[bytes]]


def _refused(request: _Request, error: Refusal) -> Response[bytes]:
    del request
    status = 404 if error.code is RefusalCode.COUNTER_UNKNOWN else 422
    return problem(status, error.code, error.details)


def _session_over(request: _Request, error: SessionOverError) -> Response[bytes]:
    del request, error
    return problem(401, endpoints.SESSION_OVER)


def _malformed(request: _Request, error: MalformedError) -> Response[bytes]:
    del request
    return problem(400, MALFORMED, {"detail": str(error)[:200]})


def _http(request: _Request, error: HTTPException) -> Response[bytes]:
    if error.detail == _CUT_SHORT:
        # Nobody reads this answer, and nothing was done: networks break.
        _log.info("%s %s: the connection ended before the request did", request.method, request.url.path)
        return problem(400, MALFORMED)
    if error.status_code not in _CODES:
        return _bug(request, error)
    return problem(error.status_code, _CODES[error.status_code])


def _database(request: _Request, error: Exception) -> Response[bytes]:
    # Not the error itself: a database server's repeats in its details the row that it refused.
    reason = reason_of(error) if isinstance(error, sa.exc.DBAPIError) else error
    _log.error("%s %s: the database failed: %s: %s", request.method, request.url.path, type(error).__name__, reason)
    return problem(503, UNAVAILABLE)


def _bug(request: _Request, error: Exception) -> Response[bytes]:
    incident = uuid.uuid4().hex
    _log.error("incident %s at %s %s", incident, request.method, request.url.path, exc_info=error)
    return problem(500, INTERNAL, {"incident": incident})
