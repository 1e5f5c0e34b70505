"""Makes heard what the sell screen shows: one sound for each step that has one, played beside the screens.

Must never play on the screens' thread, nor while the preferences say that the counter is silent.
"""

import logging
from functools import partial
from pathlib import Path
from typing import Protocol

from urs_desktop.system.resources import resource
from urs_desktop.ui.presenters.runner import Runner
from urs_desktop.ui.presenters.sell_state import SellState
from urs_desktop.ui.presenters.sounds import Sound, sound_of

_log = logging.getLogger(__name__)


class Player(Protocol):
    """Plays files; see system.sound_player."""

    def play(self, sound: Path) -> None:
        """Begin to play a WAV file and return."""

    def close(self) -> None:
        """Cut off what is playing."""


class Sounds:
    """The sounds of one window."""

    def __init__(self, player: Player | None, runner: Runner, *, wanted: bool) -> None:
        """Take what plays, if anything does, what works beside the screens, and whether anything shall be heard."""
        self._player = player
        self._runner = runner
        self._last: SellState | None = None
        self.wanted = wanted

    def render_state(self, state: SellState) -> None:
        """Make the step to this state heard; the first state is no step."""
        last, self._last = self._last, state
        if last is None or self._player is None or not self.wanted:
            return
        sound = sound_of(last, state)
        if sound is not None:
            self.play(sound)

    def play(self, sound: Sound) -> None:
        """Have a sound heard, unless the counter is silent; returns at once."""
        if self._player is not None and self.wanted:
            file = resource("sounds", f"{sound.value}.wav")
            self._runner.run(partial(self._player.play, file), _ignore, _not_played)

    def close(self) -> None:
        """Cut off what is playing."""
        if self._player is not None:
            self._player.close()


def _ignore(_: None) -> None:
    """Do nothing with a sound that plays."""


def _not_played(error: Exception) -> None:
    _log.info("a sound was not played", exc_info=error)
