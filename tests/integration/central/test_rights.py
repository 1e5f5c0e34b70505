"""What the roles of a store on PostgreSQL may do, and what they are called."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from tests.integration.central.setting_up import Run, rows
from tests.postgresql.databases import Databases
from urs_desktop.central import bootstrap, roles
from urs_desktop.central.roles import VENDOR_TABLES, Roles
from urs_desktop.central.schema import METADATA
from urs_desktop.database.engine import Database

WRITTEN_ONCE = sorted(table.name for table in METADATA.tables.values() if table.info.get("append_only"))


@pytest.fixture(scope="module")
def own(postgresql: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """The database of a store that is set up, as the program's own role sees it."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "password").write_text("a good password")
    place = bootstrap.place(folder / "store", None)
    with postgresql.empty() as url:
        bootstrap.initialise(place, url, "boss", folder / "password").database.close()
        with bootstrap.opened(place) as central:
            yield central.database


@pytest.fixture
def names(own: Database) -> Roles:
    """The roles of that store."""
    return roles.of_database(own.engine.url.database or "")


class TestRights:
    """The program may do what its tables need, and a vendor's role sees that vendor's rows."""

    def test_the_program_owns_nothing_and_makes_nothing(self, own: Database, names: Roles) -> None:
        with own.read() as connection:
            owners = connection.exec_driver_sql(
                "SELECT DISTINCT pg_get_userbyid(c.relowner) FROM pg_class AS c"
                " WHERE c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = 'urs')"
            )
            assert owners.scalars().all() == [names.owner]
            assert connection.exec_driver_sql("SELECT current_user").scalar() == names.app
        for statement in (
            "CREATE TABLE more (id integer)",
            "CREATE TABLE public.more (id integer)",
            "CREATE TEMP TABLE more (id integer)",
            "CREATE SCHEMA more",
            "CREATE FUNCTION more() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
            "CREATE ROLE more",
            "DROP TABLE settings",
            "TRUNCATE settings",
            "ALTER TABLE settings ADD COLUMN more text",
            "CREATE TRIGGER more BEFORE INSERT ON settings EXECUTE FUNCTION suppress_redundant_updates_trigger()",
            "UPDATE alembic_version SET version_num = '9999'",
            f'SET ROLE "{names.owner}"',
            "SET session_replication_role = replica",
        ):
            with pytest.raises(sa.exc.DBAPIError) as caught, own.write() as connection:
                connection.exec_driver_sql(statement)
            assert caught.value.orig
            assert getattr(caught.value.orig, "sqlstate", "") == "42501", statement

    def test_a_table_is_changed_only_if_it_is_one_that_changes(self, own: Database, names: Roles) -> None:
        for table in METADATA.tables:
            more = [] if table in WRITTEN_ONCE else ["UPDATE", "DELETE"]
            assert self.granted(own, names.app, table) == ["SELECT", "INSERT", *more], table

    def test_some_tables_are_written_once(self) -> None:
        assert {"entries", "operations", "postings", "transactions"} <= set(WRITTEN_ONCE)

    def test_nobody_else_may_anything(self, own: Database, postgresql: Databases) -> None:
        to_all = (
            "SELECT relname FROM pg_class WHERE relnamespace = 'urs'::regnamespace AND EXISTS"
            " (SELECT FROM aclexplode(relacl) AS a WHERE a.grantee = 0)"
            " UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'urs'::regnamespace AND (proacl IS NULL OR"
            " EXISTS (SELECT FROM aclexplode(proacl) AS a WHERE a.grantee = 0))"
            " UNION ALL SELECT nspname FROM pg_namespace, aclexplode(nspacl) AS a"
            " WHERE nspname = 'urs' AND a.grantee = 0"
            " UNION ALL SELECT datname FROM pg_database, aclexplode(datacl) AS a"
            " WHERE datname = current_database() AND a.grantee = 0"
        )
        assert rows(postgresql, str(own.engine.url), to_all) == []

    def test_a_vendor_sees_its_own_rows_alone(self, own: Database, names: Roles) -> None:
        with own.write() as connection:
            for vendor in ("a", "b"):
                connection.exec_driver_sql(f"INSERT INTO vendors VALUES ('{vendor}', '', 'small', 'GBP', '', 0)")
                row = f"'{vendor}', 'sku', '', 1, 2, '', '', '', 0, 0"
                connection.exec_driver_sql(f"INSERT INTO products VALUES ({row})")
        seen: list[list[str]] = []
        wanted: tuple[str | None, ...] = ("a", "b", "c", "", None)
        for each in wanted:
            with own.read() as connection:
                connection.exec_driver_sql(f'SET LOCAL ROLE "{names.vendor}"')
                if each is not None:
                    connection.exec_driver_sql(f"SET LOCAL urs.vendor_id = '{each}'")
                seen.append(list(connection.exec_driver_sql("SELECT vendor_id FROM products").scalars()))
        assert seen == [["a"], ["b"], [], [], []]
        with own.read() as connection:
            assert len(connection.exec_driver_sql("SELECT * FROM products").all()) == 2

    def test_a_vendors_role_reads_what_names_a_vendor_and_nothing_else(self, own: Database, names: Roles) -> None:
        for table in METADATA.tables:
            assert self.granted(own, names.vendor, table) == (["SELECT"] if table in VENDOR_TABLES else []), table
        assert all("vendor_id" in METADATA.tables[name].columns for name in VENDOR_TABLES)

    def granted(self, own: Database, role: str, table: str) -> list[str]:
        """Return what a role may do with a table."""
        with own.read() as connection:
            asked = sa.text("SELECT has_table_privilege(:role, :relation, :privilege)")
            return [
                name
                for name in ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
                if connection.execute(asked, {"role": role, "relation": table, "privilege": name}).scalar_one()
            ]


class TestNames:
    """Roles are named for their database, and never for two."""

    @pytest.mark.parametrize("name", ["urs", "shop_2", "Shop", "shop", "a b", "caf\u00e9", "x" * 63, "X" * 63, 'a"b%c'])
    def test_they_fit(self, name: str) -> None:
        found = roles.of_database(name)
        for role in (found.owner, found.app, found.vendor):
            assert len(role.encode()) <= 63
            assert role == role.lower()

    def test_they_are_one_databases(self) -> None:
        names = ["urs", "URS", "Urs", "u rs", "u_rs", "x" * 63, "x" * 62, "x" * 52, "X" * 52]
        assert len({roles.of_database(name).app for name in names}) == len(names)

    def test_a_plain_name_stays_as_it_is(self) -> None:
        assert roles.of_database("shop_2").app == "urs_shop_2_app"

    def test_a_database_of_any_name_will_do(self, init: Run, run: Run, postgresql: Databases) -> None:
        with postgresql.empty('Caf\u00e9 "1" 100%s') as url:
            assert init(url)[0] == 0
            assert run("verify")[0] == 0
            assert run("upgrade", "--database-url", url)[0] == 0
