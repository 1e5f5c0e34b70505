"""The paths of protocol.endpoints, each a thin shell around the function that decides.

A route decodes, opens the transaction, checks the session, calls, commits and encodes; the answer goes out after the
commit. Must never decide anything about points, customers or counters.
"""

import logging
import time
from collections.abc import Callable
from typing import Any, Final, TypeVar

import msgspec
import sqlalchemy as sa
from litestar import Request, Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler

from urs_desktop.central import (
    accounts,
    analytics,
    carrying,
    customers,
    feed,
    ingest,
    leases,
    lines,
    persons,
    recalls,
    refunds,
    rejoining,
    wallet_statements,
)
from urs_desktop.central.app import Store
from urs_desktop.central.messages import sentence
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol import endpoints
from urs_desktop.protocol.carried import grant_text
from urs_desktop.protocol.codec import MEDIA_TYPE, decode, encode
from urs_desktop.protocol.figures import FiguresRequest, ReceiptsRequest
from urs_desktop.protocol.messages import (
    CustomerRequest,
    EnrolRequest,
    FeedReply,
    GrantRequest,
    HelloRequest,
    LineRequest,
    PushRequest,
    RejoinRequest,
    SaleRequest,
)
from urs_desktop.protocol.people import PersonRecord, StatementRequest

MOST_PUSH_BODY: Final = 2 * 1024 * 1024
"""A push may have a body this large: 1 MiB of operations' bodies, and their envelopes."""

PUSH_SECONDS: Final = 2
"""A push that takes longer answers with what is done by then."""

MOST_WAIT_SECONDS: Final = 30
POLL_SECONDS: Final = 0.25
"""A long poll waits at most so long, looking for news so often."""

_BEARER: Final = "Bearer "
_Request = Request[Any, Any, State]
_M = TypeVar("_M", bound=msgspec.Struct)
_Tell = Callable[[sa.Connection, bytes, _M, int], msgspec.Struct]
"""Answers a counter's question at a time (milliseconds)."""

_log = logging.getLogger(__name__)


def _of_counter(path: str) -> str:
    """Return a path of protocol.endpoints as Litestar writes it."""
    return path.replace("{device}", "{device:str}")


@get(endpoints.HEALTH, status_code=204, sync_to_thread=False)
def health() -> None:
    """Say that the store answers."""


@get(endpoints.CA, sync_to_thread=False)
def authority(state: State) -> Response[bytes]:
    """Return the CA certificate, which an enrolment code's fingerprint proves."""
    return Response(_store(state).ca_certificate, media_type="application/pkix-cert")


@post(endpoints.ENROL, status_code=200, sync_to_thread=True)
def enrol(state: State, body: bytes) -> Response[bytes]:
    """Spend an enrolment code."""
    store = _store(state)
    message = decode(body, EnrolRequest)
    with store.write() as connection:
        key = store.signing_key.public_key
        reply = accounts.enrol(connection, message, store.clock.now(), store.randomness, key)
    return _answer(reply)


@post(_of_counter(endpoints.CHALLENGE), status_code=200, sync_to_thread=True)
def challenge(state: State, device: str) -> Response[bytes]:
    """Give a counter something to sign."""
    store = _store(state)
    with store.write() as connection:
        reply = accounts.challenge(connection, _device(device), store.clock.now(), store.randomness)
    return _answer(reply)


@post(_of_counter(endpoints.HELLO), status_code=200, sync_to_thread=True)
def hello(state: State, device: str, body: bytes) -> Response[bytes]:
    """Compare chains and open a session."""
    store = _store(state)
    message = decode(body, HelloRequest)
    with store.write() as connection:
        reply = accounts.hello(connection, _device(device), message, store.clock.now(), store.randomness)
    return _answer(reply)


@post(_of_counter(endpoints.REJOIN), status_code=200, sync_to_thread=True)
def rejoin(state: State, device: str, body: bytes) -> Response[bytes]:
    """End a counter's epoch and begin the next."""
    store = _store(state)
    message = decode(body, RejoinRequest)
    with store.write() as connection:
        reply = rejoining.rejoin(connection, _device(device), message, store.clock.now(), store.randomness)
    return _answer(reply)


