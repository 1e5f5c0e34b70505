"""How one program of this package starts another: as a module in a checkout, as the file beside it in a built folder.

Must never rely on the search path: what lies there may be another version.
"""

import os
import sys
from pathlib import Path
from typing import Final

_LIBRARIES: Final = "LD_LIBRARY_PATH"
_BEFORE: Final = "LD_LIBRARY_PATH_ORIG"
"""Where the start of a built program keeps what the path was before it put its own folder in front."""


def is_built() -> bool:
    """Return whether this program was built into a folder of its own, where there is no Python to be asked."""
    return bool(getattr(sys, "frozen", False))


def program(name: str, module: str) -> list[str]:
    """Return the command that starts the program `name`, whose module is `module`; its arguments follow."""
    if is_built():
        own = Path(sys.executable)
        return [str(own.with_name(name + own.suffix))]
    return [sys.executable, "-m", module]


def keep_libraries_to_itself() -> None:
    """Let the programs of this machine that a built one starts (a printer's, a player) use their own libraries."""
    if not is_built() or _LIBRARIES not in os.environ:
        return
    before = os.environ.pop(_BEFORE, None)
    if before is None:
        del os.environ[_LIBRARIES]
    else:
        os.environ[_LIBRARIES] = before
