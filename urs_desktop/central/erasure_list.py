"""The list of erasures as a document, kept beside backups and applied to one that is restored.

Must never hold more than a number, a mark, an operator's id and a time.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from urs_desktop.central.erasing import Erasure
from urs_desktop.central.troubles import TroubleError


class ListError(TroubleError):
    """A file is no list of erasures; `str` is one sentence."""


def rows(listed: Iterable[Erasure]) -> list[dict[str, Any]]:
    """Return the list as the document `read` takes."""
    return [msgspec.to_builtins(line) for line in listed]


def read(file: Path) -> list[Erasure]:
    """Return the list in a file; raises ListError, and OSError if the file cannot be read."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=list[Erasure])
    except msgspec.DecodeError as error:
        raise ListError(f"{file} is no list of erasures; nothing was erased.") from error
