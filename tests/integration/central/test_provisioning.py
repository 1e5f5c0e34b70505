"""Setting a central store up on a PostgreSQL server: all of it or nothing, by an administrator who is kept nowhere.

The administrator of these tests may make roles and is no superuser.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.integration.central.setting_up import Run, name_of, nothing_is_made, refused, rows
from tests.migrations.steps import upgrade_to
from tests.postgresql.databases import ADMINISTRATOR, PASSWORD, SCRIPTS, Databases
from urs_desktop.central import operators, provisioning, roles
from urs_desktop.central.databases import own_url
from urs_desktop.central.roles import SCHEMA
from urs_desktop.central.schema import REVISION
from urs_desktop.database.engine import Database, postgresql_engine


def test_every_command_works_on_it(init: Run, run: Run, postgresql_url: str) -> None:
    status, out, err = init(postgresql_url)
    assert (status, "is set up" in out, err) == (0, True, "")
    vendor = run("vendor", "add", "--name", "Shop", "--category", "medium")[1]
    terms = ("--threshold", "10", "--reward-percentage", "5", "--redeemable-percentage", "50")
    assert run("policy", "set", "--category", "medium", *terms)[0] == 0
    assert len(run("counter", "code", "--vendor", vendor)[1].split("-")) == 9
    assert "Shop" in run("vendor", "list")[1]
    assert run("verify")[0] == 0


def test_a_superuser_may_set_it_up_and_stays_out_of_it(
    init: Run, run: Run, postgresql: Databases, postgresql_url: str
) -> None:
    name = name_of(postgresql_url)
    url = postgresql.server.url(name).render_as_string(hide_password=False)
    assert init(url)[0] == 0
    assert run("verify")[0] == 0
    assert run("upgrade", "--database-url", url)[0] == 0
    members = "SELECT FROM pg_auth_members WHERE roleid = (SELECT oid FROM pg_roles WHERE rolname = %s)"
    assert postgresql.server.execute(members, values=(roles.of_database(name).owner,)) == []


def test_the_url_is_kept_sealed_and_no_administrator_is(init: Run, postgresql_url: str, tmp_path: Path) -> None:
    init(postgresql_url)
    own = roles.of_database(name_of(postgresql_url)).app.encode()
    files = [file for file in (tmp_path / "store").rglob("*") if file.is_file()]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    for file in files:
        data = file.read_bytes()
        assert not any(word in data for word in (own, b"postgresql", ADMINISTRATOR.encode(), PASSWORD.encode()))


def test_a_passphrase_seals_it_too(init: Run, run: Run, postgresql_url: str, tmp_path: Path) -> None:
    phrase = tmp_path / "phrase"
    phrase.write_text("correct horse")
    locked = ("--passphrase-file", str(phrase))
    assert init(postgresql_url, *locked)[0] == 0
    assert "--passphrase-file" in refused(run("vendor", "list"))
    assert run("vendor", "list", *locked)[0] == 0
    phrase.write_text("wrong")
    assert "does not open" in refused(run("vendor", "list", *locked))


def test_a_damaged_url_is_named(init: Run, run: Run, postgresql_url: str, tmp_path: Path) -> None:
    init(postgresql_url)
    sealed = tmp_path / "store" / "keys" / "database.sealed"
    sealed.write_bytes(sealed.read_bytes()[:-1] + b"x")
    assert "database.sealed is damaged" in refused(run("vendor", "list"))


def test_a_server_that_is_gone_is_said(init: Run, run: Run, postgresql: Databases, postgresql_url: str) -> None:
    init(postgresql_url)
    postgresql.drop(name_of(postgresql_url))
    assert "did not answer" in refused(run("vendor", "list"))


class TestRefusals:
    """What cannot be is refused in a sentence, and nothing is left behind."""

    @pytest.fixture(autouse=True)
    def nothing_behind(self, postgresql: Databases, postgresql_url: str, tmp_path: Path) -> Iterator[None]:
        """After each refusal there is no role, no schema and no URL."""
        yield
        assert nothing_is_made(postgresql, postgresql_url)
        assert not (tmp_path / "store" / "keys" / "database.sealed").exists()

    def test_a_role_that_may_make_none(self, init: Run, postgresql: Databases, postgresql_url: str) -> None:
        self.user(postgresql, "bystander", "LOGIN")
        postgresql.server.execute("GRANT CREATE ON DATABASE {} TO bystander", name_of(postgresql_url))
        assert "may not make roles" in refused(init(self.as_user(postgresql_url, "bystander")))

    def test_a_role_that_may_make_no_schema(self, init: Run, postgresql: Databases, postgresql_url: str) -> None:
        self.user(postgresql, "outsider", "LOGIN CREATEROLE")
        assert "may not make a schema" in refused(init(self.as_user(postgresql_url, "outsider")))

    @pytest.mark.parametrize(
        "statement",
        [
            "CREATE TABLE public.theirs (id integer)",
            "CREATE SCHEMA theirs CREATE VIEW things AS SELECT 1",
            "CREATE SEQUENCE public.numbers",
            f"CREATE SCHEMA {SCHEMA} CREATE TABLE things (id integer)",
        ],
    )
    def test_a_database_of_something_else(
        self, init: Run, postgresql: Databases, postgresql_url: str, statement: str
    ) -> None:
        rows(postgresql, postgresql_url, statement)
        assert "already holds something else" in refused(init(postgresql_url))
        rows(postgresql, postgresql_url, f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")

    def test_roles_of_somebody_elses_making(self, init: Run, postgresql: Databases, postgresql_url: str) -> None:
        app = roles.of_database(name_of(postgresql_url)).app
        postgresql.server.execute("CREATE ROLE {} LOGIN CREATEDB", app)
        assert "may do too much" in refused(init(postgresql_url))
        postgresql.server.execute("DROP ROLE {}", app)

    def test_another_encoding(self, init: Run, postgresql: Databases) -> None:
        postgresql.server.execute(
            "CREATE DATABASE {} OWNER {} ENCODING 'LATIN1' TEMPLATE template0", "latin", ADMINISTRATOR
        )
        url = postgresql.server.url("latin", ADMINISTRATOR, PASSWORD).render_as_string(hide_password=False)
        assert "UTF8" in refused(init(url))
        postgresql.drop("latin")

    def test_an_old_server(self, init: Run, postgresql_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(provisioning, "OLDEST_SERVER", 99)
        assert "PostgreSQL 99 or newer is needed" in refused(init(postgresql_url))

    def test_a_role_that_is_not_let_in(
        self, init: Run, postgresql: Databases, postgresql_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As where pg_hba.conf lets in by another way than a password: here the URL has a wrong one."""
        monkeypatch.setattr(provisioning, "own_url", lambda url, user, password: own_url(url, user, f"not {password}"))
        said = refused(init(postgresql_url))
        assert "is not let into the database" in said
        assert "pg_hba.conf" in said

    @pytest.mark.parametrize("step", ["make", "grant"])
    def test_an_error_in_between(
        self, init: Run, postgresql_url: str, monkeypatch: pytest.MonkeyPatch, step: str
    ) -> None:
        work = getattr(roles, step)

        def fail(connection: sa.Connection, *arguments: object) -> None:
            work(connection, *arguments)
            connection.exec_driver_sql("SELECT * FROM nowhere")

        monkeypatch.setattr(roles, step, fail)
        assert "The database server refused it" in refused(init(postgresql_url))

    def user(self, postgresql: Databases, name: str, rights: str) -> None:
        """Make a role that may do what is named."""
        if not postgresql.server.execute("SELECT FROM pg_roles WHERE rolname = %s", values=(name,)):
            postgresql.server.execute(f"CREATE ROLE {{}} {rights} PASSWORD '{PASSWORD}'", name)

    def as_user(self, url: str, name: str) -> str:
        """Return a URL for another role."""
        return sa.make_url(url).set(username=name).render_as_string(hide_password=False)


