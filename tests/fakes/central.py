"""The central store as a counter meets it while a cashier waits: wallets, signed grants, sales to refund, and a push.

Keeps the programme's rules for grants, leases, earnings and refunds. Must never let a wallet fall below zero.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from tests.fakes.figures import VendorFigures
from urs_desktop.counter.ports import CentralUnavailableError, Store
from urs_desktop.counter.values import Customer, Identity
from urs_desktop.domain.lease import EXACT_GRANT_MS, STANDING_GRANT_MS, CentralLease, LeaseState
from urs_desktop.domain.money import Money
from urs_desktop.domain.points import NO_POINTS, Points
from urs_desktop.domain.policy import RewardPolicy
from urs_desktop.domain.purchase import check_redemption
from urs_desktop.domain.refund import RefundState, Sold, SoldLine, pieces_of, refund_state
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol import grants
from urs_desktop.protocol.codec import decode_body
from urs_desktop.protocol.messages import (
    CustomerReply,
    CustomerRequest,
    FeedPolicy,
    GrantReply,
    GrantRequest,
    LineRequest,
    SaleRefund,
    SaleReply,
    SaleRequest,
    sale_told,
)
from urs_desktop.protocol.operations import EnrolBody, Operation, RefundBody, RefundLine, ReturnBody, SaleBody
from urs_desktop.protocol.people import StatementEntry, StatementReply, StatementRequest
from urs_desktop.protocol.signatures import SigningKey
from urs_desktop.system.clock import Clock

_NO_REFUND = RefundState(0, NO_POINTS, 0, NO_POINTS)


@dataclass
class _Grant:
    card: str
    lease: CentralLease
    reply: GrantReply | None = None
    standing: bool = False


@dataclass
class _Sale:
    op_id: bytes
    body: SaleBody
    refunds: dict[bytes, tuple[RefundLine, ...]] = field(default_factory=dict)
    booked: RefundState = _NO_REFUND


@dataclass
class FakeCentralStore(VendorFigures):
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
    debts: dict[str, int] = field(default_factory=dict)
    floor: int = 0
    late: int = 0

    def __post_init__(self) -> None:
        self._sales: dict[tuple[int, int], _Sale] = {}
        self._early: dict[str, dict[bytes, tuple[RefundLine, ...]]] = {}
        self._grants: dict[str, _Grant] = {}
        self._applied: set[bytes] = set()
        self._lock = threading.Lock()

    def add(self, customer: Customer, points: int) -> None:
        """Give the programme a customer with that many points."""
        self.people[customer.card] = customer
        self.wallets[customer.card] = points

    def block(self, card: str) -> None:
        """Let the office block a customer."""
        self.people[card] = replace(self.people[card], blocked=True)

    def sold_elsewhere(self, counter: int, op_id: bytes, body: SaleBody) -> None:
        """Give the vendor's counter `counter` a sale that has arrived."""
        self._sell(counter, op_id, body)

    def refunded_elsewhere(self, sale: bytes, op_id: bytes, *lines: RefundLine) -> None:
        """Let another counter have refunded lines of the sale with this op id."""
        self._refund(sale.hex(), op_id, lines)

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

    def line(self, request: LineRequest) -> GrantReply:
        with self._lock:
            self._reach("line")
            known = self._grants.get(request.lease_id)
            if known is not None:
                if known.reply is None or known.lease.state is LeaseState.CLOSED:
                    raise Refusal(RefusalCode.GRANT_OVER)
                return known.reply
            granted = min(request.want, self.wallets[request.card] // 2)
            if granted <= 0:
                raise Refusal(RefusalCode.POINTS_NOT_AVAILABLE)
            return self._set_aside(request, granted, STANDING_GRANT_MS, standing=True)

    def _new_grant(self, request: GrantRequest) -> GrantReply:
        if request.card not in self.wallets:
            raise Refusal(RefusalCode.CUSTOMER_UNKNOWN)
        if request.card in self.people and self.people[request.card].blocked:
            raise Refusal(RefusalCode.CUSTOMER_BLOCKED)
        wanted = (request.policy_id, request.policy_version)
        policy = next((p for p in self.policies if (p.policy_id, p.version) == wanted), None)
        if policy is None:
            raise Refusal(RefusalCode.POLICY_UNKNOWN)
        total = Money(request.total, self.identity.currency)
        check_redemption(Points(request.want), total, self.identity.category, policy)
        granted = min(request.want, self.wallets[request.card], request.want if self.most is None else self.most)
        if granted <= 0:
            raise Refusal(RefusalCode.POINTS_NOT_AVAILABLE)
        return self._set_aside(request, granted, EXACT_GRANT_MS)

    def _set_aside(
        self, request: GrantRequest | LineRequest, granted: int, lasts: int, *, standing: bool = False
    ) -> GrantReply:
        self.wallets[request.card] -= granted
        reply = grants.grant(
            self.key,
            self.identity.device_id,
            lease_id=request.lease_id,
            epoch=request.epoch,
            card=request.card,
            granted=granted,
            spend_until=self.clock.now() + lasts,
            lasts=lasts,
        )
        lease = CentralLease(Points(granted), NO_POINTS, NO_POINTS, LeaseState.OPEN)
        self._grants[request.lease_id] = _Grant(request.card, lease, reply, standing)
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
                        held=self.held(card),
                        blocked=person.blocked,
                    )
            raise Refusal(RefusalCode.CUSTOMER_UNKNOWN)

    def sale(self, request: SaleRequest) -> SaleReply:
        with self._lock:
            self._reach("sale")
            found = self._sales.get((request.counter, request.receipt))
            if found is None:
                raise Refusal(RefusalCode.RECEIPT_UNKNOWN, receipt=request.receipt)
            policy = _policy_of(self.policies, found.body)
            told = None
            if policy is not None:
                fields = {name: getattr(policy, name) for name in FeedPolicy.__struct_fields__}
                told = FeedPolicy(**{**fields, "category": policy.category.value})
            refunds = tuple(SaleRefund(op_id=op_id, lines=lines) for op_id, lines in found.refunds.items())
            plain, priced = sale_told(found.body)
            return SaleReply(op_id=found.op_id, sale=plain, priced=priced, policy=told, refunds=refunds)

    def _sell(self, counter: int, op_id: bytes, body: SaleBody) -> None:
        sale = _Sale(op_id, body, self._early.pop(op_id.hex(), {}))
        self._sales[counter, body.receipt] = sale
        if body.card is not None:
            repaid = min(body.earned, self.debts.get(body.card, 0))  # a debt is repaid first
            self.debts[body.card] = self.debts.get(body.card, 0) - repaid
            self.wallets[body.card] = self.wallets.get(body.card, 0) + body.earned - repaid
            _book(self, sale)

    def _refund(self, sale: str | None, op_id: bytes, lines: tuple[RefundLine, ...]) -> None:
        found = next((each for each in self._sales.values() if each.op_id.hex() == sale), None)
        if found is not None:
            found.refunds[op_id] = lines
            _book(self, found)
        elif sale is not None:
            self._early.setdefault(sale, {})[op_id] = lines

    def statement(self, request: StatementRequest) -> StatementReply:
        with self._lock:
            self._reach("statement")
            if request.card not in self.people or request.card not in self.wallets:
                raise Refusal(RefusalCode.CUSTOMER_UNKNOWN)
            entries = [
                StatementEntry(
                    kind="EARN", points=sale.body.earned, at=sale.body.happened_at, own=True, number=f"{number}-{n:06d}"
                )
                for (number, n), sale in self._sales.items()
                if sale.body.card == request.card and sale.body.earned
            ]
            newest = tuple(reversed(entries))[: request.limit]
            owed, available = self.debts.get(request.card, 0), self.wallets[request.card]
            now = self.clock.now()
            return StatementReply(
                card=request.card, entries=newest, available=available, held=0, pending=0, owed=owed, as_of=now
            )

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
                if not spend.lease:
                    self.floor += spend.points
                    continue
                grant = self._grants[spend.lease]
                grant.lease, covered = grant.lease.settle(Points(spend.points))
                self.late += spend.points - covered
                if not grant.standing:
                    self._close(spend.lease)
            self._sell(self.identity.number, operation.op_id, body)
        elif isinstance(body, RefundBody):
            self._refund(body.sale, operation.op_id, body.lines)

    def _close(self, lease_id: str) -> None:
        grant = self._grants.get(lease_id)
        if grant is None:
            closed = CentralLease(NO_POINTS, NO_POINTS, NO_POINTS, LeaseState.CLOSED)
            self._grants[lease_id] = _Grant("", closed)
            return
        grant.lease, freed = grant.lease.close()
        self.wallets[grant.card] += freed


def _book(centre: FakeCentralStore, sale: _Sale) -> None:
    """Bring a wallet to where all refunds of a sale together put it."""
    body, card = sale.body, sale.body.card
    lines = tuple(SoldLine(line.quantity, line.total) for line in body.lines)
    total = Money(body.total, centre.identity.currency)
    sold = Sold(lines, total, Points(body.points_paid), Points(body.earned), _policy_of(centre.policies, body))
    state = refund_state(sold, pieces_of([{line.n: line.quantity for line in r} for r in sale.refunds.values()]))
    adds, sale.booked = state.since(sale.booked), state
    if card is not None:
        centre.wallets[card] = centre.wallets.get(card, 0) + adds.points_back
        taken = min(adds.clawed, centre.wallets[card])
        centre.wallets[card] -= taken
        centre.debts[card] = centre.debts.get(card, 0) + adds.clawed - taken


def _policy_of(policies: Sequence[RewardPolicy], sale: SaleBody) -> RewardPolicy | None:
    cited = sale.policy
    if cited is None:
        return None
    named = (cited.policy_id, cited.version)
    return next((policy for policy in policies if (policy.policy_id, policy.version) == named), None)
