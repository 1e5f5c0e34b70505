"""The central store's secrets on disk: one key-encrypting key, and the private keys it locks.

With a passphrase the key-encrypting key lies in a sealed file and everything else is derived from it or encrypted by
it; without one the files' mode (0600) is all there is. Other secrets are sealed by the signing key either way. Must
never write a private key readable by others, nor show one.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from urs_desktop.central import certificates
from urs_desktop.central.troubles import TroubleError
from urs_desktop.protocol.signatures import SigningKey
from urs_desktop.system.ids import Randomness
from urs_desktop.system.paths import write_atomically
from urs_desktop.system.sealed_file import read_passphrase, seal, unseal

_KEY_BYTES: Final = 32
_SEALED: Final = "sealed.key"
_FOLDER: Final = "keys"
_AUTHORITY: Final = "ca.pem"
_AUTHORITY_KEY: Final = "ca.key.pem"
_SERVER: Final = "server.pem"
_SERVER_KEY: Final = "server.key.pem"
_PLAIN_KEY: Final = "server.key.plain.pem"
_SIGNING_KEY: Final = "signing.key.pem"
_NONCE_BYTES: Final = 12


class KeysError(TroubleError):
    """The keys cannot be opened as asked; `str` is one sentence for the person at the machine."""


_PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


class Keys:
    """The opened secrets of one data folder; its repr shows none of them."""

    def __init__(self, folder: Path, master: bytes | None) -> None:
        """Take the data folder and the 32-byte key-encrypting key, None where nothing is encrypted."""
        self._folder = folder / _FOLDER
        self._master = master

    def database_key(self) -> bytes | None:
        """Return the raw key of the SQLite file, or None for a plain one."""
        return self._derived(b"URS central db/1")

    def make(self, now: int) -> None:
        """Make the authority and the signing key, unless an interrupted set-up has made them; raises OSError."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        if not (self._folder / _AUTHORITY).exists():
            key = certificates.new_key()
            self._write_key(_AUTHORITY_KEY, key)
            write_atomically(self._folder / _AUTHORITY, certificates.to_pem(certificates.authority(key, now)))
        if not (self._folder / _SIGNING_KEY).exists():
            self._write_key(_SIGNING_KEY, ed25519.Ed25519PrivateKey.generate())

    def authority(self) -> x509.Certificate:
        """Return the certificate authority; raises KeysError."""
        return self._certificate(_AUTHORITY)

    def signing_key(self) -> SigningKey:
        """Return the key that signs grants; raises KeysError."""
        return SigningKey(self._signing_seed())

    def seal(self, name: str, secret: bytes, randomness: Randomness) -> None:
        """Keep a secret in a file of this name, which only these keys open; raises KeysError, OSError."""
        nonce = randomness.token_bytes(_NONCE_BYTES)
        sealed = AESGCM(self._sealing_key()).encrypt(nonce, secret, name.encode())
        write_atomically(_sealed_file(self._folder, name), nonce + sealed)

    def unseal(self, name: str) -> bytes | None:
        """Return the secret kept under this name, or None if there is none; raises KeysError for a damaged one."""
        file = _sealed_file(self._folder, name)
        if not file.exists():
            return None
        try:
            data = file.read_bytes()
            return AESGCM(self._sealing_key()).decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], name.encode())
        except (InvalidTag, ValueError, OSError) as error:
            raise KeysError(f"{file} is damaged or another store's: restore it from a backup.") from error

    def forget(self, name: str) -> None:
        """Remove the secret kept under this name, if there is one; raises OSError."""
        _sealed_file(self._folder, name).unlink(missing_ok=True)

    @property
    def server_chain_file(self) -> Path:
        """The file that `server_chain` keeps."""
        return self._folder / _SERVER

    def server_chain(self, hosts: tuple[str, ...], now: int) -> Path:
        """Return the file of the server's certificate and authority, issued anew where missing, ending or for others.

        Raises KeysError, OSError.
        """
        chain = self._folder / _SERVER
        ca = self.authority()
        if self._server_fits(hosts, ca, now):
            return chain
        ca_key = self._read_key(_AUTHORITY_KEY)
        if not isinstance(ca_key, ec.EllipticCurvePrivateKey):
            raise KeysError(f"{self._folder / _AUTHORITY_KEY} is damaged: restore it from a backup.")
        key = certificates.new_key()
        # The key first: a chain that fits no key is issued anew at the next start.
        self._write_key(_SERVER_KEY, key)
        write_atomically(chain, certificates.to_pem(certificates.server(key, hosts, ca_key, ca, now), ca))
        return chain

    @contextmanager
    def server_key(self) -> Iterator[Path]:
        """Give the server's private key, not encrypted, as a file for as long as the context lasts.

        granian 2.8 panics over any encrypted key, so where keys are encrypted it gets one in memory alone (Linux) or
        in a file that is deleted with the context.
        """
        if self._master is None:
            yield self._folder / _SERVER_KEY
            return
        data = _pem(self._read_key(_SERVER_KEY), serialization.NoEncryption())
        if hasattr(os, "memfd_create"):
            with os.fdopen(os.memfd_create("server key"), "wb", buffering=0) as memory:
                memory.write(data)
                yield Path(f"/proc/self/fd/{memory.fileno()}")
            return
        plain = self._folder / _PLAIN_KEY
        write_atomically(plain, data)
        try:
            yield plain
        finally:
            plain.unlink(missing_ok=True)

    def _server_fits(self, hosts: tuple[str, ...], ca: x509.Certificate, now: int) -> bool:
        if not ((self._folder / _SERVER).exists() and (self._folder / _SERVER_KEY).exists()):
            return False
        current = self._certificate(_SERVER)
        own = self._read_key(_SERVER_KEY).public_key() == current.public_key()
        return own and certificates.still_fits(current, hosts, ca, now)

    def _signing_seed(self) -> bytes:
        key = self._read_key(_SIGNING_KEY)
        if not isinstance(key, ed25519.Ed25519PrivateKey):
            raise KeysError(f"{self._folder / _SIGNING_KEY} is damaged: restore it from a backup.")
        return key.private_bytes_raw()

    def _sealing_key(self) -> bytes:
        return HKDF(hashes.SHA256(), _KEY_BYTES, salt=None, info=b"URS central sealed/1").derive(self._signing_seed())

    def _derived(self, label: bytes) -> bytes | None:
        if self._master is None:
            return None
        return HKDF(hashes.SHA256(), _KEY_BYTES, salt=None, info=label).derive(self._master)

    def _password(self) -> bytes | None:
        derived = self._derived(b"URS central private keys/1")
        return derived.hex().encode() if derived else None

    def _write_key(self, name: str, key: _PrivateKey) -> None:
        password = self._password()
        lock = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
        write_atomically(self._folder / name, _pem(key, lock))

    def _read_key(self, name: str) -> _PrivateKey:
        try:
            key = serialization.load_pem_private_key((self._folder / name).read_bytes(), self._password())
        except (ValueError, TypeError, OSError) as error:
            raise KeysError(f"{self._folder / name} is missing or damaged: restore it from a backup.") from error
        if not isinstance(key, _PrivateKey):
            raise KeysError(f"{self._folder / name} is no key of this program.")
        return key

    def _certificate(self, name: str) -> x509.Certificate:
        try:
            return x509.load_pem_x509_certificate((self._folder / name).read_bytes())
        except (ValueError, OSError) as error:
            raise KeysError(f"{self._folder / name} is missing or damaged: restore it from a backup.") from error


