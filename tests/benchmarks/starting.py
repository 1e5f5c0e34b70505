"""Figure 1: from the start of the process to a sell screen that is painted and takes a scan, seen from outside.

A screen in memory shows when the first picture of a window is there; the reference is a bare window of the same size.
Must never start anything but the installed program.
"""

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from tests.benchmarks import data
from tests.benchmarks.figures import NS_PER_MS, Figure, Series
from tests.end_to_end.processes import DESKTOP
from tests.end_to_end.screen import HEIGHT, WIDTH, Pixels, Screen, screen_in_memory

_BARE: Final = f"""
import sys
from PySide6.QtWidgets import QApplication, QMainWindow
app = QApplication(sys.argv)
window = QMainWindow()
window.resize({WIDTH}, {HEIGHT})
window.show()
app.exec()
"""
_ROUNDS: Final = 7
_PATIENCE_SECONDS: Final = 60
_TICK_SECONDS: Final = 0.001
_TENTHS: Final = 13
_LINE_PIXELS: Final = 600


def measure(till: data.Till, *, rounds: int = _ROUNDS) -> Figure:
    """Start both in turns, after once each unmeasured; raises NoScreenError where there is no screen to be had."""
    ours, theirs, sold = Series(), Series(), Series()
    program = (DESKTOP, "--data-dir", str(till.folder), "--passphrase-file", str(till.passphrase))
    bare = (sys.executable, "-c", _BARE)
    with screen_in_memory() as screen, tempfile.TemporaryDirectory() as home:
        for number in range(rounds + 1):
            told = _Start(screen, program, Path(home)).told(till)
            reference = _Start(screen, bare, Path(home)).told(None)
            if number:
                ours.wall.append(told.painted)
                ours.processor += told.processor
                sold.wall.append(told.sold)
                theirs.wall.append(reference.painted)
                theirs.processor += reference.processor
    what = f"process start -> painted sell screen that takes a scan, {till.size.products} products"
    note = f"a code scanned at once is in the cart {sold.milliseconds(50)} ms after the start (p50)"
    return Figure(1, what, "a bare PySide6 window", ours, theirs, "p50 <= 1.3x", _is_near, note)


def _is_near(ours: Series, theirs: Series) -> bool:
    return 10 * ours.percentile(50) <= _TENTHS * theirs.percentile(50)


class _Told:
    """What one start came to, in nanoseconds; `sold` is 0 where nothing was scanned."""

    def __init__(self, painted: int, sold: int, processor: int) -> None:
        self.painted = painted
        self.sold = sold
        self.processor = processor


class _Start:
    """One start of a program with a window, until the window is seen."""

    def __init__(self, screen: Screen, command: Sequence[str], home: Path) -> None:
        self._screen = screen
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "PYTHONPATH", "LANG")}
        self._environment = {**kept, "DISPLAY": screen.display, "HOME": str(home), "XDG_RUNTIME_DIR": str(home)}
        self._command = command
        self._empty = screen.pixels()

    def told(self, till: data.Till | None) -> _Told:
        """Start it, wait for its picture, scan a product where there is a till, and end it."""
        begin = time.perf_counter_ns()
        process = subprocess.Popen(self._command, env=self._environment)
        try:
            painted = self._until(self._empty, WIDTH * HEIGHT // 2) - begin
            processor = _processor(process.pid)
            sold = self._scan(till, begin) if till is not None else 0
        finally:
            process.terminate()
            process.wait()
        self._until_empty()
        return _Told(painted, sold, processor)

    def _scan(self, till: data.Till, begin: int) -> int:
        self._screen.do("search", "--sync", "--onlyvisible", "--name", "URS counter", "windowfocus", "--sync")
        before = self._screen.pixels()
        self._screen.type(data.barcode(till.size.products // 2))
        self._screen.press("Return")
        return self._until(before, _LINE_PIXELS * 10) - begin

    def _until(self, before: Pixels, pixels: int) -> int:
        until = time.monotonic() + _PATIENCE_SECONDS
        tick = threading.Event()
        while np.count_nonzero(self._screen.pixels()[::7] != before[::7]) < pixels // 7:
            assert time.monotonic() < until, "nothing is painted"
            tick.wait(_TICK_SECONDS)
        return time.perf_counter_ns()

    def _until_empty(self) -> None:
        tick = threading.Event()
        while np.count_nonzero(self._screen.pixels() != self._empty) > _LINE_PIXELS:
            tick.wait(_TICK_SECONDS)


def _processor(process: int) -> int:
    """Return the processor time a running process has used, in nanoseconds; see proc(5)."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    return ticks * (1_000 * NS_PER_MS // os.sysconf("SC_CLK_TCK"))
