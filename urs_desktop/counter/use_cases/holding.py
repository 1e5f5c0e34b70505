"""Putting a sale aside and going on with it later: nothing is lost by a crash in between.

A sale that was taken up again stays in the book until it is completed, in the same transaction, or voided. Must never
let one held sale be taken twice, nor keep points set aside for it.
"""

from collections.abc import Sequence

from urs_desktop.counter.ports import Book, Store
from urs_desktop.counter.values import HeldSale
from urs_desktop.domain.basket import Basket
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.system.clock import Clock


class Holding:
    """Holds and recalls the sales of one counter."""

    def __init__(self, store: Store, clock: Clock) -> None:
        """Take the counter's store and the clock."""
        self._store = store
        self._clock = clock

    def hold(self, basket: Basket, card: str | None, number: int | None = None) -> HeldSale:
        """Put a sale aside; `number` if it was held before. Raises Refusal(BASKET_EMPTY)."""
        if not basket.lines:
            raise Refusal(RefusalCode.BASKET_EMPTY)
        return self._store.write(lambda book: self._hold(book, basket, card, number))

    def _hold(self, book: Book, basket: Basket, card: str | None, number: int | None) -> HeldSale:
        sale = HeldSale(number or book.held.newest() + 1, self._clock.now(), basket, card)
        book.held.put(sale)
        return sale

    def waiting(self) -> Sequence[HeldSale]:
        """Return the sales that wait, oldest number first."""
        return self._store.read(lambda book: book.held.waiting())

    def recall(self, number: int) -> HeldSale:
        """Take a held sale up again; raises Refusal(SALE_NOT_HELD) if nobody holds it, or somebody took it up."""
        sale = self._store.write(lambda book: book.held.take(number))
        if sale is None:
            raise Refusal(RefusalCode.SALE_NOT_HELD, number=number)
        return sale

    def discard(self, number: int) -> None:
        """Forget a held sale that was voided."""
        self._store.write(lambda book: book.held.remove(number))

    def release(self) -> None:
        """Let every sale that was taken up and not completed wait again: at the start, nobody works on one."""
        self._store.write(lambda book: book.held.release())
