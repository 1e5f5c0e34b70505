"""Plays a sound file through whatever plays one on this machine, and is silent where nothing does.

Must never wait for a sound, raise an error, or let sounds queue up behind a fast scanner: the newest cuts the last off.
"""

import contextlib
import logging
import shutil
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

if sys.platform == "win32":
    import winsound

PLAYERS: Final = (
    ("pw-play",),
    ("paplay",),
    ("aplay", "-q"),
    ("afplay",),
    ("gst-play-1.0", "-q", "--no-interactive"),
    ("ffplay", "-nodisp", "-autoexit", "-loglevel", "quiet"),
)
"""Programs that play a file, with the arguments before its name; those of the sound servers before the device's."""

_ENDS_S: Final = 2
_log = logging.getLogger(__name__)


class SoundPlayer:
    """Plays one sound at a time; from any thread."""

    def __init__(self, players: Iterable[Sequence[str]] = PLAYERS) -> None:
        """Take the programs to try, the likeliest first."""
        self._candidates = tuple(players)
        self._players: deque[list[str]] | None = None
        self._playing: subprocess.Popen[bytes] | None = None
        self._one = threading.Lock()

    def play(self, sound: Path) -> None:
        """Begin to play a WAV file; returns before it is over."""
        with self._one:
            if sys.platform == "win32":
                with contextlib.suppress(RuntimeError):
                    winsound.PlaySound(str(sound), winsound.SND_FILENAME | winsound.SND_ASYNC | winsound.SND_NODEFAULT)
            else:
                self._begin(sound)

    def close(self) -> None:
        """Cut off what is playing."""
        with self._one:
            self._cut_off()

    def _begin(self, sound: Path) -> None:
        if self._players is None:
            self._players = deque(_installed(self._candidates))
        if self._cut_off() and self._players:
            self._players.rotate(-1)  # no server, no device: the next program may find another way
        if not self._players:
            return
        try:
            self._playing = subprocess.Popen(  # noqa: S603 - no shell, and a file of this program
                [*self._players[0], str(sound)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        except OSError as error:
            _log.info("%s plays nothing: %s", self._players[0][0], error)
            self._players.popleft()

    def _cut_off(self) -> bool:
        """End what is playing; returns whether the last sound failed by itself."""
        last, self._playing = self._playing, None
        if last is None:
            return False
        failed = bool(last.poll())
        if last.returncode is None:
            last.terminate()
            try:
                last.wait(_ENDS_S)
            except subprocess.TimeoutExpired:
                last.kill()
                last.wait()
        return failed


def _installed(candidates: Iterable[Sequence[str]]) -> Iterable[list[str]]:
    for program, *arguments in candidates:
        where = shutil.which(program)
        if where is not None:
            yield [where, *arguments]
