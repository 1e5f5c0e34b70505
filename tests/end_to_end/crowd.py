"""Many counters of several vendors at one central store at once, about the same few customers.

Each counter has a thread and a chain of its own; what they sell, bring back, ask for and return is by chance. Goods
come back at other counters than they were bought at, sometimes before the sale has arrived. Must never hold a lock
while it waits for the store, nor try again what failed: a store that needs a second try has failed.
"""

import random
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final, Protocol

from tests.contract.central.till import CENTRAL_KEY, NOW, CountedRandomness, Till, enrolled
from tests.end_to_end import receipts
from tests.end_to_end.tallies import Rule, Sold, Tally
from tests.integration.central.server import Client, RemoteTill
from urs_desktop.central import due, feed, leases, policies, vendors
from urs_desktop.central.policies import Terms
from urs_desktop.database.engine import Database
from urs_desktop.domain.lease import EXACT_SETTLE_MS
from urs_desktop.domain.policy import Category, RewardPolicy
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol import codec, endpoints
from urs_desktop.protocol.messages import GrantReply, GrantRequest, Problem, PushReply
from urs_desktop.protocol.operations import Operation, SaleSpend

TERMS: Final = {
    Category.SMALL: Terms(500, 300, 0, NOW - 1),
    Category.MEDIUM: Terms(1000, 500, 5000, NOW - 1),
    Category.LARGE: Terms(2000, 250, 10_000, NOW - 1),
}
EXPECTED: Final = {"", "points_late", "sale_unknown", "refund_differs"}
"""Codes an operation may come back with: all else is a fault."""

_REFUSED: Final = 422


class Wire(Protocol):
    """One counter's way to the store."""

    def push(self, operations: Sequence[Operation]) -> PushReply:
        """Push operations; raises whatever goes wrong."""
        ...

    def grant(self, request: GrantRequest) -> GrantReply:
        """Ask for points; raises Refusal."""
        ...

    def listen(self) -> None:
        """Read what is new in the feed."""
        ...


class Remote:
    """A counter's way to a store that is served over HTTPS."""

    def __init__(self, till: Till, client: Client) -> None:
        """Take a counter and a connection, which no other thread uses."""
        self._remote = RemoteTill(till, client)
        self._cursor = ""
        self._remote.hello()

    def push(self, operations: Sequence[Operation]) -> PushReply:
        """Push operations."""
        return self._remote.push(*operations)

    def grant(self, request: GrantRequest) -> GrantReply:
        """Ask for points; raises Refusal."""
        answer = self._remote.post(endpoints.GRANT, request)
        if answer.status == _REFUSED:
            problem = codec.decode(answer.body, Problem)
            raise Refusal(RefusalCode(problem.code), **problem.details)
        return answer.read(GrantReply)

    def listen(self) -> None:
        """Read what is new in the feed."""
        self._cursor = self._remote.feed(self._cursor).cursor


class Direct:
    """A counter's way to a store in this process: a transaction on a connection of its own."""

    def __init__(self, till: Till, database: Database) -> None:
        """Take a counter and the database all use."""
        self._till = till
        self._database = database
        self._cursor = ""

    def push(self, operations: Sequence[Operation]) -> PushReply:
        """Push operations."""
        with self._database.write() as connection:
            return self._till.push(connection, *operations)

    def grant(self, request: GrantRequest) -> GrantReply:
        """Ask for points; raises Refusal."""
        till = self._till
        with self._database.write() as connection:
            return leases.grant(connection, till.device_id, request, NOW, till.randomness, CENTRAL_KEY)

    def listen(self) -> None:
        """Read what is new in the feed."""
        with self._database.write() as connection:
            self._cursor = feed.read(connection, self._till.device_id, self._cursor, feed.MAX_LIMIT, NOW).cursor


def upkeep(database: Database) -> None:
    """Do what the store does by itself from time to time, as if all leases were over."""
    with database.write() as connection:
        leases.reclaim_due(connection, NOW + EXACT_SETTLE_MS + 1)
        due.everybody(connection, NOW)
    with database.write() as connection:
        feed.fan_out(connection, NOW)


@dataclass(slots=True)
class Sale:
    """A sale other counters may refund: `lock` keeps two from reckoning with the same pieces."""

    sold: Sold
    operation: Operation
    policy: RewardPolicy
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass(slots=True)
class House:
    """A vendor, its policy, and what it sold: appended to by all its counters."""

    vendor_id: str
    policy: RewardPolicy
    sales: list[Sale] = field(default_factory=list)

    @property
    def rule(self) -> Rule:
        """The policy as the tally reckons with it."""
        return Rule(self.policy.threshold, self.policy.reward_bp, self.policy.redeemable_bp)


def open_houses(database: Database, each: int) -> list[House]:
    """Make `each` vendors of every category in a store with nobody in it."""
    randomness = CountedRandomness(1000)
    with database.write() as connection:
        policy = {
            category: policies.add_version(connection, category, None, "GBP", terms, NOW - 1, randomness)
            for category, terms in TERMS.items()
        }
        return [
            House(vendors.add(connection, f"Shop {n}", category, "GBP", "Leeds", NOW, randomness), policy[category])
            for n, category in enumerate(list(Category) * each)
        ]


def enrol(database: Database, houses: Sequence[House], counters: int) -> list[tuple[House, Till]]:
    """Enrol so many counters, in turn at each vendor."""
    found = []
    for seed in range(1, counters + 1):
        house = houses[seed % len(houses)]
        with database.write() as connection:
            found.append((house, enrolled(connection, house.vendor_id, seed)))
    return found


