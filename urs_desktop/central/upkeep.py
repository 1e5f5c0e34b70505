"""What the store does by itself from time to time: leases whose time is over come back, marks are fanned out.

Must never stop the server: what fails now is tried again at the next turn.
"""

import logging
from typing import Final

from urs_desktop.central import feed, leases
from urs_desktop.central.app import Store

_MOST_TURNS: Final = 20

_log = logging.getLogger(__name__)


def tidy(store: Store) -> None:
    """Reclaim leases that are due and fan out marked customers, in transactions small enough not to hold up sales."""
    try:
        for _ in range(_MOST_TURNS):
            with store.write() as connection:
                reclaimed = leases.reclaim_due(connection, store.clock.now())
                moved = feed.fan_out(connection)
            if store.stopping.is_set() or not (reclaimed or moved):
                return
    except Exception:  # noqa: BLE001 - upkeep that ends leaves points locked until the next start
        _log.exception("upkeep failed and is tried again")
