"""Notices work of the store that the screens do on their own thread, where it would hold up the cashier.

The pool of these tests works at once and on the same thread, so the stack is asked: did a screen reach the store
without the pool in between? Must never judge what a test does by itself.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Final

import tests.fakes.runners
import urs_desktop.ui

_SCREENS: Final = str(Path(urs_desktop.ui.__file__).parent)
_POOL: Final = tests.fakes.runners.__file__


def noting(found: list[str]) -> Callable[[], None]:
    """Return what adds a line to `found` when a screen calls it without the pool in between."""

    def note() -> None:
        frame: FrameType | None = sys._getframe(1)
        screen = ""
        while frame is not None:
            file = frame.f_code.co_filename
            if file == _POOL:
                return
            if file.startswith(_SCREENS):
                screen = screen or f"{file.removeprefix(_SCREENS)}:{frame.f_lineno} in {frame.f_code.co_name}"
            frame = frame.f_back
        if screen:
            found.append(screen)

    return note
