"""A counter as the central store sees one: an identity and a chain of signed operations, kept in memory.

It knows nothing of a till's own store or screens; tests bend its operations into what a counter must never send.
"""

from dataclasses import dataclass, field
from typing import Any

import msgspec
import sqlalchemy as sa

from urs_desktop.central import accounts, ingest
from urs_desktop.domain.currency import currency
from urs_desktop.domain.money import Money
from urs_desktop.domain.policy import ENGINE_VERSION, RewardPolicy
from urs_desktop.domain.rounding import largest_remainder
from urs_desktop.protocol import chain, codec, sessions
from urs_desktop.protocol.messages import EnrolReply, EnrolRequest, HelloReply, HelloRequest, PushReply, PushRequest
from urs_desktop.protocol.operations import (
    Body,
    EnrolBody,
    Operation,
    ProductItem,
    ProductsBody,
    ReturnBody,
    SaleBody,
    SaleLine,
    SalePolicy,
    SaleSpend,
    SaleTender,
)
from urs_desktop.protocol.signatures import SigningKey
from urs_desktop.system.ids import uuid7

NOW = 1_760_000_000_000
"""The centre's clock in tests, in milliseconds since the epoch."""


class CountedRandomness:
    """Randomness that repeats: each call gives the next number, spread by a seed."""

    def __init__(self, seed: int = 0) -> None:
        self._next = seed << 32

    def token_bytes(self, count: int) -> bytes:
        """Return `count` bytes no other call of this instance gives."""
        self._next += 1
        return self._next.to_bytes(8, "big").rjust(count, b"\x5a")[:count]


