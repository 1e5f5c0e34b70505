"""Sums over quarters of an hour and over days, kept in step by triggers, so that no report reads every sale.

A sum is derived from rows that never change, so it can be made anew from them. Must never be what a receipt, the ledger
or a signature rests on.
"""

from typing import Final

from urs_desktop.counter.figure_ports import SLOT_MS
from urs_desktop.domain.policy import DAY_MS


def _floor(value: str, unit: int) -> str:
    """Return SQL for value / unit rounded down, also before 1970."""
    return f"({value} - (({value} % {unit}) + {unit}) % {unit}) / {unit}"


def _slot_trigger(table: str, figures: str) -> str:
    return f"""
CREATE TRIGGER {table}_tally AFTER INSERT ON {table} BEGIN
    INSERT INTO slot_tallies (slot, sales, refunds, revenue, issued, redeemed)
    VALUES (
        {_floor("new.happened_at", SLOT_MS)},
        {figures}
    )
    ON CONFLICT (slot) DO UPDATE SET sales = sales + excluded.sales, refunds = refunds + excluded.refunds,
        revenue = revenue + excluded.revenue, issued = issued + excluded.issued,
        redeemed = redeemed + excluded.redeemed;
END
"""  # noqa: S608 - names from here


def _product_trigger(table: str, of: str, figures: str) -> str:
    return f"""
CREATE TRIGGER {table}_tally AFTER INSERT ON {table} BEGIN
    INSERT INTO product_tallies (day, sku, pieces, revenue)
    SELECT {_floor("happened_at", DAY_MS)},
        {figures} FROM {of} WHERE receipt = new.receipt
    ON CONFLICT (day, sku) DO UPDATE SET pieces = pieces + excluded.pieces, revenue = revenue + excluded.revenue;
END
"""  # noqa: S608 - names from here


TRIGGERS: Final = (
    _slot_trigger("sales", "1, 0, new.total, new.earned, new.points_paid"),
    _slot_trigger("refunds", "0, 1, -new.total, -new.clawed, -new.points_back"),
    _product_trigger("sale_lines", "sales", "new.sku, new.quantity, new.total"),
    _product_trigger("refund_lines", "refunds", "new.sku, -new.quantity, -new.total"),
)
"""What keeps the sums in step with the rows they are sums of, in the transaction that adds one."""
