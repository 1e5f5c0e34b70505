"""What became of operations, as the store's book says now: told to the counter beside the answer of each push.

A reply may be lost, so the answer to an operation that came again says what the first one came to. Must never be kept
from the time of posting: it is read from the book whenever it is told.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Final

import msgspec
import sqlalchemy as sa

from urs_desktop.central.concerns import resolved_by
from urs_desktop.central.origin import ADJUSTED, APPLIED, PARKED, Counter
from urs_desktop.central.schema import (
    entries,
    operations,
    parked_resolutions,
    repeated_operations,
    transactions,
)
from urs_desktop.domain.ledger import EntryKind
from urs_desktop.protocol.codec import MalformedError, decode_body
from urs_desktop.protocol.messages import Became, PushResult
from urs_desktop.protocol.operations import SCHEMA, ResolveBody

_RESOLVE: Final = "parked.resolve"
_LATE: Final = (EntryKind.LATE,)
_BACK: Final = (EntryKind.UNREDEEM, EntryKind.UNLATE)
_CLAWED: Final = (EntryKind.CLAWBACK, EntryKind.DEBT)


def _at(table: sa.Table) -> sa.Select[tuple[int, bytes]]:
    return sa.select(table.c.seq, table.c.op_id).where(
        table.c.device_id == sa.bindparam("device"),
        table.c.epoch == sa.bindparam("at_epoch"),
        table.c.seq.in_(sa.bindparam("seqs", expanding=True)),
    )


_PLACES = sa.union_all(_at(operations), _at(repeated_operations))
RESULT: Final = sa.func.coalesce(parked_resolutions.c.result, operations.c.result).label("result")
CODE: Final = sa.func.coalesce(parked_resolutions.c.code, operations.c.code).label("code")
"""What became of an operation by now, and why, selected from `WITH_RESOLUTIONS`."""

WITH_RESOLUTIONS: Final = operations.outerjoin(parked_resolutions, parked_resolutions.c.op_id == operations.c.op_id)
"""Operations beside what became of those that were parked."""

_RESULTS = (
    sa.select(operations.c.op_id, RESULT, CODE)
    .select_from(WITH_RESOLUTIONS)
    .where(operations.c.op_id.in_(sa.bindparam("ids", expanding=True)))
)
_BODIES = sa.select(operations.c.op_id, operations.c.body).where(
    operations.c.op_id.in_(sa.bindparam("ids", expanding=True)),
    operations.c.kind == _RESOLVE,
    operations.c.result != PARKED,
)
_EARNED = sa.select(transactions.c.op_id, transactions.c.points_posted).where(
    transactions.c.op_id.in_(sa.bindparam("ids", expanding=True))
)
_BOOKED = (
    sa.select(entries.c.op_id, entries.c.kind, sa.func.sum(entries.c.points).label("points"))
    .where(
        entries.c.op_id.in_(sa.bindparam("ids", expanding=True)),
        entries.c.kind.in_([*_LATE, *_BACK, *_CLAWED]),
    )
    .group_by(entries.c.op_id, entries.c.kind)
)


def told(connection: sa.Connection, till: Counter, results: Sequence[PushResult]) -> list[PushResult]:
    """Return the results of a push, each that is not simply applied with what became of its operation."""
    seqs = [result.seq for result in results if result.result != APPLIED]
    if not seqs:
        return list(results)
    keys = {"device": till.device_id, "at_epoch": till.epoch, "seqs": seqs}
    places = {row.seq: row.op_id for row in connection.execute(_PLACES, keys)}
    about = {op_id: op_id for op_id in places.values()} | _resolved(connection, places.values())
    became = of(connection, set(about.values()))
    return [
        msgspec.structs.replace(result, now=became.get(about[places[result.seq]])) if result.seq in places else result
        for result in results
    ]


def _resolved(connection: sa.Connection, op_ids: Collection[bytes]) -> dict[bytes, bytes]:
    """Return, for each of these operations that resolves a parked one, the op id of that."""
    found = {}
    for row in connection.execute(_BODIES, {"ids": sorted(op_ids)}):
        try:
            body = decode_body(_RESOLVE, SCHEMA, row.body)
        except MalformedError:
            continue
        if isinstance(body, ResolveBody):
            found[row.op_id] = resolved_by(body)
    return found


def of(connection: sa.Connection, op_ids: Collection[bytes]) -> dict[bytes, Became]:
    """Return what became of these operations, by op id; one the store does not know is left out."""
    ids = sorted(op_ids)
    rows = connection.execute(_RESULTS, {"ids": ids}).all()
    adjusted = [row.op_id for row in rows if row.result == ADJUSTED]
    posted = _posted(connection, adjusted) if adjusted else {}
    return {row.op_id: Became(result=row.result, code=row.code, **posted.get(row.op_id, {})) for row in rows}


def _posted(connection: sa.Connection, ids: Sequence[bytes]) -> dict[bytes, dict[str, int]]:
    """Return the points the ledger says of each receipt, under the names of `Became`."""
    booked: defaultdict[bytes, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in connection.execute(_BOOKED, {"ids": ids}):
        booked[row.op_id][row.kind] += int(row.points)
    figures = {
        op_id: {
            "late": sum(kinds[kind] for kind in _LATE),
            "back": sum(kinds[kind] for kind in _BACK),
            "clawed": sum(kinds[kind] for kind in _CLAWED),
        }
        for op_id, kinds in booked.items()
    }
    for op_id, earned in connection.execute(_EARNED, {"ids": ids}).all():
        figures.setdefault(op_id, {})["earned"] = earned
    return figures
