"""Column types that mean the same on SQLite (STRICT tables) and PostgreSQL.

Integers are 64 bits on both; text is text; bytes are bytes. Must never offer a float or a time type: money, points and
times are integers.
"""

from typing import Final

from sqlalchemy import BigInteger, Integer, LargeBinary, Text
from sqlalchemy.types import TypeEngine

INTEGER: Final[TypeEngine[int]] = BigInteger().with_variant(Integer(), "sqlite")
"""A 64-bit integer."""

TEXT: Final[TypeEngine[str]] = Text()
"""Text of any length."""

BYTES: Final[TypeEngine[bytes]] = LargeBinary()
"""Raw bytes."""
