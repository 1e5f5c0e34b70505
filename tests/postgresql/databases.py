"""Databases on the tests' server: empty ones with an administrator, and copies of one in which a store is set up.

Copying a database that is ready costs a few hundredths of a second, setting one up a few tenths. Must never hand one
database to two tests.
"""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Final

import sqlalchemy as sa

import urs_desktop.central
from tests.postgresql.server import Server
from urs_desktop.central import roles
from urs_desktop.central.provisioning import administrator
from urs_desktop.database.engine import Database, postgresql_engine

SCRIPTS: Final = Path(urs_desktop.central.__file__).with_name("migrations")
ADMINISTRATOR: Final = "administrator"
PASSWORD: Final = "a password of tests"
_TEMPLATE: Final = "urs_template"


class Databases:
    """Makes databases on one server; an administrator of them may make roles and is no superuser."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._numbers = itertools.count(1)
        self._free: list[Database] = []
        server.execute(f"CREATE ROLE {{}} LOGIN CREATEROLE PASSWORD '{PASSWORD}'", ADMINISTRATOR)

    @contextmanager
    def empty(self, name: str = "") -> Iterator[str]:
        """Give the URL of an empty database, as its administrator reaches it by TCP."""
        database = name or f"empty_{next(self._numbers)}"
        self.server.execute("CREATE DATABASE {} OWNER {}", database, ADMINISTRATOR)
        try:
            yield self.server.url(database, ADMINISTRATOR, PASSWORD).render_as_string(hide_password=False)
        finally:
            self.drop(database)

    @contextmanager
    def ready(self) -> Iterator[Database]:
        """Give a database with all tables and no rows, opened as the program's own role, which owns none of them."""
        opened = self.kept()
        try:
            yield opened
        finally:
            opened.close()
            self.drop(_name(opened))
            self._free.append(opened)

    def kept(self) -> Database:
        """Return a database as from `ready`, which goes with the server.

        Under the name of one that was dropped, if there is one: its engine has compiled the program's statements.
        """
        name = _name(self._free[-1]) if self._free else f"ready_{next(self._numbers)}"
        self.server.execute("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", name, self._template)
        if self._free:
            return self._free.pop()
        return Database(postgresql_engine(self.server.socket_url(name, self.app_role, PASSWORD)))

    def put_copy(self, source: Database, target: Database) -> None:
        """Put a copy of one of these databases in the place of another, which keeps its name."""
        for database in (target, source):  # a database that is copied has nobody connected to it
            database.close()
        self.drop(_name(target))
        self.server.execute("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", _name(target), _name(source))

    @contextmanager
    def as_superuser(self, database: Database) -> Iterator[sa.Connection]:
        """Give a transaction in which nothing holds back who tampers with a store's rows."""
        opened = Database(postgresql_engine(self.server.socket_url(_name(database))))
        try:
            with opened.write() as connection:
                connection.execute(sa.text(f"SET LOCAL search_path = {roles.SCHEMA}"))
                yield connection
        finally:
            opened.close()

    @property
    def app_role(self) -> str:
        """The program's own role in every database from `ready`; its password is PASSWORD."""
        return roles.of_database(_TEMPLATE).app

    def drop(self, database: str) -> None:
        """Drop a database, whoever is still connected to it."""
        self.server.execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", database)

    @cached_property
    def _template(self) -> str:
        self.server.execute("CREATE DATABASE {} OWNER {}", _TEMPLATE, ADMINISTRATOR)
        with administrator(self.server.socket_url(_TEMPLATE, ADMINISTRATOR, PASSWORD), SCRIPTS) as made:
            made.set_up(PASSWORD)
        return _TEMPLATE


def _name(database: Database) -> str:
    name = database.engine.url.database
    assert name
    return name
