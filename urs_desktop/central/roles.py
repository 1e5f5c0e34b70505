"""Who may do what in a PostgreSQL database of the central store: its three roles, their grants and the row security.

The owner owns everything and nobody logs in as it; the program has what its tables need and no more; a role that reads
for a vendor sees that vendor's rows alone. Must never grant a change of an append-only table to anybody, nor anything
to everybody.
"""

import hashlib
import re
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from psycopg import sql

from urs_desktop.central.schema import METADATA

SCHEMA: Final = "urs"
"""Everything of the store lies in this schema of its database."""

VENDOR: Final = "urs.vendor_id"
"""The setting that says for which vendor the vendors' role reads; without it there is no row."""

VENDOR_TABLES: Final = ("customer_vendors", "entries", "lots", "products", "transactions")
"""What the vendors' role may read, each row by the vendor it names."""

_MOST_BYTES: Final = 63
_MARK_DIGITS: Final = 8
_SET_OPTIONS_SINCE: Final = 160_000


@dataclass(frozen=True, slots=True)
class Roles:
    """The names of a store's roles in its server."""

    owner: str
    app: str
    vendor: str


def of_database(database: str) -> Roles:
    """Return the roles of the store in a database: plain words, at most 63 bytes, and of no other database's store."""
    plain = re.sub("[^a-z0-9_]", "_", database.lower())
    room = _MOST_BYTES - len("urs__vendor")
    if plain != database or len(plain) > room:
        mark = hashlib.sha256(database.encode()).hexdigest()[:_MARK_DIGITS]
        plain = f"{plain[: room - _MARK_DIGITS - 1]}_{mark}"
    return Roles(f"urs_{plain}_owner", f"urs_{plain}_app", f"urs_{plain}_vendor")


def missing(connection: sa.Connection, roles: Roles) -> list[str]:
    """Return those of the roles that the server does not have."""
    names = [roles.owner, roles.app, roles.vendor]
    found = connection.execute(sa.text("SELECT rolname FROM pg_roles WHERE rolname = ANY(:names)"), {"names": names})
    there = set(found.scalars())
    return [name for name in names if name not in there]


def too_mighty(connection: sa.Connection, roles: Roles) -> list[str]:
    """Return those of the roles that can do more than any of the store's may: they are not of this program's making."""
    statement = sa.text(
        "SELECT rolname FROM pg_roles WHERE rolname = ANY(:names) AND (rolsuper OR rolbypassrls OR rolcreaterole"
        " OR rolcreatedb OR rolreplication OR rolcanlogin AND rolname <> :app) ORDER BY rolname"
    )
    names = [roles.owner, roles.app, roles.vendor]
    return list(connection.execute(statement, {"names": names, "app": roles.app}).scalars())


