"""Has Python look for garbage in turns of the window's thread, while the window is served.

Left to itself Python looks wherever something was just made, with every thread waiting: in the middle of painting, or
in a thread that may not destroy what is Qt's. Must never leave the process without its own way of looking.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Final

from PySide6.QtCore import QTimer

from urs_desktop.ui.turns import Turns

_INTERVAL_MS: Final = 100


@contextmanager
def collected_in_turns(turns: Turns) -> Iterator[None]:
    """Look for garbage as often as Python would, at most every tenth of a second, and each time in a turn of its own.

    What is there when this begins stays until it ends, and is not looked through.
    """
    timer = QTimer(turns)
    timer.setInterval(_INTERVAL_MS)
    timer.timeout.connect(partial(_look, turns))
    gc.freeze()
    gc.disable()
    timer.start()
    try:
        yield
    finally:
        timer.stop()
        timer.deleteLater()
        gc.enable()
        gc.unfreeze()


def _look(turns: Turns) -> None:
    """Have the oldest generation that is due looked through, with the younger ones, as Python does."""
    due = [count > limit for count, limit in zip(gc.get_count(), gc.get_threshold(), strict=True)]
    if any(due):
        turns.wait(partial(_collect, max(generation for generation, is_due in enumerate(due) if is_due)))


def _collect(generation: int) -> None:
    gc.collect(generation)
