"""What was posted otherwise than promised, in dictionaries: the part of the fake store that `Book.outcomes` is.

Held to the same contract as the SQLite store. Must never write in a reading transaction.
"""

from collections.abc import Sequence

from urs_desktop.counter.values import AdjustedReceipt


class FakeOutcomes:
    """The adjusted receipts by number, and for each the receipt on which its customer was told."""

    def __init__(self, adjusted: dict[int, AdjustedReceipt], notes: dict[int, int], *, writable: bool) -> None:
        self._adjusted = adjusted
        self._notes = notes
        self._writable = writable

    def put(self, adjusted: AdjustedReceipt) -> None:
        self._check()
        self._adjusted.setdefault(adjusted.receipt, adjusted)

    def of_receipt(self, receipt: int) -> AdjustedReceipt | None:
        return self._adjusted.get(receipt)

    def all(self) -> Sequence[AdjustedReceipt]:
        return [self._adjusted[receipt] for receipt in sorted(self._adjusted)]

    def untold(self, card: str) -> Sequence[AdjustedReceipt]:
        return [each for each in self.all() if each.card == card and each.receipt not in self._notes]

    def tell(self, receipt: int, told_on: int) -> None:
        self._check()
        if receipt in self._notes:
            raise ValueError(f"the customer was told of receipt {receipt} already")
        self._notes[receipt] = told_on

    def told_on(self, receipt: int) -> Sequence[AdjustedReceipt]:
        return [each for each in self.all() if self._notes.get(each.receipt) == receipt]

    def _check(self) -> None:
        if not self._writable:
            raise RuntimeError("attempt to write in a reading transaction")
