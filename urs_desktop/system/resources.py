"""Where the files of `resources/` are, in a checkout and in a built program.

Must never fall back to a path of the machine that built it.
"""

import sys
from pathlib import Path


def resource(*parts: str) -> Path:
    """Return the path of a file under resources/, whether or not it exists."""
    bundled: str | None = getattr(sys, "_MEIPASS", None)
    root = Path(bundled) if bundled else Path(__file__).parents[2]
    return root.joinpath("resources", *parts)
