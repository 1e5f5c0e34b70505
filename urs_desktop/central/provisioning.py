"""Setting a PostgreSQL database up for the central store, and bringing it to a newer schema, as an administrator.

The administrator's URL is used here and kept nowhere. Roles, tables and grants are made in one transaction. Must never
leave a set-up half made, nor touch a database that holds something else.
"""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from urs_desktop.central import operators
from urs_desktop.central import roles as grants
from urs_desktop.central.databases import SetUpError, listed, own_url, revision
from urs_desktop.central.roles import SCHEMA, Roles
from urs_desktop.database.engine import Database, postgresql_engine, reason_of, trouble_of
from urs_desktop.database.migrations import SchemaError, upgrade_within
from urs_desktop.system.ids import Randomness

OLDEST_SERVER: Final = 13
"""The oldest major version of PostgreSQL that will do."""

_PASSWORD_BYTES: Final = 24
_VERSION_STEP: Final = 10_000

_HERE: Final = sa.text(
    "SELECT current_database() AS database, current_user AS me, pg_is_in_recovery() AS standby,"
    " current_setting('server_version_num')::bigint AS version, current_setting('server_version') AS version_text,"
    " current_setting('server_encoding') AS encoding,"
    " has_database_privilege(current_database(), 'CREATE') AS may_create,"
    " (SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user) AS may_make_roles,"
    " (SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = :schema) AS owner"
)
_STRANGERS: Final = sa.text(
    "SELECT n.nspname || '.' || c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace"
    " WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND n.nspname NOT IN ('pg_catalog', 'information_schema')"
    " AND n.nspname NOT LIKE 'pg\\_toast%' AND n.nspname NOT LIKE 'pg\\_temp%' AND n.nspname IS DISTINCT FROM :own"
    " AND NOT EXISTS (SELECT FROM pg_depend AS d"
    " WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e') ORDER BY 1"
)


@dataclass(slots=True)
class Administrator:
    """A database as an administrator has it; `made` are the roles the last set-up made, `fresh` if the schema was."""

    url: sa.URL
    database: Database
    scripts: Path
    made: list[str] = field(default_factory=list)
    fresh: bool = False

    def check(self) -> Roles:
        """Return the store's roles if a store can be set up or taken up here; raises SetUpError; changes nothing."""
        with _refused_in_a_sentence(), self.database.read() as connection:
            return _checked(connection)

    def set_up(self, password: str) -> None:
        """Make roles, tables and grants, or what is missing of them, all or nothing; raises SetUpError.

        Afterwards the program's own role has been seen to get in with its password.
        """
        with _refused_in_a_sentence(), self.database.change_schema() as connection:
            roles = _checked(connection)
            self.made = grants.missing(connection, roles)
            self.fresh = _owner_of_schema(connection) is None
            grants.make(connection, roles, password)
            if self.fresh:
                grants.run(connection, "CREATE SCHEMA {} AUTHORIZATION {}", SCHEMA, roles.owner)
            self._bring_up(connection, roles)
        self._try(roles, password)
        with _refused_in_a_sentence(), self.database.write() as connection:
            grants.close_to_others(connection)

    def upgrade(self, own: sa.URL) -> bool:
        """Bring the store that the program reaches by its `own` URL to the newest schema; return whether it was older.

        Raises SetUpError, also if that store is not in this database.
        """
        with _refused_in_a_sentence(), self.database.change_schema() as connection:
            here = _here(connection)
            roles = grants.of_database(here.database)
            if here.owner != roles.owner or own.username != roles.app:
                raise SetUpError("The database URL leads to another database than this central store's.")
            before = _revision_within(connection)
            self._bring_up(connection, roles)
            after = _revision_within(connection)
        database = Database(postgresql_engine(own))
        try:
            with _refused_in_a_sentence():
                reached = revision(database)
        finally:
            database.close()
        if reached != after:
            raise SetUpError(
                "The database that was brought up to date is not the one this central store works with: "
                "name the same server."
            )
        return before != after

    def undo(self) -> None:
        """Take away what the last `set_up` made, if it made everything; raises SetUpError."""
        if not self.fresh:
            return
        with _refused_in_a_sentence(), self.database.change_schema() as connection:
            grants.remove(connection, grants.of_database(_here(connection).database), self.made)

    def _bring_up(self, connection: sa.Connection, roles: Roles) -> None:
        """Run the scripts as the owner, so that it owns what they make, and grant; then be the administrator again."""
        grants.run(connection, "SET LOCAL ROLE {}", roles.owner)
        grants.run(connection, "SET LOCAL search_path = {}", SCHEMA)
        upgrade_within(connection, self.scripts)
        grants.grant(connection, roles)
        connection.execute(sa.text("RESET ROLE"))

    def _try(self, roles: Roles, password: str) -> None:
        """Get in as the program will; if that fails, undo and raise SetUpError."""
        database = Database(postgresql_engine(own_url(self.url, roles.app, password)))
        try:
            revision(database)
        except sa.exc.DBAPIError as error:
            self.undo()
            raise SetUpError(
                f"The central store's own role {roles.app} is not let into the database ({reason_of(error)}); nothing "
                "was set up. Let it in by password (scram-sha-256) in the server's pg_hba.conf."
            ) from error
        finally:
            database.close()


