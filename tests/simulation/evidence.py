"""What the two ends' tables and the customers' receipts say, read once for all invariants.

Reads only what a node that was touched since may have changed. Must never ask the code under test but for the decoding
of what it signed.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Final

from tests.simulation.counter_node import CounterNode
from tests.simulation.shop import Shop
from urs_desktop.protocol.codec import decode_body
from urs_desktop.protocol.operations import SCHEMA, RefundBody, SaleBody

_WALLETS: Final = "SELECT customer_id, available, held FROM wallets"
_POSTINGS: Final = """
SELECT owner, account, sum(amount) FROM postings WHERE account IN ('AVAIL', 'HELD') GROUP BY owner, account
"""
_LOTS: Final = "SELECT lot_id, customer_id FROM lots WHERE min(pending, available, held) < 0"
_LEASES: Final = """
SELECT lease_id, customer_id, granted, settled, returned, state = 'open', device_id, total = 0 FROM leases
"""
_LATE: Final = """
SELECT lease_id, kind, sum(points) FROM entries
WHERE lease_id IS NOT NULL AND (kind = 'LATE' OR kind = 'VOID' AND op_id IS NULL) GROUP BY lease_id, kind
"""
_COUNTER_LEASES: Final = "SELECT lease_id, granted, spent, returned FROM leases"
_RECEIPTS: Final = """
SELECT device_id, receipt, total, points_paid, points_promised FROM transactions
UNION ALL
SELECT device_id, receipt, -total, -points_back, -clawed FROM refunds
ORDER BY device_id, receipt
"""
_STORED: Final = """
SELECT s.receipt, o.kind, o.body FROM sales AS s JOIN operations AS o ON o.seq = s.seq
UNION ALL
SELECT r.receipt, o.kind, o.body FROM refunds AS r JOIN operations AS o ON o.seq = r.seq
ORDER BY 1
"""

Receipt = tuple[int, int, int, int]
"""Number, total, points paid and points earned; a refund's figures are negative: total, points back, points taken."""


@dataclass(frozen=True, slots=True)
class Wallet:
    """A customer's points as stored, and as their postings come to."""

    available: int
    held: int
    available_posted: int
    held_posted: int


@dataclass(frozen=True, slots=True)
class CentralLeaseRow:
    """A lease as the centre has it."""

    lease_id: str
    customer: str | None
    granted: int
    settled: int
    returned: int
    is_open: int
    device: bytes
    is_standing: int

    @property
    def rest(self) -> int:
        """The points neither settled nor returned."""
        return self.granted - self.settled - self.returned


@dataclass(frozen=True, slots=True)
class CounterLeaseRow:
    """A lease as its counter has it."""

    granted: int
    spent: int
    returned: int


@dataclass(slots=True)
class Evidence:
    """Everything the invariants speak of."""

    shop: Shop
    wallets: dict[str, Wallet] = field(default_factory=dict)
    lots_below_zero: list[tuple[bytes, str]] = field(default_factory=list)
    leases: list[CentralLeaseRow] = field(default_factory=list)
    late: dict[str, int] = field(default_factory=dict)
    reclaimed: dict[str, int] = field(default_factory=dict)
    counter_leases: dict[str, dict[str, CounterLeaseRow]] = field(default_factory=dict)

    @property
    def put_back(self) -> set[str]:
        """The names of the counters that were once put back to an older state."""
        return {counter.name for counter in self.shop.all_counters.values() if counter.was_put_back}

    @property
    def put_back_devices(self) -> set[bytes]:
        """Their device ids."""
        return {c.identity.device_id for c in self.shop.all_counters.values() if c.was_put_back}

    def refresh(self) -> bool:
        """Read again what may have changed; returns whether anything may have."""
        touched = [counter for counter in self.shop.all_counters.values() if counter.is_touched]
        if not touched and not self.shop.central.is_touched:
            return False
        if self.shop.central.is_touched:
            self._read_centre()
            self.shop.central.is_touched = False
        for counter in touched:
            rows = counter.machine.look(_COUNTER_LEASES)
            self.counter_leases[counter.name] = {row[0]: CounterLeaseRow(*row[1:]) for row in rows}
            counter.is_touched = False
        return True

    def _read_centre(self) -> None:
        look = self.shop.central.machine.look
        posted: Counter[tuple[str, str]] = Counter(
            {(owner, account): total for owner, account, total in look(_POSTINGS)}
        )
        self.wallets = {
            customer: Wallet(available, held, posted[customer, "AVAIL"], posted[customer, "HELD"])
            for customer, available, held in look(_WALLETS)
        }
        self.lots_below_zero = [(lot, customer) for lot, customer in look(_LOTS)]
        self.leases = [CentralLeaseRow(*row) for row in look(_LEASES)]
        late = look(_LATE)
        self.late = {lease: points for lease, kind, points in late if kind == "LATE"}
        self.reclaimed = {lease: points for lease, kind, points in late if kind == "VOID"}

    def receipts_at_the_centre(self) -> dict[bytes, list[Receipt]]:
        """Return the receipts of every counter, by device, as the centre has them."""
        found: dict[bytes, list[Receipt]] = defaultdict(list)
        for device, *receipt in self.shop.central.machine.look(_RECEIPTS):
            found[device].append((receipt[0], receipt[1], receipt[2], receipt[3]))
        return found


def receipt_of(body: object) -> Receipt | None:
    """Return what a signed body says of its receipt, None if it makes none."""
    if isinstance(body, SaleBody):
        return body.receipt, body.total, body.points_paid, body.earned
    if isinstance(body, RefundBody):
        return body.receipt, -body.total, -body.points_back, -body.clawed
    return None


def signed_receipts(counter: CounterNode) -> list[Receipt]:
    """Return the receipts in a counter's chain, in its order."""
    rows = counter.machine.look("SELECT kind, body FROM operations WHERE kind IN ('sale', 'refund') ORDER BY seq")
    found = [receipt_of(decode_body(kind, SCHEMA, body)) for kind, body in rows]
    return [receipt for receipt in found if receipt is not None]


def stored_receipts(counter: CounterNode) -> list[Receipt]:
    """Return the receipts a counter has kept as sales and refunds, by number."""
    found = [receipt_of(decode_body(kind, SCHEMA, body)) for _, kind, body in counter.machine.look(_STORED)]
    return [receipt for receipt in found if receipt is not None]
