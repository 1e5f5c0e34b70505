"""People who run the programme. Passwords are kept as Argon2id with 64 MiB, never as anything else.

Must never log or return a password or its hash, nor let the time of an answer tell whether a name is known.
"""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from urs_desktop.central.schema import operators
from urs_desktop.central.troubles import TroubleError
from urs_desktop.database.engine import Database
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.domain.text import MAX_TEXT, as_stored, clean_text
from urs_desktop.system.ids import Randomness, uuid7

MIN_PASSWORD: Final = 8
"""A password has at least so many characters."""

_HASHER: Final = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1)
_NOBODYS: Final = "$argon2id$v=19$m=65536,t=3,p=1$0dODujsFoHgjtFvCbGl3EQ$s682xXMOQtf4tWX5gJtK38zjH55b6mwvmmtjQs4SqJY"
"""A hash that belongs to nobody: a name that is not known costs the same work as one that is."""

_BY_NAME = sa.select(operators).where(operators.c.name == sa.bindparam("name"))
_ALL = sa.select(operators).order_by(operators.c.created_at, operators.c.operator_id)
_REHASH = (
    sa.update(operators)
    .where(operators.c.operator_id == sa.bindparam("operator"), operators.c.password_hash == sa.bindparam("old"))
    .values(password_hash=sa.bindparam("new"))
)


class Role(StrEnum):
    """What an operator is there for: the machine and all else, or the programme alone."""

    ADMIN = "admin"
    PROGRAMME = "programme"


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator; `created_at` in milliseconds."""

    operator_id: str
    name: str
    role: Role
    created_at: int


class PasswordError(TroubleError):
    """The password will not do, or name and password do not fit; `str` is one sentence."""


class OperatorError(TroubleError):
    """An operator cannot be added or is not there; `str` is one sentence."""


def password_in(file: Path) -> str:
    """Return the password in a file, without the end of its line; raises PasswordError if it cannot be read."""
    try:
        return file.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no UTF-8"
        raise PasswordError(f"The password file {file} cannot be read ({reason}).") from error


def hashed(password: str) -> str:
    """Return what is stored of a password (PHC form); raises PasswordError."""
    if len(password) < MIN_PASSWORD:
        raise PasswordError(f"The password is too short: it needs at least {MIN_PASSWORD} characters.")
    return _HASHER.hash(password)


def add(connection: sa.Connection, name: str, role: str, password_hash: str, now: int, randomness: Randomness) -> str:
    """Add an operator and return the id.

    Raises Refusal(TEXT_MALFORMED) for a name unfit to store, OperatorError for one that is taken and an unknown role.
    """
    cleaned = clean_text(name)
    if not cleaned:
        raise Refusal(RefusalCode.TEXT_MALFORMED, text="''", maximum=MAX_TEXT)
    if role not in set(Role):
        raise OperatorError(f"There is no role {role}: it is {' or '.join(Role)}.")
    if connection.execute(_BY_NAME, {"name": cleaned}).one_or_none() is not None:
        raise OperatorError(f"There is an operator {cleaned} already.")
    operator_id = str(uuid7(now, randomness))
    row = {
        "operator_id": operator_id,
        "name": cleaned,
        "role": role,
        "password_hash": password_hash,
        "created_at": now,
    }
    connection.execute(sa.insert(operators), row)
    return operator_id


def authenticate(database: Database, name: str, password: str) -> Operator:
    """Return the operator of this name if the password is the operator's; raises PasswordError, the same for both.

    The work is done between transactions: it takes a quarter of a second. A hash made with older parameters is made
    anew.
    """
    with database.read() as connection:
        row = connection.execute(_BY_NAME, {"name": as_stored(name)}).one_or_none()
    stored: str = _NOBODYS if row is None else row.password_hash
    try:
        _HASHER.verify(stored, password)
    except (VerificationError, InvalidHashError):
        row = None
    if row is None:
        raise PasswordError("The operator's name or password is wrong; nothing was done.")
    if _HASHER.check_needs_rehash(stored):
        with database.write() as connection:
            new = {"operator": row.operator_id, "old": stored, "new": _HASHER.hash(password)}
            connection.execute(_REHASH, new)
    return _operator(row)


def named(connection: sa.Connection, name: str) -> Operator:
    """Return the operator of this name; raises OperatorError."""
    row = connection.execute(_BY_NAME, {"name": as_stored(name)}).one_or_none()
    if row is None:
        raise OperatorError(f"There is no operator {as_stored(name)}.")
    return _operator(row)


def every(connection: sa.Connection) -> list[Operator]:
    """Return all operators in the order in which they were added."""
    return [_operator(row) for row in connection.execute(_ALL)]


def any_there(connection: sa.Connection) -> bool:
    """Return whether the store has an operator: it is the last thing that setting it up writes."""
    return connection.execute(sa.select(operators.c.operator_id).limit(1)).first() is not None


def _operator(row: sa.Row[*tuple[Any, ...]]) -> Operator:
    return Operator(row.operator_id, row.name, Role(row.role), row.created_at)
