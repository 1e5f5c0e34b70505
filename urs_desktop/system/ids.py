"""Identifiers: UUIDv7 (RFC 9562) from a given millisecond and a given source of randomness.

Both are passed in so that a simulation repeats exactly. Must never read the clock itself.
"""

import secrets
import uuid
from typing import Protocol

_UNIX_MS_BITS = 48
_RANDOM_BYTES = 10


class Randomness(Protocol):
    """A source of random bytes."""

    def token_bytes(self, count: int) -> bytes:
        """Return `count` random bytes."""


class SystemRandomness:
    """The operating system's randomness."""

    def token_bytes(self, count: int) -> bytes:
        """Return `count` random bytes fit for keys."""
        return secrets.token_bytes(count)


def uuid7(milliseconds: int, randomness: Randomness) -> uuid.UUID:
    """Return a UUIDv7: 48 bits of `milliseconds` since the epoch, the rest random."""
    tail = int.from_bytes(randomness.token_bytes(_RANDOM_BYTES), "big")
    value = (milliseconds & (1 << _UNIX_MS_BITS) - 1) << 80 | tail
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return uuid.UUID(int=value)
