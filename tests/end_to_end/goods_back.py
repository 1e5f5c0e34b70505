"""What the central store has of refunds, straight from its database, and the receipts of sales and refunds together.

The tests' own view of the tables. Must never change a row.
"""

from collections import Counter

import sqlalchemy as sa

from tests.end_to_end import books
from tests.end_to_end.reckoning import Sale
from tests.end_to_end.shop import CentralStore

_REFUNDS = """
SELECT invoice, card_code, total, clawed, points_back FROM refunds
LEFT JOIN customer_records USING (customer_id) WHERE vendor_id = :vendor ORDER BY device_id, receipt
"""
_RECEIPTS = """
SELECT device_id, receipt FROM transactions UNION ALL SELECT device_id, receipt FROM refunds
"""


def refunds(central: CentralStore, vendor_id: str) -> list[Sale]:
    """Return every refund the central store has of a vendor, in the order they came: what went back, what was taken."""
    with books.ledger(central) as database, database.read() as connection:
        found = connection.execute(sa.text(_REFUNDS), {"vendor": vendor_id}).all()
    return [Sale(*row) for row in found]


def missing_or_double(central: CentralStore) -> list[tuple[object, int, int]]:
    """Return (counter, receipt, how many times it is there) of every receipt that is not there exactly once."""
    with books.ledger(central) as database:
        there = Counter((device, int(str(receipt))) for device, receipt in books.rows(database, _RECEIPTS))
    newest: Counter[object] = Counter()
    for device, receipt in there:
        newest[device] = max(newest[device], receipt)
    wanted = [(device, receipt) for device, last in newest.items() for receipt in range(1, last + 1)]
    return [(*key, there[key]) for key in wanted if there[key] != 1]
