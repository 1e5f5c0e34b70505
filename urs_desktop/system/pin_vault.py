"""A small secret for each person that only their PIN opens, and marks by which badges are known.

The PIN is never compared and never kept: Argon2id over HMAC(pepper, id, PIN) gives a key, and AES-GCM says whether it
fits. The pepper is not in the database, so a stolen row alone is worth nothing, and the id is authenticated, so one's
own row put in the place of somebody else's opens nothing. Must never log, return or raise a PIN or a badge.
"""

import hmac
import secrets
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

import msgspec
from argon2.exceptions import HashingError
from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_KEY_BYTES: Final = 32
_SALT_BYTES: Final = 16
_NONCE_BYTES: Final = 12
_TAG: Final = b"URS pin/1\x00"
_BADGE_TAG: Final = b"URS badge/1\x00"
_MOST_TIME_COST: Final = 64
_MOST_MEMORY_KIB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Cost:
    """How dear one guess is: Argon2id's passes over so many KiB of memory."""

    time_cost: int = 3
    memory_kib: int = 64 * 1024


class _Envelope(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    salt: bytes
    nonce: bytes
    time_cost: int
    memory_kib: int
    ciphertext: bytes


@dataclass(frozen=True, slots=True)
class PinVault:
    """Seals and opens people's secrets with a pepper (32 bytes) that is kept outside the database."""

    pepper: bytes = field(repr=False)
    cost: Cost = Cost()

    def seal(self, identifier: str, pin: str) -> bytes:
        """Return a fresh secret of this person's, sealed so that this PIN opens it; takes as long as a guess does."""
        salt, nonce = secrets.token_bytes(_SALT_BYTES), secrets.token_bytes(_NONCE_BYTES)
        key = self._key(identifier, pin, salt, self.cost)
        ciphertext = AESGCM(key).encrypt(nonce, secrets.token_bytes(_KEY_BYTES), _aad(identifier))
        return msgspec.msgpack.encode(_Envelope(salt, nonce, self.cost.time_cost, self.cost.memory_kib, ciphertext))

    def opens(self, identifier: str, pin: str, sealed: bytes) -> bool:
        """Return whether this PIN opens what was sealed for this person; a damaged seal is opened by none."""
        try:
            envelope = msgspec.msgpack.decode(sealed, type=_Envelope)
            if envelope.time_cost > _MOST_TIME_COST or envelope.memory_kib > _MOST_MEMORY_KIB:
                return False
            key = self._key(identifier, pin, envelope.salt, Cost(envelope.time_cost, envelope.memory_kib))
            AESGCM(key).decrypt(envelope.nonce, envelope.ciphertext, _aad(identifier))
        except (InvalidTag, msgspec.DecodeError, HashingError, OverflowError, ValueError):
            return False
        return True

    def is_current(self, sealed: bytes) -> bool:
        """Return whether a guess at this seal costs what one should cost now."""
        envelope = msgspec.msgpack.decode(sealed, type=_Envelope)
        return Cost(envelope.time_cost, envelope.memory_kib) == self.cost

    def waste(self) -> None:
        """Take as long as a guess at somebody's PIN, so that nobody learns who there is by the time it takes."""
        self._key("", "", bytes(_SALT_BYTES), self.cost)

    def badge_mark(self, badge: str) -> bytes:
        """Return the mark (32 bytes) by which a badge is known; without the pepper it says nothing about the badge."""
        return hmac.digest(self.pepper, _BADGE_TAG + badge.encode(), sha256)

    def _key(self, identifier: str, pin: str, salt: bytes, cost: Cost) -> bytes:
        name = identifier.encode()
        peppered = hmac.digest(self.pepper, _TAG + len(name).to_bytes(2, "big") + name + pin.encode(), sha256)
        return hash_secret_raw(peppered, salt, cost.time_cost, cost.memory_kib, 1, _KEY_BYTES, Type.ID)


def _aad(identifier: str) -> bytes:
    return _TAG + identifier.encode()
