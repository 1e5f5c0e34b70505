"""What a central store's books come to in all, and a digest of its rows: to compare two stores, or one with a tally.

Reads the tables and views of any database the store runs on. Must never decide what is right: it adds up what is there.
"""

from collections import Counter
from collections.abc import Iterator
from hashlib import blake2b
from typing import Any, Final

import sqlalchemy as sa

from tests.end_to_end.tallies import VendorTally
from urs_desktop.central.schema import METADATA
from urs_desktop.database.engine import Database

_DIGEST_BYTES: Final = 16
_EXPIRED: Final = """
SELECT c.card_code, SUM(p.amount) FROM postings AS p
JOIN entries AS e ON e.entry_id = p.entry_id
JOIN customer_records AS c ON c.customer_id = e.customer_id
WHERE p.account = 'EXPIRED' GROUP BY c.card_code
"""
_VENDORS: Final = "SELECT vendor_id, total_transactions, total_revenue, total_rewards FROM analytics"
_REDEEMED: Final = "SELECT owner, SUM(amount) FROM postings WHERE account = 'REDEEMED' GROUP BY owner"
_EXPOSURE: Final = """
SELECT vendor_id, SUM(CASE WHEN kind = 'LATE' THEN points ELSE -points END) FROM entries
WHERE kind IN ('LATE', 'UNLATE') GROUP BY vendor_id
"""
_ALLOCATED: Final = "SELECT SUM(reward_points), SUM(redeemed_points) FROM reward_allocations"


def rows(database: Database, statement: str) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a query, a few at a time."""
    with database.read() as connection:
        for row in connection.execution_options(yield_per=1000).execute(sa.text(statement)):
            yield tuple(row)


def vendors(database: Database) -> dict[str, VendorTally]:
    """Return what the store says of each vendor: `analytics`, and from the ledger what was redeemed and given late."""
    redeemed: dict[str, int] = dict(rows(database, _REDEEMED))
    exposure: dict[str, int] = dict(rows(database, _EXPOSURE))
    return {
        vendor: VendorTally(count, int(revenue), int(rewards), redeemed.get(vendor, 0), exposure.get(vendor, 0))
        for vendor, count, revenue, rewards in rows(database, _VENDORS)
    }


def wallets(database: Database) -> Counter[str]:
    """Return what each card has, less what it owes, with what it let expire; those with nothing are left out."""
    found: Counter[str] = Counter()
    for card, pending, available, held, owed in rows(
        database, "SELECT card_code, pending, available, held, owed FROM customers"
    ):
        found[card] += pending + available + held - owed
    for card, points in rows(database, _EXPIRED):
        found[card] += points
    return Counter({card: points for card, points in found.items() if points})


def totals(database: Database) -> dict[str, Any]:
    """Return the sums of everything: entries by kind, accounts, wallets, lots, leases, results, the report's views."""

    def table(statement: str) -> dict[str, Any]:
        return {str(key): [int(value or 0) for value in values] for key, *values in rows(database, statement)}

    def line(statement: str) -> list[int]:
        [found] = rows(database, statement)
        return [int(value or 0) for value in found]

    return {
        "operations": table("SELECT result || ' ' || code, COUNT(*) FROM operations GROUP BY 1 ORDER BY 1"),
        "entries": table("SELECT kind, COUNT(*), SUM(points) FROM entries GROUP BY kind ORDER BY kind"),
        "accounts": table("SELECT account || ' ' || unit, COUNT(*), SUM(amount) FROM postings GROUP BY 1 ORDER BY 1"),
        "wallets": line("SELECT COUNT(*), SUM(pending), SUM(available), SUM(held), SUM(owed) FROM wallets"),
        "lots": line("SELECT COUNT(*), SUM(granted), SUM(pending), SUM(available), SUM(held) FROM lots"),
        "leases": table("SELECT state, COUNT(*), SUM(granted), SUM(settled), SUM(returned) FROM leases GROUP BY 1"),
        "sales": line("SELECT COUNT(*), SUM(total), SUM(points_paid), SUM(points_posted) FROM transactions"),
        "refunds": line("SELECT COUNT(*), SUM(total), SUM(points_back), SUM(clawed) FROM refunds"),
        "analytics": line("SELECT SUM(total_transactions), SUM(total_revenue), SUM(total_rewards) FROM analytics"),
        "allocations": line(_ALLOCATED),
        "frequencies": line("SELECT COUNT(*), SUM(frequency_of_buying) FROM frequency_of_buying"),
    }


def digests(database: Database) -> dict[str, str]:
    """Return for each table a digest of its rows in whatever order: the same means the same rows."""
    return {str(table.name): _digest(database, table) for table in METADATA.sorted_tables}


def _digest(database: Database, table: sa.Table) -> str:
    count, added = 0, 0
    with database.read() as connection:
        for row in connection.execution_options(yield_per=1000).execute(sa.select(table)):
            whole = repr([bytes(value) if isinstance(value, memoryview) else value for value in row])
            added += int.from_bytes(blake2b(whole.encode(), digest_size=_DIGEST_BYTES).digest(), "big")
            count += 1
    return f"{count}:{added % (1 << 8 * _DIGEST_BYTES):x}"
