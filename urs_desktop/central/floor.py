"""Points a counter took without a lease, within the limit up to which its vendor takes the risk.

What the wallet has of them is redeemed at once, under a lease that is opened and closed with the sale; the rest is
late: the vendor gave it. Must never take more from a wallet than the vendor's limit for one customer and sale.
"""

import sqlalchemy as sa

from urs_desktop.central import due, lease_terms, leases, points
from urs_desktop.central.leases import NewLease
from urs_desktop.central.origin import Origin
from urs_desktop.central.schema import wallets
from urs_desktop.domain.lease import LeaseState
from urs_desktop.domain.points import NO_POINTS, Points

_AVAILABLE = (
    sa.select(wallets.c.available)
    .where(wallets.c.customer_id == sa.bindparam("customer"))
    .with_for_update(key_share=True)
)


def settle(connection: sa.Connection, origin: Origin, customer_id: str | None, spent: Points) -> Points:
    """Book points that a sale took without a lease; return those the wallet covered."""
    covered = _covered(connection, origin, customer_id, spent)
    if covered and customer_id is not None:
        lease_id = f"floor/{origin.op_id.hex()}"
        cause = origin.cause(customer_id, lease_id)
        points.hold(connection, cause, covered, origin.now)
        lease = NewLease(
            lease_id, customer_id, origin.now, origin.now, granted=covered, settled=covered, state=LeaseState.CLOSED
        )
        leases.add(connection, origin.counter, lease, origin.now)
        points.redeem(connection, cause, covered)
    leases.book_late(connection, origin, customer_id, spent - covered)
    return covered


def _covered(connection: sa.Connection, origin: Origin, customer_id: str | None, spent: Points) -> Points:
    if customer_id is None or not origin.counter.category.redeems:
        return NO_POINTS
    limit = lease_terms.limits(connection, origin.counter.vendor_id).floor_customer
    if not min(spent, limit):
        return NO_POINTS
    leases.reclaim_due(connection, origin.now, customer_id)
    due.of_customer(connection, customer_id, origin.now)
    available = connection.execute(_AVAILABLE, {"customer": customer_id}).scalar_one()
    return Points(min(spent, limit, available))
