"""A small secret kept in a file that only a passphrase opens: Argon2id, then AES-256-GCM.

For machines without a keyring. Must never write the secret or the passphrase anywhere, nor open with a wrong one.
"""

from pathlib import Path
from typing import Final

from urs_desktop.system.envelope import USUAL, DamagedError, WrongSecretError, close, opened
from urs_desktop.system.paths import write_atomically

_MAGIC: Final = b"URS sealed file 1\n"


class SealedFileError(Exception):
    """The sealed file cannot be opened; `str` is one sentence for the person at the machine."""


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
    write_atomically(path, _MAGIC + close(passphrase, secret, _MAGIC, USUAL))


def unseal(path: Path, passphrase: bytes) -> bytes:
    """Return the secret in a sealed file; raises SealedFileError for a wrong passphrase or a damaged file."""
    try:
        data = path.read_bytes()
    except OSError as error:
        message = f"The sealed key file {path} cannot be read ({error.strerror})."
        raise SealedFileError(message) from error
    if not data.startswith(_MAGIC):
        message = f"{path} is no sealed key file of this program."
        raise SealedFileError(message)
    try:
        return opened(passphrase, data.removeprefix(_MAGIC), _MAGIC)
    except WrongSecretError:
        message = f"The passphrase does not open {path}; nothing was changed."
        raise SealedFileError(message) from None
    except DamagedError as error:
        message = f"{path} is damaged: restore it from a backup."
        raise SealedFileError(message) from error
