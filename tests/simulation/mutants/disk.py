"""What keeps a commit on the disk and a damaged page out of the program, taken away.

Must never be played but on files: in memory there is no disk.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlcipher3 import dbapi2 as sqlcipher

from tests.simulation import central_node, counter_node
from tests.simulation.machine import Template
from tests.simulation.mutants.replacing import replaced
from tests.simulation.run import Run
from urs_desktop.central import verification
from urs_desktop.central.schema import METADATA
from urs_desktop.counter.store import schema
from urs_desktop.counter.store.book import SqlStore
from urs_desktop.database import engine
from urs_desktop.database.guards import guard

_COUNTER = Template(counter_node.make_schema, guard(schema.metadata))
_CENTRE = Template(central_node.make_schema, guard(METADATA))
"""Empty files made without authentication codes."""


@contextmanager
def wal_normal(run: Run) -> Iterator[None]:
    """Commits are not synchronised: a power cut takes some of them back."""
    del run
    prepare = engine._prepare

    def prepare_less(connection: Any, key: bytes | None, **options: bool) -> None:  # noqa: ANN401 - the driver's
        prepare(connection, key, **options)
        connection.execute("PRAGMA synchronous = NORMAL")

    with replaced(engine, "_prepare", prepare_less):
        yield


@contextmanager
def pages_without_hmac(run: Run) -> Iterator[None]:
    """Pages are encrypted and carry no authentication code; `verify`, which asks for them, does not."""
    checks = tuple(check for check in verification._CHECKS if check is not verification._file)
    with (
        _without_hmac(),
        replaced(verification, "_CHECKS", checks),
        replaced(SqlStore, "check", lambda self: []),
        replaced(counter_node, "TEMPLATE", _COUNTER),
        replaced(central_node, "TEMPLATE", _CENTRE),
    ):
        run.shop.central = central_node.CentralNode(run.world, run.shop.folder)
        yield


@contextmanager
def _without_hmac() -> Iterator[None]:
    """Have every file of this process opened and made, copies by VACUUM INTO too, without authentication codes."""
    setting: Any = sqlcipher.connect(":memory:")
    setting.execute("PRAGMA cipher_default_use_hmac = OFF")
    try:
        yield
    finally:
        setting.execute("PRAGMA cipher_default_use_hmac = ON")
        setting.close()
