"""Sales put aside, in a dictionary: the part of the fake store that `Book.held` is.

Held to the same contract as the SQLite store. Must never write in a reading transaction.
"""

from collections.abc import Sequence

from urs_desktop.counter.values import HeldSale

Held = dict[int, tuple[HeldSale, bool]]


class FakeHeldSales:
    """The held sales by number, each with whether it is taken."""

    def __init__(self, held: Held, *, writable: bool) -> None:
        self._held = held
        self._writable = writable

    def put(self, sale: HeldSale) -> None:
        self._check()
        self._held[sale.number] = (sale, False)

    def waiting(self) -> Sequence[HeldSale]:
        return tuple(sale for _, (sale, taken) in sorted(self._held.items()) if not taken)

    def newest(self) -> int:
        return max(self._held, default=0)

    def take(self, number: int) -> HeldSale | None:
        self._check()
        sale, taken = self._held.get(number, (None, True))
        if sale is None or taken:
            return None
        self._held[number] = (sale, True)
        return sale

    def release(self) -> None:
        self._check()
        self._held.update({number: (sale, False) for number, (sale, _) in self._held.items()})

    def remove(self, number: int) -> None:
        self._check()
        self._held.pop(number, None)

    def _check(self) -> None:
        if not self._writable:
            raise RuntimeError("attempt to write in a reading transaction")
