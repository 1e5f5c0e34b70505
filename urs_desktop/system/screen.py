"""Whether this machine can show a window, asked before Qt is: Qt ends the process when it cannot.

Must never import Qt.
"""

import ctypes
import os
import sys
from typing import Final

_PLATFORM: Final = "QT_QPA_PLATFORM"
_LIBRARIES: Final = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
"""What Qt's X11 part needs beyond what the rest of Qt does, and Debian's names for it."""


def has_display() -> bool:
    """Return whether there is a screen to open a window on."""
    return sys.platform in ("win32", "darwin") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def screen_trouble() -> str | None:
    """Return one sentence about why no window can be opened here, or None when one can."""
    if os.environ.get(_PLATFORM):
        return None
    if not has_display():
        return "There is no display to open the counter on; nothing was changed. The other commands need none."
    if os.environ.get("WAYLAND_DISPLAY") or sys.platform in ("win32", "darwin"):
        return None
    missing = [package for library, package in _LIBRARIES.items() if not _is_there(library)]
    if not missing:
        return None
    return f"This machine lacks what a window needs; nothing was changed. Run: apt-get install {' '.join(missing)}"


def _is_there(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
