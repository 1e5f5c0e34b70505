"""What the program's own role cannot do on PostgreSQL: touch what holds the ledger, or become somebody who can.

That it cannot change a row is in test_attacks.py. Must never try an attack as anybody else.
"""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from tests.contract.central.attacks import fill, not_refused
from tests.postgresql.databases import Databases
from urs_desktop.central import roles
from urs_desktop.central.schema.guards import guards
from urs_desktop.database.engine import Database
from urs_desktop.database.guards import differences

ATTACKS = [
    "DROP TABLE entries CASCADE",
    "DROP TRIGGER entries_append_only ON entries",
    "DROP FUNCTION urs_append_only() CASCADE",
    "DROP SCHEMA {schema} CASCADE",
    "DROP OWNED BY {owner}",
    "REASSIGN OWNED BY {owner} TO {role}",
    "ALTER TABLE entries DISABLE TRIGGER ALL",
    "ALTER TABLE entries DISABLE TRIGGER USER",
    "ALTER TABLE entries DISABLE TRIGGER entries_append_only",
    "ALTER TABLE entries ENABLE REPLICA TRIGGER entries_append_only",
    "ALTER TABLE entries DISABLE ROW LEVEL SECURITY",
    "ALTER TABLE entries OWNER TO {role}",
    "ALTER TABLE entries RENAME TO more",
    "ALTER TABLE entries DROP COLUMN kind",
    "ALTER TABLE entries ALTER COLUMN kind TYPE text USING 'x'",
    "ALTER TABLE entries SET SCHEMA pg_temp",
    "ALTER TABLE postings DROP CONSTRAINT fk_postings_entry_id_entries",
    "ALTER TRIGGER entries_append_only ON entries RENAME TO more",
    "ALTER FUNCTION urs_append_only() OWNER TO {role}",
    "ALTER FUNCTION urs_entry_open() SET search_path = pg_temp",
    "CREATE OR REPLACE FUNCTION urs_append_only() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "CREATE FUNCTION more() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    "CREATE TRIGGER more BEFORE INSERT ON entries FOR EACH ROW EXECUTE FUNCTION urs_append_only()",
    "CREATE RULE more AS ON UPDATE TO entries DO INSTEAD NOTHING",
    "CREATE RULE more AS ON INSERT TO postings DO ALSO NOTIFY more",
    "CREATE VIEW more AS SELECT * FROM entries",
    "CREATE TABLE more (x integer)",
    "CREATE INDEX more ON entries (kind)",
    "CREATE SCHEMA more",
    "CREATE POLICY more ON entries USING (true)",
    "CREATE EXTENSION dblink",
    "CREATE ROLE more SUPERUSER",
    "CREATE EVENT TRIGGER more ON ddl_command_start EXECUTE FUNCTION urs_append_only()",
    "ALTER ROLE {role} SUPERUSER",
    "ALTER ROLE {role} BYPASSRLS",
    "ALTER ROLE {role} SET session_replication_role = replica",
    "SET ROLE {owner}",
    "SET ROLE postgres",
    "SET SESSION AUTHORIZATION {owner}",
    "GRANT {owner} TO {role}",
    "GRANT {role} TO {owner}",
    "SET session_replication_role = replica",
    "SET LOCAL session_replication_role = replica",
    "SELECT set_config('session_replication_role', 'replica', false)",
    "SET allow_system_table_mods = on",
    "UPDATE pg_trigger SET tgenabled = 'D'",
    "DELETE FROM pg_trigger",
    "UPDATE pg_class SET relowner = 0",
    "LOCK TABLE entries IN ACCESS EXCLUSIVE MODE",
    "REINDEX TABLE entries",
    "COMMENT ON TABLE entries IS 'x'",
    "COPY entries FROM PROGRAM 'echo'",
    "COPY (SELECT 1) TO PROGRAM 'cat'",
    "COPY entries TO '/dev/null'",
    "COPY entries FROM '/dev/null'",
    "SELECT pg_read_file('/etc/hostname')",
    "SELECT lo_import('/etc/hostname')",
    "DO 'BEGIN DELETE FROM entries; END'",
    "UPDATE alembic_version SET version_num = '0000'",
    "DELETE FROM alembic_version",
]


@pytest.fixture
def program(postgresql_database: Database) -> Iterator[Database]:
    """A store with one row in each table that counts, as the program's role sees it."""
    with postgresql_database.write() as connection:
        fill(connection)
    yield postgresql_database
    with postgresql_database.read() as connection:
        assert differences(connection, guards("postgresql")) == []


def test_it_touches_nothing_that_holds_the_ledger(program: Database) -> None:
    names = roles.of_database("urs_template")
    attacks = [each.format(owner=names.owner, schema=roles.SCHEMA, role=names.app) for each in ATTACKS]
    with program.write() as connection:
        assert not_refused(connection, *attacks) == []


def test_a_view_of_its_own_leads_to_no_row(program: Database) -> None:
    with program.write() as connection:
        connection.exec_driver_sql("CREATE TEMPORARY VIEW seen AS SELECT * FROM entries")
        assert not_refused(connection, "UPDATE seen SET kind = 'LATE'", "DELETE FROM seen") == []


def test_it_gives_no_right_away_that_it_has_not(program: Database, postgresql: Databases) -> None:
    rights = sa.text(
        "SELECT grantee, privilege_type FROM information_schema.role_table_grants "
        "WHERE table_name = 'entries' ORDER BY grantee, privilege_type"
    )
    with postgresql.as_superuser(program) as connection:
        before = connection.execute(rights).all()
    with program.write() as connection:
        for privilege in ("UPDATE", "DELETE", "TRUNCATE", "TRIGGER", "ALL", "INSERT"):
            connection.exec_driver_sql(f"GRANT {privilege} ON entries TO PUBLIC")
    with postgresql.as_superuser(program) as connection:
        assert connection.execute(rights).all() == before
