"""A central store put back to an older state: the counters send again what it lost, and it takes it once.

Must never need anybody's hand at the till.
"""

from tests.simulation.counter_node import basket_of
from tests.simulation.run import Run

_CARD = "C1"


def test_counters_send_again_what_a_restored_centre_lost() -> None:
    """Sales confirmed after the backup are at the restored centre exactly once, and so are those made later."""
    run = Run.calm()
    till = run.counters[0]
    till.sell(basket_of(5_000), _CARD)
    till.sync()
    backup = run.central.machine.copy()
    till.sell(basket_of(20_000), _CARD)
    till.sync()
    run.central.put_back(backup)
    till.start()
    till.sell(basket_of(1_001), _CARD)
    till.sync()
    run.heal()
    run.shop.close()
