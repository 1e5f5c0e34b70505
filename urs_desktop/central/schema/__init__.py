"""The central store's tables and views, under the report's names, in one place for queries and migrations.

Points, money and times are integers; identifiers are text or bytes. Must never hold a rule of the programme: checks
here only catch what a bug would do.
"""

from urs_desktop.central.schema.base import METADATA, REVISION
from urs_desktop.central.schema.counters import (
    challenges,
    counter_changes,
    counters,
    ended_epochs,
    enrolment_codes,
    operations,
    parked_operations,
    parked_resolutions,
    repeated_operations,
    sessions,
    told_receipts,
)
from urs_desktop.central.schema.feed import dirty_customers, feed_gaps, feed_items, streams
from urs_desktop.central.schema.ledger import (
    adjustment_decisions,
    adjustments,
    entries,
    leases,
    lot_moves,
    lots,
    postings,
)
from urs_desktop.central.schema.parties import (
    customer_merges,
    customer_records,
    customer_vendors,
    erasures,
    former_categories,
    operators,
    policy_decisions,
    policy_proposals,
    products,
    reward_policies,
    settings,
    vendor_limits,
    vendors,
    wallets,
)
from urs_desktop.central.schema.sales import (
    refund_lines,
    refund_tenders,
    refunds,
    tenders,
    transaction_lines,
    transactions,
)
from urs_desktop.central.schema.views import VIEWS

__all__ = [
    "METADATA",
    "REVISION",
    "VIEWS",
    "adjustment_decisions",
    "adjustments",
    "challenges",
    "counter_changes",
    "counters",
    "customer_merges",
    "customer_records",
    "customer_vendors",
    "dirty_customers",
    "ended_epochs",
    "enrolment_codes",
    "entries",
    "erasures",
    "feed_gaps",
    "feed_items",
    "former_categories",
    "leases",
    "lot_moves",
    "lots",
    "operations",
    "operators",
    "parked_operations",
    "parked_resolutions",
    "policy_decisions",
    "policy_proposals",
    "postings",
    "products",
    "refund_lines",
    "refund_tenders",
    "refunds",
    "repeated_operations",
    "reward_policies",
    "sessions",
    "settings",
    "streams",
    "tenders",
    "told_receipts",
    "transaction_lines",
    "transactions",
    "vendor_limits",
    "vendors",
    "wallets",
]
