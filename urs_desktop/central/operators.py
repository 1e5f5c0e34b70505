"""People who run the programme. Passwords are kept as Argon2id with 64 MiB, never as anything else.

Must never log or return a password or its hash.
"""

from typing import Final

import sqlalchemy as sa
from argon2 import PasswordHasher

from urs_desktop.central.schema import operators
from urs_desktop.central.troubles import TroubleError
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.domain.text import clean_text
from urs_desktop.system.ids import Randomness, uuid7

MIN_PASSWORD: Final = 8
"""A password has at least so many characters."""

_HASHER: Final = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1)


class PasswordError(TroubleError):
    """The password will not do; `str` is one sentence."""


def hashed(password: str) -> str:
    """Return what is stored of a password (PHC form); raises PasswordError."""
    if len(password) < MIN_PASSWORD:
        raise PasswordError(f"The password is too short: it needs at least {MIN_PASSWORD} characters.")
    return _HASHER.hash(password)


def add(connection: sa.Connection, name: str, role: str, password_hash: str, now: int, randomness: Randomness) -> str:
    """Add an operator and return the id; raises Refusal(TEXT_MALFORMED) for a name unfit to store."""
    cleaned = clean_text(name)
    if not cleaned:
        raise Refusal(RefusalCode.TEXT_MALFORMED, text="''", maximum=200)
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


def any_there(connection: sa.Connection) -> bool:
    """Return whether the store has an operator: it is the last thing that setting it up writes."""
    return connection.execute(sa.select(operators.c.operator_id).limit(1)).first() is not None
