"""Proves what became of parked operations: each resolution is what its counter signed, or an operator of the store did.

Must never trust a resolution's own words where a signed operation says them.
"""

from collections.abc import Iterator

import sqlalchemy as sa

from urs_desktop.central import parked
from urs_desktop.central.concerns import resolved_by
from urs_desktop.central.origin import APPLIED, WRITTEN_OFF
from urs_desktop.central.schema import operations, operators, parked_operations, parked_resolutions
from urs_desktop.protocol.codec import MalformedError, decode_body
from urs_desktop.protocol.operations import ResolveBody

_BY = operations.alias("by")
_RESOLUTIONS = sa.select(
    parked_resolutions,
    parked_operations.c.op_id.label("parked"),
    operations.c.device_id.label("device_id"),
    _BY.c.device_id.label("by_device_id"),
    _BY.c.kind.label("by_kind"),
    _BY.c.schema.label("by_schema"),
    _BY.c.body.label("by_body"),
    operators.c.operator_id,
).select_from(
    parked_resolutions.outerjoin(parked_operations, parked_operations.c.op_id == parked_resolutions.c.op_id)
    .outerjoin(operations, operations.c.op_id == parked_resolutions.c.op_id)
    .outerjoin(_BY, _BY.c.op_id == parked_resolutions.c.by_op_id)
    .outerjoin(operators, operators.c.operator_id == parked_resolutions.c.operator)
)

_WITHOUT = (
    sa.select(operations.c.op_id)
    .select_from(operations.outerjoin(parked_resolutions, parked_resolutions.c.by_op_id == operations.c.op_id))
    .where(operations.c.kind == parked.KIND, operations.c.result == APPLIED, parked_resolutions.c.op_id.is_(None))
)


def check(connection: sa.Connection) -> Iterator[str]:
    """Yield a sentence for each resolution nobody who may did, or that says something else than was signed."""
    for row in connection.execute(_WITHOUT):
        yield f"operation {row.op_id.hex()} resolved a parked one, and nothing says so"
    for row in connection.execute(_RESOLUTIONS):
        name = f"the resolution of operation {row.op_id.hex()}"
        if row.parked is None:
            yield f"{name} is of one that was never parked"
        if (row.action == parked.WRITE_OFF) != (row.result == WRITTEN_OFF):
            yield f"{name} says {row.result} of what was asked as {row.action}"
        if row.by_op_id is None:
            if row.operator_id is None or row.action != parked.RETRY:
                yield f"{name} was asked for by nobody"
        elif not _is_signed(row):
            yield f"{name} is not what its counter signed"


def _is_signed(row: sa.Row[*tuple[object, ...]]) -> bool:
    values = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for it
    if values["by_kind"] != parked.KIND or values["by_device_id"] != values["device_id"]:
        return False
    try:
        body = decode_body(values["by_kind"], values["by_schema"], values["by_body"])
    except MalformedError:
        return False
    if not isinstance(body, ResolveBody):
        return False
    override = (body.override.operator, body.override.reason) if body.override else (None, None)
    return (
        resolved_by(body) == values["op_id"]
        and (body.action, body.operator) == (values["action"], values["operator"])
        and override == (values["override_operator"], values["override_reason"])
    )
