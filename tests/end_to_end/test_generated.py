"""Some thousand made-up purchases in a central store on SQLite and in one on PostgreSQL: the same to the last row."""

from pathlib import Path

from tests.end_to_end.generated import deal, sqlite_store
from urs_desktop.database.engine import Database

PURCHASES = 1500
"""On each database; the command takes any number."""

KINDS = {
    *("EARN", "VEST", "HOLD", "VOID", "REDEEM", "LATE", "EXPIRE"),
    *("UNREDEEM", "UNLATE", "CLAWBACK", "DEBT", "RECOVER"),
}
"""Everything that happens to points must happen."""


def test_the_same_dealings_on_both_databases(tmp_path: Path, postgresql_database: Database) -> None:
    """Every invariant holds, the tally agrees, and every row of every table is the same."""
    with sqlite_store(tmp_path) as database:
        on_sqlite = deal(database, PURCHASES)
    on_postgresql = deal(postgresql_database, PURCHASES)
    for outcome in (on_sqlite, on_postgresql):
        assert not outcome.findings
        assert not outcome.differs
    assert on_sqlite.totals == on_postgresql.totals
    assert on_sqlite.digests == on_postgresql.digests
    assert set(on_sqlite.totals["entries"]) == KINDS
