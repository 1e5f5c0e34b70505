"""The epochs of the chain, what each signed anew, and receipt numbers that were skipped.

Frozen: must never change once released; a later schema is a later migration.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005_recovery"
down_revision = "0004_lines"

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BYTES = sa.LargeBinary()

KEYS = {"epochs": ("epoch",), "links": ("epoch, seq",), "skipped_receipts": ("receipt",)}
"""The new tables, which are append-only, with their keys, of which a second row would replace the first."""


def upgrade() -> None:
    """Add the tables; the epoch the counter is in was its first."""
    op.create_table(
        "epochs",
        sa.Column("epoch", INTEGER, nullable=False),
        sa.Column("nonce", BYTES, nullable=False),
        sa.Column("first_seq", INTEGER, nullable=False),
        sa.Column("began_at", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("epoch", name=op.f("pk_epochs")),
        sqlite_strict=True,
    )
    op.create_table(
        "links",
        sa.Column("epoch", INTEGER, nullable=False),
        sa.Column("seq", INTEGER, nullable=False),
        sa.Column("prev", BYTES, nullable=False),
        sa.Column("hash", BYTES, nullable=False),
        sa.Column("sig", BYTES, nullable=False),
        sa.ForeignKeyConstraint(["epoch"], ["epochs.epoch"], name=op.f("fk_links_epoch")),
        sa.ForeignKeyConstraint(["seq"], ["operations.seq"], name=op.f("fk_links_seq")),
        sa.PrimaryKeyConstraint("epoch", "seq", name=op.f("pk_links")),
        sqlite_strict=True,
    )
    op.create_table(
        "skipped_receipts",
        sa.Column("receipt", INTEGER, nullable=False),
        sa.Column("after_seq", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("receipt", name=op.f("pk_skipped_receipts")),
        sqlite_strict=True,
    )
    op.execute("INSERT INTO epochs (epoch, nonce, first_seq, began_at) SELECT epoch, nonce, 1, 0 FROM identity")
    for table, keys in KEYS.items():
        refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table}\n{refuse}")
        op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}\n{refuse}")
        there = "\n   OR ".join(
            f"EXISTS (SELECT 1 FROM {table} WHERE {' AND '.join(f'{name} = NEW.{name}' for name in key.split(', '))})"  # noqa: S608
            for key in ("rowid", *keys)
        )
        replace = f"RAISE(ABORT, '{table} is append-only and the key of the row is not unique')"
        op.execute(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}\nWHEN {there}\nBEGIN SELECT {replace}; END"
        )
