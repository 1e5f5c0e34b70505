"""The sync rules broken one at a time, to see the simulator catch each with the other defences off.

Every mutant is applied to one run and undone with it. A new one is a function in the module of its end and its row
here. Must never be imported by the program.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final

from tests.simulation.mutants import centre, counter, disk, epochs
from tests.simulation.run import Run


@dataclass(frozen=True, slots=True)
class Mutant:
    """How to break a rule for one run, whether only a run on files can show it, and a seed that did when last looked.

    `shown_by` is tried first, to save time; that it shows nothing any more is no fault.
    """

    broken: Callable[[Run], AbstractContextManager[None]]
    files: bool = False
    shown_by: int = 1


MUTANTS: Final = {
    "no_dedupe": Mutant(centre.no_dedupe, shown_by=2),
    "new_id_per_retry": Mutant(counter.new_id_per_retry),
    "outbox_in_second_transaction": Mutant(counter.outbox_in_second_transaction, shown_by=5),
    "reply_before_commit": Mutant(centre.reply_before_commit, shown_by=32),
    "poison_blocks_queue": Mutant(centre.poison_blocks_queue, shown_by=4),
    "parked_is_thrown_away": Mutant(centre.parked_is_thrown_away, shown_by=4),
    "part_is_answered_as_whole": Mutant(centre.part_is_answered_as_whole, shown_by=2),
    "grant_forgets_request": Mutant(centre.grant_forgets_request, shown_by=3),
    "late_spend_hits_wallet": Mutant(centre.late_spend_hits_wallet, shown_by=42),
    "double_refund": Mutant(centre.double_refund, shown_by=11),
    "clawback_ignores_leases": Mutant(centre.clawback_ignores_leases, shown_by=4),
    "grant_not_stored_before_asking": Mutant(counter.grant_not_stored_before_asking, shown_by=4),
    "spend_is_not_stored": Mutant(counter.spend_is_not_stored, shown_by=3),
    "ack_without_hash": Mutant(counter.ack_without_hash, shown_by=2),
    "receipt_before_commit": Mutant(counter.receipt_before_commit, shown_by=7),
    "given_back_and_kept": Mutant(counter.given_back_and_kept, shown_by=5),
    "floor_without_limit": Mutant(counter.floor_without_limit, shown_by=3),
    "reclaim_never_comes": Mutant(centre.reclaim_never_comes),
    "rejoin_forgets_operations": Mutant(epochs.rejoin_forgets_operations, shown_by=10),
    "sentinel_is_not_read": Mutant(epochs.sentinel_is_not_read, shown_by=11),
    "numbers_are_given_again": Mutant(epochs.numbers_are_given_again, shown_by=11),
    "erased_and_kept": Mutant(epochs.erased_and_kept, shown_by=24),
    "erased_is_made_anew": Mutant(epochs.erased_is_made_anew, shown_by=24),
    "wal_normal": Mutant(disk.wal_normal, files=True, shown_by=2),
    "pages_without_hmac": Mutant(disk.pages_without_hmac, files=True, shown_by=22),
}
"""Every mutant by name."""
