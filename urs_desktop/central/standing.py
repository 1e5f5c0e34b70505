"""Whether a counter may take part: revoked because it is lost or out of service, quarantined because it is in doubt.

Every change is written down for ever with its reason. Must never un-post what a counter sent before, nor refuse what
it still has to send.
"""

import logging
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from urs_desktop.central import leases, records
from urs_desktop.central.operators import Operator
from urs_desktop.central.origin import ACTIVE, QUARANTINED, REVOKED, Counter, counter
from urs_desktop.central.schema import counter_changes, counters, entries
from urs_desktop.central.schema import leases as lease_rows
from urs_desktop.domain.ledger import EntryKind
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.domain.text import clean_text

LOST: Final = "lost"
OUT_OF_SERVICE: Final = "out_of_service"
REJOINED_TOO_OFTEN: Final = "rejoined_too_often"
BAD_SIGNATURE: Final = "bad_signature"
RELEASED: Final = "released"
"""Why a counter's state changed."""

_log = logging.getLogger(__name__)

_LAST = sa.select(sa.func.coalesce(sa.func.max(counter_changes.c.n), 0)).where(
    counter_changes.c.device_id == sa.bindparam("device")
)
_CHANGE = (
    sa.update(counters).where(counters.c.device_id == sa.bindparam("device")).values(state=sa.bindparam("now_state"))
)
_COVERED = (
    sa.select(entries.c.lease_id, entries.c.kind, sa.func.sum(entries.c.points).label("points"))
    .select_from(entries.join(lease_rows, lease_rows.c.lease_id == entries.c.lease_id))
    .where(
        lease_rows.c.device_id == sa.bindparam("device"),
        sa.or_(
            sa.and_(entries.c.kind == EntryKind.VOID.value, entries.c.op_id.is_(None)),
            entries.c.kind == EntryKind.LATE.value,
        ),
    )
    .group_by(entries.c.lease_id, entries.c.kind)
)


@dataclass(frozen=True, slots=True)
class Loss:
    """What a lost counter held: `leases` and their `points` came back to the customers.

    `late` points at the utmost may still come as spent before: of these leases and of those reclaimed earlier. They
    are the vendor's, never the customers'.
    """

    counter: Counter
    leases: int
    points: int
    late: int


def lose(connection: sa.Connection, device_id: bytes, now: int) -> Loss:
    """Revoke a counter that is lost or stolen and reclaim all it holds at once; again, it finds nothing more to take.

    Raises Refusal(COUNTER_UNKNOWN).
    """
    till = revoke(connection, device_id, now, reason=LOST)
    taken = leases.reclaim_counter(connection, device_id, now)
    return Loss(till, taken.leases, taken.points, _outstanding(connection, device_id))


def revoke(connection: sa.Connection, device_id: bytes, now: int, reason: str = OUT_OF_SERVICE) -> Counter:
    """Take a counter out of service: no points, no session, and what it still pushes is kept for review.

    Raises Refusal(COUNTER_UNKNOWN).
    """
    till = counter(connection, device_id, locked=True)
    change(connection, till, REVOKED, reason, now)
    return till


def quarantine(connection: sa.Connection, till: Counter, reason: str, detail: str, now: int) -> None:
    """Give a counter, whose row the caller has locked, no more points: it may be two machines, or not itself."""
    if till.state == ACTIVE:
        _log.error("counter %s is quarantined: %s %s", till.device_id.hex(), reason, detail)
        change(connection, till, QUARANTINED, reason, now, detail)


def release(connection: sa.Connection, device_id: bytes, by: Operator, reason: str, now: int) -> tuple[Counter, bool]:
    """Let a quarantined counter take part again at an operator's word; return it and whether it was quarantined.

    What put it there stays written down, and puts it there again. Raises Refusal(COUNTER_UNKNOWN, COUNTER_REVOKED,
    TEXT_MALFORMED).
    """
    till = counter(connection, device_id, locked=True)
    if till.state == REVOKED:
        raise Refusal(RefusalCode.COUNTER_REVOKED)
    change(connection, till, ACTIVE, RELEASED, now, detail=f"{by.name}: {clean_text(reason)}")
    return till, till.state == QUARANTINED


def change(connection: sa.Connection, till: Counter, state: str, reason: str, now: int, detail: str = "") -> None:
    """Bring a counter, whose row the caller has locked, to a state and write down why; nothing if it is there."""
    if till.state == state:
        return
    device = {"device": till.device_id}
    row = {
        "device_id": till.device_id,
        "n": connection.execute(_LAST, device).scalar_one() + 1,
        "state": state,
        "reason": reason,
        "detail": detail,
        "changed_at": now,
    }
    records.write(connection, counter_changes, [row])
    connection.execute(_CHANGE, {**device, "now_state": state})


def _outstanding(connection: sa.Connection, device_id: bytes) -> int:
    """Return the points of a counter's leases that the centre took back and that have not come as spent since."""
    rest: dict[str, int] = {}
    for row in connection.execute(_COVERED, {"device": device_id}):
        sign = 1 if row.kind == EntryKind.VOID.value else -1
        rest[row.lease_id] = rest.get(row.lease_id, 0) + sign * int(row.points)
    return sum(max(0, points) for points in rest.values())
