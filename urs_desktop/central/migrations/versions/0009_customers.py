"""Customers who are blocked, merged or erased, and which of them a vendor's counters may hold.

The entries take two more kinds; everything else of their table, triggers and indexes included, stays as it is.

Must never change after its release: what changes is the next script.
"""

import re
from typing import Any

import sqlalchemy as sa
from alembic import op

from urs_desktop.database.columns import BYTES, INTEGER, TEXT

revision = "0009_customers"
down_revision = "0008_closing"
branch_labels = None
depends_on = None

_SEEN = """
SELECT COALESCE(MAX(t.received_at), v.since) FROM transactions AS t
WHERE t.vendor_id = v.vendor_id AND t.customer_id = v.customer_id AND t.received_at > v.since
"""
"""When a customer was last seen at a vendor: at the newest sale, or when first linked."""

_SHOWN = """
SELECT COUNT(*) FROM feed_items AS i
WHERE i.stream = 'vendor:' || v.vendor_id AND i.kind = 'customer' AND i.key = v.customer_id
"""
"""Whether the vendor's counters were sent the customer: 1, or 0."""

_NEW_KINDS = ("MERGE", "ASSUME")
_APPEND_ONLY = {"customer_merges": "from_id", "erasures": "customer_id"}
"""The new tables of rows that are written once, with their keys."""


def upgrade() -> None:
    _customer_merges()
    _erasures()
    connection = op.get_bind()
    for table, key in _APPEND_ONLY.items():
        for statement in _guards(table, key, connection.dialect.name):
            op.execute(statement)
    if connection.dialect.name == "sqlite":
        _entries_of_sqlite(connection)
    else:
        _entries_of_postgresql(connection)
    op.add_column("customer_records", sa.Column("blocked_at", INTEGER, nullable=True))
    if op.get_bind().dialect.name == "sqlite":
        _links_of_sqlite()
    else:
        _links_of_postgresql()
    only = sa.text("shown = 1")
    op.create_index(
        "ix_customer_vendors_shown", "customer_vendors", ["seen_at"], sqlite_where=only, postgresql_where=only
    )
    # Those who never agreed to it were sent until now: the next fan-out takes them back.
    op.execute(
        "INSERT INTO dirty_customers (customer_id, changes) "
        "SELECT DISTINCT v.customer_id, 1 FROM customer_vendors AS v "
        "JOIN customer_records AS r ON r.customer_id = v.customer_id "
        "WHERE v.shown = 1 AND r.consent_at IS NULL ON CONFLICT (customer_id) DO NOTHING"
    )


def _links_of_sqlite() -> None:
    op.execute(
        f"CREATE TABLE links_before AS SELECT v.customer_id, v.vendor_id, v.since, ({_SEEN}) AS seen_at, "  # noqa: S608
        f"({_SHOWN}) AS shown FROM customer_vendors AS v"
    )
    op.drop_table("customer_vendors")
    op.create_table(
        "customer_vendors",
        sa.Column("customer_id", TEXT, nullable=False),
        sa.Column("vendor_id", TEXT, nullable=False),
        sa.Column("since", INTEGER, nullable=False),
        sa.Column("seen_at", INTEGER, nullable=False),
        sa.Column("shown", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "vendor_id", name="pk_customer_vendors"),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer_records.customer_id"], name="fk_customer_vendors_customer_id_customer_records"
        ),
        sa.ForeignKeyConstraint(["vendor_id"], ["vendors.vendor_id"], name="fk_customer_vendors_vendor_id_vendors"),
        sa.CheckConstraint("shown IN (0, 1, 2)", name="ck_customer_vendors_shown"),
        sqlite_strict=True,
    )
    op.create_index("ix_customer_vendors_vendor_id", "customer_vendors", ["vendor_id"])
    op.execute("INSERT INTO customer_vendors SELECT * FROM links_before")
    op.drop_table("links_before")


def _links_of_postgresql() -> None:
    for name in ("seen_at", "shown"):
        op.add_column("customer_vendors", sa.Column(name, INTEGER, nullable=True))
    op.execute(f"UPDATE customer_vendors AS v SET seen_at = ({_SEEN}), shown = ({_SHOWN})")  # noqa: S608
    for name in ("seen_at", "shown"):
        op.alter_column("customer_vendors", name, nullable=False)
    op.create_check_constraint("ck_customer_vendors_shown", "customer_vendors", "shown IN (0, 1, 2)")


