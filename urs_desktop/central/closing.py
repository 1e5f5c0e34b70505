"""Which receipts of a counter have arrived, and which are missing: known even while the counter is silent.

A counter numbers its receipts without a gap and tells the newest number in every signed hello; the numbers that arrived
are in the book. Must never take a counter's word for fewer receipts than it told of before.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from urs_desktop.central.origin import WRITTEN_OFF
from urs_desktop.central.schema import (
    operations,
    parked_operations,
    parked_resolutions,
    refunds,
    told_receipts,
    transactions,
)
from urs_desktop.central.upserts import insert_or_replace
from urs_desktop.domain.ranges import Range, without

_MOST: Final = 2**63 - 1
_RECEIPTS: Final = ("sale", "refund")
"""The kinds of operation that number receipts."""

_TELL = insert_or_replace(told_receipts, ["device_id"], newest="receipt")
_TOLD = sa.select(told_receipts)
_NUMBERS = sa.union(
    sa.select(transactions.c.device_id, transactions.c.receipt), sa.select(refunds.c.device_id, refunds.c.receipt)
).subquery()
_ARRIVED = (
    sa.select(
        _NUMBERS.c.device_id,
        sa.func.count().label("receipts"),
        sa.func.min(_NUMBERS.c.receipt).label("first"),
        sa.func.max(_NUMBERS.c.receipt).label("last"),
    )
    .where(_NUMBERS.c.receipt > 0)
    .group_by(_NUMBERS.c.device_id)
)
_STEPS = (
    sa.select(
        _NUMBERS.c.device_id,
        _NUMBERS.c.receipt,
        sa.func.lead(_NUMBERS.c.receipt)
        .over(partition_by=_NUMBERS.c.device_id, order_by=_NUMBERS.c.receipt)
        .label("following"),
    )
    .where(_NUMBERS.c.receipt > 0)
    .subquery()
)
_GAPS = (
    sa.select(_STEPS).where(_STEPS.c.following > _STEPS.c.receipt + 1).order_by(_STEPS.c.device_id, _STEPS.c.receipt)
)
_SET_ASIDE = (
    sa.select(operations.c.device_id, operations.c.body)
    .select_from(
        parked_operations.join(operations, operations.c.op_id == parked_operations.c.op_id).outerjoin(
            parked_resolutions, parked_resolutions.c.op_id == parked_operations.c.op_id
        )
    )
    .where(
        operations.c.kind.in_(_RECEIPTS),
        sa.func.coalesce(parked_resolutions.c.result, WRITTEN_OFF) == WRITTEN_OFF,
    )
)
_WAITING = (
    sa.select(refunds.c.device_id, sa.func.count().label("refunds"))
    .select_from(refunds.outerjoin(operations, operations.c.op_id == refunds.c.sale_op_id))
    .where(refunds.c.sale_op_id.is_not(None), refunds.c.sale_op_id != b"", operations.c.op_id.is_(None))
    .group_by(refunds.c.device_id)
)


@dataclass(slots=True)
class Closing:
    """How a counter's receipts stand.

    `told` the newest number it ever told of, or that arrived; `received` how many are in the book; `set_aside` the
    numbers that arrived and were parked, or written off; `missing` those that did not; `refunds_waiting` how many
    refunds it made of sales that have not arrived, from whichever counter.
    """

    told: int = 0
    received: int = 0
    set_aside: tuple[int, ...] = ()
    missing: tuple[Range, ...] = ()
    refunds_waiting: int = 0


def note_told(connection: sa.Connection, device_id: bytes, receipt: int, now: int) -> None:
    """Note the newest receipt number a counter tells of, unless it told of a newer one before."""
    if 0 <= receipt <= _MOST:
        connection.execute(_TELL, {"device_id": device_id, "receipt": receipt, "told_at": now})


def of_counters(connection: sa.Connection) -> dict[bytes, Closing]:
    """Return how the receipts of every counter stand that has any, by its id."""
    found: defaultdict[bytes, Closing] = defaultdict(Closing)
    for row in connection.execute(_TOLD):
        found[row.device_id].told = row.receipt
    for row in connection.execute(_SET_ASIDE):
        number = _number(row.body)
        if number is not None:
            here = found[row.device_id]
            here.set_aside = tuple(sorted({*here.set_aside, number}))
    firsts: Counter[bytes] = Counter()
    lasts: Counter[bytes] = Counter()
    for row in connection.execute(_ARRIVED):
        found[row.device_id].received = row.receipts
        firsts[row.device_id], lasts[row.device_id] = row.first, row.last
    gaps: defaultdict[bytes, list[Range]] = defaultdict(list)
    for row in connection.execute(_GAPS):
        gaps[row.device_id].append(Range(row.receipt + 1, row.following - 1))
    for row in connection.execute(_WAITING):
        found[row.device_id].refunds_waiting = row.refunds
    for device_id, here in found.items():
        here.told = max(here.told, lasts[device_id], *here.set_aside, 0)
        here.missing = without(_edges(firsts[device_id], lasts[device_id], here.told, gaps[device_id]), here.set_aside)
    return dict(found)


def _edges(first: int, last: int, told: int, gaps: Iterable[Range]) -> tuple[Range, ...]:
    """Return the gaps between numbers that arrived, and those before the first and after the last of them."""
    before = [Range(1, first - 1)] if first > 1 else []
    after = [Range(last + 1, told)] if told > last else []
    return (*before, *gaps, *after)


def _number(body: bytes) -> int | None:
    """Return the receipt number in the raw body of a parked operation, or None where it cannot be made out."""
    try:
        said: Any = json.loads(body)
    except ValueError:
        return None
    number = said.get("receipt") if isinstance(said, dict) else None
    return number if type(number) is int and 0 < number <= _MOST else None
