"""Ed25519 keys and signatures (RFC 8032) over 32-byte digests.

One key per counter and one at the central store. Must never sign anything but a digest of protocol.preimage.
"""

import secrets

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

SEED_BYTES = 32


def new_seed() -> bytes:
    """Return a new private key as its 32-byte seed."""
    return secrets.token_bytes(SEED_BYTES)


class SigningKey:
    """A private key held in memory; its repr never shows it."""

    def __init__(self, seed: bytes) -> None:
        """Take the 32-byte seed; raises ValueError for any other length."""
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public_key = self._key.public_key().public_bytes_raw()

    def sign(self, digest: bytes) -> bytes:
        """Return the 64-byte signature over a digest."""
        return self._key.sign(digest)


def verify(public_key: bytes, digest: bytes, signature: bytes) -> bool:
    """Return whether `signature` over `digest` was made by the holder of `public_key` (32 bytes)."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, digest)
    except (InvalidSignature, ValueError):
        return False
    return True
