"""The report's tables that are projections of the ledger and the sales, as views: written by nobody.

Plain SQL that SQLite and PostgreSQL both take. Must never be the source of a decision: what is decided is decided from
the tables.
"""

from typing import Final

_CUSTOMERS: Final = """
CREATE VIEW customers AS
SELECT r.customer_id, r.card_code, r.name, r.phone, r.email, r.consent_at, r.person, r.created_at,
       w.pending, w.available, w.held, w.owed, w.available + w.held AS wallet_balance
FROM customer_records AS r
JOIN wallets AS w ON w.customer_id = r.customer_id
"""

_REWARD_ALLOCATIONS: Final = """
CREATE VIEW reward_allocations AS
WITH booked AS (
    SELECT COALESCE(f.sale_op_id, e.op_id) AS sale_op_id,
           SUM(CASE WHEN e.kind = 'EARN' THEN e.points
                    WHEN e.kind IN ('CLAWBACK', 'DEBT') THEN -e.points ELSE 0 END) AS rewarded,
           SUM(CASE WHEN e.kind IN ('REDEEM', 'LATE') THEN e.points
                    WHEN e.kind IN ('UNREDEEM', 'UNLATE') THEN -e.points ELSE 0 END) AS redeemed
    FROM entries AS e
    LEFT JOIN refunds AS f ON f.op_id = e.op_id
    WHERE e.op_id IS NOT NULL
    GROUP BY COALESCE(f.sale_op_id, e.op_id)
)
SELECT t.op_id AS transaction_id, t.customer_id, t.vendor_id,
       COALESCE(b.rewarded, 0) AS reward_points, COALESCE(b.redeemed, 0) AS redeemed_points
FROM transactions AS t
LEFT JOIN booked AS b ON b.sale_op_id = t.op_id
WHERE t.customer_id IS NOT NULL
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
), receipts AS (
    SELECT vendor_id, 1 AS sales, total AS revenue, received_at FROM transactions
    UNION ALL
    SELECT vendor_id, 0 AS sales, -total AS revenue, received_at FROM refunds
), totals AS (
    SELECT vendor_id, SUM(sales) AS total_transactions, SUM(revenue) AS total_revenue, MAX(received_at) AS updated_at
    FROM receipts
    GROUP BY vendor_id
), given AS (
    SELECT vendor_id, SUM(CASE WHEN kind = 'EARN' THEN points ELSE -points END) AS total_rewards
    FROM entries
    WHERE kind IN ('EARN', 'CLAWBACK', 'DEBT')
    GROUP BY vendor_id
)
SELECT totals.vendor_id, ranked.sku AS popular_product, totals.total_transactions, totals.total_revenue,
       totals.updated_at, COALESCE(given.total_rewards, 0) AS total_rewards,
       totals.total_revenue - COALESCE(given.total_rewards, 0) AS profitability
FROM totals
LEFT JOIN ranked ON ranked.vendor_id = totals.vendor_id AND ranked.place = 1
LEFT JOIN given ON given.vendor_id = totals.vendor_id
"""

VIEWS: Final[dict[str, str]] = {
    "customers": _CUSTOMERS,
    "reward_allocations": _REWARD_ALLOCATIONS,
    "frequency_of_buying": _FREQUENCY_OF_BUYING,
    "analytics": _ANALYTICS,
}
"""The statement that makes each view.

`customers` adds the wallet and wallet_balance (points, available and held) to the record; `reward_allocations` has the
points each transaction gave and took, less what its refunds took back and gave back; `frequency_of_buying` counts the
transactions in which a customer bought a product; `analytics` sums each vendor's sales less refunds, in minor units and
milliseconds, what it gave in points less what was taken back, and the difference.
"""
