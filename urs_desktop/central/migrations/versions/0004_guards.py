"""Triggers that keep what is written for ever as it was written, and entries balanced and closed.

A later script that changes rows or columns of these tables takes their triggers down first and puts them up again. Must
never change after its release: what changes is the next script.
"""

from collections.abc import Iterator

from alembic import op

revision = "0004_guards"
down_revision = "0003_ledger"
branch_labels = None
depends_on = None

_TABLES = {
    "adjustment_decisions": ("adjustment_id",),
    "adjustments": ("adjustment_id",),
    "entries": ("entry_id",),
    "lot_moves": ("entry_id, lot_id",),
    "operations": (
        "device_id, epoch, seq",
        "op_id",
    ),
    "parked_operations": ("op_id",),
    "policy_decisions": ("proposal_id",),
    "policy_proposals": ("proposal_id",),
    "postings": ("entry_id, n",),
    "refund_lines": ("op_id, n",),
    "refund_tenders": ("op_id, n",),
    "refunds": (
        "device_id, epoch, receipt",
        "op_id",
    ),
    "repeated_operations": ("device_id, epoch, seq",),
    "reward_policies": ("policy_id, version",),
    "tenders": ("op_id, n",),
    "transaction_lines": ("op_id, n",),
    "transactions": (
        "device_id, epoch, receipt",
        "op_id",
    ),
}
"""Every append-only table with its keys, of which a second row would replace the first."""

_SQLITE_ENTRIES = (
    """
CREATE TRIGGER entries_balanced BEFORE INSERT ON entries
WHEN EXISTS (SELECT 1 FROM postings WHERE entry_id = NEW.entry_id GROUP BY unit HAVING sum(amount) <> 0)
BEGIN SELECT RAISE(ABORT, 'an entry sums to zero in each unit'); END
    """,
    """
CREATE TRIGGER entries_posted BEFORE INSERT ON entries
WHEN (NEW.kind IN ('LATE', 'UNLATE')) = EXISTS (SELECT 1 FROM postings WHERE entry_id = NEW.entry_id)
BEGIN SELECT RAISE(ABORT, 'an entry has postings, but for LATE and UNLATE, which have none'); END
    """,
    """
CREATE TRIGGER postings_open BEFORE INSERT ON postings
WHEN EXISTS (SELECT 1 FROM entries WHERE entry_id = NEW.entry_id)
BEGIN SELECT RAISE(ABORT, 'the entry is closed'); END
    """,
    """
CREATE TRIGGER lot_moves_open BEFORE INSERT ON lot_moves
WHEN EXISTS (SELECT 1 FROM entries WHERE entry_id = NEW.entry_id)
BEGIN SELECT RAISE(ABORT, 'the entry is closed'); END
    """,
)

_POSTGRESQL_FUNCTIONS = (
    """
CREATE FUNCTION urs_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only', ERRCODE = 'insufficient_privilege';
END
$$
    """,
    "SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true)",
    """
CREATE FUNCTION urs_close_entry() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM postings WHERE entry_id = NEW.entry_id GROUP BY unit HAVING sum(amount) <> 0) THEN
        RAISE EXCEPTION USING MESSAGE = 'an entry sums to zero in each unit', ERRCODE = 'check_violation';
    END IF;
    IF (NEW.kind IN ('LATE', 'UNLATE')) = EXISTS (SELECT 1 FROM postings WHERE entry_id = NEW.entry_id) THEN
        RAISE EXCEPTION USING
            MESSAGE = 'an entry has postings, but for LATE and UNLATE, which have none', ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$
    """,
    """
CREATE FUNCTION urs_entry_open() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM entries WHERE entry_id = NEW.entry_id) THEN
        RAISE EXCEPTION USING MESSAGE = 'the entry is closed', ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$
    """,
    """
CREATE FUNCTION urs_entry_closed_here() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    mine bigint := CAST(CAST(pg_current_xact_id() AS text) AS bigint);
    ahead bigint;
BEGIN
    SELECT CAST(CAST(xmin AS text) AS bigint) - mod(mine, 4294967296) INTO ahead
    FROM entries WHERE entry_id = NEW.entry_id;
    IF ahead < -2147483648 THEN
        ahead := ahead + 4294967296;
    END IF;
    IF ahead IS NULL OR pg_xact_status(CAST(CAST(mine + ahead AS text) AS xid8)) IS DISTINCT FROM 'in progress' THEN
        RAISE EXCEPTION USING MESSAGE = 'the entry is closed', ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END
$$
    """,
)

_POSTGRESQL_ENTRIES = {
    "entries_close": ("entries", "TRIGGER", "BEFORE INSERT ON entries", "urs_close_entry"),
    "postings_open": ("postings", "TRIGGER", "BEFORE INSERT ON postings", "urs_entry_open"),
    "postings_closed_here": (
        "postings",
        "CONSTRAINT TRIGGER",
        "AFTER INSERT ON postings DEFERRABLE INITIALLY DEFERRED",
        "urs_entry_closed_here",
    ),
    "lot_moves_open": ("lot_moves", "TRIGGER", "BEFORE INSERT ON lot_moves", "urs_entry_open"),
    "lot_moves_closed_here": (
        "lot_moves",
        "CONSTRAINT TRIGGER",
        "AFTER INSERT ON lot_moves DEFERRABLE INITIALLY DEFERRED",
        "urs_entry_closed_here",
    ),
}


def upgrade() -> None:
    for statement in _sqlite() if op.get_bind().dialect.name == "sqlite" else _postgresql():
        op.execute(statement)


def _sqlite() -> Iterator[str]:
    for table, keys in _TABLES.items():
        refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        replace = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only and the key of the row is not unique'); END"
        yield f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table}\n{refuse}"
        yield f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}\n{refuse}"
        there = "\n   OR ".join(
            f"EXISTS (SELECT 1 FROM {table} WHERE {' AND '.join(f'{name} = NEW.{name}' for name in key.split(', '))})"  # noqa: S608
            for key in ("rowid", *keys)
        )
        yield f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}\nWHEN {there}\n{replace}"
    yield from _SQLITE_ENTRIES


def _postgresql() -> Iterator[str]:
    yield from _POSTGRESQL_FUNCTIONS
    triggers = dict(_POSTGRESQL_ENTRIES)
    for table in _TABLES:
        row, truncate = f"BEFORE DELETE OR UPDATE ON {table}", f"BEFORE TRUNCATE ON {table}"
        triggers[f"{table}_append_only"] = (table, "TRIGGER", row, "urs_append_only")
        triggers[f"{table}_no_truncate"] = (table, "TRIGGER", truncate, "urs_append_only")
    for name, (table, kind, when, function) in triggers.items():
        each = "STATEMENT" if "TRUNCATE" in when else "ROW"
        yield f"CREATE {kind} {name} {when} FOR EACH {each} EXECUTE FUNCTION {function}()"
        yield f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}"
