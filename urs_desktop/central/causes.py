"""Why ledger entries are booked, and the ids that follow from it.

An entry's id is its cause and a running number, so that no cause can be booked twice. Must never be random.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from urs_desktop.domain.policy import PolicyReference


@dataclass(frozen=True, slots=True)
class Cause:
    """Why entries are booked: whom they concern, and the operation, lease, debt or policy behind them.

    `ids` gives their ids, which follow from the cause, so that none is booked twice; `now` in milliseconds.
    """

    ids: Iterator[bytes]
    vendor_id: str | None
    customer_id: str | None
    now: int
    op_id: bytes | None = None
    lease_id: str | None = None
    debt_id: bytes | None = None
    policy: PolicyReference | None = None


def entry_ids(cause: bytes) -> Iterator[bytes]:
    """Yield the ids of the first, second ... entry of one cause."""
    for n in count(1):
        yield cause + n.to_bytes(2, "big")
