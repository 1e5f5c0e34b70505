"""A bit flips in a counter's file: SQLCipher's page HMAC must refuse the page.

So the program sees an error of the machine's or the very data it wrote, never other data.

Looks at a copy: what a counter does once its file is lost is another action's. Must never flip a bit of the log: the
frames after a broken one are lost by SQLite's own rule, which is a counter put back to an older state.
"""

from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tests.simulation.counter_node import CounterNode
from tests.simulation.machine import KEY
from tests.simulation.world import Violation
from urs_desktop.counter.store import schema
from urs_desktop.database.engine import Database, DatabaseFileError, sqlite_engine, trouble_of
from urs_desktop.database.guards import guard

_BITS = 8
_PAGE = 4_096
_RESERVED = 80
"""What SQLCipher keeps at the end of a page; the rows of a page are written from there backwards."""

_REACH = 256
_COPIES = 6


def look_at_damaged_copies(counter: CounterNode, pick: float) -> None:
    """Flip one bit in a page of a copy of the counter's file, where rows are, and read everything; several times.

    `pick` (0 to 1) says in which pages and where.
    """
    if not counter.machine.is_on_files:
        return
    counter.machine.checkpoint()
    expected = _everything(counter.machine.database)
    content = counter.machine.file.read_bytes()
    for number in range(_COPIES):
        share = (pick + number / _COPIES) % 1
        page, bit = divmod(int(share * (len(content) // _PAGE) * _REACH * _BITS), _REACH * _BITS)
        place = (page + 1) * _PAGE - _RESERVED - 1 - bit // _BITS
        damaged = bytearray(content)
        damaged[place] ^= 1 << bit % _BITS
        copy = counter.machine.file.with_suffix(".damaged")
        copy.write_bytes(damaged)
        if not _is_refused(copy, expected):
            raise Violation("damaged_pages_are_refused", f"{counter.name}: a flipped bit at {place} changed data")
        for path in copy.parent.glob(f"{copy.name}*"):
            path.unlink()
    counter.world.note(counter.name, f"{_COPIES} copies with a flipped bit are refused or unharmed")


def _is_refused(copy: Path, expected: list[list[Any]]) -> bool:
    """Return whether a damaged file is an error of the machine's, or says what it always said; raises Violation."""
    database = Database(sqlite_engine(copy, KEY, guard(schema.metadata)))
    try:
        return _everything(database) == expected
    except DatabaseFileError:
        return True
    except sa.exc.DBAPIError as error:
        if trouble_of(error) is None:
            raise Violation("no_bug_of_ours", f"a flipped bit: {error}") from error
        return True
    finally:
        database.close()


def _everything(database: Database) -> list[list[Any]]:
    with database.read() as connection:
        return [
            list(connection.execute(sa.select(table).order_by(*table.primary_key)).all())
            for table in schema.metadata.sorted_tables
        ]
