"""Tables of who and what the programme knows: vendors, customers and their wallets, policies, products, operators.

Personal fields live in `customer_records` and nowhere else, so that one row can be erased. Must never hold a balance
but in `wallets`.
"""

from typing import Final

import sqlalchemy as sa

from urs_desktop.central.schema.base import integer, ledger_table, never_negative, one_of, table, text
from urs_desktop.database.columns import BYTES

_CATEGORIES: Final = ("small", "medium", "large")

vendors: Final = table(
    "vendors",
    text("vendor_id", primary_key=True),
    text("name"),
    text("category"),
    text("currency"),
    text("location"),
    integer("created_at"),
    one_of("category", *_CATEGORIES),
)
"""The vendors of the programme; `currency` is an ISO 4217 code."""

vendor_limits: Final = table(
    "vendor_limits",
    text("vendor_id", sa.ForeignKey("vendors.vendor_id"), primary_key=True),
    integer("lease_cap"),
    integer("floor_customer"),
    integer("floor_counter"),
    *never_negative("lease_cap", "floor_customer", "floor_counter"),
)
"""How many points a vendor's counters may hold in leases, and take without one during an outage; in points."""

former_categories: Final = ledger_table(
    "former_categories",
    text("vendor_id", sa.ForeignKey("vendors.vendor_id"), primary_key=True),
    integer("left_at", primary_key=True),
    text("category"),
    one_of("category", *_CATEGORIES),
)
"""The categories vendors were of before, each until `left_at`: receipts reckoned under their policies still count."""

customer_records: Final = table(
    "customer_records",
    text("customer_id", primary_key=True),
    text("card_code", unique=True),
    text("name"),
    text("phone", index=True),
    text("email"),
    integer("consent_at", nullable=True),
    text("person", nullable=True),
    integer("created_at"),
    integer("blocked_at", nullable=True),
)
"""The person behind a wallet, read with its balance through the view `customers`.

`phone` in digits (see domain.text.phone_digits); `consent_at` when it was agreed that vendors may see name, phone and
e-mail, or null; `person` the salted hash an enrolment operation named; `blocked_at` since when no points are granted.
"""

wallets: Final = table(
    "wallets",
    text("customer_id", sa.ForeignKey("customer_records.customer_id"), primary_key=True),
    integer("pending"),
    integer("available"),
    integer("held"),
    integer("owed"),
    *never_negative("pending", "available", "held", "owed"),
)
"""The stored balance of every customer in points: not yet vested, free to spend, set aside by open leases, and owed."""

customer_vendors: Final = table(
    "customer_vendors",
    text("customer_id", sa.ForeignKey("customer_records.customer_id"), primary_key=True),
    text("vendor_id", sa.ForeignKey("vendors.vendor_id"), primary_key=True, index=True),
    integer("since"),
    integer("seen_at"),
    integer("shown", default=0),
    sa.CheckConstraint("shown IN (0, 1, 2)", name="shown"),
    sa.Index(
        "ix_customer_vendors_shown",
        "seen_at",
        sqlite_where=sa.text("shown = 1"),
        postgresql_where=sa.text("shown = 1"),
    ),
)
"""Which vendors a customer is a customer of, and since when: only their counters get it by the feed.

`seen_at` is when the customer last bought or enrolled there, to the day; `shown` what the vendor's counters were last
sent (see central.visibility).
"""

customer_merges: Final = ledger_table(
    "customer_merges",
    text("from_id", sa.ForeignKey("customer_records.customer_id"), primary_key=True),
    text("into_id", sa.ForeignKey("customer_records.customer_id"), index=True),
    text("merged_by", sa.ForeignKey("operators.operator_id")),
    text("reason"),
    integer("merged_at"),
    sa.CheckConstraint("from_id <> into_id", name="two_customers"),
)
"""Customers who turned out to be another: whatever concerns `from_id` concerns `into_id` from `merged_at`, for ever."""

erasures: Final = ledger_table(
    "erasures",
    text("customer_id", sa.ForeignKey("customer_records.customer_id"), primary_key=True),
    text("mark", index=True),
    text("erased_by"),
    integer("erased_at"),
)
"""Customers whose person asked to be forgotten: `mark` is that of the card (protocol.tombstones), by which late
receipts are known and a restored backup is erased again; `erased_by` is the operator's id.
"""

