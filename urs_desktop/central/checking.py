"""Each signature of the operations that a later one in their push vouched for, verified by itself in the background.

A push is believed by its last signature, because each hash covers all before it. One that fails here raises an alarm
and quarantines its counter. Must never un-post what was posted: `verify` names it, people decide.
"""

import logging
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from urs_desktop.central import standing
from urs_desktop.central.origin import Counter, counter
from urs_desktop.central.schema import counters, operations, repeated_operations
from urs_desktop.protocol.signatures import verify

MOST_CHECKED: Final = 500
"""One look takes at most so many operations, of one counter."""

_log = logging.getLogger(__name__)

_UNCHECKED = (
    sa.select(
        counters.c.device_id, counters.c.public_key, counters.c.epoch, counters.c.last_seq, counters.c.checked_seq
    )
    .where(counters.c.checked_seq < counters.c.last_seq)
    .order_by(counters.c.device_id)
    .limit(1)
)
_UNCHECKED_OF = _UNCHECKED.where(counters.c.device_id == sa.bindparam("device"))
_SIGNED = sa.union_all(
    *(
        sa.select(table.c.seq, table.c.hash, table.c.sig).where(
            table.c.device_id == sa.bindparam("device"),
            table.c.epoch == sa.bindparam("at_epoch"),
            table.c.seq > sa.bindparam("after"),
            table.c.seq <= sa.bindparam("upto"),
        )
        for table in (operations, repeated_operations)
    )
).order_by("seq")
_CHECKED = (
    sa.update(counters)
    .where(
        counters.c.device_id == sa.bindparam("device"),
        counters.c.epoch == sa.bindparam("at_epoch"),
        counters.c.checked_seq < sa.bindparam("upto"),
    )
    .values(checked_seq=sa.bindparam("upto"))
)


@dataclass(frozen=True, slots=True)
class Checked:
    """What was verified: a counter's operations of an epoch up to `upto`, of which `bad` are not signed by it."""

    device_id: bytes
    epoch: int
    upto: int
    bad: tuple[int, ...]


def look(connection: sa.Connection) -> Checked | None:
    """Verify up to MOST_CHECKED signatures that have only been vouched for; None where there are none. Reads only."""
    row = connection.execute(_UNCHECKED).one_or_none()
    return None if row is None else _look(connection, row, MOST_CHECKED)


def note(connection: sa.Connection, checked: Checked, now: int) -> None:
    """Write down how far a counter's signatures are verified; a bad one is an alarm and quarantines it."""
    till = counter(connection, checked.device_id, locked=True)
    place = {"device": checked.device_id, "at_epoch": checked.epoch, "upto": checked.upto}
    if connection.execute(_CHECKED, place).rowcount == 1 and checked.bad:
        where = f"epoch {checked.epoch}, operations {', '.join(map(str, checked.bad))}"
        _log.error("counter %s did not sign %s", checked.device_id.hex(), where)
        standing.quarantine(connection, till, standing.BAD_SIGNATURE, where, now)


def finish(connection: sa.Connection, till: Counter, now: int) -> None:
    """Verify what is left of a counter's epoch before that ends; its row is locked by the caller."""
    while (row := connection.execute(_UNCHECKED_OF, {"device": till.device_id}).one_or_none()) is not None:
        note(connection, _look(connection, row, MOST_CHECKED), now)


def _look(connection: sa.Connection, row: sa.Row[*tuple[Any, ...]], most: int) -> Checked:
    device_id, public_key, epoch, last_seq, checked_seq = row
    upto = min(last_seq, checked_seq + most)
    signed = connection.execute(
        _SIGNED, {"device": device_id, "at_epoch": epoch, "after": checked_seq, "upto": upto}
    ).all()
    bad = tuple(each.seq for each in signed if not verify(public_key, each.hash, each.sig))
    return Checked(device_id, epoch, upto, bad)
