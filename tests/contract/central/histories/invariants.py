"""The invariants of ledger.md asked of the database in SQL, by nothing that the program brings along.

Must never call the program: `verify` is asked beside it.
"""

from collections.abc import Iterator

import sqlalchemy as sa

_NOTHING = {
    "1 an entry does not sum to zero": """
        SELECT entry_id FROM postings GROUP BY entry_id, unit HAVING sum(amount) <> 0""",
    "2 an account has the wrong sign": """
        SELECT account, owner FROM postings GROUP BY account, owner, lease_id
        HAVING (account IN ('PENDING', 'AVAIL', 'HELD', 'REDEEMED', 'EXPIRED') AND sum(amount) < 0)
            OR (account IN ('ISSUE', 'DEBT') AND owner <> 'programme' AND sum(amount) > 0)""",
    "3 the pool does not cover the unredeemed points": """
        SELECT 1 WHERE (SELECT coalesce(sum(amount), 0) FROM postings WHERE account = 'POOL')
        <> (SELECT coalesce(sum(amount), 0) FROM postings WHERE account IN ('PENDING', 'AVAIL', 'HELD'))""",
    "4 the lots are not the wallet": """
        SELECT w.customer_id FROM wallets AS w LEFT JOIN (
            SELECT customer_id, sum(pending) AS pending, sum(available) AS available, sum(held) AS held
            FROM lots GROUP BY customer_id) AS l ON l.customer_id = w.customer_id
        WHERE w.pending <> coalesce(l.pending, 0) OR w.available <> coalesce(l.available, 0)
           OR w.held <> coalesce(l.held, 0)""",
    "5 more is taken back than was earned": """
        SELECT t.op_id FROM transactions AS t JOIN refunds AS f ON f.sale_op_id = t.op_id
        JOIN entries AS e ON e.op_id = f.op_id AND e.kind IN ('CLAWBACK', 'DEBT')
        GROUP BY t.op_id, t.points_posted HAVING sum(e.points) > t.points_posted""",
    "5 a vendor's issue is not what its sales earned": """
        SELECT p.owner FROM postings AS p WHERE p.account = 'ISSUE' AND p.owner <> 'programme' GROUP BY p.owner
        HAVING sum(p.amount) <> (SELECT coalesce(sum(CASE WHEN e.kind = 'EARN' THEN -e.points ELSE e.points END), 0)
            FROM entries AS e WHERE e.kind IN ('EARN', 'CLAWBACK', 'DEBT') AND e.vendor_id = p.owner)""",
    "6 a vendor is due something else": """
        SELECT p.owner FROM postings AS p WHERE p.account = 'DUE' AND p.owner <> 'programme' GROUP BY p.owner
        HAVING sum(p.amount) <> (SELECT coalesce(sum(CASE
                WHEN e.kind IN ('REDEEM', 'CLAWBACK', 'RECOVER') THEN e.points
                WHEN e.kind IN ('UNREDEEM', 'EARN') THEN -e.points ELSE 0 END), 0)
            FROM entries AS e WHERE e.vendor_id = p.owner)""",
    "7 the money does not sum to zero": """
        SELECT unit FROM postings WHERE unit = 'money' GROUP BY unit HAVING sum(amount) <> 0""",
    "8 a wallet is not its postings": """
        SELECT w.customer_id FROM wallets AS w LEFT JOIN (
            SELECT owner,
                sum(CASE WHEN account = 'PENDING' THEN amount ELSE 0 END) AS pending,
                sum(CASE WHEN account = 'AVAIL' THEN amount ELSE 0 END) AS available,
                sum(CASE WHEN account = 'HELD' THEN amount ELSE 0 END) AS held,
                sum(CASE WHEN account = 'DEBT' THEN amount ELSE 0 END) AS debt
            FROM postings GROUP BY owner) AS p ON p.owner = w.customer_id
        WHERE w.pending <> coalesce(p.pending, 0) OR w.available <> coalesce(p.available, 0)
           OR w.held <> coalesce(p.held, 0) OR w.owed <> -coalesce(p.debt, 0)""",
    "8 a lease does not hold its postings": """
        SELECT l.lease_id FROM leases AS l LEFT JOIN (
            SELECT lease_id, sum(amount) AS held FROM postings WHERE account = 'HELD' GROUP BY lease_id
        ) AS p ON p.lease_id = l.lease_id
        WHERE l.granted - l.settled - l.returned <> coalesce(p.held, 0)""",
    "8 a lot is not its moves": """
        SELECT l.lot_id FROM lots AS l LEFT JOIN (
            SELECT lot_id, sum(pending + available + held) AS points FROM lot_moves GROUP BY lot_id
        ) AS m ON m.lot_id = l.lot_id
        WHERE l.pending + l.available + l.held <> coalesce(m.points, 0)""",
    "9 a chain has a gap": """
        SELECT c.device_id FROM counters AS c WHERE c.last_seq <> (
            SELECT count(*) FROM operations AS o WHERE o.device_id = c.device_id) + (
            SELECT count(*) FROM repeated_operations AS r WHERE r.device_id = c.device_id)""",
    "who was merged has something left": """
        SELECT m.from_id FROM customer_merges AS m JOIN wallets AS w ON w.customer_id = m.from_id
        WHERE w.pending > 0 OR w.available > 0 OR w.owed > 0""",
    "who was erased has something to spend": """
        SELECT e.customer_id FROM erasures AS e JOIN wallets AS w ON w.customer_id = e.customer_id
        WHERE w.available > 0""",
    "who owes has something to spend": "SELECT customer_id FROM wallets WHERE owed > 0 AND available > 0",
}
"""What must have no row, by what it means if it has one; the number is that of the invariant in ledger.md."""


def broken(connection: sa.Connection, now: int) -> Iterator[str]:
    """Yield a sentence for each invariant that does not hold; `now` is when all that is due was last done."""
    for meaning, query in _NOTHING.items():
        for row in connection.exec_driver_sql(query):
            yield f"{meaning}: {tuple(row)}"
    query = f"SELECT lot_id FROM lots WHERE expires_at <= {now} AND available + pending > 0"
    for row in connection.exec_driver_sql(query):
        yield f"4 a lot is over and not empty: {row[0].hex()}"
