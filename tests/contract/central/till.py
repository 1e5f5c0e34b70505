"""A counter as the central store sees one: an identity and a chain of signed operations, kept in memory.

It knows nothing of a till's own store or screens; tests bend its operations into what a counter must never send.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import sqlalchemy as sa

from urs_desktop.central import accounts, ingest, rejoining
from urs_desktop.domain.currency import currency
from urs_desktop.domain.money import Money
from urs_desktop.domain.points import Points
from urs_desktop.domain.policy import ENGINE_VERSION, RewardPolicy
from urs_desktop.domain.refund import Sold, SoldLine, pieces_of, refund_state
from urs_desktop.domain.rounding import largest_remainder
from urs_desktop.protocol import chain, codec, sessions
from urs_desktop.protocol.messages import (
    EnrolReply,
    EnrolRequest,
    HelloReply,
    HelloRequest,
    PushReply,
    PushRequest,
    RejoinReply,
    RejoinRequest,
)
from urs_desktop.protocol.operations import (
    Body,
    EnrolBody,
    Operation,
    ProductItem,
    ProductsBody,
    RefundBody,
    RefundLine,
    ResolveBody,
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
        sold: Sequence[tuple[int, int]] = (),
        **changes: Any,  # noqa: ANN401 - any field of a message
    ) -> SaleBody:
        """Return a sale that adds up, earning what the policy says; `changes` replace fields.

        It has a line for each of `sold` (pieces and what they cost together), or else two of one piece each that come
        to `total`.
        """
        self.receipt += 1
        lines = list(sold) or [(1, total - total // 3), (1, total // 3)]
        amounts = [amount for _, amount in lines]
        total = sum(amounts)
        earned = policy.earn(Money(total - points_paid, currency("GBP"))) if policy and card else 0
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
                SaleLine(f"SKU{n}", f"Thing {n}", pieces, amount, 2, amount, share)
                for n, ((pieces, amount), share) in enumerate(zip(lines, shares, strict=True))
            ),
            tenders=tuple(tenders),
            card=card,
            policy=SalePolicy(policy.policy_id, policy.version, policy.digest().hex()) if policy else None,
            spends=spends,
            engine=ENGINE_VERSION,
        )
        return msgspec.structs.replace(body, **changes)

    def refund(self, sale: Operation, pieces: Mapping[int, int], /, **changes: Any) -> Operation:  # noqa: ANN401
        """Return the operation of a refund, see `refund_body`."""
        return self.make(self.refund_body(sale, pieces, **changes))

    def refund_body(
        self,
        sale: Operation,
        pieces: Mapping[int, int],
        /,
        *,
        policy: RewardPolicy | None = None,
        before: Sequence[Mapping[int, int]] = (),
        **changes: Any,  # noqa: ANN401 - any field of a message
    ) -> RefundBody:
        """Return a refund of `pieces` (line number to quantity) of a sale, of which those `before` came back earlier.

        It promises what the rules give under `policy`, or no more than the value if that is None; `changes` replace
        fields.
        """
        self.receipt += 1
        body = codec.decode_body(sale.kind, sale.schema, sale.body)
        assert isinstance(body, SaleBody)
        sold = Sold(
            lines=tuple(SoldLine(line.quantity, line.total) for line in body.lines),
            total=Money(body.total, currency("GBP")),
            points_paid=Points(body.points_paid),
            earned=Points(body.earned),
            policy=policy,
        )
        earlier, after = pieces_of(before), pieces_of([*before, pieces])
        state = refund_state(sold, after).since(refund_state(sold, earlier))
        values = [now - then for then, now in zip(sold.values(earlier), sold.values(after), strict=True)]
        lines = {n: body.lines[n - 1] for n in pieces if 1 <= n <= len(body.lines)}
        refund = RefundBody(
            hlc=NOW,
            recorded_at=NOW,
            receipt=self.receipt,
            happened_at=NOW,
            currency="GBP",
            sale=sale.op_id.hex(),
            total=state.value,
            cash_back=state.cash_back,
            points_back=state.points_back,
            clawed=state.clawed,
            lines=tuple(
                RefundLine(n, lines[n].sku, lines[n].description, quantity, values[n - 1])
                if n in lines
                else RefundLine(n, "?", "?", quantity, 0)
                for n, quantity in pieces.items()
            ),
            tenders=(SaleTender("cash", state.cash_back, state.cash_back),),
            card=body.card,
            policy=body.policy,
            engine=ENGINE_VERSION,
        )
        return msgspec.structs.replace(refund, **changes)

    def enrolment(self, card: str, customer_id: str = "", person: str | None = None) -> Operation:
        """Return the operation of a customer enrolled."""
        return self.make(EnrolBody(hlc=NOW, recorded_at=NOW, card=card, customer_id=customer_id, person=person))

    def products(self, *items: ProductItem, hlc: int = NOW) -> Operation:
        """Return the operation of products added."""
        return self.make(ProductsBody(hlc=hlc, recorded_at=NOW, items=items))

    def give_back(self, lease: str, points: int) -> Operation:
        """Return the operation of a lease given back."""
        return self.make(ReturnBody(hlc=NOW, recorded_at=NOW, lease=lease, points=points))

    def resolve(self, operation: Operation, action: str = "retry", **more: Any) -> Operation:  # noqa: ANN401
        """Return the operation that says what shall become of a parked one."""
        return self.make(ResolveBody(hlc=NOW, recorded_at=NOW, op_id=operation.op_id.hex(), action=action, **more))

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

    def greeting(
        self, challenge: bytes, seq: int | None = None, head: bytes | None = None, receipt: int | None = None
    ) -> HelloRequest:
        """Return a signed hello for where the chain stands."""
        return sessions.hello(
            self.key,
            self.device_id,
            epoch=self.identity.epoch,
            seq=len(self.operations) if seq is None else seq,
            head=self.head if head is None else head,
            receipt=self.receipt if receipt is None else receipt,
            challenge=challenge,
            wall=NOW,
        )

    def hello(self, connection: sa.Connection, now: int = NOW) -> HelloReply:
        """Ask for a challenge and say hello."""
        given = accounts.challenge(connection, self.device_id, now, self.randomness)
        return accounts.hello(connection, self.device_id, self.greeting(given.challenge), now, self.randomness)

    def wish(self, challenge: bytes, seen_epoch: int | None = None, nonce: bytes | None = None) -> RejoinRequest:
        """Return a signed wish for a new epoch."""
        return sessions.rejoin(
            self.key,
            self.device_id,
            seen_epoch=self.identity.epoch if seen_epoch is None else seen_epoch,
            nonce=self.randomness.token_bytes(32) if nonce is None else nonce,
            challenge=challenge,
            wall=NOW,
        )

    def rejoin(
        self, connection: sa.Connection, seen_epoch: int | None = None, nonce: bytes | None = None, now: int = NOW
    ) -> RejoinReply:
        """Ask for a challenge and a new epoch."""
        given = accounts.challenge(connection, self.device_id, now, self.randomness)
        wish = self.wish(given.challenge, seen_epoch, nonce)
        return rejoining.rejoin(connection, self.device_id, wish, now, self.randomness)

    def begin(self, reply: RejoinReply) -> None:
        """Sign the whole chain anew for the epoch that was given."""
        made, self.operations = self.operations, []
        self.identity = msgspec.structs.replace(self.identity, epoch=reply.epoch, nonce=reply.nonce)
        for operation in made:
            self.make_raw(operation.kind, operation.schema, operation.body, operation.op_id)
        self.receipt = max(self.receipt, reply.receipt)


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
