"""Many counters of several vendors deal with shared customers, by chance that repeats: what arrives at a central store.

Sales with and without points, leases that are given back or spent too late, refunds (some of them before their sale
arrives), products, days that pass. Every operation is signed and pushed as a counter does. The same seed gives any two
stores the same operations as long as they answer alike. Must never look into the store to learn what should be there.
"""

import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

import sqlalchemy as sa

from tests.contract.central.till import CENTRAL_KEY, NOW, CountedRandomness, Till, enrolled
from tests.end_to_end import receipts
from tests.end_to_end.tallies import Rule, Sold, Tally
from urs_desktop.central import due, leases, policies, vendors
from urs_desktop.central.policies import Terms
from urs_desktop.database.engine import Database
from urs_desktop.domain.policy import Category, RewardPolicy
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol.messages import GrantRequest
from urs_desktop.protocol.operations import Operation, SaleSpend

DAY_MS: Final = 24 * 60 * 60 * 1000
TILLS_EACH: Final = 2
"""So many counters does each vendor have."""

DAY: Final = 100
"""A night falls after so many purchases."""

TERMS: Final = {
    Category.SMALL: Terms(500, 300, 0, NOW - 1),
    Category.MEDIUM: Terms(1000, 500, 5000, NOW - 1),
    Category.LARGE: Terms(2000, 250, 10_000, NOW - 1),
}
LATER_TERMS: Final = Terms(1500, 700, 4000, NOW - 1)
"""What medium vendors give in the second half."""

OWN_TERMS: Final = Terms(100, 1000, 9000, NOW - 1, vests_after=1, expires_after=6)
"""What one large vendor has defined for itself: its points vest overnight and do not last."""

EXPECTED: Final = {"", "points_late", "sale_unknown", "refund_differs"}
"""Codes that may come back: everything else is a fault of the store or of these dealings."""


@dataclass(slots=True)
class Lease:
    """Points set aside for a sale."""

    lease_id: str
    card: str
    granted: int
    is_open: bool = True


@dataclass(slots=True)
class Register:
    """A counter with what it has not pushed yet, and the leases its waiting sales spend from."""

    house: "House"
    till: Till
    waiting: list[Operation] = field(default_factory=list)
    spends: dict[bytes, tuple[Sold, Lease | None]] = field(default_factory=dict)


@dataclass(slots=True)
class House:
    """A vendor, the policy it sells under and the sales that can be refunded."""

    vendor_id: str
    category: Category
    policy: RewardPolicy
    registers: list[Register] = field(default_factory=list)
    sold: list[tuple[Sold, Operation, RewardPolicy]] = field(default_factory=list)

    @property
    def rule(self) -> Rule:
        """The policy as the tally reckons with it."""
        return Rule(self.policy.threshold, self.policy.reward_bp, self.policy.redeemable_bp)


