"""How long nobody did anything at the counter, and whether that is too long.

Must never lock anything itself, nor wait.
"""

import logging
from typing import Final

from urs_desktop.counter.use_cases.preferences import Preferences, Setup
from urs_desktop.system.clock import Clock
from urs_desktop.ui.presenters.runner import Runner

_SECOND_MS: Final = 1000
_READ_EVERY: Final = 30
"""Looks between two readings of how long nobody may do anything."""

_log = logging.getLogger(__name__)


class Idle:
    """Watches the time since somebody did something."""

    def __init__(self, setup: Setup, runner: Runner, clock: Clock) -> None:
        """Take the counter's preferences, the runner and the clock."""
        self._setup = setup
        self._runner = runner
        self._clock = clock
        self._touched_at = clock.now()
        self._limit_ms = 0
        self._looks = 0

    def touched(self) -> None:
        """Note that somebody did something just now."""
        self._touched_at = self._clock.now()

    def read(self) -> None:
        """Learn how long nobody may do anything."""
        self._runner.run(self._setup.read, self._known, _unread)

    def _known(self, preferences: Preferences) -> None:
        self._limit_ms = max(0, preferences.idle_lock) * _SECOND_MS

    def is_over(self) -> bool:
        """Return whether nobody did anything for too long; asked about once a second."""
        self._looks += 1
        if self._looks % _READ_EVERY == 0:
            self.read()
        return self._limit_ms > 0 and self._clock.now() - self._touched_at >= self._limit_ms


def _unread(error: Exception) -> None:
    _log.error("how long nobody may do anything could not be read; it stays as it was", exc_info=error)
