"""Every statement the store keeps ready is one that PostgreSQL takes as well."""

import importlib
import pkgutil

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

import urs_desktop.central

MODULES = [
    module.name
    for module in pkgutil.walk_packages(urs_desktop.central.__path__, "urs_desktop.central.")
    if ".migrations" not in module.name and "bootstrap" not in module.name
]


DIALECTS = (sqlite.dialect(), postgresql.dialect())  # type: ignore[no-untyped-call]
Statement = sa.sql.expression.UpdateBase | sa.sql.expression.SelectBase


def statements() -> list[tuple[str, Statement]]:
    found = []
    for name in MODULES:
        for variable, value in vars(importlib.import_module(name)).items():
            if isinstance(value, Statement):
                found.append((f"{name}.{variable}", value))
    return found


def test_there_are_statements() -> None:
    assert len(statements()) > 40


@pytest.mark.parametrize("dialect", DIALECTS, ids=["sqlite", "postgresql"])
@pytest.mark.parametrize(("name", "statement"), statements(), ids=[name for name, _ in statements()])
def test_it_compiles(name: str, statement: Statement, dialect: sa.Dialect) -> None:
    text = str(statement.compile(dialect=dialect))
    if dialect.name == "postgresql":
        assert "OR IGNORE" not in text
