"""The report's tables that are projections of the ledger and the sales, as views: written by nobody.

Plain SQL that SQLite and PostgreSQL both take. Must never be the source of a decision: what is decided is decided from
the tables.
"""

from typing import Final

_CUSTOMERS: Final = """
CREATE VIEW customers AS
SELECT r.customer_id, r.card_code, r.name, r.phone, r.email, r.consent_at, r.person, r.created_at,
       w.available, w.held, w.available + w.held AS wallet_balance
FROM customer_records AS r
JOIN wallets AS w ON w.customer_id = r.customer_id
"""

_REWARD_ALLOCATIONS: Final = """
CREATE VIEW reward_allocations AS
SELECT t.op_id AS transaction_id, t.customer_id, t.vendor_id,
       COALESCE(SUM(CASE WHEN e.kind = 'EARN' THEN e.points END), 0) AS reward_points,
       COALESCE(SUM(CASE WHEN e.kind IN ('REDEEM', 'LATE') THEN e.points END), 0) AS redeemed_points
FROM transactions AS t
LEFT JOIN entries AS e ON e.op_id = t.op_id
WHERE t.customer_id IS NOT NULL
GROUP BY t.op_id, t.customer_id, t.vendor_id
"""

_FREQUENCY_OF_BUYING: Final = """
CREATE VIEW frequency_of_buying AS
SELECT t.vendor_id, t.customer_id, l.sku, COUNT(DISTINCT t.op_id) AS frequency_of_buying
FROM transactions AS t
JOIN transaction_lines AS l ON l.op_id = t.op_id
WHERE t.customer_id IS NOT NULL
GROUP BY t.vendor_id, t.customer_id, l.sku
"""

_ANALYTICS: Final = """
CREATE VIEW analytics AS
WITH sold AS (
    SELECT t.vendor_id, l.sku, SUM(l.quantity) AS pieces
    FROM transactions AS t
    JOIN transaction_lines AS l ON l.op_id = t.op_id
    GROUP BY t.vendor_id, l.sku
), ranked AS (
    SELECT vendor_id, sku, ROW_NUMBER() OVER (PARTITION BY vendor_id ORDER BY pieces DESC, sku) AS place
    FROM sold
), totals AS (
    SELECT vendor_id, COUNT(*) AS total_transactions, SUM(total) AS total_revenue, MAX(received_at) AS updated_at
    FROM transactions
    GROUP BY vendor_id
)
SELECT totals.vendor_id, ranked.sku AS popular_product,
       totals.total_transactions, totals.total_revenue, totals.updated_at
FROM totals
LEFT JOIN ranked ON ranked.vendor_id = totals.vendor_id AND ranked.place = 1
"""

VIEWS: Final[dict[str, str]] = {
    "customers": _CUSTOMERS,
    "reward_allocations": _REWARD_ALLOCATIONS,
    "frequency_of_buying": _FREQUENCY_OF_BUYING,
    "analytics": _ANALYTICS,
}
"""The statement that makes each view.

`customers` adds available, held and wallet_balance (points) to the record; `reward_allocations` has the points each
transaction gave and took; `frequency_of_buying` counts the transactions in which a customer bought a product;
`analytics` sums each vendor's sales, in minor units and milliseconds.
"""
