"""The central store as a counter meets it while a cashier waits: wallets, exact grants that are signed, and a push.

Keeps the programme's rules for grants, leases and earnings. Must never let a wallet fall below zero.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from urs_desktop.counter.ports import CentralUnavailableError, Customer, Identity, Store
from urs_desktop.domain.lease import EXACT_GRANT_MS, CentralLease, LeaseState
from urs_desktop.domain.money import Money
from urs_desktop.domain.points import NO_POINTS, Points
from urs_desktop.domain.policy import RewardPolicy
from urs_desktop.domain.purchase import check_redemption
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol import grants
from urs_desktop.protocol.codec import decode_body
from urs_desktop.protocol.messages import CustomerReply, CustomerRequest, GrantReply, GrantRequest
from urs_desktop.protocol.operations import EnrolBody, Operation, ReturnBody, SaleBody
from urs_desktop.protocol.signatures import SigningKey
from urs_desktop.system.clock import Clock


@dataclass
class _Grant:
    card: str
    lease: CentralLease
    reply: GrantReply | None = None


@dataclass
class FakeCentralStore:
    """Answers for one counter; `online` False makes every call raise `failure`, `most` caps every grant."""

    key: SigningKey
    identity: Identity
    clock: Clock
    policies: list[RewardPolicy] = field(default_factory=list)
    people: dict[str, Customer] = field(default_factory=dict)
    wallets: dict[str, int] = field(default_factory=dict)
    online: bool = True
    failure: CentralUnavailableError = field(default_factory=lambda: CentralUnavailableError("connection refused"))
    most: int | None = None
    calls: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._grants: dict[str, _Grant] = {}
        self._applied: set[bytes] = set()
        self._lock = threading.Lock()

    def add(self, customer: Customer, points: int) -> None:
        """Give the programme a customer with that many points."""
        self.people[customer.card] = customer
        self.wallets[customer.card] = points

    def held(self, card: str) -> int:
        """Return the points leases hold of a card's wallet."""
        return sum(grant.lease.held for grant in self._grants.values() if grant.card == card)

    def grant(self, request: GrantRequest) -> GrantReply:
        with self._lock:
            self._reach("grant")
            known = self._grants.get(request.lease_id)
            if known is not None:
                if known.reply is None or known.lease.state is LeaseState.CLOSED:
                    raise Refusal(RefusalCode.GRANT_OVER)
                return known.reply
            return self._new_grant(request)

    def _new_grant(self, request: GrantRequest) -> GrantReply:
        if request.card not in self.wallets:
            raise Refusal(RefusalCode.CUSTOMER_UNKNOWN)
        wanted = (request.policy_id, request.policy_version)
        policy = next((p for p in self.policies if (p.policy_id, p.version) == wanted), None)
        if policy is None:
            raise Refusal(RefusalCode.POLICY_UNKNOWN)
        total = Money(request.total, self.identity.currency)
        check_redemption(Points(request.want), total, self.identity.category, policy)
        granted = min(request.want, self.wallets[request.card], request.want if self.most is None else self.most)
        if granted <= 0:
            raise Refusal(RefusalCode.POINTS_NOT_AVAILABLE)
        self.wallets[request.card] -= granted
        reply = grants.grant(
            self.key,
            self.identity.device_id,
            lease_id=request.lease_id,
            epoch=request.epoch,
            card=request.card,
            granted=granted,
            spend_until=self.clock.now() + EXACT_GRANT_MS,
        )
        lease = CentralLease(Points(granted), NO_POINTS, NO_POINTS, LeaseState.OPEN)
        self._grants[request.lease_id] = _Grant(request.card, lease, reply)
        return reply

    def customer(self, request: CustomerRequest) -> CustomerReply:
        with self._lock:
            self._reach("customer")
            for card, person in self.people.items():
                if card == request.card or (request.phone and person.phone == request.phone):
                    return CustomerReply(
                        card=card,
                        name=person.name,
                        phone=person.phone,
                        email=person.email,
                        available=self.wallets[card],
                        as_of=self.clock.now(),
                    )
            raise Refusal(RefusalCode.CUSTOMER_UNKNOWN)

    def _reach(self, call: str) -> None:
        self.calls.append(call)
        if not self.online:
            raise self.failure

    def sync(self, store: Store) -> int:
        """Take everything the counter's outbox holds, as a push would, acknowledge it, and return how much it was."""
        waiting = store.read(lambda book: book.operations.waiting(1_000_000, 2**40))
        self.apply(waiting)
        if waiting:
            store.write(lambda book: book.operations.acknowledge(waiting[-1].seq, ()))
        return len(waiting)

    def apply(self, operations: Sequence[Operation]) -> None:
        """Apply operations; one that was applied before changes nothing."""
        with self._lock:
            for operation in operations:
                if operation.op_id not in self._applied:
                    self._applied.add(operation.op_id)
                    self._apply(operation)

    def _apply(self, operation: Operation) -> None:
        body = decode_body(operation.kind, operation.schema, operation.body)
        if isinstance(body, EnrolBody):
            self.people.setdefault(body.card, Customer(body.card))
            self.wallets.setdefault(body.card, 0)
        elif isinstance(body, ReturnBody):
            self._close(body.lease)
        elif isinstance(body, SaleBody):
            for spend in body.spends:
                grant = self._grants[spend.lease]
                grant.lease, _ = grant.lease.settle(Points(spend.points))
                self._close(spend.lease)
            if body.card is not None:
                self.wallets[body.card] = self.wallets.get(body.card, 0) + body.earned

    def _close(self, lease_id: str) -> None:
        grant = self._grants.get(lease_id)
        if grant is None:
            closed = CentralLease(NO_POINTS, NO_POINTS, NO_POINTS, LeaseState.CLOSED)
            self._grants[lease_id] = _Grant("", closed)
            return
        grant.lease, freed = grant.lease.close()
        self.wallets[grant.card] += freed
