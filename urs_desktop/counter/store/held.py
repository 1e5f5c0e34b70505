"""Sales put aside, in SQL: what a crash or a restart must not take from the cashier.

Must never touch a completed sale, nor sign anything: a held sale is a note of this counter alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import bindparam, select

from urs_desktop.counter.store import schema
from urs_desktop.counter.store.catalogue import own_currency
from urs_desktop.counter.values import HeldSale
from urs_desktop.database.columns import INTEGER
from urs_desktop.domain.basket import LineItem, basket_of
from urs_desktop.domain.currency import Currency
from urs_desktop.domain.money import UnitPrice
from urs_desktop.domain.pricing import NO_TAX, Discount, PriceChange, TaxRate


@dataclass(frozen=True, slots=True)
class _Work:
    """What was done to the price of a line, as it is kept."""

    tax: TaxRate = NO_TAX
    discount: Discount | None = None
    price_change: PriceChange | None = None


_h, _l = schema.held_sales.c, schema.held_lines.c
_NUMBER: Final[sa.BindParameter[int]] = bindparam("of_number", type_=INTEGER)
_WAITING = select(_h.number, _h.held_at, _h.card, _h.discount).where(_h.taken == 0).order_by(_h.number)
_ONE = _WAITING.where(_h.number == _NUMBER)
_LINES = (
    select(_l.sku, _l.description, _l.quantity, _l.price, _l.scale, _l.worked_on)
    .where(_l.number == _NUMBER)
    .order_by(_l.n)
)
_NEWEST = select(sa.func.coalesce(sa.func.max(_h.number), 0))
_TAKE = sa.update(schema.held_sales).where(_h.number == _NUMBER).values(taken=1)
_RELEASE = sa.update(schema.held_sales).where(_h.taken == 1).values(taken=0)
_REMOVE = sa.delete(schema.held_sales).where(_h.number == _NUMBER)


class SqlHeldSales:
    """The sales put aside, as counter.ports.HeldSales."""

    def __init__(self, connection: sa.Connection) -> None:
        """Take the transaction's connection."""
        self._connection = connection

    def put(self, sale: HeldSale) -> None:
        """Put a sale aside under its number, in the place of the one that was there."""
        self.remove(sale.number)
        row = {
            "number": sale.number,
            "held_at": sale.held_at,
            "card": sale.card,
            "taken": 0,
            "discount": _text(sale.basket.discount),
        }
        self._connection.execute(sa.insert(schema.held_sales), row)
        lines = [
            {
                "number": sale.number,
                "n": n,
                "sku": line.sku,
                "description": line.description,
                "quantity": line.quantity,
                "price": line.unit_price.units,
                "scale": line.unit_price.scale,
                "worked_on": _text(_Work(line.tax, line.discount, line.price_change)),
            }
            for n, line in enumerate(sale.basket.lines, 1)
        ]
        if lines:
            self._connection.execute(sa.insert(schema.held_lines), lines)

    def waiting(self) -> Sequence[HeldSale]:
        """Return those that nobody has taken, in the order of their numbers."""
        rows = self._connection.execute(_WAITING).all()
        return tuple(self._sale(row) for row in rows)

    def newest(self) -> int:
        """Return the highest number there is, taken or not; 0 when there is none."""
        return int(self._connection.execute(_NEWEST).scalar_one())

    def take(self, number: int) -> HeldSale | None:
        """Return the waiting sale with this number and mark it as taken; None if there is none."""
        row = self._connection.execute(_ONE, {"of_number": number}).one_or_none()
        if row is None:
            return None
        self._connection.execute(_TAKE, {"of_number": number})
        return self._sale(row)

    def release(self) -> None:
        """Let all that were taken wait again, as at a start: who took them is gone."""
        self._connection.execute(_RELEASE)

    def remove(self, number: int) -> None:
        """Remove a sale for good, taken or not; one that is not there is no fault."""
        self._connection.execute(_REMOVE, {"of_number": number})

    def _sale(self, row: sa.Row[*tuple[Any, ...]]) -> HeldSale:
        own = own_currency(self._connection)
        found = self._connection.execute(_LINES, {"of_number": row.number})
        lines = tuple(_line(line, own) for line in found)
        discount = msgspec.json.decode(row.discount, type=Discount) if row.discount else None
        return HeldSale(row.number, row.held_at, basket_of(own, lines, discount), row.card)


def _line(row: sa.Row[*tuple[Any, ...]], own: Currency) -> LineItem:
    work = msgspec.json.decode(row.worked_on, type=_Work) if row.worked_on else _Work()
    price = UnitPrice(row.price, row.scale, own)
    return LineItem(row.sku, row.description, row.quantity, price, work.tax, work.discount, work.price_change)


def _text(work: "_Work | Discount | None") -> str:
    """Return what was done to a price as text; empty for nothing."""
    return "" if work is None or work == _Work() else msgspec.json.encode(work).decode()
