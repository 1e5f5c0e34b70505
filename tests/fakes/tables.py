"""What the fake store keeps, and what every part of its book is.

Must never hold anything that is not copied with it.
"""

from dataclasses import dataclass, field, fields

from tests.fakes.held import Held
from tests.fakes.prints import Jobs
from urs_desktop.counter.people_ports import EnrolledPerson
from urs_desktop.counter.shift_ports import Shift
from urs_desktop.counter.values import (
    AdjustedReceipt,
    ChainHead,
    CounterState,
    Customer,
    Epoch,
    Identity,
    Link,
    ParkedOperation,
    Product,
    ReplayedReturns,
    SkippedReceipts,
    StaffMember,
    StoredRefund,
    StoredSale,
)
from urs_desktop.domain.lease import CounterLease
from urs_desktop.domain.policy import RewardPolicy
from urs_desktop.protocol.operations import Operation


@dataclass
class Tables:
    """Everything kept; the values are frozen, so copying the containers copies the state."""

    products: dict[str, Product] = field(default_factory=dict)
    customers: dict[str, Customer] = field(default_factory=dict)
    policies: dict[tuple[str, int], RewardPolicy] = field(default_factory=dict)
    sales: dict[int, StoredSale] = field(default_factory=dict)
    refunds: dict[int, StoredRefund] = field(default_factory=dict)
    returns: dict[tuple[str, str], ReplayedReturns] = field(default_factory=dict)
    operations: list[Operation] = field(default_factory=list)
    receipt_seqs: dict[int, int] = field(default_factory=dict)
    parked: dict[int, ParkedOperation] = field(default_factory=dict)
    resolved: dict[int, tuple[str, str]] = field(default_factory=dict)
    adjusted: dict[int, AdjustedReceipt] = field(default_factory=dict)
    notes: dict[int, int] = field(default_factory=dict)
    held: Held = field(default_factory=dict)
    jobs: Jobs = field(default_factory=dict)
    shifts: dict[int, Shift] = field(default_factory=dict)
    people: dict[bytes, EnrolledPerson] = field(default_factory=dict)
    refused_people: dict[bytes, str] = field(default_factory=dict)
    staff: dict[str, StaffMember] = field(default_factory=dict)
    leases: dict[str, CounterLease] = field(default_factory=dict)
    finished: dict[str, bool] = field(default_factory=dict)
    asked: dict[str, int] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    identity: list[Identity] = field(default_factory=list)
    epochs: list[Epoch] = field(default_factory=list)
    links: dict[tuple[int, int], Link] = field(default_factory=dict)
    skipped: list[SkippedReceipts] = field(default_factory=list)
    head: list[ChainHead] = field(default_factory=lambda: [ChainHead(0, b"", 0, 0, 0, CounterState.OPEN)])

    def copy(self) -> "Tables":
        """Return a state of its own with the same content."""
        return Tables(**{each.name: getattr(self, each.name).copy() for each in fields(self)})


class Table:
    """A part of the book; writing in a reading transaction is an error, as in SQLite."""

    def __init__(self, tables: Tables, *, writable: bool) -> None:
        self.tables = tables
        self._writable = writable

    def _write(self) -> Tables:
        if not self._writable:
            raise RuntimeError("attempt to write in a reading transaction")
        return self.tables
