"""Moves a central store from its SQLite file to a PostgreSQL server, with all it knows: keys, vendors, counters, sales.

So that one prepared shop serves tests on both, and two stores can be given the very same operations of one counter.
Must never be used on a store that is being served.
"""

from pathlib import Path

import sqlalchemy as sa

from urs_desktop.central.databases import FILE, keep_url
from urs_desktop.central.keys import open_keys
from urs_desktop.central.schema import METADATA
from urs_desktop.database.engine import Database, sqlite_engine
from urs_desktop.system.ids import SystemRandomness


def move(folder: Path, database: Database) -> None:
    """Move the store in a data folder to a database that has all its tables and no rows."""
    keys = open_keys(folder, None)
    file = Database(sqlite_engine(folder / FILE, keys.database_key()))
    try:
        with file.read() as source, database.write() as target:
            for table in METADATA.sorted_tables:
                rows = [dict(row) for row in source.execute(sa.select(table)).mappings()]
                if rows:
                    target.execute(sa.insert(table), rows)
    finally:
        file.close()
    for part in folder.glob(f"{FILE}*"):
        part.unlink()
    keep_url(keys, database.engine.url.set(drivername="postgresql"), SystemRandomness())
