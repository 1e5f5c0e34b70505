"""A programme of several vendors that plays one history twice: on the store, by signed pushes, and on the model.

After each step both must agree in every balance, and every invariant must hold. Must never soften a difference.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import sqlalchemy as sa

from tests.contract.central.histories import invariants, rules
from tests.contract.central.people import operator
from tests.contract.central.shop import Shop, empty_shop, open_shop
from tests.contract.central.till import NOW, Till
from urs_desktop.central import adjustments, due, erasing, leases, merging, policies
from urs_desktop.central.causes import entry_ids
from urs_desktop.central.policies import Terms
from urs_desktop.central.schema import customer_records, lots, wallets
from urs_desktop.central.verification import verify
from urs_desktop.database.engine import Database, sqlite_engine
from urs_desktop.domain.policy import Category, RewardPolicy, in_force
from urs_desktop.domain.refusals import Refusal
from urs_desktop.protocol.operations import Operation, SaleSpend

CARDS: Final = ("C-1", "C-2", "C-3")
MOST_TURNS: Final = 5
"""What is due is done in so many turns, with the few customers there are."""

TILLS: Final = ("medium 1", "medium 2", "other", "large", "small")


class BrokenError(AssertionError):
    """A history after which something does not hold; its text begins with who says so."""


Arrival = Callable[[int], None]


@dataclass(repr=False)
class Place:
    """A till with the operations it has not pushed yet, each with what it means to the model."""

    till: Till
    vendor: str
    category: Category
    waiting: list[tuple[Operation, Arrival]] = field(default_factory=list)


@dataclass(repr=False)
class Bought:
    """A sale somebody may bring back: its operation, where it was made, its lines, under which policy."""

    name: str
    operation: Operation
    place: Place
    lines: list[tuple[int, int]]
    policy: RewardPolicy


@dataclass(repr=False)
class Granted:
    """A lease a till was granted and has neither spent from nor given back."""

    name: str
    place: Place
    card: str
    points: int


class World:
    """The store and the model side by side; `watches` says who looks after each step."""

    def __init__(self, watches: frozenset[str] = frozenset({"model", "sql", "verify", "refusal"})) -> None:
        self.watches = watches
        self.now = NOW
        self.done_until = 0
        self.model = rules.Ledger()
        self.shop = _open_shop()
        self.database = self.shop.database
        self.tombstones: dict[str, str] = {}
        self.bought: list[Bought] = []
        self.granted: list[Granted] = []
        self.policies: dict[Category, list[RewardPolicy]] = {Category.MEDIUM: [self.shop.policy]}
        other = self.shop.another_vendor()
        large, small = self.shop.another_vendor(Category.LARGE), self.shop.another_vendor(Category.SMALL)
        own = self.shop.vendor_id
        self.places = {
            "medium 1": Place(self.shop.till, own, Category.MEDIUM),
            "medium 2": Place(self.shop.another_till(), own, Category.MEDIUM),
            "other": Place(self.shop.another_till(other), other, Category.MEDIUM),
            "large": Place(self.shop.another_till(large), large, Category.LARGE),
            "small": Place(self.shop.another_till(small), small, Category.SMALL),
        }
        for category in (Category.LARGE, Category.SMALL):
            self.policies[category] = []
            self.change_policy(category, 500, 1000)
        self.people = operator(self.shop), operator(self.shop, "Bob")

    def close(self) -> None:
        """Let the database go."""
        self.database.close()

    # What tills do

    def sell(
        self,
        where: str,
        card: str | None,
        lines: list[tuple[int, int]],
        *,
        granted: Granted | None = None,
        points: int = 0,
        returned: int = 0,
        old_policy: bool = False,
    ) -> Bought:
        """Ring up a sale, paid with `points`: of a lease, which gets `returned` back, or of nobody's."""
        place = self.places[where]
        known = self.policies[place.category]
        policy = known[0] if old_policy else known[-1]
        spends = [(granted.name, points, returned)] if granted else [("never", points, 0)] if points else []
        operation = place.till.sale(
            card=card,
            policy=policy,
            sold=lines,
            points_paid=points,
            spends=tuple(SaleSpend(*spend) for spend in spends),
        )
        terms = rules.Terms(policy.threshold, policy.reward_bp, policy.vests_after, policy.expires_after)
        name = operation.op_id.hex()
        sale = rules.Sale(place.vendor, card, lines, points, terms)
        first_lot = next(entry_ids(operation.op_id))
        till = place.till.device_id.hex()
        place.waiting.append((operation, lambda now: self.model.sale(name, sale, spends, till, first_lot, now)))
        bought = Bought(name, operation, place, lines, policy)
        self.bought.append(bought)
        return bought

    def refund(self, bought: Bought, where: str, pieces: Mapping[int, int]) -> None:
        """Take goods back at any till; what the receipt promises is what that till knows: nothing."""
        place = self.places[where]
        operation = place.till.refund(bought.operation, dict(pieces), policy=bought.policy)
        counted = Counter(dict(pieces))
        place.waiting.append((operation, lambda now: self.model.refund(bought.name, place.vendor, counted, now)))

    def ask(self, where: str, card: str, want: int) -> Granted | None:
        """Ask for points for a sale; return what was granted."""
        place = self.places[where]
        policy = in_force(self.policies[place.category], place.category, place.vendor, self.now)
        assert policy is not None
        name = f"lease-{self.shop.randomness.token_bytes(8).hex()}"
        terms: dict[str, int | str] = {
            "lease_id": name,
            "policy_id": policy.policy_id,
            "policy_version": policy.version,
        }
        total = want * 10_000 // policy.redeemable_bp + 1
        try:
            granted = self.shop.grant(want, card=card, till=place.till, now=self.now, total=total, **terms).granted
        except Refusal:
            granted = 0
        expected = self.model.grant(name, place.till.device_id.hex(), card, want, self.now)
        self._must("model", granted == expected, f"granted {granted} of {want}, the rules give {expected}")
        self.check()
        if not granted:
            return None
        found = Granted(name, place, card, granted)
        self.granted.append(found)
        return found

    def give_back(self, granted: Granted) -> None:
        """Give a lease back, some time after it may have been over."""
        operation = granted.place.till.give_back(granted.name, granted.points)
        granted.place.waiting.append((operation, lambda now: self.model.give_back(granted.name, now)))

    def push(self, where: str, *, again: bool = False) -> None:
        """Push what waits at a till, or `again` everything it ever sent before that."""
        place = self.places[where]
        arriving, place.waiting = place.waiting, []
        given = () if again else tuple(operation for operation, _ in arriving)
        if not arriving and not again:
            return
        reply = self.shop.push(*given, till=place.till, now=self.now)
        self._must("refusal", reply.verdict == "ok", f"the push was answered {reply.verdict}")
        for result in reply.results:
            self._must("refusal", result.result != "parked", f"operation {result.seq} was parked: {result.code}")
        for _, arrives in arriving:
            arrives(self.now)
        self.check()

    # What the centre does

    def change_policy(
        self, category: Category, reward_bp: int, threshold: int, vests_after: int = 0, expires_after: int = 0
    ) -> None:
        """Publish the next version of a category's policy."""
        redeemable = 5000 if category.redeems else 0
        terms = Terms(threshold, reward_bp, redeemable, self.now, vests_after=vests_after, expires_after=expires_after)
        with self.database.write() as connection:
            policy = policies.add_version(connection, category, None, "GBP", terms, self.now, self.shop.randomness)
        self.policies[category].append(policy)

    def pass_time(self, hours: int, *, tidy: bool) -> None:
        """Let hours pass, and the store do what is due."""
        self.now += hours * 3_600_000
        if not tidy:
            return
        with self.database.write() as connection:
            leases.reclaim_due(connection, self.now)
        for _ in range(MOST_TURNS):
            with self.database.write() as connection:
                if not due.everybody(connection, self.now):
                    break
        self.model.reclaim(self.now)
        self.model.time(self.now)
        self.done_until = self.now
        self.check()

    def adjust(self, card: str, points: int) -> None:
        """Give a customer points by hand, or take what is available."""
        if card not in self.model.customers or card in self.model.erased:
            return
        maker, checker = self.people
        try:
            with self.database.write() as connection:
                made = adjustments.propose(connection, card, points, "by hand", maker, self.now, self.shop.randomness)
                adjustments.approve(connection, made, checker, self.now)
        except adjustments.AdjustmentError:
            return
        self.model.adjust(card, points, next(entry_ids(adjustments.cause(made))), self.now)
        self.check()

    def merge(self, old: str, new: str) -> None:
        """Let a customer turn out to be another, if that is possible; nothing else happens in the same millisecond."""
        known = self.model.customers.keys() - self.model.erased >= {old, new}
        if not known or self.model.end(old) != old or self.model.end(new) == old:
            return
        self.now += 1
        with self.database.write() as connection:
            merging.merge(connection, old, new, self.people[0], "enrolled twice", self.now)
        self.model.merge(old, self.model.end(new) or new, self.now)
        self.now += 1
        self.check()

    def erase(self, card: str) -> None:
        """Let a customer be forgotten."""
        if card not in self.model.customers or card in self.model.erased:
            return
        with self.database.write() as connection:
            self.tombstones = self._cards(connection) | self.tombstones
            erasing.erase(connection, card, self.people[0].operator_id, self.now)
        self.model.erase(card, self.now)
        self.check()

    # What must hold

    def check(self) -> None:
        """Raise BrokenError unless store and model agree and every invariant holds."""
        with self.database.read() as connection:
            if "sql" in self.watches:
                for finding in invariants.broken(connection, self.done_until):
                    raise BrokenError(f"sql: {finding}")
            if "verify" in self.watches:
                for finding in verify(connection):
                    raise BrokenError(f"verify: {finding}")
            if "model" in self.watches:
                self._agree(connection)

    def _agree(self, connection: sa.Connection) -> None:
        cards = {**self._cards(connection), **self.tombstones}
        for row in connection.execute(sa.select(wallets)):
            stored = (row.pending, row.available, row.held, row.owed)
            right = self.model.customers[cards[row.customer_id]].balances
            self._must("model", stored == right, f"{cards[row.customer_id]} has {stored}, the rules give {right}")
        for row in connection.execute(sa.select(lots)):
            lot = self.model.customers[cards[row.customer_id]].lot(row.lot_id)
            parts = (lot.pending, lot.free, lot.held.total())
            stored_lot = (row.pending, row.available, row.held)
            self._must("model", stored_lot == parts, f"lot {row.lot_id.hex()} has {stored_lot}, the rules {parts}")
        stored_sums = _sums(connection)
        sums = self.expected_sums()
        for key in sorted({*sums, *stored_sums}):
            self._must("model", stored_sums[key] == sums[key], f"{key} is {stored_sums[key]}, the rules {sums[key]}")

    def _cards(self, connection: sa.Connection) -> dict[str, str]:
        return {row.customer_id: row.card_code for row in connection.execute(sa.select(customer_records))}

    def expected_sums(self) -> Counter[tuple[str, str]]:
        """Return what the model says of every account of the programme and its vendors."""
        found: Counter[tuple[str, str]] = Counter()
        for (what, vendor), points in self.model.sums.items():
            for account, sign in _ACCOUNTS.get(what, {}).items():
                found[account, vendor or _OWNERS.get(account, "")] += sign * points
        found["POOL", ""] = sum(sum(c.balances[:3]) for c in self.model.customers.values())
        return found

    def _must(self, who: str, holds: bool, what: str) -> None:
        if not holds and who in self.watches:
            raise BrokenError(f"{who}: {what}")


