"""What all tables of the central store share: one MetaData with named constraints, STRICT typing on SQLite, and seals.

A seal is a hash over what a row says for ever; it shows a row that was changed where no signature covers it. Must never
be bypassed: a table made otherwise would accept a float on SQLite.
"""

from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.schema import SchemaItem

from urs_desktop.database.columns import BYTES, INTEGER, TEXT

REVISION: Final = "0012_consents"
"""The newest script under central/migrations: together they make exactly these tables and views, as a test holds."""

METADATA: Final = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""Every table of the central store, with names for all constraints so that migrations can speak of them."""


SEAL: Final = "seal"
"""The column of a row's seal, the last of its table."""

FIXED: Final = "fixed"
"""The key in `Table.info` of the columns that stay as they were first written, in a table whose rows change."""

_SEAL_BYTES: Final = 16
_encoder: Final = msgspec.msgpack.Encoder()


def seal(table: str, values: Sequence[int | str | bytes | None]) -> bytes:
    """Return the seal of a row: BLAKE2b over the table's name and the values in the order of its columns."""
    return blake2b(_encoder.encode([table, *values]), digest_size=_SEAL_BYTES).digest()


def table(name: str, *items: SchemaItem) -> sa.Table:
    """Return a table of METADATA that takes only values of its columns' types."""
    return sa.Table(name, METADATA, *items, sqlite_strict=True)


def ledger_table(name: str, *items: SchemaItem) -> sa.Table:
    """Return a table whose rows are written once and for ever, each sealed by a hash over it (central.records)."""
    column = sa.Column(SEAL, BYTES, nullable=False)
    return sa.Table(name, METADATA, *items, column, sqlite_strict=True, info={"append_only": True})


def sealed_table(name: str, *items: SchemaItem, fixed: Sequence[str]) -> sa.Table:
    """Return a table whose rows change but for the columns `fixed`, which are sealed as a row is made."""
    column = sa.Column(SEAL, BYTES, nullable=False, default=_sealing(name, fixed))
    return sa.Table(name, METADATA, *items, column, sqlite_strict=True, info={FIXED: tuple(fixed)})


def _sealing(name: str, fixed: Sequence[str]) -> Callable[[Any], bytes]:
    def first(context: Any) -> bytes:  # noqa: ANN401 - SQLAlchemy's context of the insert
        values = context.get_current_parameters()
        return seal(name, [values.get(column) for column in fixed])

    return first


def text(name: str, *items: SchemaItem, **options: Any) -> sa.Column[str]:  # noqa: ANN401 - handed to Column
    """Return a text column that holds a value unless `nullable` says otherwise."""
    return sa.Column(name, TEXT, *items, **{"nullable": False, **options})


def integer(name: str, *items: SchemaItem, **options: Any) -> sa.Column[int]:  # noqa: ANN401 - handed to Column
    """Return a 64-bit integer column that holds a value unless `nullable` says otherwise."""
    return sa.Column(name, INTEGER, *items, **{"nullable": False, **options})


def one_of(column: str, *values: str) -> sa.CheckConstraint:
    """Return a check that a text column holds one of these plain words."""
    words = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{column} IN ({words})", name=column)


def at_commit(column: str) -> sa.ForeignKey:
    """Return a reference to `table.column` that need not be there before the commit."""
    return sa.ForeignKey(column, deferrable=True, initially="DEFERRED")


def never_negative(*columns: str) -> tuple[sa.CheckConstraint, ...]:
    """Return a check for each of these integer columns that it is 0 or more."""
    return tuple(sa.CheckConstraint(f"{column} >= 0", name=column) for column in columns)
