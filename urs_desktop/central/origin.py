"""Where an operation comes from: the counter, its vendor, and what one push shares while it is applied.

Must never hold anything beyond one push: what was read under its locks is stale after its commit.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import sqlalchemy as sa

from urs_desktop.central.causes import Cause
from urs_desktop.central.schema import counters, vendor_limits, vendors
from urs_desktop.domain.policy import Category, PolicyReference, RewardPolicy
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.protocol.messages import Vendor
from urs_desktop.system.ids import Randomness

ACTIVE: Final = "active"
"""The state of a counter that may do everything."""

QUARANTINED: Final = "quarantined"
"""The state of a counter that may be two machines: it sells and syncs, and gets no points to spend."""

REVOKED: Final = "revoked"
"""The state of a counter out of service: it gets nothing, and what it still pushes is kept for review."""

APPLIED, ADJUSTED, DUPLICATE, PARKED = "applied", "adjusted", "duplicate", "parked"
"""What became of an operation, see protocol.messages.PushResult."""

WRITTEN_OFF = "written_off"
"""What became of a parked operation that shall have no effect for ever."""

_COUNTER = (
    sa.select(
        counters,
        vendors.c.name.label("vendor_name"),
        vendors.c.category,
        vendors.c.currency,
        vendors.c.location,
        sa.func.coalesce(vendor_limits.c.floor_customer, 0).label("floor_customer"),
        sa.func.coalesce(vendor_limits.c.floor_counter, 0).label("floor_counter"),
    )
    .select_from(
        counters.join(vendors, vendors.c.vendor_id == counters.c.vendor_id).outerjoin(
            vendor_limits, vendor_limits.c.vendor_id == counters.c.vendor_id
        )
    )
    .where(counters.c.device_id == sa.bindparam("device_id"))
)
_COUNTER_LOCKED = _COUNTER.with_for_update(of=counters, key_share=True)


@dataclass(frozen=True, slots=True)
class Counter:
    """A counter as the central store knows it, with its vendor; `head` is the hash at `last_seq` of `epoch`."""

    device_id: bytes
    number: int
    public_key: bytes
    epoch: int
    nonce: bytes
    last_seq: int
    head: bytes
    state: str
    vendor: Vendor

    @property
    def vendor_id(self) -> str:
        """The id of the counter's vendor."""
        return self.vendor.vendor_id

    @property
    def category(self) -> Category:
        """The category of the counter's vendor."""
        return Category(self.vendor.category)


def counter(connection: sa.Connection, device_id: bytes, *, locked: bool = False) -> Counter:
    """Return a counter, `locked` until the end of the transaction; raises Refusal(COUNTER_UNKNOWN)."""
    statement = _COUNTER_LOCKED if locked else _COUNTER
    row = connection.execute(statement, {"device_id": device_id}).one_or_none()
    if row is None:
        raise Refusal(RefusalCode.COUNTER_UNKNOWN)
    vendor = Vendor(
        vendor_id=row.vendor_id,
        name=row.vendor_name,
        category=row.category,
        currency=row.currency,
        location=row.location,
        floor_customer=row.floor_customer,
        floor_counter=row.floor_counter,
    )
    return Counter(
        device_id=row.device_id,
        number=row.number,
        public_key=row.public_key,
        epoch=row.epoch,
        nonce=row.nonce,
        last_seq=row.last_seq,
        head=row.head,
        state=row.state,
        vendor=vendor,
    )


@dataclass(frozen=True, slots=True)
class Batch:
    """What the operations of one push share.

    The policies looked up, the products to publish at its end, the sales for which refunds wait that overtook them.
    """

    policies: dict[tuple[str, int], RewardPolicy | None] = field(default_factory=dict)
    skus: dict[str, None] = field(default_factory=dict)
    awaited: set[bytes] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Origin:
    """One operation being applied at `now` (the centre's clock, milliseconds).

    `entry_ids` gives the ids of the entries it books: the op_id and a running number, so that it cannot book twice;
    `policy` is the version its points are reckoned with, once that is known.
    """

    counter: Counter
    op_id: bytes
    now: int
    randomness: Randomness
    batch: Batch
    entry_ids: Iterator[bytes]
    policy: PolicyReference | None = None

    def cause(self, customer_id: str | None, lease_id: str | None = None) -> Cause:
        """Return this operation as the cause of ledger entries that concern a customer and maybe a lease."""
        vendor_id = self.counter.vendor_id
        return Cause(self.entry_ids, vendor_id, customer_id, self.now, self.op_id, lease_id, policy=self.policy)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an operation: APPLIED, or ADJUSTED or PARKED with the code why."""

    result: str = APPLIED
    code: str = ""
