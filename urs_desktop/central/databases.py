"""Where a store's database is, and opening it: a SQLite file in the data folder, or a PostgreSQL server's database.

The URL of the latter holds a password, so it lies in the data folder sealed. Must never bring a server's database to
another schema: the program's own role there may not.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from urs_desktop.central.keys import Keys, is_sealed
from urs_desktop.central.schema import METADATA, REVISION
from urs_desktop.central.troubles import TroubleError
from urs_desktop.database.engine import Database, postgresql_engine, sqlite_engine
from urs_desktop.database.guards import guard
from urs_desktop.system.ids import Randomness

FILE: Final = "central.sqlite"
"""The name of the SQLite file in the data folder."""

_SEALED: Final = "database"
_SCHEMES: Final = ("postgresql", "postgresql+psycopg", "postgres")
_PRIVATE: Final = 0o600
_KEPT: Final = frozenset(
    {
        *("host", "hostaddr", "port", "connect_timeout", "target_session_attrs", "load_balance_hosts"),
        *("sslmode", "sslrootcert", "sslcrl", "channel_binding", "gssencmode", "tcp_user_timeout"),
        *("keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count"),
    }
)
"""What of an administrator's URL says how to reach the server; the rest says who the administrator is."""

Upgrade = Callable[[Database, Path], None]
"""Brings the database behind a SQLite file to the schema of this program."""


class SetUpError(TroubleError):
    """The data folder or its database is not as the command needs it; `str` is one sentence."""


def holds_file(folder: Path) -> bool:
    """Return whether a data folder holds a SQLite file."""
    return (folder / FILE).exists()


def is_begun(folder: Path) -> bool:
    """Return whether a data folder has a database, though its set-up may not have come to its end."""
    return holds_file(folder) or is_sealed(folder, _SEALED)


def postgresql_url(text: str) -> sa.URL:
    """Return the URL of a PostgreSQL database; raises SetUpError, which does not repeat it: it may hold a password."""
    try:
        url = sa.make_url(text)
    except (sa.exc.ArgumentError, ValueError):
        url = None
    if url is None or url.drivername not in _SCHEMES or not url.database:
        raise SetUpError(
            "The database URL is none of a PostgreSQL database: it looks like postgresql://user:password@host/database."
        )
    if {"user", "password", "dbname"} & set(url.query):
        raise SetUpError("The database URL names user, password and database before its question mark, not after it.")
    return url.set(drivername="postgresql")


def own_url(administrators: sa.URL, user: str, password: str) -> sa.URL:
    """Return the URL by which the program's own role reaches the database of an administrator's URL."""
    how = {name: value for name, value in administrators.query.items() if name in _KEPT}
    return administrators.set(username=user, password=password, query=how)


def keep_url(keys: Keys, url: sa.URL, randomness: Randomness) -> None:
    """Keep the program's URL in the data folder; raises KeysError, OSError."""
    keys.seal(_SEALED, url.render_as_string(hide_password=False).encode(), randomness)


def kept_url(keys: Keys) -> sa.URL | None:
    """Return the program's URL, None where the store is a SQLite file; raises KeysError."""
    kept = keys.unseal(_SEALED)
    return None if kept is None else sa.make_url(kept.decode())


def forget_url(keys: Keys) -> None:
    """Take the program's URL out of the data folder; raises OSError."""
    keys.forget(_SEALED)


def opened(folder: Path, keys: Keys, upgrade: Upgrade) -> Database:
    """Return a store's database, at this program's schema.

    A SQLite file that is not there is made, and an older one is brought up to date by `upgrade`. Raises SetUpError for
    a server's database at another schema, KeysError, DatabaseFileError and what the server says.
    """
    url = kept_url(keys)
    database = _of_file(folder, keys) if url is None else Database(postgresql_engine(url))
    try:
        if revision(database) != REVISION:  # usually it is, and Alembic need not even be imported
            _bring_up(database, folder / FILE, upgrade)
    except BaseException:
        database.close()
        raise
    return database


def revision(database: Database) -> str | None:
    """Return the schema's revision, None for an empty database."""
    with database.read() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        found: str | None = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
        return found


def listed(names: Iterable[str], most: int = 3) -> str:
    """Return the first of some names as a sentence lists them."""
    known = list(names)
    more = f" and {len(known) - most} more" if len(known) > most else ""
    return ", ".join(known[:most]) + more


def _of_file(folder: Path, keys: Keys) -> Database:
    (folder / FILE).touch(mode=_PRIVATE)
    return Database(sqlite_engine(folder / FILE, keys.database_key(), guard(METADATA)))


def _bring_up(database: Database, file: Path, upgrade: Upgrade) -> None:
    if not database.is_sqlite:
        raise SetUpError(_outdated(revision(database)))
    upgrade(database, file)


def _outdated(found: str | None) -> str:
    if found is None:
        return "The PostgreSQL database of this central store is empty: restore it from a backup."
    if found > REVISION:  # revisions begin with their number
        return (
            f"The data was written by a newer version of this program (schema {found}); "
            "nothing was changed. Install that version or a later one."
        )
    return (
        f"The database is at an older schema ({found}) than this program ({REVISION}): "
        "run urs-central upgrade --database-url URL with an administrator's URL."
    )
