"""Whoever changes one value of one row of the ledger is found, and the row is named: every column of every table.

Must never leave a column out but those of `SAYS_NOTHING`, each with its reason.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

import sqlalchemy as sa

from tests.contract.central.shop import Shop
from tests.contract.central.tampering import Tampering
from urs_desktop.central import verification
from urs_desktop.central.schema import METADATA, counters, leases, lots, wallets
from urs_desktop.database.guards import append_only

Check = Callable[[sa.Connection], Iterable[str]]

CHANGING: Final = (wallets, lots, leases, counters)
"""The tables of the ledger whose rows change as points move."""

SAYS_NOTHING: Final = {
    (counters, "checked_seq"): "verify checks every signature by itself, however far the background has come",
    (counters, "last_seen"): "it is for the list of counters alone",
}
"""Columns from which neither a point nor a receipt follows."""


def others(column: sa.Column[Any], value: Any) -> Iterator[object]:  # noqa: ANN401 - of any column
    """Yield values that are not this one: a number one off, another text, a flipped byte, nothing."""
    if column.nullable and value is not None:
        yield None
    kind = column.type.python_type
    if kind is int:
        yield 1 if value is None else value + 1
        yield -1 if value is None else value - 1
    elif kind is bytes:
        first = value or b"\x00" * 16
        yield bytes([first[0] ^ 1]) + first[1:]
        yield first[:-1] + bytes([first[-1] ^ 0x80])
    else:
        yield f"{value or ''}?"


def key_of(table: sa.Table, row: Mapping[str, Any]) -> tuple[sa.ColumnElement[bool], str]:
    """Return what finds a row again, and how findings name it."""
    values = [row[column.name] for column in table.primary_key]
    where = sa.and_(*(column == value for column, value in zip(table.primary_key, values, strict=True)))
    return where, ", ".join(value.hex() if isinstance(value, bytes) else str(value) for value in values)


def rows_of(connection: sa.Connection, table: sa.Table) -> list[sa.Row[Any]]:
    rows = list(connection.execute(sa.select(table).order_by(*table.primary_key)).all())
    middle = rows[1:-1][len(rows) // 2 - 1 : len(rows) // 2] if table in CHANGING else []
    return [rows[0], *middle, *rows[1:][-1:]]


def unseen(connection: sa.Connection, table: sa.Table, check: Check) -> Iterator[str]:
    """Yield each change of a row that was neither refused by the database nor named by verify."""
    for row in rows_of(connection, table):
        before = dict(row._mapping)
        where, name = key_of(table, before)
        for column in table.columns:
            if (table, column.name) in SAYS_NOTHING:
                continue
            for value in others(column, before[column.name]):
                _, renamed = key_of(table, {**before, column.name: value})
                findings = _after(connection, sa.update(table).where(where).values({column.name: value}), check)
                if findings is not None and not any(name in found or renamed in found for found in findings):
                    yield f"{column} of {name}: {before[column.name]!r} to {value!r}: {findings}"


def _after(connection: sa.Connection, change: sa.Update, check: Check) -> list[str] | None:
    """Return what is found after a change that is then undone, None if the database refuses the change."""
    savepoint = connection.begin_nested()
    try:
        assert connection.execute(change).rowcount == 1
    except sa.exc.IntegrityError:
        savepoint.rollback()
        return None
    findings = list(check(connection))
    savepoint.rollback()
    return findings


def test_no_value_of_a_row_written_for_ever_changes_unseen(busy: Shop, tampering: Tampering) -> None:
    """The seals alone show it, and they are looked at by verify."""
    assert verification._seals in verification._CHECKS
    with tampering() as connection:
        kept = append_only(METADATA)
        assert [found for table in kept for found in unseen(connection, table, verification._seals)] == []
    assert busy.findings() == []


def test_no_value_of_a_row_that_changes_is_changed_unseen(busy: Shop, tampering: Tampering) -> None:
    with tampering() as connection:
        found = [found for table in CHANGING for found in unseen(connection, table, verification.verify)]
        assert found == []
    assert busy.findings() == []
