"""Two tills of one vendor share their customers; one of them loses its way to the central store for seven days.

Every sale, refund and point is kept a second time, in plain integers (tests.end_to_end.tallies), and compared after the
one sync at the end. Must never forgive a difference, however it came about.
"""

import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from tests.end_to_end import ledgers, receipts
from tests.end_to_end.tallies import Rule, Sold, Tally
from tests.outage.tills import GBP, Till
from tests.simulation.central_node import CentralNode
from tests.simulation.chance import Chance
from tests.simulation.faults import DAY, HOUR, MINUTE, Faults
from tests.simulation.world import World
from urs_desktop.central import policies, vendors, verification
from urs_desktop.central.policies import Terms
from urs_desktop.central.schema import METADATA, VIEWS
from urs_desktop.central.schema.guards import guards
from urs_desktop.counter.ports import CentralUnavailableError
from urs_desktop.counter.use_cases.refund import RefundOrder
from urs_desktop.counter.use_cases.ring_up import SaleOrder
from urs_desktop.counter.use_cases.verification import verify
from urs_desktop.database.engine import Database, sqlite_engine
from urs_desktop.database.guards import guard
from urs_desktop.domain.basket import Basket, LineItem
from urs_desktop.domain.lease import NO_BACKING, Backing
from urs_desktop.domain.money import UnitPrice
from urs_desktop.domain.points import NO_POINTS, Points
from urs_desktop.domain.policy import Category
from urs_desktop.domain.refusals import Refusal, RefusalCode

DAYS: Final = 7
_FULL: Final = 1000
"""From so many sales on the other till is as busy as one; below it is there, but less often."""

_NO_FAULTS: Final = Faults.none()
_BEFORE, _AFTER = Rule(1000, 500, 5000), Rule(2000, 300, 4000)
"""What the vendor's policy says at first, and from the third day on where the news arrives."""

_WANTED: Final = 10
"""So many points a customer pays with."""

_NS_PER_MS: Final = 1_000_000
_LINES: Final = "SELECT COALESCE(SUM(granted - settled - returned), 0) FROM leases WHERE state = 'open' AND total = 0"
_RECEIPTS: Final = sa.text(
    "SELECT device_id, receipt, total, points_paid, points_posted FROM transactions "
    "UNION ALL SELECT device_id, receipt, -total, -points_back, 0 FROM refunds"
)


@dataclass(frozen=True, slots=True)
class Report:
    """What a week came to: counts, points, and how long the one sync at its end took."""

    sales: int
    refunds: int
    restarts: int
    refused_offline: int
    redeemed_offline: int
    sold_meanwhile: int
    operations_synced: int
    messages: int
    sync_ms: int
    points_earned: int
    points_redeemed: int
    points_late: int

    def document(self) -> dict[str, int]:
        """Return it as a JSON object."""
        return asdict(self)


def on_file(folder: Path) -> Database:
    """Return an empty central store's database in a SQLite file."""
    database = Database(sqlite_engine(folder / "central.sqlite", guard=guard(METADATA)))
    with database.change_schema() as connection:
        METADATA.create_all(connection)
        for statement in (*VIEWS.values(), *guards("sqlite")):
            connection.exec_driver_sql(statement)
    return database


