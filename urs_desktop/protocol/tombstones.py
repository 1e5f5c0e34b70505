"""How the central store names a customer whom a counter shall forget, without saying the card's code again.

A mark is a hash of the card code: a counter that holds the card finds it, to any other it says nothing. It hides the
code and does not protect it: whoever can try all codes finds it. Must never change: erasure lists keep marks for ever.
"""

from hashlib import blake2b
from typing import Final

_PERSON: Final = b"URS card mark 1"
_BYTES: Final = 16


def mark(card: str) -> str:
    """Return the mark of a card code, 32 hexadecimal digits."""
    return blake2b(card.encode("utf-8", "surrogatepass"), digest_size=_BYTES, person=_PERSON).hexdigest()
