"""A small secret kept in a file that only a passphrase opens: Argon2id, then AES-256-GCM.

For machines without a keyring. Must never write the secret or the passphrase anywhere, nor open with a wrong one.
"""

import secrets
from pathlib import Path
from typing import Final

import msgspec
from argon2.exceptions import HashingError
from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from urs_desktop.system.paths import write_atomically

_MAGIC: Final = b"URS sealed file 1\n"
_KEY_BYTES: Final = 32
_SALT_BYTES: Final = 16
_NONCE_BYTES: Final = 12
_TIME_COST: Final = 3
_MEMORY_KIB: Final = 64 * 1024
_MOST_TIME_COST: Final = 64
_MOST_MEMORY_KIB: Final = 1024 * 1024


class SealedFileError(Exception):
    """The sealed file cannot be opened; `str` is one sentence for the person at the machine."""


class _Envelope(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    salt: bytes
    nonce: bytes
    time_cost: int
    memory_kib: int
    ciphertext: bytes


def read_passphrase(path: Path) -> bytes:
    """Return the passphrase in a file without its line end; raises SealedFileError for a missing or empty file."""
    try:
        passphrase = path.read_bytes().rstrip(b"\r\n")
    except OSError as error:
        message = f"The passphrase file {path} cannot be read ({error.strerror})."
        raise SealedFileError(message) from error
    if not passphrase:
        message = f"The passphrase file {path} is empty; write a passphrase into it."
        raise SealedFileError(message)
    return passphrase


def seal(path: Path, passphrase: bytes, secret: bytes) -> None:
    """Write `secret` into a new sealed file; raises OSError."""
    salt, nonce = secrets.token_bytes(_SALT_BYTES), secrets.token_bytes(_NONCE_BYTES)
    key = _derive(passphrase, salt, _TIME_COST, _MEMORY_KIB)
    ciphertext = AESGCM(key).encrypt(nonce, secret, _MAGIC)
    envelope = _Envelope(salt, nonce, _TIME_COST, _MEMORY_KIB, ciphertext)
    write_atomically(path, _MAGIC + msgspec.msgpack.encode(envelope))


def unseal(path: Path, passphrase: bytes) -> bytes:
    """Return the secret in a sealed file; raises SealedFileError for a wrong passphrase or a damaged file."""
    try:
        data = path.read_bytes()
        if not data.startswith(_MAGIC):
            message = f"{path} is no sealed key file of this program."
            raise SealedFileError(message)
        envelope = msgspec.msgpack.decode(data[len(_MAGIC) :], type=_Envelope)
        if envelope.time_cost > _MOST_TIME_COST or envelope.memory_kib > _MOST_MEMORY_KIB:
            message = f"{path} is damaged: restore it from a backup."
            raise SealedFileError(message)
        key = _derive(passphrase, envelope.salt, envelope.time_cost, envelope.memory_kib)
        return AESGCM(key).decrypt(envelope.nonce, envelope.ciphertext, _MAGIC)
    except OSError as error:
        message = f"The sealed key file {path} cannot be read ({error.strerror})."
        raise SealedFileError(message) from error
    except InvalidTag:
        message = f"The passphrase does not open {path}; nothing was changed."
        raise SealedFileError(message) from None
    except (msgspec.DecodeError, HashingError, OverflowError, ValueError) as error:
        message = f"{path} is damaged: restore it from a backup."
        raise SealedFileError(message) from error


def _derive(passphrase: bytes, salt: bytes, time_cost: int, memory_kib: int) -> bytes:
    return hash_secret_raw(passphrase, salt, time_cost, memory_kib, 1, _KEY_BYTES, Type.ID)