_ACCOUNTS: Final = {
    "earned": {"ISSUE": -1, "DUE": -1},
    "taken": {"ISSUE": 1, "DUE": 1},
    "owed": {"ISSUE": 1},
    "redeemed": {"REDEEMED": 1, "DUE": 1},
    "given back": {"REDEEMED": -1, "DUE": -1},
    "recovered": {"DUE": 1},
    "expired": {"EXPIRED": 1, "BREAKAGE": 1},
    "adjusted": {"ISSUE": -1, "DUE": -1},
    "late": {"LATE": 1},
    "unlate": {"LATE": -1},
}
_OWNERS: Final = {"ISSUE": "programme", "DUE": "programme"}
_SUMS = """
SELECT account, owner, sum(amount) FROM postings
WHERE account IN ('ISSUE', 'REDEEMED', 'EXPIRED', 'DUE', 'POOL', 'BREAKAGE') GROUP BY account, owner
UNION ALL SELECT 'LATE', vendor_id, sum(CASE WHEN kind = 'LATE' THEN points ELSE -points END) FROM entries
WHERE kind IN ('LATE', 'UNLATE') GROUP BY vendor_id
"""


def _sums(connection: sa.Connection) -> Counter[tuple[str, str]]:
    return Counter({(account, owner): int(amount) for account, owner, amount in connection.exec_driver_sql(_SUMS)})


def _open_shop() -> Shop:
    database = Database(sqlite_engine(None))
    empty_shop(database)
    return open_shop(database)
