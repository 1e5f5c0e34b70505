"""One refund of all that is left of a receipt, by the parts that ship, which ends where it is told to: by SIGKILL.

Run by tests.end_to_end.forking. Must never catch what it does to itself, nor refund any other way than a screen does.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.end_to_end.paying import STATEMENT, Victim
from tests.end_to_end.processes import say
from urs_desktop.counter.use_cases.refund import Refunding, RefundOrder
from urs_desktop.wiring import open_counter

FOUND: Final = "found"
UNCOMMITTED: Final = "sale-uncommitted"
COMMITTED: Final = "committed"
STEPS: Final = (FOUND, UNCOMMITTED, COMMITTED)
"""The sale is found; everything of the refund is written and not committed; it is on disk, nobody was told."""


def main(arguments: Sequence[str]) -> int:
    """Refund once and print what the receipt says, or die on the way; `statements` were in the transaction."""
    parser = argparse.ArgumentParser("give-back")
    parser.add_argument("folder", type=Path)
    parser.add_argument("passphrase", type=Path)
    parser.add_argument("receipt")
    parser.add_argument("--die-at", default="never", help=f"one of {', '.join(STEPS)}, or {STATEMENT}N")
    options = parser.parse_args(arguments)
    counter = open_counter(options.folder, options.passphrase)
    try:
        victim = Victim(counter.store.database.engine, options.die_at)
        link = counter.link()
        refunding = Refunding(counter.store, counter.recorder, link, link.push_all)
        order = RefundOrder(refunding.find(options.receipt))
        victim.at(FOUND)
        receipt = victim.during("sale", lambda: refunding.complete(order))
        victim.at(COMMITTED)
        link.close()
    finally:
        counter.store.close()
    body = receipt.refund
    say(
        {
            "number": receipt.number,
            "total": body.total,
            "cash_back": body.cash_back,
            "points_back": body.points_back,
            "clawed": body.clawed,
            "statements": victim.statements,
        }
    )
    return 0
