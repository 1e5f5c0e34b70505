"""Where the counter's chain stood last, remembered outside the database: an older database put back is seen at once.

Written after each commit that moved the chain, without waiting for the disk: one that lags behind can only miss a
rollback, which the next hello finds. Must never keep a sale from being made: what cannot be written or read is logged.
"""

import logging
import os
import struct
import threading
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from typing import Final

from urs_desktop.counter.ports import Book
from urs_desktop.domain.staffing import FREE_FAILURES

_MAGIC: Final = b"URSmark1"
_LAYOUT: Final = struct.Struct(">8s16sQQ32sQ")
_CHECK_BYTES: Final = 16
_SIZE: Final = _LAYOUT.size + _CHECK_BYTES
_PRIVATE: Final = 0o600

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a counter's chain stood: in `epoch` at `seq` with the hash `head`, `receipt` the newest number given."""

    device_id: bytes
    epoch: int
    seq: int
    head: bytes
    receipt: int


class Sentinel:
    """The file that holds the mark: one record that is overwritten in place, with a checksum."""

    def __init__(self, path: Path) -> None:
        """Take where the file is; it is made with the first mark."""
        self._path = path
        self._descriptor: int | None = None
        self._one_at_a_time = threading.Lock()
        self._failed = False

    def read(self) -> Mark | None:
        """Return the mark, None where there is none; one that is torn or unreadable counts as none and is logged."""
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            _log.warning("the sentinel %s cannot be read: %s", self._path, error)
            return None
        mark = _unpack(data)
        if mark is None:
            _log.warning("the sentinel %s is damaged and passed over", self._path)
        return mark

    def write(self, mark: Mark) -> None:
        """Overwrite the mark; never raises for what the disk says."""
        data = _pack(mark)
        with self._one_at_a_time:
            try:
                if self._descriptor is None:
                    flags = os.O_WRONLY | os.O_CREAT | getattr(os, "O_BINARY", 0)
                    self._descriptor = os.open(self._path, flags, _PRIVATE)
                os.lseek(self._descriptor, 0, os.SEEK_SET)
                os.write(self._descriptor, data)
            except OSError as error:
                if not self._failed:
                    _log.warning("the sentinel %s cannot be written: %s", self._path, error)
                self._failed = True

    def close(self) -> None:
        """Close the file."""
        with self._one_at_a_time:
            if self._descriptor is not None:
                os.close(self._descriptor)
                self._descriptor = None


def contradicts(book: Book, mark: Mark) -> bool:
    """Return whether the chain in the book is behind the mark, or another one than it was there.

    Receipt numbers alone may be behind: those skipped by a counter that was put back once already, and is again.
    """
    identity = book.settings.identity()
    if identity is None or identity.device_id != mark.device_id:
        _log.warning("the sentinel is another counter's and passed over")
        return False
    if mark.epoch != identity.epoch:
        return mark.epoch > identity.epoch
    if mark.receipt > book.operations.head().receipt:
        return True
    if mark.seq == 0:
        return False
    operation = book.operations.at(mark.seq)
    return operation is None or operation.hash != mark.head


def fence(book: Book, mark: Mark) -> None:
    """Put the counter's history in doubt and give no receipt number again that the mark knows to be given.

    Nobody has free wrong guesses at a PIN either: those that were made are gone with what was put back.
    """
    _log.error("the chain is not the one that was here in epoch %s at operation %s: fenced", mark.epoch, mark.seq)
    book.operations.fence()
    book.epochs.skip_receipts(mark.receipt)
    for member in book.staff.all():
        book.staff.put(replace(member, failures=max(member.failures, FREE_FAILURES)))


def _pack(mark: Mark) -> bytes:
    record = _LAYOUT.pack(_MAGIC, mark.device_id, mark.epoch, mark.seq, mark.head, mark.receipt)
    return record + blake2b(record, digest_size=_CHECK_BYTES).digest()


def _unpack(data: bytes) -> Mark | None:
    record, check = data[: _LAYOUT.size], data[_LAYOUT.size :]
    if len(data) != _SIZE or blake2b(record, digest_size=_CHECK_BYTES).digest() != check:
        return None
    magic, device_id, epoch, seq, head, receipt = _LAYOUT.unpack(record)
    return Mark(device_id, epoch, seq, head, receipt) if magic == _MAGIC else None