@dataclass(slots=True)
class Till:
    """One counter: `operations` holds everything it ever made, in order."""

    identity: EnrolReply
    key: SigningKey
    randomness: CountedRandomness
    operations: list[Operation] = field(default_factory=list)
    receipt: int = 0

    @property
    def device_id(self) -> bytes:
        """The counter's id."""
        return self.identity.device_id

    @property
    def head(self) -> bytes:
        """The hash of the last operation, or of the chain's beginning."""
        identity = self.identity
        genesis = chain.genesis(identity.device_id, identity.epoch, identity.nonce)
        return self.operations[-1].hash if self.operations else genesis

    def make(self, body: Body) -> Operation:
        """Return a signed operation that continues the chain."""
        return self.make_raw(*codec.encode_body(body))

    def make_raw(self, kind: str, schema: int, body: bytes, op_id: bytes | None = None) -> Operation:
        """Return a signed operation with any kind and any bytes."""
        identity = op_id or uuid7(NOW, self.randomness).bytes
        draft = Operation(len(self.operations) + 1, identity, kind, schema, body, self.head)
        operation = chain.seal(self.key, self.device_id, self.identity.epoch, draft)
        self.operations.append(operation)
        return operation

    def sale(self, total: int = 2500, card: str | None = "C-1", **changes: Any) -> Operation:  # noqa: ANN401 - any field of a message
        """Return the operation of a sale, see `sale_body`."""
        return self.make(self.sale_body(total, card, **changes))

    def sale_body(
        self,
        total: int = 2500,
        card: str | None = "C-1",
        *,
        policy: RewardPolicy | None = None,
        points_paid: int = 0,
        spends: tuple[SaleSpend, ...] = (),
        **changes: Any,  # noqa: ANN401 - any field of a message
    ) -> SaleBody:
        """Return a sale of two lines that adds up, earning what the policy says; `changes` replace fields."""
        self.receipt += 1
        earned = policy.earn(Money(total - points_paid, currency("GBP"))) if policy and card else 0
        amounts = (total - total // 3, total // 3)
        shares = largest_remainder(earned, amounts)
        tenders = [SaleTender("cash", total - points_paid, total - points_paid)]
        if points_paid:
            tenders.append(SaleTender("points", points_paid, points_paid))
        body = SaleBody(
            hlc=NOW,
            recorded_at=NOW,
            receipt=self.receipt,
            happened_at=NOW,
            currency="GBP",
            total=total,
            points_paid=points_paid,
            earned=earned,
            lines=tuple(
                SaleLine(f"SKU{n}", f"Thing {n}", 1, amount, 2, amount, share)
                for n, (amount, share) in enumerate(zip(amounts, shares, strict=True))
            ),
            tenders=tuple(tenders),
            card=card,
            policy=SalePolicy(policy.policy_id, policy.version, policy.digest().hex()) if policy else None,
            spends=spends,
            engine=ENGINE_VERSION,
        )
        return msgspec.structs.replace(body, **changes)

    def enrolment(self, card: str, customer_id: str = "") -> Operation:
        """Return the operation of a customer enrolled."""
        return self.make(EnrolBody(hlc=NOW, recorded_at=NOW, card=card, customer_id=customer_id))

    def products(self, *items: ProductItem, hlc: int = NOW) -> Operation:
        """Return the operation of products added."""
        return self.make(ProductsBody(hlc=hlc, recorded_at=NOW, items=items))

    def give_back(self, lease: str, points: int) -> Operation:
        """Return the operation of a lease given back."""
        return self.make(ReturnBody(hlc=NOW, recorded_at=NOW, lease=lease, points=points))

    def request(self, *operations: Operation) -> PushRequest:
        """Return a push of these operations, or of all."""
        return PushRequest(
            request_id=self.randomness.token_bytes(16),
            epoch=self.identity.epoch,
            operations=operations or tuple(self.operations),
        )

    def push(self, connection: sa.Connection, *operations: Operation, now: int = NOW) -> PushReply:
        """Push these operations, or all, and return the answer."""
        return ingest.push(connection, self.device_id, self.request(*operations), now, self.randomness)

    def greeting(self, challenge: bytes, seq: int | None = None, head: bytes | None = None) -> HelloRequest:
        """Return a signed hello for where the chain stands."""
        return sessions.hello(
            self.key,
            self.device_id,
            epoch=self.identity.epoch,
            seq=len(self.operations) if seq is None else seq,
            head=self.head if head is None else head,
            challenge=challenge,
            wall=NOW,
        )

    def hello(self, connection: sa.Connection, now: int = NOW) -> HelloReply:
        """Ask for a challenge and say hello."""
        given = accounts.challenge(connection, self.device_id, now, self.randomness)
        return accounts.hello(connection, self.device_id, self.greeting(given.challenge), now, self.randomness)


def enrolled(connection: sa.Connection, vendor_id: str, seed: int = 1, now: int = NOW) -> Till:
    """Return a counter enrolled at a vendor; the seed makes its key and its randomness."""
    randomness = CountedRandomness(seed)
    key = SigningKey(bytes([seed]) * 32)
    secret = randomness.token_bytes(10)
    accounts.add_code(connection, vendor_id, secret, now)
    request = EnrolRequest(secret=secret, public_key=key.public_key, name=f"Till {seed}")
    return Till(accounts.enrol(connection, request, now, randomness, CENTRAL_KEY.public_key), key, randomness)


CENTRAL_KEY = SigningKey(b"\x07" * 32)
"""The key with which the central store of tests signs grants."""


def forged(operation: Operation, **changes: object) -> Operation:
    """Return an operation with fields changed and nothing signed anew."""
    values = {name: getattr(operation, name) for name in operation.__struct_fields__}
    return Operation(**{**values, **changes})


def resealed(till: Till, operation: Operation, **changes: object) -> Operation:
    """Return an operation with fields changed and signed anew by its counter."""
    return chain.seal(till.key, till.device_id, till.identity.epoch, forged(operation, **changes))


__all__ = ["CENTRAL_KEY", "NOW", "CountedRandomness", "Till", "enrolled", "forged", "resealed"]