class TestTakingUp:
    """A set-up that was interrupted goes on where it stopped, and one that is complete is never touched."""

    @pytest.mark.parametrize("place", ["set_up", "operators", "close"])
    def test_after_an_interruption(
        self, init: Run, run: Run, postgresql_url: str, monkeypatch: pytest.MonkeyPatch, place: str
    ) -> None:
        def interrupt(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        target: tuple[object, str] = {
            "set_up": (provisioning.Administrator, "set_up"),
            "operators": (operators, "add"),
            "close": (roles, "close_to_others"),
        }[place]
        with monkeypatch.context() as patch:
            patch.setattr(*target, interrupt)
            assert refused(init(postgresql_url)) == "Interrupted."
        refused(run("vendor", "list"))
        assert init(postgresql_url)[0] == 0
        assert run("verify")[0] == 0

    def test_with_another_database_it_is_refused(
        self, init: Run, postgresql: Databases, postgresql_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def interrupt(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(operators, "add", interrupt)
            refused(init(postgresql_url))
        with postgresql.empty() as other:
            assert "begun with another database" in refused(init(other))
            assert nothing_is_made(postgresql, other)
        assert init(postgresql_url)[0] == 0

    def test_twice(self, init: Run, run: Run, postgresql_url: str) -> None:
        assert init(postgresql_url)[0] == 0
        assert "already holds a central store" in refused(init(postgresql_url))
        assert "already holds a central store" in refused(init(postgresql_url, folder="other"))
        assert run("verify")[0] == 0

    def test_a_folder_with_a_file(self, init: Run, run: Run, postgresql: Databases, postgresql_url: str) -> None:
        password = ("--admin-password-file", str(Path(__file__)))
        assert run("init", "--admin", "boss", *password)[0] == 0
        assert "already holds" in refused(init(postgresql_url))
        assert nothing_is_made(postgresql, postgresql_url)
        assert run("verify")[0] == 0

    def test_a_folder_with_a_server_gets_no_file(self, init: Run, run: Run, postgresql_url: str) -> None:
        init(postgresql_url)
        answer = run("init", "--admin", "boss", "--admin-password-file", str(Path(__file__)))
        assert "--database-url" in refused(answer)
        assert run("verify")[0] == 0

    def test_after_the_database_was_dropped_and_made_anew(self, init: Run, run: Run, postgresql: Databases) -> None:
        """Roles are the server's and outlive their database."""
        for folder in ("one", "two"):
            with postgresql.empty("again") as url:
                assert init(url, folder=folder)[0] == 0
                assert run("verify", folder=folder)[0] == 0


class TestUpgrade:
    """A server's database is upgraded by an administrator alone, and the program says so."""

    def outdate(self, postgresql: Databases, url: str, revision: str) -> None:
        """Make the database say that it is at another schema."""
        rows(postgresql, url, f"UPDATE alembic_version SET version_num = '{revision}'")

    def test_an_older_one_is_refused(self, init: Run, run: Run, postgresql: Databases, postgresql_url: str) -> None:
        init(postgresql_url)
        self.outdate(postgresql, postgresql_url, "0001_initial")
        said = refused(run("vendor", "list"))
        assert "urs-central upgrade --database-url URL" in said
        self.outdate(postgresql, postgresql_url, "0999_later")
        assert "newer version" in refused(run("vendor", "list"))
        assert "newer version" in refused(run("upgrade", "--database-url", postgresql_url))

    def test_from_the_first_schema_on(
        self, init: Run, run: Run, postgresql: Databases, postgresql_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Set up at the first schema, then upgraded: the rights follow the tables."""
        first = Path(provisioning.__file__).with_name("migrations")

        def only_the_first(connection: sa.Connection, scripts: Path) -> None:
            assert scripts == first == SCRIPTS
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("alembic.script.ScriptDirectory.get_current_head", lambda _: "0002_views")
                upgrade_to(connection, scripts, "0002_views")

        with monkeypatch.context() as patch:
            patch.setattr(provisioning, "upgrade_within", only_the_first)
            patch.setattr(roles, "grant", lambda *_: None)
            patch.setattr(provisioning, "revision", lambda _: None)
            with provisioning.administrator(sa.make_url(postgresql_url), SCRIPTS) as made:
                made.set_up("first")
        with provisioning.administrator(sa.make_url(postgresql_url), SCRIPTS) as made:
            own = own_url(made.url, roles.of_database(name_of(postgresql_url)).app, "first")
            assert made.upgrade(own)
            assert not made.upgrade(own)
        database = Database(postgresql_engine(own))
        with database.read() as connection:
            assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == REVISION
            assert connection.exec_driver_sql("SELECT count(*) FROM entries").scalar() == 0
        database.close()

    def test_what_is_up_to_date(self, init: Run, run: Run, postgresql_url: str) -> None:
        init(postgresql_url)
        assert "up to date already" in run("upgrade", "--database-url", postgresql_url)[1]

    def test_of_another_store(self, init: Run, run: Run, postgresql: Databases, postgresql_url: str) -> None:
        init(postgresql_url)
        with postgresql.empty() as other:
            assert "another database" in refused(run("upgrade", "--database-url", other))
            assert init(other, folder="other")[0] == 0
            assert "another database" in refused(run("upgrade", "--database-url", other))

    def test_by_somebody_who_may_not(self, init: Run, run: Run, postgresql: Databases, postgresql_url: str) -> None:
        init(postgresql_url)
        name = roles.of_database(name_of(postgresql_url)).app
        postgresql.server.execute(f"ALTER ROLE {{}} PASSWORD '{PASSWORD}'", name)
        url = sa.make_url(postgresql_url).set(username=name).render_as_string(hide_password=False)
        assert "refused it" in refused(run("upgrade", "--database-url", url))
