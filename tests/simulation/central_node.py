"""The central store of the simulation: the functions that ship, on SQLite in memory, with crashes around the commit.

Must never answer before its transaction committed (a mutant does).
"""

from collections.abc import Callable
from typing import TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from tests.simulation.chance import SeededBytes
from tests.simulation.world import World
from urs_desktop.central import accounts, customers, due, feed, ingest, leases, lines, refunds, rejoining, vendors
from urs_desktop.central.accounts import SessionOverError as CentralSessionOverError
from urs_desktop.central.policies import Terms, add_version
from urs_desktop.central.schema import METADATA, VIEWS
from urs_desktop.central.schema.guards import guards
from urs_desktop.counter.ports import CentralUnavailableError
from urs_desktop.counter.sync.transport import SessionOverError
from urs_desktop.database.engine import Database, sqlite_engine
from urs_desktop.database.guards import guard
from urs_desktop.domain.policy import Category
from urs_desktop.protocol import endpoints
from urs_desktop.protocol.codec import decode
from urs_desktop.protocol.messages import (
    CustomerRequest,
    EnrolReply,
    EnrolRequest,
    GrantRequest,
    HelloRequest,
    LineRequest,
    PushRequest,
    RejoinRequest,
    SaleRequest,
)
from urs_desktop.protocol.signatures import SigningKey

_T = TypeVar("_T")
_SECRET_BYTES = 10
_SHORT_PUSHES = 0.1


class CentralNode:
    """One central store."""

    def __init__(self, world: World) -> None:
        """Make an empty store at the world's time."""
        self._world = world
        self.randomness = SeededBytes(world.chance.of("central"))
        self.key = SigningKey(self.randomness.token_bytes(32))
        self.database = Database(sqlite_engine(None, guard=guard(METADATA)))
        with self.database.change_schema() as connection:
            METADATA.create_all(connection)
            for statement in (*VIEWS.values(), *guards("sqlite")):
                connection.exec_driver_sql(statement)
        self._requests = 0
        self._taken = 0
        self.reply_before_commit = False

    def add_vendor(self, name: str, category: Category) -> str:
        """Add a vendor with a policy of its category and return its id."""
        vests, expires = self._world.chance.of("policy", name).choice(((0, 0), (0, 1), (1, 3)))
        terms = Terms(
            threshold=1000,
            reward_bp=500,
            redeemable_bp=5000 if category.redeems else 0,
            valid_from=self._world.now,
            vests_after=vests,
            expires_after=expires,
        )
        with self.database.write() as connection:
            vendor = vendors.add(connection, name, category, "GBP", "", self._world.now, self.randomness)
            add_version(connection, category, None, "GBP", terms, self._world.now, self.randomness)
        return vendor

    def enrol(self, vendor_id: str, public_key: bytes) -> EnrolReply:
        """Enrol a counter at a vendor."""
        secret = self.randomness.token_bytes(_SECRET_BYTES)
        request = EnrolRequest(secret=secret, public_key=public_key, name="simulated")
        with self.database.write() as connection:
            accounts.add_code(connection, vendor_id, secret, self._world.now)
            return accounts.enrol(connection, request, self._world.now, self.randomness, self.key.public_key)

    def reclaim(self) -> None:
        """Do what the store does by itself now and then."""
        with self.database.write() as connection:
            leases.reclaim_due(connection, self._world.now)
            while due.everybody(connection, self._world.now):
                pass

    def handle(self, path: str, device: bytes, body: bytes, query: dict[str, str | int], token: str) -> msgspec.Struct:
        """Answer one request as the HTTPS routes do; raises what the counter's transport would."""
        self._requests += 1
        fate = self._world.chance.of("central", self._requests)
        if self._is_down():
            message = "the central store is down"
            raise CentralUnavailableError(message)
        crash = not self._world.healed and fate.random() < self._world.faults.central_crash
        early = fate.random() < 0.5
        try:
            return self._commit(
                lambda connection: self._answer(connection, path, device, body, query, token),
                crash_before=crash and early,
                crash_after=crash and not early,
            )
        except CentralSessionOverError:
            raise SessionOverError from None
        except DBAPIError as error:
            message = "the central store answered 503"
            raise CentralUnavailableError(message) from error

    def _out_of_time(self) -> bool:
        """Whether a push ends early after the operation just taken: a prefix is a valid answer."""
        self._taken += 1
        short = self._world.chance.of("central", "short", self._taken).random() < _SHORT_PUSHES
        return short and not self._world.healed

    def _is_down(self) -> bool:
        minute = (self._world.now - self._world.now % 600_000) // 600_000
        down = self._world.chance.of("central", "down", minute).random() < self._world.faults.central_down
        return down and not self._world.healed

    def _commit(self, work: Callable[[sa.Connection], _T], *, crash_before: bool, crash_after: bool) -> _T:
        lost = CentralUnavailableError("the central store crashed")
        reply: list[_T] = []
        try:
            with self.database.write() as connection:
                reply.append(work(connection))
                if crash_before:
                    self._world.note("central store crashes before its commit")
                    raise lost
        except CentralUnavailableError:
            if self.reply_before_commit and reply:
                return reply[0]
            raise
        if crash_after:
            self._world.note("central store crashes after its commit, before its reply")
            raise lost
        return reply[0]

    def _answer(
        self,
        connection: sa.Connection,
        path: str,
        device: bytes,
        body: bytes,
        query: dict[str, str | int],
        token: str,
    ) -> msgspec.Struct:
        now = self._world.now
        if path == endpoints.CHALLENGE:
            return accounts.challenge(connection, device, now, self.randomness)
        if path == endpoints.HELLO:
            return accounts.hello(connection, device, decode(body, HelloRequest), now, self.randomness)
        if path == endpoints.REJOIN:
            return rejoining.rejoin(connection, device, decode(body, RejoinRequest), now, self.randomness)
        if path == endpoints.PUSH:
            request = decode(body, PushRequest)
            return ingest.push(connection, device, request, now, self.randomness, self._out_of_time)
        accounts.check_session(connection, device, token, now)
        return self._answer_session(connection, path, device, body, query)

    def _answer_session(
        self, connection: sa.Connection, path: str, device: bytes, body: bytes, query: dict[str, str | int]
    ) -> msgspec.Struct:
        now = self._world.now
        if path == endpoints.FEED:
            feed.fan_out(connection, now)
            return feed.read(connection, device, str(query["cursor"]), int(query["limit"]), now)
        if path == endpoints.GRANT:
            asked = decode(body, GrantRequest)
            return leases.grant(connection, device, asked, now, self.randomness, self.key)
        if path == endpoints.LINE:
            return lines.grant(connection, device, decode(body, LineRequest), now, self.key)
        if path == endpoints.SALE:
            return refunds.find(connection, device, decode(body, SaleRequest))
        return customers.look_up(connection, device, decode(body, CustomerRequest), now)
