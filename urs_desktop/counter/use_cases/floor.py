"""The floor: points a counter takes without a lease while the central store cannot be asked, at its vendor's risk.

One outage lasts until the sales made in it are acknowledged. Must never be used where a lease or an answer can be had.
"""

from typing import Final

from urs_desktop.counter.ports import Book
from urs_desktop.domain.points import NO_POINTS, Points
from urs_desktop.protocol.messages import Vendor

_CUSTOMER: Final = "floor_customer"
_COUNTER: Final = "floor_counter"


def keep_limits(book: Book, vendor: Vendor) -> None:
    """Store the vendor's limits as the central store said them."""
    for name, value in ((_CUSTOMER, vendor.floor_customer), (_COUNTER, vendor.floor_counter)):
        if _limit(book, name) != value:
            book.settings.put(name, str(value))


def left(book: Book, card: str) -> Points:
    """Return the points that may still be taken from a customer without a lease during this outage."""
    customer = _limit(book, _CUSTOMER)
    if not customer:
        return NO_POINTS
    of_customer = customer - book.sales.floor_taken(card)
    in_all = _limit(book, _COUNTER) - book.sales.floor_taken()
    return Points(max(0, min(of_customer, in_all)))


def _limit(book: Book, name: str) -> int:
    return int(book.settings.get(name) or 0)