@post(_of_counter(endpoints.PUSH), status_code=200, sync_to_thread=True, request_max_body_size=MOST_PUSH_BODY)
def push(state: State, device: str, body: bytes) -> Response[bytes]:
    """Take operations in."""
    store = _store(state)
    message = decode(body, PushRequest)
    until = time.monotonic() + PUSH_SECONDS
    with store.write() as connection:
        reply = ingest.push(
            connection,
            _device(device),
            message,
            store.clock.now(),
            store.randomness,
            lambda: time.monotonic() > until,
        )
    if reply.verdict not in (ingest.OK, ingest.EPOCH):
        _log.warning("counter %s pushed what does not fit its chain: %s after %s", device, reply.verdict, reply.seq)
    return _answer(reply)


@post(_of_counter(endpoints.GRANT), status_code=200, sync_to_thread=True)
def grant(request: _Request, state: State, device: str, body: bytes) -> Response[bytes]:
    """Set points aside for one sale; where there are none left, those kept ready elsewhere are asked for."""
    store = _store(state)
    message = decode(body, GrantRequest)
    try:
        with store.write() as connection:
            now = store.clock.now()
            accounts.check_session(connection, _device(device), _token(request), now)
            reply = leases.grant(connection, _device(device), message, now, store.randomness, store.signing_key)
    except Refusal as refusal:
        if refusal.code is RefusalCode.POINTS_NOT_AVAILABLE:
            with store.write() as connection:
                recalls.recall_of_card(connection, message.card, but=_device(device))
        raise
    return _answer(reply)


@post(_of_counter(endpoints.LINE), status_code=200, sync_to_thread=True)
def line(request: _Request, state: State, device: str, body: bytes) -> Response[bytes]:
    """Set points aside for a counter to spend without a connection."""
    store = _store(state)
    message = decode(body, LineRequest)
    with store.write() as connection:
        now = store.clock.now()
        accounts.check_session(connection, _device(device), _token(request), now)
        reply = lines.grant(connection, _device(device), message, now, store.signing_key)
    return _answer(reply)


@get(endpoints.CARRIED.replace("{request}", "{carried:str}"), sync_to_thread=True)
def carried_grant(request: _Request, state: State, carried: str) -> Response[str]:
    """Answer a counter's request that a customer's phone brought, with a page for the phone or the text alone."""
    store = _store(state)
    plain = "text/plain" in request.headers.get("accept", "")
    try:
        with store.write() as connection:
            now = store.clock.now()
            reply = carrying.grant(connection, carried, now, store.randomness, store.signing_key)
    except Refusal as refusal:
        said = sentence(refusal)
        page = said if plain else carrying.refusal_page(said)
        return Response(page, status_code=409, media_type="text/plain" if plain else "text/html")
    page = grant_text(reply) if plain else carrying.page(reply)
    return Response(page, media_type="text/plain" if plain else "text/html")


@post(_of_counter(endpoints.CUSTOMER), status_code=200, sync_to_thread=True)
def customer(request: _Request, state: State, device: str, body: bytes) -> Response[bytes]:
    """Look one customer up."""
    return _told(request, state, device, decode(body, CustomerRequest), customers.look_up)


@post(_of_counter(endpoints.PERSON), status_code=200, sync_to_thread=True)
def person(request: _Request, state: State, device: str, body: bytes) -> Response[bytes]:
    """Take in the record of a person who was enrolled."""
    store = _store(state)
    message = decode(body, PersonRecord)
    with store.write() as connection:
        now = store.clock.now()
        accounts.check_session(connection, _device(device), _token(request), now)
        reply = persons.take(connection, _device(device), message, now)
    return _answer(reply)