def make(connection: sa.Connection, roles: Roles, password: str) -> None:
    """Make the roles that are missing, the program's with this password, and let the administrator act as the owner."""
    fresh = missing(connection, roles)
    for name in fresh:
        run(connection, "CREATE ROLE {} LOGIN" if name == roles.app else "CREATE ROLE {} NOLOGIN", name)
    # Sent as the server keeps it, so that the password itself is in no log of the server's.
    verifier = _verifier(connection, roles.app, password)
    statement = sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(roles.app), sql.Literal(verifier))
    _run(connection, statement)
    run(connection, "ALTER ROLE {} SET search_path = {}", roles.app, SCHEMA)
    run(connection, "GRANT CONNECT ON DATABASE {} TO {}, {}", _database(connection), *_users(roles))
    version = connection.execute(sa.text("SELECT current_setting('server_version_num')::bigint")).scalar_one()
    options = " WITH INHERIT FALSE, SET TRUE" if version >= _SET_OPTIONS_SINCE else ""
    run(connection, f"GRANT {{}} TO {{}}{options}", roles.vendor, roles.app)
    if not connection.execute(sa.text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")).scalar_one():
        run(connection, "GRANT {} TO CURRENT_USER", roles.owner)


def grant(connection: sa.Connection, roles: Roles) -> None:
    """Give the roles what they need of the tables, as the owner; what they had before and need no more is taken."""
    run(connection, "REVOKE ALL ON SCHEMA {} FROM PUBLIC, {}, {}", SCHEMA, roles.app, roles.vendor)
    for kind in ("TABLES", "SEQUENCES", "ROUTINES"):
        run(connection, f"REVOKE ALL ON ALL {kind} IN SCHEMA {{}} FROM PUBLIC, {{}}, {{}}", SCHEMA, *_users(roles))
    run(connection, "GRANT USAGE ON SCHEMA {} TO {}, {}", SCHEMA, *_users(roles))
    run(connection, "GRANT SELECT ON ALL TABLES IN SCHEMA {} TO {}", SCHEMA, roles.app)
    run(connection, "GRANT EXECUTE ON ALL ROUTINES IN SCHEMA {} TO {}", SCHEMA, roles.app)
    for table in METADATA.sorted_tables:
        changes = "INSERT" if table.info.get("append_only") else "INSERT, UPDATE, DELETE"
        run(connection, f"GRANT {changes} ON {{}}.{{}} TO {{}}", SCHEMA, table.name, roles.app)
    for name in VENDOR_TABLES:
        _show_vendors_their_own(connection, roles, name)


def close_to_others(connection: sa.Connection) -> None:
    """Take from everybody what a new database gives to everybody: to connect to it and to make temporary tables.

    An administrator who does not own the database cannot; the server then leaves it as it is.
    """
    run(connection, "GRANT CONNECT ON DATABASE {} TO CURRENT_USER", _database(connection))
    run(connection, "REVOKE ALL ON DATABASE {} FROM PUBLIC", _database(connection))


def remove(connection: sa.Connection, roles: Roles, made: list[str]) -> None:
    """Undo a set-up: the schema with everything in it, and those of the roles that were `made` for it."""
    run(connection, "DROP SCHEMA {} CASCADE", SCHEMA)
    run(connection, "REVOKE ALL ON DATABASE {} FROM {}, {}", _database(connection), *_users(roles))
    for name in made:
        run(connection, "DROP ROLE {}", name)


def run(connection: sa.Connection, statement: str, *names: str) -> None:
    """Run a statement in which each {} stands for one of `names`, quoted."""
    _run(connection, sql.SQL(statement).format(*map(sql.Identifier, names)))


def _run(connection: sa.Connection, statement: sql.Composed) -> None:
    # The driver takes a percent sign for a parameter even where there is none.
    connection.exec_driver_sql(statement.as_string().replace("%", "%%"))


def _database(connection: sa.Connection) -> str:
    name: str = connection.execute(sa.text("SELECT current_database()")).scalar_one()
    return name


def _users(roles: Roles) -> tuple[str, str]:
    return roles.app, roles.vendor


def _verifier(connection: sa.Connection, user: str, password: str) -> str:
    driver: Any = connection.connection.driver_connection
    verifier: bytes = driver.pgconn.encrypt_password(password.encode(), user.encode(), b"scram-sha-256")
    return verifier.decode()


def _show_vendors_their_own(connection: sa.Connection, roles: Roles, name: str) -> None:
    # The owner is not made to obey: it would see no row without a policy, so that a migration would copy none, and with
    # one it would obey nothing. Nobody logs in as it.
    run(connection, "ALTER TABLE {}.{} ENABLE ROW LEVEL SECURITY", SCHEMA, name)
    for policy in ("app", "vendor"):
        run(connection, "DROP POLICY IF EXISTS {} ON {}.{}", policy, SCHEMA, name)
    every = "CREATE POLICY app ON {}.{} TO {} USING (true) WITH CHECK (true)"
    run(connection, every, SCHEMA, name, roles.app)
    own = f"CREATE POLICY vendor ON {{}}.{{}} FOR SELECT TO {{}} USING (vendor_id = current_setting('{VENDOR}', true))"
    run(connection, own, SCHEMA, name, roles.vendor)
    run(connection, "GRANT SELECT ON {}.{} TO {}", SCHEMA, name, roles.vendor)