class Week:
    """One week, with `sales` at the till that is away."""

    def __init__(self, folder: Path, database: Database, sales: int) -> None:
        """Open a central store in an empty database and two tills in the folder."""
        self._sales = sales
        self._cards, self._every = (150, HOUR) if sales >= _FULL else (30, 6 * HOUR)
        self._chance = Chance(sales).of("week")
        self._world = World(Chance(sales), _NO_FAULTS, healed=True)
        self._central = CentralNode(self._world)
        self._central.machine.database.close()
        self._central.machine.database = database
        with database.write() as connection:
            vendor = (Category.MEDIUM, "GBP", "", self._world.now, self._central.randomness)
            self._vendor = vendors.add(connection, "Shop", *vendor)
        self._set_policy(_BEFORE)
        self._away = Till(self._world, self._central, "away", self._vendor, folder / "away")
        self._beside = Till(self._world, self._central, "beside", self._vendor, folder / "beside")
        self._sold: list[tuple[Till, str, Sold]] = []
        self._printed: Counter[tuple[bytes, int, int, int, int]] = Counter()
        self._counts: Counter[str] = Counter()

    def _set_policy(self, rule: Rule) -> None:
        terms = Terms(rule.threshold, rule.reward, rule.redeemable, self._world.now)
        with self._central.database.write() as connection:
            policies.add_version(
                connection, Category.MEDIUM, None, "GBP", terms, self._world.now, self._central.randomness
            )

    def play(self) -> Report:
        """Let the week pass, sync, and compare everything."""
        try:
            for till in (self._away, self._beside):
                till.sync()
            self._morning()
            self._outage()
            return self._evening()
        finally:
            self._away.store.close()
            self._beside.store.close()

    def _morning(self) -> None:
        """Sell at both tills while both are connected; the wire is cut between a grant and its sale."""
        for _ in range(self._cards):
            self._sell(self._away)
            self._sell(self._beside)
            self._world.now += MINUTE // 4
        for till in (self._away, self._beside):
            till.sync()
        cards = sorted({sold.card for _, _, sold in self._sold if sold.card and sold.earned > 20})
        spent, kept = (self._granted(self._away, card) for card in cards[:2])
        self._away.wire.whole = False
        self._world.now += MINUTE
        # What a line gave is settled in time; an exact grant is not, a week later.
        self._pay(self._away, spent, covered=spent.leases[0].standing)
        assert kept.rest > 0

    def _granted(self, till: Till, card: str) -> Backing:
        return till.redeem.obtain(card, Points(_WANTED), _basket(((1, 10_000),)).total)

    def _pay(self, till: Till, lease: Backing, *, covered: bool) -> None:
        """Pay with a lease; one that is settled later than a day after is the vendor's gift."""
        sold = Sold(self._vendor, lease.leases[0].card, self._rule(till), ((1, 10_000),), paid=min(_WANTED, lease.rest))
        sold.covered = sold.paid if covered else 0
        self._complete(till, sold, lease)

    def _outage(self) -> None:
        begin, turn, day = self._world.now, 0, 0
        for number in range(self._sales):
            self._world.now = max(self._world.now, begin + DAYS * DAY * number // self._sales)
            if (self._world.now - begin) // DAY > day:
                day += 1
                self._away.restart()
                self._counts["restarts"] += 1
                if day == 2:
                    self._set_policy(_AFTER)
            while (self._world.now - begin) // self._every > turn:
                turn += 1
                self._meanwhile()
            self._serve_a_customer(self._away)

    def _serve_a_customer(self, till: Till) -> None:
        fate = self._chance.random()
        if fate < 0.05:
            self._refund(till)
        if fate > 0.95:
            self._try_points(till)
        self._sell(till)

    def _meanwhile(self) -> None:
        """Let the other till sell, pay with points and refund, and the central store do its upkeep."""
        for _ in range(3):
            self._serve_a_customer(self._beside)
        self._beside.sync()
        self._central.reclaim()

    def _try_points(self, till: Till) -> None:
        card = self._card()
        try:
            lease = self._granted(till, card)
        except CentralUnavailableError:
            assert not till.wire.whole
            self._counts["refused_offline"] += 1
        except Refusal as refusal:
            if refusal.code not in (RefusalCode.POINTS_NOT_AVAILABLE, RefusalCode.CUSTOMER_UNKNOWN):
                raise
        else:
            self._counts["redeemed_offline"] += not till.wire.whole
            self._pay(till, lease, covered=True)

    def _card(self) -> str:
        return f"C-{self._chance.randrange(self._cards)}"

    def _rule(self, till: Till) -> Rule:
        """Return what a till's newest policy says: the news of the second day does not reach one that is away."""
        newest = till.store.read(lambda book: max(book.policies.all(), key=lambda policy: policy.version))
        rule = {_BEFORE.threshold: _BEFORE, _AFTER.threshold: _AFTER}[newest.threshold]
        assert till.wire.whole or rule is _BEFORE
        return rule

    def _sell(self, till: Till) -> None:
        card = self._card() if self._chance.random() < 0.8 else None
        self._complete(till, Sold(self._vendor, card, self._rule(till), receipts.goods(self._chance)))

    def _complete(self, till: Till, sold: Sold, backing: Backing = NO_BACKING) -> None:
        order = SaleOrder(
            _basket(sold.lines), card=sold.card, points=Points(sold.paid) if sold.paid else NO_POINTS, backing=backing
        )
        receipt = till.ring_up.complete(order)
        body = receipt.sale
        assert (body.total, body.earned, body.points_paid) == (sold.total, sold.earned, sold.paid)
        self._printed[till.device, body.receipt, body.total, body.points_paid, body.earned] += 1
        self._sold.append((till, receipt.number, sold))
        self._counts["sales" if not till.wire.whole else "sold_meanwhile"] += 1

    def _refund(self, till: Till) -> None:
        """Take some pieces of one of the till's own sales back."""
        own = [(number, sold) for where, number, sold in self._sold[-400:] if where is till and sold.left()]
        if not own:
            return
        number, sold = self._chance.choice(own)
        pieces = receipts.some_of(self._chance, sold.left())
        before = sold.standing
        receipt = till.refunding.complete(RefundOrder(sale=till.refunding.find(number), pieces=dict(pieces)))
        sold.back.update(pieces)
        body, change = receipt.refund, sold.standing.since(before)
        figures = (change.value, change.points_back, change.clawed)
        assert (body.total, body.points_back, body.clawed) == figures
        self._printed[till.device, body.receipt, -body.total, -body.points_back, 0] += 1
        self._counts["refunds"] += 1

    def _evening(self) -> Report:
        """Mend the wire, sync once, and compare."""
        self._away.wire.whole = True
        self._away.restart()
        messages, waiting = self._away.wire.messages, self._away.waiting()
        began = time.monotonic_ns()
        acknowledged = self._away.sync()
        took = (time.monotonic_ns() - began) // _NS_PER_MS
        messages = self._away.wire.messages - messages
        assert acknowledged >= waiting
        self._beside.sync()
        self._compare()
        self._pay(self._away, self._granted(self._away, self._rich()), covered=True)
        self._away.sync()
        self._compare()
        tally = Tally([sold for _, _, sold in self._sold]).vendors()[self._vendor]
        return Report(
            sales=self._counts["sales"],
            refunds=self._counts["refunds"],
            restarts=self._counts["restarts"],
            refused_offline=self._counts["refused_offline"],
            redeemed_offline=self._counts["redeemed_offline"],
            sold_meanwhile=self._counts["sold_meanwhile"],
            operations_synced=acknowledged,
            messages=messages,
            sync_ms=took,
            points_earned=tally.rewards,
            points_redeemed=tally.redeemed,
            points_late=tally.exposure,
        )

    def _rich(self) -> str:
        balances = Tally([sold for _, _, sold in self._sold]).wallets()
        return max(balances, key=balances.__getitem__)

    def _compare(self) -> None:
        database = self._central.database
        for till in (self._away, self._beside):
            assert till.waiting() == 0
            assert verify(till.store, till.key.public_key) == []
        with database.read() as connection:
            assert verification.verify(connection) == []
            there = Counter((row[0], int(row[1]), *map(int, row[2:])) for row in connection.execute(_RECEIPTS))
            held = connection.execute(sa.text("SELECT SUM(held), MIN(available) FROM wallets")).one()
            lines = connection.execute(sa.text(_LINES)).scalar_one()
        assert there == self._printed, f"{there - self._printed} beside {self._printed - there}"
        assert held[0] == lines, f"{held[0]} points are held, {lines} of them in lines"
        assert held[1] >= 0
        tally = Tally([sold for _, _, sold in self._sold])
        balances = Counter({card: points for card, points in tally.wallets().items() if points})
        assert ledgers.wallets(database) == balances
        assert ledgers.vendors(database) == tally.vendors()


def _basket(lines: tuple[tuple[int, int], ...]) -> Basket:
    return Basket(
        GBP,
        tuple(
            LineItem(f"A-{amount // pieces}", "Article", pieces, UnitPrice(amount // pieces, 2, GBP))
            for pieces, amount in lines
        ),
    )
