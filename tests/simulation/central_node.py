"""The central store of the simulation: the functions that ship, on SQLite, with blows at any statement.

Must never answer before its transaction committed (a mutant does).
"""

from pathlib import Path
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from tests.simulation.chance import SeededBytes
from tests.simulation.machine import Machine, Strike, Template
from tests.simulation.world import DOWNTIME, Crash, Violation, World
from urs_desktop.central import (
    accounts,
    blocking,
    customers,
    due,
    erasing,
    feed,
    ingest,
    lease_terms,
    leases,
    lines,
    merging,
    operators,
    recalls,
    refunds,
    rejoining,
    vendors,
)
from urs_desktop.central.accounts import SessionOverError as CentralSessionOverError
from urs_desktop.central.operators import Operator, Role
from urs_desktop.central.policies import Terms, add_version
from urs_desktop.central.schema import METADATA, VIEWS
from urs_desktop.central.schema import operators as operator_rows
from urs_desktop.central.schema.guards import guards
from urs_desktop.counter.ports import CentralUnavailableError
from urs_desktop.counter.sync.transport import SessionOverError
from urs_desktop.database.engine import Database, trouble_of
from urs_desktop.database.guards import guard
from urs_desktop.domain.policy import Category
from urs_desktop.domain.refusals import Refusal, RefusalCode
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

_SECRET_BYTES = 10


def make_schema(database: Database) -> None:
    """Make the schema in an empty database."""
    with database.change_schema() as connection:
        METADATA.create_all(connection)
        for statement in (*VIEWS.values(), *guards("sqlite")):
            connection.exec_driver_sql(statement)


TEMPLATE: Final = Template(make_schema, guard(METADATA))


