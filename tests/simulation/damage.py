"""A bit flips in a counter's file: SQLCipher's page HMAC must refuse the page.

So the program sees an error of the machine's or the very data it wrote, never other data.

Looks at a copy: what a counter does once its file is lost is another action's. Must never flip a bit of the log: the
frames after a broken one are lost by SQLite's own rule, which is a counter put back to an older state.
"""

import shutil
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


def look_at_damaged_copy(counter: CounterNode, pick: float) -> None:
    """Flip one bit in a page of a copy of the counter's file, where rows are, and read everything in it.

    `pick` (0 to 1) says in which page and where.
    """
    if not counter.machine.is_on_files:
        return
    counter.machine.checkpoint()
    expected = _everything(counter.machine.database)
    copy = counter.machine.file.with_suffix(".damaged")
    shutil.copyfile(counter.machine.file, copy)
    content = bytearray(copy.read_bytes())
    page, bit = divmod(int(pick * (len(content) // _PAGE) * _REACH * _BITS), _REACH * _BITS)
    place = (page + 1) * _PAGE - _RESERVED - 1 - bit // _BITS
    content[place] ^= 1 << bit % _BITS
    copy.write_bytes(content)
    database = Database(sqlite_engine(copy, KEY, guard(schema.metadata)))
    try:
        found = _everything(database)
    except DatabaseFileError as error:
        counter.world.note(counter.name, f"a flipped bit at {place} is refused: {error}")
    except sa.exc.DBAPIError as error:
        if trouble_of(error) is None:
            raise Violation("no_bug_of_ours", f"a flipped bit at {place}: {error}") from error
        counter.world.note(counter.name, f"a flipped bit at {place} is refused: {error.orig}")
    else:
        if found != expected:
            raise Violation("damaged_pages_are_refused", f"{counter.name}: a flipped bit at {place} changed data")
    finally:
        database.close()
        for path in copy.parent.glob(f"{copy.name}*"):
            path.unlink()


def _everything(database: Database) -> list[list[Any]]:
    with database.read() as connection:
        return [
            list(connection.execute(sa.select(table).order_by(*table.primary_key)).all())
            for table in schema.metadata.sorted_tables
        ]
