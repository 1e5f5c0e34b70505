"""Whether this counter's clock can be believed, from its newest operation and its last contact.

Must never be what safety rests on: it keeps a wrong clock from deciding what may be spent without a connection.
"""

from urs_desktop.counter.ports import Book
from urs_desktop.domain import timekeeping

LAST_SYNC = "last_sync"
"""Setting: milliseconds of the last answered exchange with the central store."""


def last_contact(book: Book) -> int | None:
    """Return when the central store last answered, in milliseconds by this machine's clock, or None."""
    last = book.settings.get(LAST_SYNC)
    return int(last) if last else None


def clock_is_suspect(book: Book, now: int) -> bool:
    """Return whether points must not be spent without a connection because the clock (`now`, ms) is in doubt."""
    return timekeeping.clock_is_suspect(now, book.operations.head().hlc, last_contact(book))
