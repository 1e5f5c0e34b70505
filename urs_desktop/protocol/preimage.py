"""The bytes that are hashed and signed: a tag and length-prefixed parts, so that no two messages share a preimage.

Signed for ever: must never change. A new layout gets a new tag.
"""

import hashlib

_LENGTH_BYTES = 4
_INTEGER_BYTES = 8


def digest(tag: str, *parts: bytes | str | int) -> bytes:
    """Return SHA-256 (32 bytes) over the tag and every part, each behind its length as 4 bytes big-endian.

    Text is UTF-8, an integer (0 to 2**64 - 1) is 8 bytes big-endian; raises OverflowError for any other.
    """
    state = hashlib.sha256()
    for part in (tag, *parts):
        data = _bytes(part)
        state.update(len(data).to_bytes(_LENGTH_BYTES, "big"))
        state.update(data)
    return state.digest()


def _bytes(part: bytes | str | int) -> bytes:
    if isinstance(part, bytes):
        return part
    if isinstance(part, str):
        return part.encode()
    return part.to_bytes(_INTEGER_BYTES, "big")
