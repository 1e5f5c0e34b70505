"""The central store's tables and views, under the report's names, in one place for queries and migrations.

Points, money and times are integers; identifiers are text or bytes. Must never hold a rule of the programme: checks
here only catch what a bug would do.
"""

from urs_desktop.central.schema.base import METADATA, REVISION
from urs_desktop.central.schema.counters import (
    challenges,
    counters,
    enrolment_codes,
    operations,
    parked_operations,
    repeated_operations,
    sessions,
)
from urs_desktop.central.schema.feed import dirty_customers, feed_items, streams
from urs_desktop.central.schema.ledger import (
    entries,
    leases,
    lot_uses,
    lots,
    postings,
    tenders,
    transaction_lines,
    transactions,
)
from urs_desktop.central.schema.parties import (
    customer_records,
    customer_vendors,
    operators,
    products,
    reward_policies,
    settings,
    vendors,
    wallets,
)
from urs_desktop.central.schema.views import VIEWS

__all__ = [
    "METADATA",
    "REVISION",
    "VIEWS",
    "challenges",
    "counters",
    "customer_records",
    "customer_vendors",
    "dirty_customers",
    "enrolment_codes",
    "entries",
    "feed_items",
    "leases",
    "lot_uses",
    "lots",
    "operations",
    "operators",
    "parked_operations",
    "postings",
    "products",
    "repeated_operations",
    "reward_policies",
    "sessions",
    "settings",
    "streams",
    "tenders",
    "transaction_lines",
    "transactions",
    "vendors",
    "wallets",
]