class CentralNode:
    """One central store."""

    def __init__(self, world: World, folder: Path | None = None) -> None:
        """Make an empty store at the world's time, in a folder or in memory."""
        self._world = world
        self.randomness = SeededBytes(world.chance.of("central"))
        self.key = SigningKey(self.randomness.token_bytes(32))
        self.machine = Machine("centre", TEMPLATE, folder)
        self.reply_before_commit = False
        self.is_touched = False
        """Whether anything may have changed since the last check."""

    @property
    def database(self) -> Database:
        """The store's database in this life of its machine."""
        return self.machine.database

    def start(self) -> None:
        """Begin to serve, as the program does whenever it starts."""
        with self.database.write() as connection:
            feed.begin(connection, self._world.now)

    def put_back(self, backup: Any) -> None:  # noqa: ANN401 - see Machine.copy
        """Put the database back to a backup and serve it."""
        self.is_touched = True
        self.machine.put_back(backup)
        self.start()

    def add_vendor(self, name: str, category: Category) -> str:
        """Add a vendor with a policy of its category and return its id."""
        with self.database.write() as connection:
            vendor = vendors.add(connection, name, category, "GBP", "", self._world.now, self.randomness)
        self.set_policy(category, reward_bp=500)
        return vendor

    def set_policy(self, category: Category, *, reward_bp: int) -> None:
        """Add the next version of a category's policy, in force from now on."""
        self.is_touched = True
        vests, expires = self._world.chance.of("policy", category.value).choice(((0, 0), (0, 1), (1, 3)))
        terms = Terms(
            threshold=1000,
            reward_bp=reward_bp,
            redeemable_bp=5000 if category.redeems else 0,
            valid_from=self._world.now,
            vests_after=vests,
            expires_after=expires,
        )
        with self.database.write() as connection:
            add_version(connection, category, None, "GBP", terms, self._world.now, self.randomness)

    def enrol(self, vendor_id: str, public_key: bytes) -> EnrolReply:
        """Enrol a counter at a vendor."""
        secret = self.randomness.token_bytes(_SECRET_BYTES)
        request = EnrolRequest(secret=secret, public_key=public_key, name="simulated")
        with self.database.write() as connection:
            accounts.add_code(connection, vendor_id, secret, self._world.now)
            return accounts.enrol(connection, request, self._world.now, self.randomness, self.key.public_key)

    def reclaim(self) -> None:
        """Do what the store does by itself now and then."""
        self.is_touched = True
        with self.database.write() as connection:
            leases.reclaim_due(connection, self._world.now)
            while due.everybody(connection, self._world.now):
                pass

    def handle(self, path: str, device: bytes, body: bytes, query: dict[str, str | int], token: str) -> msgspec.Struct:
        """Answer one request as the HTTPS routes do; raises what the counter's transport would."""
        what = path.rsplit("/", 1)[-1]
        if self._world.is_in_bad_stretch("central_down", "centre", DOWNTIME):
            self._world.note("centre", f"is down, no answer to {what}")
            raise CentralUnavailableError("the central store is down")
        self.is_touched = True
        self.machine.arm(Strike.drawn(self._world, "central"))
        reply: list[msgspec.Struct] = []
        try:
            with self.database.write() as connection:
                reply.append(self._answer(connection, path, device, body, query, token))
        except CentralSessionOverError:
            raise SessionOverError from None
        except Refusal as refusal:
            if path == endpoints.GRANT and refusal.code is RefusalCode.POINTS_NOT_AVAILABLE:
                self._recall(decode(body, GrantRequest).card, device)
            raise
        except Crash:
            self._world.note("centre", f"dies in {what}{' after its answer was ready' if reply else ''}, starts anew")
            self.machine.restart()
            self.start()
            if self.reply_before_commit and reply:
                return reply[0]
            raise CentralUnavailableError("the central store crashed") from None
        except DBAPIError as error:
            if trouble_of(error) is None:
                raise Violation("no_bug_of_ours", f"{what}: {error}") from error
            self._world.note("centre", f"answers 503 to {what}: {error.orig}")
            raise CentralUnavailableError("the central store answered 503") from error
        finally:
            self.machine.disarm()
        return reply[0]

    def _recall(self, card: str, device: bytes) -> None:
        """Ask for lines back, in a transaction of its own as the route does; nothing befalls it."""
        self.machine.disarm()
        with self.database.write() as connection:
            recalls.recall_of_card(connection, card, but=device)

    def set_limits(self, vendor_id: str, floor_customer: int, floor_counter: int) -> None:
        """Let a vendor's counters take points without a lease."""
        with self.database.write() as connection:
            limits = lease_terms.VendorLimits(floor_customer=floor_customer, floor_counter=floor_counter)
            lease_terms.set_limits(connection, vendor_id, limits)

    def _operator(self, connection: sa.Connection) -> Operator:
        """Return the one operator of this store, made when first needed."""
        known = connection.execute(sa.select(operator_rows)).one_or_none()
        if known is not None:
            return Operator(known.operator_id, known.name, Role(known.role), known.created_at)
        made = operators.add(connection, "Ann", Role.PROGRAMME, "no hash", self._world.now, self.randomness)
        return Operator(made, "Ann", Role.PROGRAMME, self._world.now)

    def merge(self, card: str, into: str) -> None:
        """Merge one customer into another; raises Refusal."""
        self.is_touched = True
        with self.database.write() as connection:
            merging.merge(connection, card, into, self._operator(connection), "enrolled twice", self._world.now)

    def block(self, card: str, *, blocked: bool) -> None:
        """Block a customer, or let one redeem again; raises Refusal."""
        self.is_touched = True
        with self.database.write() as connection:
            if blocked:
                blocking.block(connection, card, self._world.now)
            else:
                blocking.unblock(connection, card)

    def erase(self, card: str) -> None:
        """Erase a customer; raises Refusal."""
        self.is_touched = True
        with self.database.write() as connection:
            erasing.erase(connection, card, self._operator(connection).operator_id, self._world.now)

    def _out_of_time(self) -> bool:
        """Whether a push ends early after the operation just taken: a prefix is a valid answer."""
        return self._world.strikes("short_push")

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
