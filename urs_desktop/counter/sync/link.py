"""One thread's conversation with the central store: hello when needed, then push, feed, grants and look-ups.

Network only: what an answer means is decided by the engine, what it changes is written by the store. Must never be used
by two threads at once.
"""

import logging
from collections.abc import Callable
from typing import Final, TypeVar

import msgspec

from urs_desktop.counter.ports import CentralUnavailableError
from urs_desktop.counter.sync.engine import Next, SyncEngine
from urs_desktop.counter.sync.transport import READ_SECONDS, SessionOverError, Transport
from urs_desktop.counter.use_cases.enrolling import PersonRecords
from urs_desktop.counter.use_cases.lines import Lines
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol import endpoints
from urs_desktop.protocol.messages import (
    Challenge,
    CustomerReply,
    CustomerRequest,
    FeedReply,
    GrantReply,
    GrantRequest,
    HelloReply,
    PushReply,
    RejoinReply,
    SaleReply,
    SaleRequest,
)
from urs_desktop.protocol.people import StatementReply, StatementRequest

FEED_ITEMS: Final = 500
"""Items asked for in one page of the feed."""

MOST_LINES: Final = 20
"""So many standing leases are asked for at most in one go, so that nobody waits for them."""

_HELLOS: Final = 3
"""Hellos said in a row when pushes of the other thread overtake them."""

_REJOINS: Final = 4
"""Wishes to rejoin in a row when the epoch that was seen is over."""

_T = TypeVar("_T", bound=msgspec.Struct)
_log = logging.getLogger(__name__)