consents: Final = ledger_table(
    "consents",
    sa.Column("op_id", BYTES, sa.ForeignKey("operations.op_id"), primary_key=True),
    text("customer_id", sa.ForeignKey("customer_records.customer_id"), index=True),
    integer("agreed"),
    text("wording"),
    integer("asked_at"),
    integer("received_at"),
    text("phone_of", sa.ForeignKey("customer_records.customer_id"), nullable=True),
    sa.CheckConstraint("agreed IN (0, 1)", name="agreed"),
)
"""What each customer who was enrolled in person answered to which `wording`, and when; `op_id` is the enrolment.

`phone_of` is the customer who had the phone number already and kept it: perhaps the same person, for an operator to
merge. Names nobody.
"""

reward_policies: Final = ledger_table(
    "reward_policies",
    text("policy_id", primary_key=True),
    integer("version", primary_key=True),
    text("category"),
    text("vendor_id", sa.ForeignKey("vendors.vendor_id"), nullable=True),
    text("currency"),
    integer("threshold"),
    integer("reward_percentage"),
    integer("redeemable_percentage"),
    integer("valid_from"),
    integer("valid_until", nullable=True),
    integer("vests_after"),
    integer("expires_after"),
    sa.Column("digest", BYTES, nullable=False),
    integer("created_at"),
    integer("max_threshold", nullable=True),
    integer("min_reward_percentage", nullable=True),
    integer("max_reward_percentage", nullable=True),
    integer("max_redeemable_percentage", nullable=True),
    text("approved_by", sa.ForeignKey("operators.operator_id"), nullable=True),
    one_of("category", *_CATEGORIES),
    *never_negative("threshold", "reward_percentage", "redeemable_percentage", "vests_after", "expires_after"),
)
"""Every version of every policy: threshold in minor units, percentages in basis points, `digest` as sales cite it.

`vests_after` and `expires_after` in days; `min_` and `max_` are the limits a category's policy sets to what its vendors
may define for themselves, null for none; `approved_by` who let a vendor's own policy in, null for the programme's.
"""

policy_proposals: Final = ledger_table(
    "policy_proposals",
    text("proposal_id", primary_key=True),
    text("category"),
    text("vendor_id", sa.ForeignKey("vendors.vendor_id")),
    text("currency"),
    integer("threshold"),
    integer("reward_percentage"),
    integer("redeemable_percentage"),
    integer("valid_from"),
    integer("valid_until", nullable=True),
    integer("vests_after"),
    integer("expires_after"),
    text("proposed_by"),
    integer("proposed_at"),
    one_of("category", *_CATEGORIES),
)
"""What vendors want as their own policy, in the units of `reward_policies`; no counter knows of it before approval."""

policy_decisions: Final = ledger_table(
    "policy_decisions",
    text("proposal_id", sa.ForeignKey("policy_proposals.proposal_id"), primary_key=True),
    text("decision"),
    text("decided_by", sa.ForeignKey("operators.operator_id")),
    integer("decided_at"),
    text("policy_id", nullable=True),
    integer("policy_version", nullable=True),
    one_of("decision", "approved", "rejected"),
)
"""What the programme's operator decided on a proposal, once, and the policy version that came of it."""

products: Final = table(
    "products",
    text("vendor_id", sa.ForeignKey("vendors.vendor_id"), primary_key=True),
    text("sku", primary_key=True),
    text("description"),
    integer("price"),
    integer("scale"),
    text("barcode"),
    text("category"),
    text("location"),
    integer("timestamp"),
    integer("hlc"),
    integer("tax_rate", server_default="0"),
    integer("tax_included", server_default="1"),
)
"""Products by vendor: price / 10**scale major units; `timestamp` when its counter recorded it, the later hlc wins."""

operators: Final = table(
    "operators",
    text("operator_id", primary_key=True),
    text("name", unique=True),
    text("role"),
    text("password_hash"),
    integer("created_at"),
)
"""People who may run the programme; `password_hash` is Argon2id in PHC form."""

settings: Final = table("settings", text("key", primary_key=True), text("value"))
"""What this central store was set up with."""
