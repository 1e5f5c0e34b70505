"""Random choices keyed by identity: the same seed and the same name always draw the same numbers.

Leaving one action out of a run therefore does not reshuffle the others. Must never share a generator between names.
"""

import hashlib
import random


class Chance:
    """Draws generators for names under one seed."""

    def __init__(self, seed: int) -> None:
        """Take the seed of the run."""
        self._seed = seed

    def of(self, *name: str | int) -> random.Random:
        """Return the generator of a name."""
        return random.Random(self._digest(name))

    def share(self, *name: str | int) -> float:
        """Return the one number of a name, at least 0 and below 1; cheaper than a generator."""
        return (int.from_bytes(self._digest(name)[:8], "big") >> 11) / (1 << 53)

    def _digest(self, name: tuple[str | int, ...]) -> bytes:
        key = "/".join(map(str, (self._seed, *name))).encode()
        return hashlib.blake2b(key, digest_size=16).digest()


class SeededBytes:
    """Randomness for the code under test, as urs_desktop.system.ids.Randomness."""

    def __init__(self, generator: random.Random) -> None:
        """Take the generator to draw from."""
        self._generator = generator

    def token_bytes(self, count: int) -> bytes:
        """Return `count` bytes."""
        return self._generator.randbytes(count)