@post(_of_counter(endpoints.STATEMENT), status_code=200, sync_to_thread=True)
def statement(request: _Request, state: State, device: str, body: bytes) -> Response[bytes]:
    """Tell what moved a customer's points of late."""
    return _told(request, state, device, decode(body, StatementRequest), wallet_statements.tell)


@post(_of_counter(endpoints.SALE), status_code=200, sync_to_thread=True)
def sale(request: _Request, state: State, device: str, body: bytes) -> Response[bytes]:
    """Find a sale of the counter's vendor that is to be refunded."""
    return _told(request, state, device, decode(body, SaleRequest), _at_any_time(refunds.find))


@post(_of_counter(endpoints.FIGURES), status_code=200, sync_to_thread=True)
def figures(request: _Request, state: State, device: str, body: bytes) -> Response[bytes]:
    """Tell what the counters of the vendor sold."""
    return _told(request, state, device, decode(body, FiguresRequest), analytics.figures)


@post(_of_counter(endpoints.RECEIPTS), status_code=200, sync_to_thread=True)
def receipts(request: _Request, state: State, device: str, body: bytes) -> Response[bytes]:
    """Tell the receipts behind a figure."""
    return _told(request, state, device, decode(body, ReceiptsRequest), _at_any_time(analytics.receipts))


@get(_of_counter(endpoints.FEED))
async def changes(
    request: _Request, state: State, device: str, cursor: str = "", limit: int = feed.MAX_LIMIT, wait: int = 0
) -> Response[bytes]:
    """Return what changed after the cursor, waiting for it if asked to.

    The waiting holds no thread and no connection: each look is a job of its own.
    """
    store, device_id, token = _store(state), _device(device), _token(request)
    until = time.monotonic() + max(0, min(wait, MOST_WAIT_SECONDS))
    while True:
        reply = await sync_to_thread(_look, store, device_id, token, cursor, limit)
        over = store.stopping.is_set() or time.monotonic() >= until
        if reply is not None and (over or reply.items or reply.more or reply.cursor != cursor):
            return _answer(reply)
        if over:
            return _answer(FeedReply(items=(), cursor=cursor, more=False))
        await store.rest(POLL_SECONDS)


ROUTES: Final[list[HTTPRouteHandler]] = [
    health,
    authority,
    enrol,
    challenge,
    hello,
    rejoin,
    push,
    grant,
    line,
    carried_grant,
    customer,
    person,
    statement,
    sale,
    figures,
    receipts,
    changes,
]
"""Every path the store answers."""


def _look(store: Store, device_id: bytes, token: str, cursor: str, limit: int) -> FeedReply | None:
    """Return what is new, or None; the session may have ended while the counter waited."""
    with store.database.read() as connection:
        now = store.clock.now()
        accounts.check_session(connection, device_id, token, now)
        if not feed.something_new(connection, device_id, cursor):
            return None
    with store.write() as connection:
        return feed.read(connection, device_id, cursor, limit, now)


def _store(state: State) -> Store:
    store: Store = state["store"]
    return store


def _answer(reply: msgspec.Struct) -> Response[bytes]:
    return Response(encode(reply), media_type=MEDIA_TYPE)


def _told(request: _Request, state: State, device: str, message: _M, tell: _Tell[_M]) -> Response[bytes]:
    """Answer what a counter with a session asks, out of one reading transaction."""
    store = _store(state)
    with store.database.read() as connection:
        now = store.clock.now()
        accounts.check_session(connection, _device(device), _token(request), now)
        reply = tell(connection, _device(device), message, now)
    return _answer(reply)


def _at_any_time(tell: Callable[[sa.Connection, bytes, _M], msgspec.Struct]) -> _Tell[_M]:
    """Have something told for which the time is nothing."""
    return lambda connection, device_id, message, _: tell(connection, device_id, message)


def _device(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise Refusal(RefusalCode.COUNTER_UNKNOWN) from None


def _token(request: _Request) -> str:
    header = request.headers.get("authorization", "")
    if not header.startswith(_BEARER):
        raise accounts.SessionOverError
    return header.removeprefix(_BEARER)