@contextmanager
def administrator(url: sa.URL, scripts: Path) -> Iterator[Administrator]:
    """Give a database as the administrator of this URL has it; `scripts` are the migrations."""
    database = Database(postgresql_engine(url, "urs-central init"))
    try:
        yield Administrator(url, database, scripts)
    finally:
        database.close()


def new_password(randomness: Randomness) -> str:
    """Return a password for the program's own role, which no person ever needs to type."""
    return base64.urlsafe_b64encode(randomness.token_bytes(_PASSWORD_BYTES)).decode()


@contextmanager
def _refused_in_a_sentence() -> Iterator[None]:
    """Turn what the server refuses, and a schema that is newer, into a SetUpError of one sentence."""
    try:
        yield
    except SchemaError as error:
        raise SetUpError(str(error)) from error
    except sa.exc.DBAPIError as error:
        said = trouble_of(error) or f"The database server refused it ({reason_of(error)}); nothing was changed."
        raise SetUpError(said) from error


def _here(connection: sa.Connection) -> sa.Row[*tuple[object, ...]]:
    return connection.execute(_HERE, {"schema": SCHEMA}).one()


def _owner_of_schema(connection: sa.Connection) -> str | None:
    owner: str | None = _here(connection).owner
    return owner


def _in_schema(connection: sa.Connection) -> sa.Connection:
    """Return the connection as one that finds the store's tables, which are not on an administrator's search path."""
    return connection.execution_options(schema_translate_map={None: SCHEMA})


def _revision_within(connection: sa.Connection) -> str | None:
    found: str | None = connection.execute(sa.text(f"SELECT version_num FROM {SCHEMA}.alembic_version")).scalar()  # noqa: S608 - a constant
    return found


def _checked(connection: sa.Connection) -> Roles:
    here = _here(connection)
    roles = grants.of_database(here.database)
    if here.owner == roles.owner and operators.any_there(_in_schema(connection)):
        raise SetUpError(f"The database {here.database} already holds a central store; nothing was changed.")
    strangers = connection.execute(_STRANGERS, {"own": SCHEMA if here.owner == roles.owner else None}).scalars().all()
    mighty = grants.too_mighty(connection, roles)
    refusals = {
        f"PostgreSQL {OLDEST_SERVER} or newer is needed and this is {here.version_text}; nothing was changed.": (
            here.version < OLDEST_SERVER * _VERSION_STEP
        ),
        "This server is a standby, which takes no changes: name its primary.": here.standby,
        f"The database {here.database} holds text as {here.encoding}: make one with the encoding UTF8.": (
            here.encoding != "UTF8"
        ),
        f"The role {here.me} may not make roles: name an administrator's with CREATEROLE; nothing was changed.": (
            not here.may_make_roles
        ),
        f"The role {here.me} may not make a schema in the database {here.database}; nothing was changed.": (
            not here.may_create
        ),
        f"The database {here.database} already holds something else ({listed(strangers)}): "
        "name an empty one; nothing was changed.": bool(strangers) or here.owner not in (None, roles.owner),
        f"The server already has roles of these names that may do too much ({listed(mighty)}); nothing was changed.": (
            bool(mighty)
        ),
    }
    for sentence, holds in refusals.items():
        if holds:
            raise SetUpError(sentence)
    return roles
