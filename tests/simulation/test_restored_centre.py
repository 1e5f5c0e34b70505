"""A central store put back to an older state: the counters send again what it lost, and it takes it once.

Must never need anybody's hand at the till.
"""

from typing import Any

from tests.simulation import checks
from tests.simulation.counter_node import basket_of
from tests.simulation.run import Run

_CARD = "C1"


def _raw(run: Run) -> Any:  # noqa: ANN401 - sqlcipher3 ships no types
    """Return the driver's connection of the central store's database in memory."""
    with run.central.database.engine.connect() as connection:
        return connection.connection.driver_connection


def test_counters_send_again_what_a_restored_centre_lost() -> None:
    """Sales confirmed after the backup are at the restored centre exactly once, and so are those made later."""
    run = Run(1)
    run.open_shops()
    run.world.healed = True
    till = run.counters[0]
    till.sell(basket_of(5_000), _CARD)
    till.sync()
    backup = type(_raw(run))(":memory:")
    _raw(run).backup(backup)
    till.sell(basket_of(20_000), _CARD)
    till.sync()
    backup.backup(_raw(run))
    till.start()
    till.sell(basket_of(1_001), _CARD)
    till.sync()
    backup.close()
    checks.after_healing(run.world, run.central, run.counters)
