"""What the central store made of receipts, and on which receipts customers were told, in SQL.

Must never change what was stored once: the first answer is what customers were told.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam, select
from sqlalchemy.dialects.sqlite import insert

from urs_desktop.counter.store import schema
from urs_desktop.counter.values import AdjustedReceipt

_a, _n = schema.adjusted_receipts.c, schema.adjustment_notes.c
_ADJUSTED = select(*(_a[name] for name in AdjustedReceipt.__slots__)).order_by(_a.receipt)
_OF_RECEIPT = _ADJUSTED.where(_a.receipt == bindparam("receipt"))
_UNTOLD = _ADJUSTED.where(_a.card == bindparam("card"), _a.receipt.not_in(select(_n.receipt)))
_TOLD_ON = _ADJUSTED.join_from(schema.adjusted_receipts, schema.adjustment_notes).where(
    _n.told_on == bindparam("receipt")
)
_PUT = insert(schema.adjusted_receipts).on_conflict_do_nothing()
_TELL = insert(schema.adjustment_notes)


class SqlOutcomes:
    """What was posted otherwise than promised, as counter.ports.Outcomes."""

    def __init__(self, connection: sa.Connection) -> None:
        """Take the transaction's connection."""
        self._connection = connection

    def put(self, adjusted: AdjustedReceipt) -> None:
        """Store what was posted for a receipt; one that is there already stays as it is."""
        self._connection.execute(_PUT, asdict(adjusted))

    def of_receipt(self, receipt: int) -> AdjustedReceipt | None:
        """Return what was posted for this receipt, or None where it is as it promised."""
        found = self._chosen(_OF_RECEIPT, receipt=receipt)
        return found[0] if found else None

    def all(self) -> Sequence[AdjustedReceipt]:
        """Return every adjusted receipt, in the order of their numbers."""
        return self._chosen(_ADJUSTED)

    def untold(self, card: str) -> Sequence[AdjustedReceipt]:
        """Return those this customer has not been told of, in the order of their numbers."""
        return self._chosen(_UNTOLD, card=card)

    def tell(self, receipt: int, told_on: int) -> None:
        """Note that the sale with the receipt `told_on` tells the customer of this one; once for each."""
        self._connection.execute(_TELL, {"receipt": receipt, "told_on": told_on})

    def told_on(self, receipt: int) -> Sequence[AdjustedReceipt]:
        """Return those the sale with this receipt tells of, in the order of their numbers."""
        return self._chosen(_TOLD_ON, receipt=receipt)

    def _chosen(self, statement: sa.Select[*tuple[Any, ...]], **values: object) -> tuple[AdjustedReceipt, ...]:
        return tuple(AdjustedReceipt(*row) for row in self._connection.execute(statement, values))
