"""What keeps the points ledger append-only and balanced in the database itself: triggers on SQLite and PostgreSQL.

The postings and lot moves of an entry are written first and its row in `entries` last. That row closes the entry: it is
refused unless the postings sum to zero in each unit, and after it no posting or lot move can join. Must never be all
that holds this: central.ledger and verify reckon it by themselves.

Source: ledger.md "Tamper evidence" and "Double entry".
"""

from typing import Final

from urs_desktop.central.schema.base import METADATA
from urs_desktop.database.guards import always, postgresql_guards, sqlite_guards

_PARTS: Final = ("postings", "lot_moves")
_CLOSED: Final = "the entry is closed"
_IS_CLOSED: Final = "EXISTS (SELECT 1 FROM entries WHERE entry_id = NEW.entry_id)"
_UNBALANCED: Final = "an entry sums to zero in each unit"
_IS_UNBALANCED: Final = (
    "EXISTS (SELECT 1 FROM postings WHERE entry_id = NEW.entry_id GROUP BY unit HAVING sum(amount) <> 0)"
)
_UNPOSTED: Final = "an entry has postings, but for LATE and UNLATE, which have none"
_IS_UNPOSTED: Final = "(NEW.kind IN ('LATE', 'UNLATE')) = EXISTS (SELECT 1 FROM postings WHERE entry_id = NEW.entry_id)"

# Two transactions do not see each other's rows: one could write a posting before the other closes the entry and commit
# it after. So at the commit the entry's row must be of this very transaction, savepoints included: a visible row whose
# transaction is still in progress can be nobody else's. xmin is the lower half of a transaction's number.
_CLOSED_HERE: Final = """
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
"""


def guards(dialect: str) -> list[str]:
    """Return the statements that make every trigger of the central store, for "sqlite" or "postgresql".

    They run in one transaction, after the tables are made. On SQLite a refusal is an IntegrityError; on PostgreSQL that
    of an append-only table is insufficient_privilege, that of an entry an IntegrityError (check_violation).
    """
    if dialect == "sqlite":
        return [*sqlite_guards(METADATA), *_sqlite_entries()]
    return [*postgresql_guards(METADATA), *_postgresql_entries()]


def _sqlite_entries() -> list[str]:
    refusals = [
        ("entries_balanced", "entries", _IS_UNBALANCED, _UNBALANCED),
        ("entries_posted", "entries", _IS_UNPOSTED, _UNPOSTED),
        *((f"{part}_open", part, _IS_CLOSED, _CLOSED) for part in _PARTS),
    ]
    return [
        f"CREATE TRIGGER {name} BEFORE INSERT ON {table}\nWHEN {condition}\nBEGIN SELECT RAISE(ABORT, '{message}'); END"
        for name, table, condition, message in refusals
    ]


def _postgresql_entries() -> list[str]:
    each = "FOR EACH ROW EXECUTE FUNCTION"
    statements = [
        # What the functions name they find in this schema, and in no session's temporary tables of the same name.
        "SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true)",
        _function("urs_close_entry", _refusing((_IS_UNBALANCED, _UNBALANCED), (_IS_UNPOSTED, _UNPOSTED))),
        _function("urs_entry_open", _refusing((_IS_CLOSED, _CLOSED))),
        _function("urs_entry_closed_here", _CLOSED_HERE),
        *always("entries", "entries_close", f"BEFORE INSERT ON entries {each} urs_close_entry()"),
    ]
    for part in _PARTS:
        at_commit = f"AFTER INSERT ON {part} DEFERRABLE INITIALLY DEFERRED {each} urs_entry_closed_here()"
        statements += always(part, f"{part}_open", f"BEFORE INSERT ON {part} {each} urs_entry_open()")
        statements += always(part, f"{part}_closed_here", at_commit, kind="CONSTRAINT TRIGGER")
    return statements


def _refusing(*refusals: tuple[str, str]) -> str:
    checks = "".join(
        f"    IF {condition} THEN\n"
        f"        RAISE EXCEPTION USING MESSAGE = '{message}', ERRCODE = 'check_violation';\n"
        "    END IF;\n"
        for condition, message in refusals
    )
    return f"\nBEGIN\n{checks}    RETURN NEW;\nEND\n"


def _function(name: str, body: str) -> str:
    return f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $${body}$$"
