"""Giving a lease back: an operation in the counter's chain, behind every spend of it.

Must never be undone: a lease that was given back serves no sale any more.
"""

from urs_desktop.counter.ports import Book
from urs_desktop.counter.use_cases.recording import Recorder
from urs_desktop.domain.lease import CounterLease
from urs_desktop.protocol.operations import ReturnBody


def give_back(book: Book, recorder: Recorder, lease: CounterLease) -> None:
    """Return what is unspent of an unfinished lease inside the caller's transaction."""
    stamp = recorder.stamp(book)
    recorder.append(book, ReturnBody(hlc=stamp.hlc, recorded_at=stamp.now, lease=lease.lease_id, points=lease.rest))
    book.leases.put(lease.give_back())
    book.leases.finish(lease.lease_id)
