"""The points ledger once more, in plain Python, written from ledger.md and from nothing else.

It knows lots, debts and leases of customers and sums per vendor. Must never import the program.
"""

from collections import Counter
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import chain

SETTLE_MS = 24 * 60 * 60 * 1000
NEVER = 1 << 62


@dataclass
class Terms:
    """What a policy says: threshold in minor units, rates in basis points, times in days (0 is at once, never)."""

    threshold: int
    reward_bp: int
    vests_after: int = 0
    expires_after: int = 0

    def earn(self, base: int) -> int:
        """Nothing at or below the threshold, else one division per receipt, rounded down."""
        return base * self.reward_bp // 10_000 if base > self.threshold else 0


@dataclass
class Lot:
    """Points of one earning: pending, free, or held by leases; times in milliseconds."""

    name: bytes
    sale: str
    born: int
    vests: int
    expires: int
    pending: int = 0
    free: int = 0
    held: Counter[str] = field(default_factory=Counter)
    moves: int = 0

    @property
    def order(self) -> tuple[int, int, bytes]:
        """Earliest expiry first, then oldest."""
        return self.expires, self.born, self.name


@dataclass
class Lease:
    """Points held for one till; `rest` is what it still holds."""

    till: str
    customer: str
    settle_by: int
    rest: int


@dataclass
class Sale:
    """A sale that arrived: lines as (pieces, minor units), what it earned, what paid for it, what refunds moved."""

    vendor: str
    customer: str | None
    lines: list[tuple[int, int]]
    paid: int
    terms: Terms
    earned: int = 0
    redeemed: int = 0
    spent: Counter[bytes] = field(default_factory=Counter)
    back: int = 0
    unlate: int = 0
    clawed: int = 0

    @property
    def total(self) -> int:
        """What the customer owed."""
        return sum(amount for _, amount in self.lines)


@dataclass
class Customer:
    """One customer's lots, and debts as [vendor, rest] in the order in which they arose."""

    lots: list[Lot] = field(default_factory=list)
    debts: list[tuple[str, int]] = field(default_factory=list)

    def sorted(self) -> list[Lot]:
        """Return the lots in the order in which they are spent."""
        return sorted(self.lots, key=lambda lot: lot.order)

    def lot(self, name: bytes) -> Lot:
        """Return a lot by its name."""
        found = next((lot for lot in self.lots if lot.name == name), None)
        assert found is not None, f"the rules know no lot {name.hex()}"
        return found

    @property
    def free(self) -> int:
        """What can be spent."""
        return sum(lot.free for lot in self.lots)

    @property
    def balances(self) -> tuple[int, int, int, int]:
        """Pending, available, held, owed."""
        held = sum(lot.held.total() for lot in self.lots)
        return sum(lot.pending for lot in self.lots), self.free, held, sum(rest for _, rest in self.debts)


