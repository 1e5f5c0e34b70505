"""Where a program keeps its data: the folder named on the command line, else the platform's own place.

Must never write anywhere else.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import platformdirs
from filelock import FileLock, Timeout

_PRIVATE = 0o700
_PRIVATE_FILE = 0o600
_LOCK = "counter.lock"
_LOCK_SECONDS = 3


def data_folder(chosen: Path | None, program: str) -> Path:
    """Return the data folder, made if it is not there, readable by its owner alone; raises OSError."""
    folder = chosen or Path(platformdirs.user_data_dir(program, appauthor=False))
    if not folder.exists():
        folder.mkdir(parents=True, mode=_PRIVATE)
    return folder


def check_writable(path: Path) -> None:
    """Raise OSError if `write_atomically` could not write this file; changes nothing."""
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    os.close(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE_FILE))
    fresh.unlink()


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file so that after a crash it is either the old one or the new one; mode 0600; raises OSError."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE_FILE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


class DataFolderInUseError(Exception):
    """Another program works on the data folder; `str` is one sentence."""


@contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Keep every other program that would write from this data folder; the lock ends with the process at the latest.

    Raises DataFolderInUseError.
    """
    lock = FileLock(folder / _LOCK, timeout=_LOCK_SECONDS)
    try:
        lock.acquire()
    except Timeout:
        message = f"The counter in {folder} is open in another window or command; close it and try again."
        raise DataFolderInUseError(message) from None
    try:
        yield
    finally:
        lock.release()