class CentralLink:
    """Speaks to the central store for one counter, as counter.ports.CentralStore and for the sync."""

    def __init__(
        self,
        transport: Transport,
        engine: SyncEngine,
        device_id: bytes,
        lines: Lines | None = None,
        records: PersonRecords | None = None,
    ) -> None:
        """Take the connection, the engine that decides, the counter's id (16 bytes), and what else is to be sent.

        That is who keeps points ready and the records of persons.
        """
        self._transport = transport
        self._engine = engine
        self._lines = lines
        self.records = records
        self._device = device_id.hex()
        self._token: str | None = None

    def close(self) -> None:
        """Close the connection."""
        self._transport.close()

    def healthy(self) -> bool:
        """Return whether the central store answers."""
        return self._transport.healthy()

    def push_all(self, give_way: Callable[[], bool] = lambda: False) -> int:
        """Send everything that waits; returns how many operations were acknowledged.

        Between two pushes it ends early if `give_way` says so: a long backlog must not keep a cashier waiting.
        A counter whose history is in doubt rejoins first. Raises CentralUnavailableError, Refusal(COUNTER_FENCED) when
        it cannot rejoin now, and Refusal(COUNTER_REVOKED), after everything is sent, when it is out of service.
        """
        acknowledged = 0
        for again in (True, False):
            try:
                if self._engine.is_fenced():
                    self._rejoin()
                acknowledged += self._push(give_way)
            except Refusal as refusal:
                if refusal.code is not RefusalCode.COUNTER_FENCED or not again:
                    raise
            else:
                if not self._engine.is_fenced():
                    break
        return acknowledged

    def _push(self, give_way: Callable[[], bool]) -> int:
        revoked = self._revoked()
        acknowledged = 0
        greeted = False
        while (request := self._engine.next_push()) is not None:
            outcome = self._engine.accept_push(self._transport.post(self._path(endpoints.PUSH), request, PushReply))
            acknowledged += outcome.acknowledged
            if outcome.next is Next.STOP:
                break
            if outcome.next is Next.HELLO and greeted:
                message = "the central store and this counter disagree on where the chain stands"
                raise CentralUnavailableError(message)
            greeted = outcome.next is Next.HELLO
            if greeted:
                self._token = None
                self._session()
            if give_way():
                break
        if revoked is not None:
            raise revoked
        return acknowledged

    def _revoked(self) -> Refusal | None:
        """Open a session; a counter that is out of service gets none, and still sends what it has for review."""
        try:
            self._session()
        except Refusal as refusal:
            if refusal.code is not RefusalCode.COUNTER_REVOKED:
                raise
            return refusal
        return None

    def _rejoin(self) -> None:
        """Have this counter's chain begin anew in an epoch of its own; raises as `push_all`."""
        self._token = None
        rejoining = self._engine.rejoining
        for _ in range(_REJOINS):
            challenge = self._transport.post(self._path(endpoints.CHALLENGE), None, Challenge)
            try:
                reply = self._transport.post(
                    self._path(endpoints.REJOIN), rejoining.request(challenge.challenge), RejoinReply
                )
            except SessionOverError as error:
                message = "the central store did not accept this counter's wish to rejoin"
                raise CentralUnavailableError(message) from error
            if rejoining.accept(reply):
                return
        raise Refusal(RefusalCode.COUNTER_FENCED)

    def read_feed(self, wait: int) -> bool:
        """Read one page of the feed, waiting up to `wait` seconds for news; returns whether more waits already."""
        cursor = self._engine.cursor()
        query: dict[str, str | int] = {"cursor": cursor, "limit": FEED_ITEMS, "wait": wait}
        path = self._path(endpoints.FEED)
        seconds = wait + READ_SECONDS
        reply = self._in_session(lambda token: self._transport.get(path, query, FeedReply, token, seconds))
        return self._engine.accept_feed(cursor, reply)

    def keep_lines(self, give_way: Callable[[], bool] = lambda: False) -> None:
        """Give back the standing leases that are to go and ask for up to MOST_LINES that are wanted.

        What is given back waits to be pushed. Ends early as `push_all`; raises CentralUnavailableError.
        """
        lines = self._lines
        if lines is None:
            return
        lines.tidy()
        for _ in range(MOST_LINES):
            request = None if give_way() else lines.next_request()
            if request is None:
                return
            try:
                reply = self.ask(endpoints.LINE, request, GrantReply)
            except Refusal as refusal:
                _log.info("no points are kept ready: %s", refusal)
                lines.refused(request.lease_id)
                continue
            except Exception:
                lines.give_up(request.lease_id)
                raise
            try:
                lines.accept(reply)
            except Refusal as refusal:
                _log.warning("a grant is not what was asked for: %s", refusal)
                lines.give_up(request.lease_id)

    def statement(self, request: StatementRequest) -> StatementReply:
        """Return a wallet's newest entries; raises Refusal or CentralUnavailableError."""
        return self.ask(endpoints.STATEMENT, request, StatementReply)

    def grant(self, request: GrantRequest) -> GrantReply:
        """Ask for points to spend; raises Refusal or CentralUnavailableError."""
        return self.ask(endpoints.GRANT, request, GrantReply)

    def customer(self, request: CustomerRequest) -> CustomerReply:
        """Look a customer up; raises Refusal or CentralUnavailableError."""
        return self.ask(endpoints.CUSTOMER, request, CustomerReply)

    def sale(self, request: SaleRequest) -> SaleReply:
        """Find a sale and its refunds; raises Refusal or CentralUnavailableError."""
        return self.ask(endpoints.SALE, request, SaleReply)

    def ask(self, endpoint: str, message: msgspec.Struct, reply: type[_T]) -> _T:
        """Send a message in a session and return the answer; raises Refusal or CentralUnavailableError."""
        path = self._path(endpoint)
        return self._in_session(lambda token: self._transport.post(path, message, reply, token))

    def _in_session(self, ask: Callable[[str], _T]) -> _T:
        """Ask with the session's token, once more with a new one if that session is over."""
        try:
            return ask(self._session())
        except SessionOverError:
            self._token = None
        try:
            return ask(self._session())
        except SessionOverError:
            self._token = None
            raise

    def _session(self) -> str:
        for _ in range(_HELLOS):
            if self._token is not None:
                return self._token
            self._say_hello()
        if self._token is None:
            message = "the central store did not accept this counter's hello"
            raise CentralUnavailableError(message)
        return self._token

    def _say_hello(self) -> None:
        """Open a session; leaves none when the hello was overtaken by a push and must be said again."""
        challenge = self._transport.post(self._path(endpoints.CHALLENGE), None, Challenge)
        hello = self._engine.hello(challenge.challenge)
        try:
            reply = self._transport.post(self._path(endpoints.HELLO), hello, HelloReply)
        except SessionOverError as error:
            message = "the central store did not accept this counter's hello"
            raise CentralUnavailableError(message) from error
        step = self._engine.accept_hello(reply)
        if step is Next.STOP:
            raise Refusal(RefusalCode.COUNTER_FENCED)
        if step is Next.GO_ON:
            self._token = reply.token

    def _path(self, endpoint: str) -> str:
        return endpoint.format(device=self._device)