def _sealed_file(folder: Path, name: str) -> Path:
    return folder / f"{name}.sealed"


def _pem(key: _PrivateKey, lock: serialization.KeySerializationEncryption) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, lock)


def is_sealed(folder: Path, name: str) -> bool:
    """Return whether a data folder keeps a secret of this name."""
    return _sealed_file(folder / _FOLDER, name).exists()


def make_keys(folder: Path, passphrase_file: Path | None, randomness: Randomness, now: int) -> Keys:
    """Make the keys of a new data folder, locked if a passphrase is given.

    Raises KeysError, SealedFileError, OSError.
    """
    if passphrase_file is not None and not (folder / _SEALED).exists():
        if (folder / _FOLDER).exists():
            raise KeysError(f"{folder} was begun without a passphrase; use another folder.")
        seal(folder / _SEALED, read_passphrase(passphrase_file), randomness.token_bytes(_KEY_BYTES))
    keys = open_keys(folder, passphrase_file)
    keys.make(now)
    return keys


def open_keys(folder: Path, passphrase_file: Path | None) -> Keys:
    """Return the keys of a data folder; raises KeysError where passphrase and folder do not go together."""
    sealed = folder / _SEALED
    if sealed.exists():
        if passphrase_file is None:
            raise KeysError("This central store is locked with a passphrase: name its file with --passphrase-file.")
        return Keys(folder, unseal(sealed, read_passphrase(passphrase_file)))
    if passphrase_file is not None:
        raise KeysError("This central store was set up without a passphrase: leave --passphrase-file out.")
    return Keys(folder, None)
