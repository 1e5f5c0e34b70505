"""Setting stores up by command on the tests' PostgreSQL server, and looking at what that left there."""

from collections.abc import Callable
from typing import Any

import psycopg
import sqlalchemy as sa

from tests.postgresql.databases import PASSWORD, Databases
from urs_desktop.central import roles
from urs_desktop.central.roles import SCHEMA

Run = Callable[..., tuple[int, str, str]]
"""Runs a command and returns its status, its output and its errors."""


def refused(answer: tuple[int, str, str]) -> str:
    status, out, err = answer
    assert (status, out) == (1, ""), answer
    assert err.endswith(".")
    assert len(err.splitlines()) == 1
    assert PASSWORD not in err
    assert "password=" not in err
    return err


def name_of(url: str) -> str:
    name = sa.make_url(url).database
    assert name
    return name


def rows(postgresql: Databases, url: str, statement: str) -> list[tuple[Any, ...]]:
    """Return what the superuser sees in a database."""
    text = postgresql.server.socket_url(name_of(url)).render_as_string(hide_password=False)
    with psycopg.connect(text, options=f"-c search_path={SCHEMA}", autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def made_roles(postgresql: Databases, url: str) -> list[str]:
    names = roles.of_database(name_of(url))
    wanted = [names.owner, names.app, names.vendor]
    found = postgresql.server.execute("SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)", values=(wanted,))
    return sorted(row[0] for row in found)


def nothing_is_made(postgresql: Databases, url: str) -> bool:
    schemas = rows(postgresql, url, f"SELECT nspname FROM pg_namespace WHERE nspname = '{SCHEMA}'")
    return not schemas and not made_roles(postgresql, url)
