"""Figure 12: closing a shift of 10,000 sales, against reading the same signed operations and adding nothing up.

The sales are rung up beforehand, each with eight lines and a customer. Must never time the ringing up.
"""

from pathlib import Path
from typing import Final

import sqlalchemy as sa

from tests.benchmarks.figures import NS_PER_MS, Figure, Series
from tests.benchmarks.pay import GBP, counter, order
from urs_desktop.counter.ports import Book
from urs_desktop.counter.store import schema
from urs_desktop.counter.store.book import SqlStore
from urs_desktop.counter.use_cases.recording import Recorder
from urs_desktop.counter.use_cases.refund import Override
from urs_desktop.counter.use_cases.ring_up import RingUp
from urs_desktop.counter.use_cases.shifts import Shifts
from urs_desktop.domain.money import Money
from urs_desktop.protocol.signatures import SigningKey
from urs_desktop.system.clock import SystemClock
from urs_desktop.system.ids import SystemRandomness

_LONGEST_MS: Final = 2000
_TOGETHER: Final = 500
_BOSS: Final = Override("bench", "nobody counts here")


def measure(folder: Path, *, sales: int, rounds: int) -> Figure:
    """Close shifts of `sales` sales each, and read their operations."""
    store = counter(folder)
    recorder = Recorder(SigningKey(b"s" * 32), SystemClock(), SystemRandomness())
    shifts, ring_up = Shifts(store, recorder), RingUp(store, recorder)
    ours, theirs = Series(), Series()
    made = 0
    for _ in range(rounds):
        opened = shifts.open(Money(0, GBP))
        _sell(store, ring_up, sales)
        with theirs.timed():
            read = _read(store, opened.opened_seq)
        with ours.timed():
            report = shifts.close({1: 0}, _BOSS)
        made = report.totals.sales
        if made != sales or read < sales:
            message = f"{made} sales in the report, {read} operations read, of {sales}"
            raise ValueError(message)
    store.close()
    return Figure(
        12,
        f"closing a shift of {made} sales: reckoned, signed, durable",
        "reading the same operations from the same store",
        ours,
        theirs,
        "<= 2 s for 10,000 sales",
        _is_fast_enough,
    )


def _is_fast_enough(ours: Series, theirs: Series) -> bool:
    del theirs
    return ours.percentile(100) <= _LONGEST_MS * NS_PER_MS


def _sell(store: SqlStore, ring_up: RingUp, sales: int) -> None:
    """Ring up many sales in a transaction: how long that takes is another figure."""
    for start in range(0, sales, _TOGETHER):

        def work(book: Book, start: int = start) -> None:
            for number in range(start, min(start + _TOGETHER, sales)):
                ring_up.complete_in(book, order(number))

        store.write(work)


def _read(store: SqlStore, first: int) -> int:
    operations = schema.operations.c
    with store.database.read() as connection:
        return len(connection.execute(sa.select(operations.body).where(operations.seq >= first)).all())
