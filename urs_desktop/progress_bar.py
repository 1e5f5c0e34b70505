"""How far a command has come, on standard error.

Must never write to standard output: that is the command's answer.
"""

import sys


class ProgressBar:
    """A bar on standard error: redrawn on a terminal, a line every tenth elsewhere."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._shown = -1
        self._live = sys.stderr.isatty()

    def show(self, done: int, of_all: int) -> None:
        """Show that `done` of `of_all` are done."""
        percent = 100 * done // max(1, of_all)
        step = percent if self._live else percent // 10
        if step == self._shown:
            return
        self._shown = step
        bar = "#" * (percent // 5)
        start, end = ("\r", "") if self._live else ("", "\n")
        print(f"{start}[{bar:<20}] {percent:3} % {done} of {of_all} {self._what}", end=end, file=sys.stderr, flush=True)

    def end(self) -> None:
        """Leave the line."""
        if self._live:
            print(file=sys.stderr)
