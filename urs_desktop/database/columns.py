"""Column types that mean the same on SQLite (STRICT tables) and PostgreSQL.

Integers are 64 bits on both; text is text, compared byte by byte; bytes are bytes. Must never offer a float or a time
type: money, points and times are integers.
"""

from typing import Any, Final

from sqlalchemy import BigInteger, Integer, LargeBinary, Text, TypeDecorator
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeEngine

_NUL: Final = "\x00"
_REPLACEMENT: Final = "\ufffd"


def storable(text: str) -> str:
    """Return a text as every database can hold it: U+0000, which PostgreSQL cannot, becomes U+FFFD.

    A receipt that holds one must not be refused for it, so whoever compares stored text with what a counter signed
    compares both through this.
    """
    return text.replace(_NUL, _REPLACEMENT) if _NUL in text else text


class _Text(TypeDecorator[str]):
    """Text that SQLite and PostgreSQL order alike, whatever language the server speaks."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return PostgreSQL's text ordered by its bytes, as SQLite orders every text."""
        return Text(collation="C") if dialect.name == "postgresql" else Text()

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Return what PostgreSQL can hold."""
        return storable(value) if value is not None and dialect.name == "postgresql" else value


INTEGER: Final[TypeEngine[int]] = BigInteger().with_variant(Integer(), "sqlite")
"""A 64-bit integer."""

TEXT: Final[TypeEngine[str]] = _Text()
"""Text of any length; on PostgreSQL U+0000 is stored as `storable` says."""

BYTES: Final[TypeEngine[bytes]] = LargeBinary()
"""Raw bytes."""