class Dealings:
    """Deals with one store; `tally` is what must come of it, `results` what the store answered by result and code."""

    def __init__(self, database: Database, seed: int = 1, customers: int = 50) -> None:
        """Take a database with its tables and nobody in it."""
        self.tally = Tally()
        self.results: Counter[str] = Counter()
        self._chance = random.Random(seed)
        self._customers = customers
        self._database = database
        self._now = NOW
        self._overnight: list[tuple[Register, Lease, int]] = []
        self._randomness = CountedRandomness(1000)
        self._sold = 0
        with database.write() as connection:
            self._houses = self._open(connection)

    def run(self, purchases: int) -> None:
        """Make so many purchases and all that comes with them, and push everything."""
        ways = (self._sell, self._pay_with_points, self._refund, self._refund_without_receipt, self._stock, self._enrol)
        while self._sold < purchases:
            self._now += self._chance.randint(1, 20_000)
            [way] = self._chance.choices(ways, (56, 28, 12, 0.2, 1, 1))
            before = self._sold
            way(self._register())
            if self._sold > before and self._sold % DAY == 0:
                self._night()
            if before < purchases // 2 <= self._sold:
                self._change_policy()
        self._night()
        self._push_all()

    def _open(self, connection: sa.Connection) -> list[House]:
        policy = {
            category: policies.add_version(connection, category, None, "GBP", terms, NOW - 1, self._randomness)
            for category, terms in TERMS.items()
        }
        houses = []
        for n, category in enumerate([*Category, *Category]):
            vendor_id = vendors.add(connection, f"Shop {n}", category, "GBP", "Leeds", NOW, self._randomness)
            houses.append(House(vendor_id, category, policy[category]))
        own = houses[-1]
        own.policy = policies.add_version(
            connection, own.category, own.vendor_id, "GBP", OWN_TERMS, NOW - 1, self._randomness
        )
        for n, house in enumerate(houses * TILLS_EACH, 1):
            house.registers.append(Register(house, enrolled(connection, house.vendor_id, n)))
        return houses

    def _register(self) -> Register:
        return self._chance.choice(self._chance.choice(self._houses).registers)

    def _card(self) -> str:
        return f"C-{min(self._chance.randrange(self._customers), self._chance.randrange(self._customers))}"

    def _sell(self, register: Register) -> None:
        card = None if self._chance.random() < 0.15 else self._card()
        self._sold_at(register, self._basket(register, card))

    def _basket(self, register: Register, card: str | None) -> Sold:
        return Sold(register.house.vendor_id, card, register.house.rule, receipts.goods(self._chance))

    def _sold_at(self, register: Register, sold: Sold, lease: Lease | None = None, returned: int = 0) -> None:
        house = register.house
        spends: tuple[SaleSpend, ...] = ()
        if sold.paid:
            spends = (SaleSpend(lease.lease_id if lease else f"never-{self._sold}", sold.paid, returned),)
        operation = receipts.sell(register.till, sold, house.policy, self._now, spends)
        self.tally.sales.append(sold)
        self._sold += 1
        house.sold.append((sold, operation, house.policy))
        register.spends[operation.op_id] = (sold, lease)
        self._enqueue(register, operation)

    def _pay_with_points(self, register: Register) -> None:
        """Ask for points; then spend all or some of them, give them back, or keep them until the next morning."""
        sold = self._basket(register, self._card())
        cap = sold.rule.cap(sold.total)
        if not cap or sold.card is None:
            self._sell(register)
            return
        fate = self._chance.random()
        if fate < 0.05:
            sold.paid = self._chance.randint(1, cap)
            self._sold_at(register, sold)  # spent from a lease that never was
            return
        lease = self._grant(register, sold.card, self._chance.randint(1, cap), sold.total)
        if lease is None:
            self._sold_at(register, sold)
        elif fate < 0.12:
            self._enqueue(register, register.till.give_back(lease.lease_id, lease.granted))
            lease.is_open = False
        elif fate < 0.2:
            self._overnight.append((register, lease, sold.total))
        else:
            sold.paid = lease.granted if fate < 0.8 else self._chance.randint(1, lease.granted)
            self._sold_at(register, sold, lease, lease.granted - sold.paid)

    def _grant(self, register: Register, card: str, want: int, total: int) -> Lease | None:
        self._push(register)
        policy = register.house.policy
        request = GrantRequest(
            lease_id=f"lease-{self._randomness.token_bytes(8).hex()}",
            epoch=register.till.identity.epoch,
            card=card,
            want=want,
            total=total,
            policy_id=policy.policy_id,
            policy_version=policy.version,
        )
        try:
            with self._database.write() as connection:
                device = register.till.device_id
                reply = leases.grant(connection, device, request, self._now, self._randomness, CENTRAL_KEY)
        except Refusal as refusal:
            if refusal.code not in (RefusalCode.POINTS_NOT_AVAILABLE, RefusalCode.CUSTOMER_UNKNOWN):
                raise
            return None
        assert 0 < reply.granted <= want
        return Lease(request.lease_id, card, reply.granted)

    def _refund(self, register: Register) -> None:
        """Bring something back to the vendor it was bought from, at any of its counters."""
        house = register.house
        if not house.sold:
            return
        place = self._chance.randrange(max(0, len(house.sold) - 200), len(house.sold))
        sold, operation, policy = house.sold[place]
        left = sold.left()
        if left:
            pieces = receipts.some_of(self._chance, left)
            self._enqueue(register, receipts.refund(register.till, sold, operation, pieces, policy, self._now))

    def _refund_without_receipt(self, register: Register) -> None:
        amount = self._chance.randint(1, 5000)
        self.tally.unbacked_refunds[register.house.vendor_id] += amount
        self._enqueue(register, receipts.refund_without_receipt(register.till, amount, self._now))

    def _stock(self, register: Register) -> None:
        self._enqueue(register, receipts.stock(register.till, self._chance, self._now))

    def _enrol(self, register: Register) -> None:
        self._enqueue(register, register.till.enrolment(self._card()))

    def _enqueue(self, register: Register, operation: Operation) -> None:
        register.waiting.append(operation)
        if len(register.waiting) >= self._chance.choice((1, 5, 20, 40)):
            self._push(register)

    def _push(self, register: Register) -> None:
        if not register.waiting:
            return
        with self._database.write() as connection:
            reply = register.till.push(connection, *register.waiting, now=self._now)
        assert (reply.verdict, reply.seq) == ("ok", register.waiting[-1].seq), reply
        for operation, result in zip(register.waiting, reply.results, strict=True):
            assert result.result in ("applied", "adjusted"), (operation.kind, result)
            assert result.code in EXPECTED, (operation.kind, result)
            self.results[f"{operation.kind} {result.result} {result.code}".strip()] += 1
            sold, lease = register.spends.pop(operation.op_id, (None, None))
            if sold is not None and lease is not None and lease.is_open:
                sold.covered = sold.paid
                lease.is_open = False
        register.waiting.clear()

    def _push_all(self) -> None:
        for house in self._houses:
            for register in house.registers:
                self._push(register)

    def _night(self) -> None:
        """Let a night pass, in which open leases end; in the morning some counters spend from theirs all the same."""
        self._push_all()
        self._now += DAY_MS + 60 * 60 * 1000
        did = True
        while did:
            with self._database.write() as connection:
                did = bool(leases.reclaim_due(connection, self._now) + due.everybody(connection, self._now))
        for register, lease, total in self._overnight:
            lease.is_open = False
            if self._chance.random() < 0.3:
                self._enqueue(register, register.till.give_back(lease.lease_id, 0))
                continue
            sold = Sold(register.house.vendor_id, lease.card, register.house.rule, ((1, total),))
            sold.paid = min(lease.granted, total)
            self._sold_at(register, sold, lease)
        self._overnight.clear()

    def _change_policy(self) -> None:
        self._push_all()
        with self._database.write() as connection:
            terms = Terms(LATER_TERMS.threshold, LATER_TERMS.reward_bp, LATER_TERMS.redeemable_bp, self._now)
            policy = policies.add_version(connection, Category.MEDIUM, None, "GBP", terms, self._now, self._randomness)
        for house in self._houses:
            if house.category is Category.MEDIUM:
                house.policy = policy
