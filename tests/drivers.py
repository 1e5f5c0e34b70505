"""The driver's own connection, for what SQLAlchemy has no words for: backups, PRAGMAs, another authorizer.

Must never be used beside a transaction that is open.
"""

from typing import Any

from urs_desktop.database.engine import Database


def driver_of(database: Database) -> Any:  # noqa: ANN401 - sqlcipher3 ships no types
    """Return a connection of the driver of a database that nobody else uses at the moment."""
    with database.engine.connect() as connection:
        return connection.connection.driver_connection
