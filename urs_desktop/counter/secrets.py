"""The counter's two secrets, kept by the operating system's keyring or in a file that a passphrase opens.

Which of the two it is, is written down beside the data and never changed silently: a keyring that lost the key is an
error, not a reason to make a new one. Must never write a secret into the data folder unsealed, a log or a message.
"""

import base64
import importlib
import secrets
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

import keyring.backend
import keyring.errors
import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from urs_desktop.protocol.signatures import SEED_BYTES, SigningKey
from urs_desktop.system.paths import write_atomically
from urs_desktop.system.sealed_file import read_passphrase, seal, unseal

_KEY_BYTES: Final = 32
_SERVICE: Final = "urs-desktop"
_NOTE: Final = "key-source.json"
_SEALED: Final = "counter.key"
_ALLOWED: Final = (
    ("keyring.backends.Windows", "WinVaultKeyring"),
    ("keyring.backends.macOS", "Keyring"),
    ("keyring.backends.SecretService", "Keyring"),
    ("keyring.backends.kwallet", "DBusKeyring"),
)
"""Backends that keep secrets encrypted. Any other (plain files, null, chains) is not used even if installed."""


class SecretsError(Exception):
    """The counter's secrets cannot be had; `str` is one sentence for the person at the machine."""


class _KeySource(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    source: str
    backend: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Secrets:
    """The key every other key is derived from, and the seed of the counter's signing key; 32 bytes each."""

    root: bytes = field(repr=False)
    signing_seed: bytes = field(repr=False)

    @classmethod
    def new(cls) -> Self:
        """Return fresh secrets."""
        return cls(secrets.token_bytes(_KEY_BYTES), secrets.token_bytes(SEED_BYTES))

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Return the secrets `to_bytes` wrote; raises SecretsError."""
        if len(data) != _KEY_BYTES + SEED_BYTES:
            message = "The counter's key is damaged; restore it from a backup."
            raise SecretsError(message)
        return cls(data[:_KEY_BYTES], data[_KEY_BYTES:])

    def to_bytes(self) -> bytes:
        """Return both secrets, for the keyring or the sealed file alone."""
        return self.root + self.signing_seed

    def database_key(self) -> bytes:
        """Return the store's raw key (32 bytes)."""
        return HKDF(hashes.SHA256(), _KEY_BYTES, None, b"URS counter db/1").derive(self.root)

    def pin_pepper(self) -> bytes:
        """Return what is mixed into every PIN and badge before it is hashed (32 bytes); it is in no database."""
        return HKDF(hashes.SHA256(), _KEY_BYTES, None, b"URS counter pin-pepper/1").derive(self.root)

    def signing_key(self) -> SigningKey:
        """Return the key that signs this counter's operations."""
        return SigningKey(self.signing_seed)


def open_secrets(folder: Path, passphrase_file: Path | None) -> Secrets:
    """Return the secrets of a data folder, made on its first use.

    With a passphrase file they are in a sealed file, without one in the OS keyring. Raises SecretsError or
    SealedFileError when they cannot be had; OSError when the folder cannot be written.
    """
    note = folder / _NOTE
    if not note.exists():
        return _make(folder, note, passphrase_file)
    try:
        source = msgspec.json.decode(note.read_bytes(), type=_KeySource)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        message = f"{note} is damaged; restore it from a backup."
        raise SecretsError(message) from error
    if source.source == "sealed":
        if passphrase_file is None:
            message = f"The data in {folder} is opened by a passphrase: name its file with --passphrase-file."
            raise SecretsError(message)
        return Secrets.from_bytes(unseal(folder / _SEALED, read_passphrase(passphrase_file)))
    return _from_keyring(source)


def _make(folder: Path, note: Path, passphrase_file: Path | None) -> Secrets:
    sealed = folder / _SEALED
    if passphrase_file is None and sealed.exists():
        message = f"The data in {folder} is opened by a passphrase: name its file with --passphrase-file."
        raise SecretsError(message)
    if not sealed.exists() and any(folder.glob("*.sqlite")):
        message = f"{note} is missing beside the data it opens; restore it from a backup."
        raise SecretsError(message)
    if passphrase_file is not None:
        passphrase = read_passphrase(passphrase_file)
        if sealed.exists():
            fresh = Secrets.from_bytes(unseal(sealed, passphrase))
        else:
            fresh = Secrets.new()
            seal(sealed, passphrase, fresh.to_bytes())
        source = _KeySource("sealed")
    else:
        fresh = Secrets.new()
        backend, label = _usable_backend()
        name = str(uuid.uuid4())
        backend.set_password(_SERVICE, name, base64.b64encode(fresh.to_bytes()).decode())
        source = _KeySource("keyring", label, name)
    write_atomically(note, msgspec.json.encode(source))
    return fresh


def _from_keyring(source: _KeySource) -> Secrets:
    for module, name in _ALLOWED:
        if f"{module}.{name}" == source.backend:
            backend = _backend(module, name)
            stored = _read(backend, source.name) if backend is not None else None
            if stored is not None:
                return _decoded(stored)
    message = (
        f"The keyring that keeps this counter's key ({source.backend}) does not give it; nothing was changed. "
        "Unlock the keyring of the user who set this counter up."
    )
    raise SecretsError(message)


def _decoded(stored: str) -> Secrets:
    try:
        data = base64.b64decode(stored, validate=True)
    except ValueError:
        data = b""
    return Secrets.from_bytes(data)


def _read(backend: keyring.backend.KeyringBackend, name: str) -> str | None:
    try:
        return backend.get_password(_SERVICE, name)
    except Exception as error:  # every backend has errors of its own
        message = f"The keyring does not answer ({type(error).__name__}); nothing was changed."
        raise SecretsError(message) from error


def _usable_backend() -> tuple[keyring.backend.KeyringBackend, str]:
    """Return the first allowed backend that gives back what it was given, and its name."""
    for module, name in _ALLOWED:
        backend = _backend(module, name)
        if backend is not None and _round_trip(backend):
            return backend, f"{module}.{name}"
    message = (
        "This machine has no keyring to keep the counter's key in; "
        "make a file with a passphrase and name it with --passphrase-file."
    )
    raise SecretsError(message)


def _backend(module: str, name: str) -> keyring.backend.KeyringBackend | None:
    try:
        made: keyring.backend.KeyringBackend = getattr(importlib.import_module(module), name)()
        usable = made.priority > 0
    except Exception:  # noqa: BLE001 - a backend that cannot be made on this machine is not there
        return None
    return made if usable else None


def _round_trip(backend: keyring.backend.KeyringBackend) -> bool:
    probe = f"probe-{uuid.uuid4()}"
    try:
        backend.set_password(_SERVICE, probe, probe)
        same = backend.get_password(_SERVICE, probe) == probe
        backend.delete_password(_SERVICE, probe)
    except Exception:  # noqa: BLE001 - every backend has errors of its own
        return False
    else:
        return same
