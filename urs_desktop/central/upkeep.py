"""What the store does by itself: leases come back, points vest and expire, marks go out, signatures are verified.

Must never stop the server: what fails now is tried again at the next turn.
"""

import logging
from typing import Final

from urs_desktop.central import checking, due, feed, leases
from urs_desktop.central.app import Store

_MOST_TURNS: Final = 20

_log = logging.getLogger(__name__)


def tidy(store: Store) -> None:
    """Do what is due, in transactions small enough not to hold up sales."""
    try:
        for _ in range(_MOST_TURNS):
            # One each: both lock wallets by id, and a second round of locks in one transaction would be out of order.
            with store.write() as connection:
                did = leases.reclaim_due(connection, store.clock.now())
            with store.write() as connection:
                did += due.everybody(connection, store.clock.now())
            with store.write() as connection:
                now = store.clock.now()
                feed.mark_unseen(connection, now)
                did += feed.fan_out(connection, now)
            did += _check_signatures(store)
            if store.stopping.is_set() or not did:
                return
    except Exception:  # noqa: BLE001 - upkeep that ends leaves points locked until the next start
        _log.exception("upkeep failed and is tried again")


def _check_signatures(store: Store) -> bool:
    """Verify some signatures while nothing is locked, and note the outcome; return whether there were any."""
    with store.database.read() as connection:
        checked = checking.look(connection)
    if checked is None:
        return False
    with store.write() as connection:
        checking.note(connection, checked, store.clock.now())
    return True