def _customer_merges() -> None:
    op.create_table(
        "customer_merges",
        sa.Column("from_id", TEXT, nullable=False),
        sa.Column("into_id", TEXT, nullable=False),
        sa.Column("merged_by", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("merged_at", INTEGER, nullable=False),
        sa.Column("seal", BYTES, nullable=False),
        sa.PrimaryKeyConstraint("from_id", name="pk_customer_merges"),
        sa.ForeignKeyConstraint(
            ["from_id"], ["customer_records.customer_id"], name="fk_customer_merges_from_id_customer_records"
        ),
        sa.ForeignKeyConstraint(
            ["into_id"], ["customer_records.customer_id"], name="fk_customer_merges_into_id_customer_records"
        ),
        sa.ForeignKeyConstraint(
            ["merged_by"], ["operators.operator_id"], name="fk_customer_merges_merged_by_operators"
        ),
        sa.CheckConstraint("from_id <> into_id", name="ck_customer_merges_two_customers"),
        sqlite_strict=True,
    )
    op.create_index("ix_customer_merges_into_id", "customer_merges", ["into_id"])


def _erasures() -> None:
    op.create_table(
        "erasures",
        sa.Column("customer_id", TEXT, nullable=False),
        sa.Column("mark", TEXT, nullable=False),
        sa.Column("erased_by", TEXT, nullable=False),
        sa.Column("erased_at", INTEGER, nullable=False),
        sa.Column("seal", BYTES, nullable=False),
        sa.PrimaryKeyConstraint("customer_id", name="pk_erasures"),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer_records.customer_id"], name="fk_erasures_customer_id_customer_records"
        ),
        sqlite_strict=True,
    )
    op.create_index("ix_erasures_mark", "erasures", ["mark"])


def _guards(table: str, key: str, dialect: str) -> list[str]:
    if dialect == "sqlite":
        refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        taken = "\n   OR ".join(
            f"EXISTS (SELECT 1 FROM {table} WHERE {name} = NEW.{name})"  # noqa: S608 - names from above
            for name in ("rowid", key)
        )
        again = f"RAISE(ABORT, '{table} is append-only and the key of the row is not unique')"
        return [
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table}\n{refuse}",
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}\n{refuse}",
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}\nWHEN {taken}\nBEGIN SELECT {again}; END",
        ]
    each = f"BEFORE DELETE OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION urs_append_only()"
    whole = f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION urs_append_only()"
    return [
        f"CREATE TRIGGER {table}_append_only {each}",
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_append_only",
        f"CREATE TRIGGER {table}_no_truncate {whole}",
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_truncate",
    ]


def _entries_of_sqlite(connection: sa.Connection) -> None:
    """Make the table anew with its own words but for the kinds, and its indexes and triggers after it."""
    find = "SELECT sql FROM sqlite_master WHERE tbl_name = 'entries' AND sql IS NOT NULL ORDER BY type = 'table' DESC"
    table, *rest = connection.exec_driver_sql(find).scalars().all()
    connection.exec_driver_sql("CREATE TABLE entries_before AS SELECT * FROM entries")
    op.drop_table("entries")
    connection.exec_driver_sql(_with_new_kinds(table))
    connection.exec_driver_sql("INSERT INTO entries SELECT * FROM entries_before")
    op.drop_table("entries_before")
    for statement in rest:
        connection.exec_driver_sql(statement)


def _with_new_kinds(table: str) -> str:
    more = "".join(f", '{kind}'" for kind in _NEW_KINDS)
    changed, count = re.subn(r"(CHECK \(kind IN \([^)]*)\)", rf"\1{more})", table)
    if count != 1:
        raise AssertionError(f"the kinds of entries are not where they were: {table}")
    return changed


def _entries_of_postgresql(connection: sa.Connection) -> None:
    find = (
        "SELECT pg_get_constraintdef(c.oid) FROM pg_constraint AS c WHERE c.conname = 'ck_entries_kind' "
        "AND c.connamespace = CAST(current_schema() AS regnamespace)"
    )
    words: Any = connection.exec_driver_sql(find).scalar_one()
    kinds = [*re.findall(r"'([A-Z]+)'", words), *_NEW_KINDS]
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    op.drop_constraint("ck_entries_kind", "entries", type_="check")
    op.create_check_constraint("ck_entries_kind", "entries", f"kind IN ({listed})")
