"""What only a passphrase or a PIN opens: Argon2id makes a key of it, and AES-256-GCM says whether it fits.

Must never keep, log or raise what it is opened with, nor take as long as somebody else's bytes ask for.
"""

import secrets
from dataclasses import dataclass
from typing import Final

import msgspec
from argon2.exceptions import HashingError
from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES: Final = 32
SALT_BYTES: Final = 16
_NONCE_BYTES: Final = 12
_MOST_TIME_COST: Final = 64
_MOST_MEMORY_KIB: Final = 1024 * 1024


class DamagedError(Exception):
    """The bytes are no envelope of this program's."""


class WrongSecretError(Exception):
    """What was tried does not open the envelope, or it was made for something else."""


@dataclass(frozen=True, slots=True)
class Cost:
    """How dear one guess is: Argon2id's passes over so many KiB of memory."""

    time_cost: int = 3
    memory_kib: int = 64 * 1024


USUAL: Final = Cost()


class _Envelope(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    salt: bytes
    nonce: bytes
    time_cost: int
    memory_kib: int
    ciphertext: bytes


def close(opener: bytes, content: bytes, label: bytes, cost: Cost) -> bytes:
    """Return an envelope with `content` that `opener` opens under the same `label`; takes as long as a guess does."""
    salt, nonce = secrets.token_bytes(SALT_BYTES), secrets.token_bytes(_NONCE_BYTES)
    ciphertext = AESGCM(derive(opener, salt, cost)).encrypt(nonce, content, label)
    return msgspec.msgpack.encode(_Envelope(salt, nonce, cost.time_cost, cost.memory_kib, ciphertext))


def opened(opener: bytes, envelope: bytes, label: bytes) -> bytes:
    """Return the content of an envelope; raises WrongSecretError and DamagedError."""
    try:
        read = msgspec.msgpack.decode(envelope, type=_Envelope)
        if read.time_cost > _MOST_TIME_COST or read.memory_kib > _MOST_MEMORY_KIB:
            raise DamagedError
        key = derive(opener, read.salt, Cost(read.time_cost, read.memory_kib))
        return AESGCM(key).decrypt(read.nonce, read.ciphertext, label)
    except InvalidTag:
        raise WrongSecretError from None
    except (msgspec.DecodeError, HashingError, OverflowError, ValueError) as error:
        raise DamagedError from error


def cost_of(envelope: bytes) -> Cost:
    """Return what a guess at an envelope costs; raises msgspec.DecodeError for bytes that are none."""
    read = msgspec.msgpack.decode(envelope, type=_Envelope)
    return Cost(read.time_cost, read.memory_kib)


def derive(opener: bytes, salt: bytes, cost: Cost) -> bytes:
    """Return the key (32 bytes) that `opener` gives with this salt."""
    return hash_secret_raw(opener, salt, cost.time_cost, cost.memory_kib, 1, KEY_BYTES, Type.ID)