class Ledger:
    """The rules over everything that arrived; `sums` counts points by what happened to them and vendor."""

    def __init__(self) -> None:
        self.customers: dict[str, Customer] = {}
        self.leases: dict[str, Lease] = {}
        self.sales: dict[str, Sale] = {}
        self.returned: dict[tuple[str, str], Counter[int]] = {}
        self.sums: Counter[tuple[str, str]] = Counter()
        self.merged: dict[str, str] = {}
        self.erased: set[str] = set()

    # What arrives from tills

    def sale(self, name: str, sale: Sale, spends: list[tuple[str, int, int]], till: str, lot: bytes, now: int) -> None:
        """A sale earns on what was not paid with points, and its points come out of leases or from the vendor."""
        self.sales[name] = sale
        sale.customer = self.end(sale.customer)
        customer = self.customer(sale.customer)
        if customer is not None and sale.customer not in self.erased:
            sale.earned = sale.terms.earn(sale.total - sale.paid)
            self._earn(customer, name, sale, lot, now)
        unbooked = sale.paid
        for lease_name, points, given_back in spends:
            lease = self.leases.get(lease_name)
            spent = min(points, unbooked)
            unbooked -= spent
            if lease is None or lease.till != till or customer is None or self.end(lease.customer) != sale.customer:
                self.sums["late", sale.vendor] += spent
                continue
            covered = min(spent, lease.rest)
            self._redeem(self.customers[lease.customer], sale, lease_name, covered)
            self.sums["late", sale.vendor] += spent - covered
            self._free(lease_name, min(given_back, lease.rest), now)
        self.sums["late", sale.vendor] += unbooked
        if (name, sale.vendor) in self.returned:
            self._refund(name, now)

    def refund(self, sale: str, vendor: str, pieces: Counter[int], now: int) -> None:
        """Goods of a sale of the same vendor come back, maybe before the sale is known."""
        self.returned.setdefault((sale, vendor), Counter()).update(pieces)
        if sale in self.sales and self.sales[sale].vendor == vendor:
            self._refund(sale, now)

    def give_back(self, lease: str, now: int) -> None:
        """A till is done with a lease."""
        found = self.leases.get(lease)
        if found is None:
            self.leases[lease] = Lease("", "", 0, 0)
            return
        if found.rest:
            self._free(lease, found.rest, now)

    # What the centre does

    def grant(self, name: str, till: str, card: str, want: int, now: int) -> int:
        """Hold up to `want` points for a till, those that outlive the time to settle first; 0 changes nothing."""
        card = self.end(card) or card
        before = deepcopy((self.customers, self.leases, self.sums))
        self.reclaim(now, card)
        self.time(now, card)
        customer = self.customers.get(card, Customer())
        granted = 0 if card in self.erased else min(want, customer.free)
        if not granted:
            self.customers, self.leases, self.sums = before
            return 0
        outliving = [lot for lot in customer.sorted() if lot.expires > now + SETTLE_MS]
        short = [lot for lot in customer.sorted() if lot.expires <= now + SETTLE_MS]
        rest = granted
        for lot in chain(outliving, short):
            taken = min(rest, lot.free)
            lot.free -= taken
            lot.held[name] += taken
            rest -= taken
        self.leases[name] = Lease(till, card, now + SETTLE_MS, granted)
        return granted

    def reclaim(self, now: int, card: str | None = None) -> None:
        """Leases come back whose time to settle is over."""
        for name, lease in sorted(self.leases.items()):
            if lease.rest and lease.settle_by < now and card in (None, lease.customer):
                self._free(name, lease.rest, now)

    def time(self, now: int, card: str | None = None) -> None:
        """Points vest and expire."""
        for name, customer in self.customers.items():
            if card not in (None, name):
                continue
            for lot in sorted(customer.lots, key=lambda lot: (lot.born, lot.name)):
                if lot.pending and lot.vests <= now:
                    lot.free, lot.pending = lot.free + lot.pending, 0
                    self._repay(customer)
                    self._move_on(name)
            for lot in customer.lots:
                _expire(self.sums, lot, lot.free, now)

    def adjust(self, card: str, points: int, lot: bytes, now: int) -> None:
        """Two people give points or take what is available."""
        card = self.end(card) or card
        self.reclaim(now, card)
        self.time(now, card)
        customer = self.customers[card]
        self.sums["adjusted", ""] += points
        if points > 0:
            customer.lots.append(Lot(lot, "", now, NEVER, NEVER, free=points))
            self._repay(customer)
        else:
            _take(customer, -points)

    def merge(self, old: str, new: str, now: int) -> None:
        """A customer turns out to be another: debts and all that no lease holds are the other's, for ever."""
        for card in (old, new):
            self.reclaim(now, card)
            self.time(now, card)
        self.merged[old] = new
        self.customers[new].debts += self.customers[old].debts
        self.customers[old].debts = []
        self._move_on(old)

    def erase(self, card: str, now: int) -> None:
        """Somebody is forgotten, with all who were merged into the same: what is free now or later is breakage."""
        for each in [name for name in self.customers if self.end(name) == self.end(card)]:
            self.reclaim(now, each)
            self.time(now, each)
            self.erased.add(each)
            self._move_on(each)

    def end(self, card: str | None) -> str | None:
        """Return whose card this is today."""
        while card in self.merged:
            card = self.merged[card]
        return card

    def customer(self, card: str | None) -> Customer | None:
        """Return the customer with this card, made if new."""
        return None if card is None else self.customers.setdefault(card, Customer())

    # The rules of each movement

    def _earn(self, customer: Customer, name: str, sale: Sale, lot_name: bytes, now: int) -> None:
        if not sale.earned:
            return
        day, terms = 24 * 60 * 60 * 1000, sale.terms
        expires = now + terms.expires_after * day if terms.expires_after else NEVER
        lot = Lot(lot_name, name, now, now + terms.vests_after * day, expires)
        customer.lots.append(lot)
        self.sums["earned", sale.vendor] += sale.earned
        if terms.vests_after:
            lot.pending = sale.earned
        else:
            lot.free = sale.earned
            self._repay(customer)

    def _redeem(self, customer: Customer, sale: Sale, lease: str, points: int) -> None:
        for lot in customer.sorted():
            taken = min(points, lot.held[lease])
            lot.held[lease] -= taken
            sale.spent[lot.name] += taken
            points -= taken
            sale.redeemed += taken
            self.leases[lease].rest -= taken
            self.sums["redeemed", sale.vendor] += taken

    def _free(self, lease: str, points: int, now: int) -> None:
        owner = self.leases[lease].customer
        customer = self.customers[owner]
        self.leases[lease].rest -= points
        for lot in customer.sorted():
            taken = min(points, lot.held[lease])
            lot.held[lease] -= taken
            lot.free += taken
            points -= taken
            _expire(self.sums, lot, taken, now)
        self._repay(customer)
        self._move_on(owner)

    def _move_on(self, card: str) -> None:
        """What is free or pending at one who was merged goes to the other at once, each lot with its times and sale.

        What is free at one who was erased is nobody's any more.
        """
        if card in self.erased:
            for lot in self.customers[card].lots:
                self.sums["expired", ""] += lot.free
                lot.free = 0
            return
        end = self.end(card)
        if end is None or end == card:
            return
        into = self.customers[end]
        for lot in self.customers[card].sorted():
            if lot.free or lot.pending:
                lot.moves += 1
                name = b"moved/" + lot.name + lot.moves.to_bytes(2, "big")
                into.lots.append(Lot(name, lot.sale, lot.born, lot.vests, lot.expires, lot.pending, lot.free))
                lot.free = lot.pending = 0
        self._repay(into)

    def _repay(self, customer: Customer) -> None:
        while customer.debts and customer.free:
            vendor, rest = customer.debts.pop(0)
            points = min(rest, customer.free)
            _take(customer, points)
            self.sums["recovered", vendor] += points
            if rest > points:
                customer.debts.insert(0, (vendor, rest - points))

    def _refund(self, name: str, now: int) -> None:
        """Recompute from all that came back so far and move the difference."""
        sale = self.sales[name]
        value = 0
        for n, (pieces, amount) in enumerate(sale.lines, 1):
            value += amount * min(pieces, self.returned[name, sale.vendor][n]) // pieces
        points_back = sale.paid * value // sale.total if sale.total else 0
        base, cash_back = sale.total - sale.paid, value - points_back
        clawed = sale.earned - min(sale.earned, sale.terms.earn(base - cash_back))
        to_wallet = sale.redeemed * points_back // sale.paid if sale.paid else 0
        self.sums["unlate", sale.vendor] += points_back - to_wallet - sale.unlate
        sale.unlate = points_back - to_wallet
        owner = self.end(sale.customer)
        customer = self.customer(owner)
        if customer is None:
            return
        self.time(now, owner)
        self._unredeem(sale, to_wallet, now)
        self._claw(customer, name, sale, clawed - sale.clawed)

    def _unredeem(self, sale: Sale, points: int, now: int) -> None:
        """Bring what is back to `points` in all: what was spent last first, each to its lot with its old expiry.

        The lots may be of two customers, of whom one was merged into the other in between.
        """
        self.sums["given back", sale.vendor] += points - sale.back
        skip, give, sale.back = sale.back, points - sale.back, points
        owners: dict[str, list[tuple[Lot, int]]] = {}
        every = ((lot, card) for card, customer in self.customers.items() for lot in customer.lots)
        spent = [(lot, card) for lot, card in every if sale.spent[lot.name]]
        for lot, card in sorted(spent, key=lambda each: each[0].order, reverse=True):
            there = sale.spent[lot.name]
            skipped = min(skip, there)
            given = min(give, there - skipped)
            skip, give = skip - skipped, give - given
            if given:
                owners.setdefault(card, []).append((lot, given))
        for card, parts in owners.items():
            for lot, given in parts:
                lot.free += given
                _expire(self.sums, lot, given, now)
            self._repay(self.customers[card])
            self._move_on(card)

    def _claw(self, customer: Customer, name: str, sale: Sale, points: int) -> None:
        """From the sale's own lot, then the customer's others, those it was paid with last; the rest is a debt."""
        sale.clawed += points
        own = [lot for lot in customer.sorted() if lot.sale == name]
        refilled = [lot for lot in reversed(customer.sorted()) if sale.spent[lot.name]]
        others = [lot for lot in customer.sorted() if lot not in own and lot not in refilled]
        for lot in (*own, *others, *refilled):
            waits = min(points, lot.pending)
            free = min(points - waits, lot.free)
            lot.pending, lot.free = lot.pending - waits, lot.free - free
            points -= waits + free
            self.sums["taken", sale.vendor] += waits + free
        if points:
            self.sums["owed", sale.vendor] += points
            customer.debts.append((sale.vendor, points))


def _expire(sums: Counter[tuple[str, str]], lot: Lot, points: int, now: int) -> None:
    if points and lot.expires <= now:
        lot.free -= points
        sums["expired", ""] += points


def _take(customer: Customer, points: int) -> None:
    for lot in customer.sorted():
        taken = min(points, lot.free)
        lot.free -= taken
        points -= taken
    assert not points