class Member:
    """One counter of the crowd; `results` counts what the store answered."""

    def __init__(self, house: House, till: Till, wire: Wire, cards: int) -> None:
        """Take a counter that is enrolled, its way to the store and how many cards there are."""
        self.results: Counter[str] = Counter()
        self._cards = cards
        self._chance = random.Random(till.identity.number * 1000 + till.key.public_key[0])
        self._house = house
        self._till = till
        self._waiting: list[Operation] = []
        self._wire = wire

    def work(self, rounds: int) -> None:
        """Do so many rounds: a few things each, then a push."""
        for n in range(rounds):
            for _ in range(self._chance.randint(3, 14)):
                self._now = NOW + n
                self._chance.choices((self._sell, self._refund, self._stock), (10, 5, 1))[0]()
            if self._chance.random() < 0.6:
                self._pay_with_points()
            self._push()
            if self._chance.random() < 0.4:
                self._restock()
            if self._chance.random() < 0.5:
                self._wire.listen()

    def _card(self) -> str:
        return f"C-{self._chance.randrange(self._cards)}"

    def _sell(self) -> None:
        self._sold(Sold(self._house.vendor_id, self._card(), self._house.rule, receipts.goods(self._chance)))

    def _sold(self, sold: Sold, spends: tuple[SaleSpend, ...] = ()) -> None:
        operation = receipts.sell(self._till, sold, self._house.policy, self._now, spends)
        self._waiting.append(operation)
        self._house.sales.append(Sale(sold, operation, self._house.policy))

    def _refund(self) -> None:
        """Bring something back that one of the vendor's counters sold lately, pushed already or not."""
        sales = self._house.sales[-self._chance.choice((3, 60)) :]
        if not sales:
            return
        sale = self._chance.choice(sales)
        with sale.lock:
            left = sale.sold.left()
            if left:
                pieces = receipts.some_of(self._chance, left)
                made = receipts.refund(self._till, sale.sold, sale.operation, pieces, sale.policy, self._now)
                self._waiting.append(made)

    def _stock(self) -> None:
        self._waiting.append(receipts.stock(self._till, self._chance, self._now, most=60))

    def _restock(self) -> None:
        """Push nothing but products, which then wait for no customer."""
        for _ in range(2):
            self._stock()
        self._push()

    def _pay_with_points(self) -> None:
        sold = Sold(self._house.vendor_id, self._card(), self._house.rule, receipts.goods(self._chance))
        cap = sold.rule.cap(sold.total)
        if not cap or sold.card is None:
            return
        self._push()
        lease_id = f"lease-{self._till.randomness.token_bytes(8).hex()}"
        granted = self._grant(lease_id, sold, self._chance.randint(1, cap))
        fate = self._chance.random()
        if granted and fate < 0.7:
            sold.paid = self._chance.randint(1, granted)
            self._sold(sold, (SaleSpend(lease_id, sold.paid, granted - sold.paid),))
        elif fate < 0.95:
            self._waiting.append(self._till.give_back(lease_id, granted))

    def _grant(self, lease_id: str, sold: Sold, want: int) -> int:
        policy = self._house.policy
        request = GrantRequest(
            lease_id=lease_id,
            epoch=self._till.identity.epoch,
            card=sold.card or "",
            want=want,
            total=sold.total,
            policy_id=policy.policy_id,
            policy_version=policy.version,
        )
        try:
            return self._wire.grant(request).granted
        except Refusal as refusal:
            if refusal.code not in (RefusalCode.POINTS_NOT_AVAILABLE, RefusalCode.CUSTOMER_UNKNOWN):
                raise
            return 0

    def _push(self) -> None:
        if not self._waiting:
            return
        sent, self._waiting = self._waiting, []
        while sent:
            reply = self._wire.push(sent)
            assert reply.verdict == "ok", reply
            assert reply.results, "the store took nothing"
            for operation, result in zip(sent, reply.results, strict=False):
                assert result.result in ("applied", "adjusted"), (operation.kind, result)
                assert result.code in EXPECTED, (operation.kind, result)
                self.results[f"{operation.kind} {result.result} {result.code}".strip()] += 1
            sent = sent[len(reply.results) :]


def at_once(counters: Sequence[Member], rounds: int, beside: Sequence[Callable[[], object]] = ()) -> Counter[str]:
    """Let all counters work at once, and `beside` them whatever else repeats until they are done; raises their faults.

    Return what the store answered.
    """
    over = threading.Event()
    start = threading.Barrier(len(counters) + len(beside))

    def work(counter: Member) -> None:
        start.wait()
        counter.work(rounds)

    def disturb(what: Callable[[], object]) -> None:
        start.wait()
        while not over.wait(0.02):
            what()

    with ThreadPoolExecutor(len(counters) + len(beside)) as pool:
        working = [pool.submit(work, counter) for counter in counters]
        disturbing = [pool.submit(disturb, what) for what in beside]
        faults = [fault for job in working if (fault := job.exception())]
        over.set()
        faults += [fault for job in disturbing if (fault := job.exception())]
    if faults:
        raise ExceptionGroup("the store failed counters", [f for f in faults if isinstance(f, Exception)])
    results: Counter[str] = Counter()
    for counter in counters:
        results += counter.results
    return results


def tally(houses: Sequence[House]) -> Tally:
    """Return what the crowd's sales must come to; what leases covered is not known."""
    return Tally([sale.sold for house in houses for sale in house.sales])
