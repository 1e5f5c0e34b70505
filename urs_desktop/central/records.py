"""Writing the rows that are written once and for ever, each with a seal over all it says; and finding broken seals.

The seal shows a row that was changed where no signature covers it; who changes row and seal alike is shown by the
signed operations the row follows from. Must never write a row twice or change one.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa

from urs_desktop.central.schema import METADATA
from urs_desktop.central.schema.base import FIXED, SEAL, seal
from urs_desktop.database.columns import storable


class _Shape:
    """What writing a table and proving its seals need: its statements, and the sealed columns in order."""

    def __init__(self, table: sa.Table) -> None:
        self.keys = tuple(column.name for column in table.primary_key)
        self.names = table.info.get(FIXED) or tuple(column.name for column in table.columns if column.name != SEAL)
        self.insert = sa.insert(table)
        self.every = sa.select(*(table.c[name] for name in self.names), table.c[SEAL])


_SHAPES: Final = {str(table.name): _Shape(table) for table in METADATA.tables.values() if SEAL in table.c}


def write(connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows into a table that is only ever added to; a column a row does not name is null.

    Texts are stored as every database can hold them (`columns.storable`), before they are sealed.
    """
    if not rows:
        return
    shape = _SHAPES[table.name]
    sealed = []
    for row in rows:
        whole = {name: _kept(row.get(name)) for name in shape.names}
        whole[SEAL] = seal(str(table.name), list(whole.values()))
        sealed.append(whole)
    connection.execute(shape.insert, sealed)


def broken(connection: sa.Connection) -> Iterator[tuple[str, str]]:
    """Yield the table and the key of every row that is not as it was written."""
    for name, shape in _SHAPES.items():
        for row in connection.execute(shape.every):
            *values, stored = row
            if seal(name, values) != stored:
                mapping = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for it
                yield name, ", ".join(_text(mapping[key]) for key in shape.keys)


def _kept(value: Any) -> Any:  # noqa: ANN401 - a value of any column
    return storable(value) if isinstance(value, str) else value


def _text(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)
