"""A screen in memory (Xvfb), a keyboard (xdotool), and the installed counter on them: all a cashier has, and no more.

What is on the screen is read from its picture and only to know when something new has come to rest on it; what it was
worth is asked of the programs afterwards. Must never call into the program, nor touch the mouse.
"""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

import dev
from tests.end_to_end.processes import DESKTOP, LONGEST, eventually, pause

WIDTH, HEIGHT = 1366, 768
_HEADER_BYTES: Final = 3232
"""What a picture of Xvfb begins with at 24 bits of colour: the header of the xwd format and its table of colours."""

_REST_SECONDS: Final = 0.4
_CURSOR_PIXELS: Final = 400
_NEWS_PIXELS: Final = 600
"""A blinking cursor changes fewer pixels than the first figure, a line, a page or a card more than the second."""

Pixels = npt.NDArray[np.uint32]


class NoScreenError(Exception):
    """No screen can be had on this machine; `str` says what is missing."""


class Screen:
    """One screen, without a window manager, and the keyboard that types on it."""

    def __init__(self, display: str, picture: Path) -> None:
        """Take the display's name and the file its picture is in."""
        self.display = display
        self._picture = picture

    def pixels(self) -> Pixels:
        """Return what is on the screen now, a number for each pixel, row by row."""
        data = self._picture.read_bytes()
        return np.frombuffer(data, np.uint32, WIDTH * HEIGHT, _HEADER_BYTES)

    def save(self, path: Path) -> None:
        """Save a picture of the screen as PNG."""
        from PySide6.QtGui import QImage

        image = QImage(self.pixels().tobytes(), WIDTH, HEIGHT, WIDTH * 4, QImage.Format.Format_RGB32)
        assert image.save(str(path)), path

    def do(self, *command: str) -> None:
        """Have xdotool do something."""
        environment = {**os.environ, "DISPLAY": self.display}
        done = subprocess.run(["xdotool", *command], env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"xdotool {' '.join(command)}: {done.stderr}"

    def press(self, *keys: str) -> None:
        """Press keys one after the other, by their names in X: Return, F12, Escape."""
        self.do("key", "--delay", "20", *keys)

    def type(self, text: str) -> None:
        """Type a text as fast as a scanner does."""
        self.do("type", "--delay", "5", text)

    def rests(self) -> bool:
        """Return whether nothing but a cursor moves."""
        before = self.pixels()
        pause(_REST_SECONDS)
        return _differ(before, self.pixels()) < _CURSOR_PIXELS

    @contextmanager
    def shows_news(self, what: str) -> Iterator[None]:
        """Wait, after the block, until something that was not on the screen before has come to rest on it."""
        before = self.pixels()
        yield
        eventually(lambda: self.has_news(before), what)

    def has_news(self, before: Pixels) -> bool:
        """Return whether something that was not there before has come to rest on the screen."""
        return _differ(before, self.pixels()) > _NEWS_PIXELS and self.rests()


def _differ(one: Pixels, other: Pixels) -> int:
    return int(np.count_nonzero(one != other))


@contextmanager
def screen_in_memory() -> Iterator[Screen]:
    """Start Xvfb on a free display and stop it at the end; raises NoScreenError."""
    missing = dev.missing(dev.TEST_TOOLS | dev.SCREEN_LIBRARIES)
    if missing:
        raise NoScreenError(f"on Debian: sudo apt-get install -y {' '.join(missing.values())}")
    with tempfile.TemporaryDirectory(prefix="urs-screen-") as folder:
        command = ["Xvfb", "-displayfd", "1", "-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-nolisten", "tcp"]
        with (Path(folder) / "said").open("w+") as said:
            server = subprocess.Popen([*command, "-fbdir", folder], stdout=subprocess.PIPE, stderr=said, text=True)
            try:
                assert server.stdout is not None
                number = server.stdout.readline().strip()
                if not number:
                    said.seek(0)
                    raise NoScreenError(f"Xvfb does not start: {said.read().strip()}")
                yield Screen(f":{number}", Path(folder) / "Xvfb_screen0")
            finally:
                server.terminate()
                server.communicate()


class Window:
    """The installed counter with its window on a screen."""

    def __init__(self, screen: Screen, data: Path, passphrase: Path, home: Path) -> None:
        """Start the counter and wait until its window has the keyboard and is ready."""
        self.screen = screen
        self._said = home / "said"
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "PYTHONPATH", "LANG")}
        environment = {**kept, "DISPLAY": screen.display, "HOME": str(home), "XDG_RUNTIME_DIR": str(home)}
        command = [DESKTOP, "--data-dir", str(data), "--passphrase-file", str(passphrase)]
        empty = screen.pixels()
        with self._said.open("wb") as said:
            self._process = subprocess.Popen(command, env=environment, stdout=said, stderr=said)
        eventually(lambda: self._process.poll() is not None or screen.has_news(empty), "the window")
        assert self._process.poll() is None, self._said.read_text()
        # Nobody hands the keyboard to a window where there is no window manager.
        screen.do("search", "--sync", "--onlyvisible", "--name", "URS counter", "windowfocus", "--sync")

    def end(self) -> None:
        """End the counter as a machine that shuts down does, and see that it went in peace."""
        self._process.terminate()
        try:
            status = self._process.wait(LONGEST)
        finally:
            self._process.kill()
        said = self._said.read_text()
        assert (status, said) == (0, ""), f"ended with {status}: {said}"

    def kill(self) -> None:
        """End it in any case."""
        self._process.kill()
        self._process.wait()
