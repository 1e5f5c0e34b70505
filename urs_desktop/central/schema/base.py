"""What all tables of the central store share: one MetaData with named constraints, and STRICT typing on SQLite.

Must never be bypassed: a table made otherwise would accept a float on SQLite.
"""

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.schema import SchemaItem

from urs_desktop.database.columns import INTEGER, TEXT

REVISION: Final = "0002_views"
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


def table(name: str, *items: SchemaItem) -> sa.Table:
    """Return a table of METADATA that takes only values of its columns' types."""
    return sa.Table(name, METADATA, *items, sqlite_strict=True)


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


def never_negative(*columns: str) -> tuple[sa.CheckConstraint, ...]:
    """Return a check for each of these integer columns that it is 0 or more."""
    return tuple(sa.CheckConstraint(f"{column} >= 0", name=column) for column in columns)
