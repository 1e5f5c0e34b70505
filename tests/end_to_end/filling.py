"""Data folders whose disk fills up and is freed again: a small file system of its own, or else a limit on file sizes.

File systems are mounted in a name space of this process alone, which ends with it. Must never touch the machine's own.
"""

import ctypes
import os
import random
import resource
import subprocess
import sys
from pathlib import Path
from typing import Final

_CLONE_NEWNS: Final = 0x00020000
_SIZE: Final = "192m"
_BALLAST: Final = "ballast"
_CHUNK: Final = 1 << 20
_PAGE: Final = 4096


def may_mount() -> bool:
    """Move this process into a mount name space of its own; returns whether it may mount file systems there."""
    if sys.platform != "linux" or os.geteuid() != 0 or ctypes.CDLL(None, use_errno=True).unshare(_CLONE_NEWNS):
        return False
    return subprocess.run(("mount", "--make-rprivate", "/"), capture_output=True, check=False).returncode == 0


class Disk:
    """The disk under one data folder, which is made."""

    def __init__(self, folder: Path, *, mounts: bool) -> None:
        """Make the folder, with a small file system of its own if this process may mount one."""
        folder.mkdir()
        self._folder = folder
        self._mounts = mounts
        if mounts:
            subprocess.run(("mount", "-t", "tmpfs", "-o", f"size={_SIZE}", "tmpfs", folder), check=True)

    def fill(self, chance: random.Random, pid: int) -> None:
        """Leave a few pages at most for what process `pid` writes."""
        spare = chance.choice((0, 0, 1, 3, 10)) * _PAGE
        if not self._mounts:
            largest = max(path.stat().st_size for path in self._folder.iterdir())
            self._limit(pid, largest + spare)
            return
        ballast = os.open(self._folder / _BALLAST, os.O_WRONLY | os.O_CREAT)
        try:
            size, chunk = os.fstat(ballast).st_size, _CHUNK
            os.lseek(ballast, size, os.SEEK_SET)
            while chunk >= _PAGE:
                try:
                    size += os.write(ballast, bytes(chunk))
                except OSError:
                    chunk //= 2
            os.ftruncate(ballast, max(0, size - spare))
        finally:
            os.close(ballast)

    def free(self, pid: int) -> None:
        """Make room again."""
        (self._folder / _BALLAST).unlink(missing_ok=True)
        if not self._mounts:
            self._limit(pid, resource.RLIM_INFINITY)

    def close(self) -> None:
        """Take the file system away with all that is on it."""
        if self._mounts:
            subprocess.run(("umount", "--lazy", self._folder), check=True)

    def _limit(self, pid: int, size: int) -> None:
        try:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
        except ProcessLookupError:
            return
