"""Somebody says who they are: a code and then a PIN, or a badge, typed, touched or scanned.

What is typed for a PIN or a badge is in no state: a screen learns how many characters there are. Must never decide
whether somebody may come in.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from urs_desktop.counter.use_cases.session import Person
from urs_desktop.domain.permissions import Role
from urs_desktop.domain.refusals import RefusalCode
from urs_desktop.domain.staffing import (
    FEWEST_BADGE,
    FEWEST_PIN_DIGITS,
    MAX_STAFF_CODE,
    MOST_BADGE,
    MOST_PIN_DIGITS,
    is_pin,
)
from urs_desktop.ui.presenters.formatting import plain
from urs_desktop.ui.presenters.notices import Notice, Severity, notice

HIDDEN: Final = "\u2022"
"""What stands for a character that nobody shall read."""


@dataclass(frozen=True, slots=True)
class Tile:
    """Somebody to choose."""

    code: str
    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class PadView:
    """What the pad shows: whom one can choose, who is `chosen` and has to type a PIN, and what is typed.

    `shown` is a code as typed, or a dot for each character of what nobody shall read.
    """

    tiles: tuple[Tile, ...] = ()
    chosen: Tile | None = None
    shown: str = ""
    busy: bool = False
    notice: Notice | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """Who somebody says they are: a `code` and a PIN, or a badge where there is no code."""

    code: str
    secret: str = field(repr=False)


class IdentityPad:
    """Takes keys, touches and scans while it `is_open`, until they make an attempt."""

    def __init__(self, publish: Callable[[], None], attempt: Callable[[Attempt], None]) -> None:
        """Take what to call after each change, and with each attempt."""
        self._publish = publish
        self._try = attempt
        self.is_open = False
        self._tiles: tuple[Tile, ...] = ()
        self._chosen: Tile | None = None
        self._typed = ""
        self._notice: Notice | None = None
        self._busy = False

    def view(self) -> PadView:
        """Return what to show."""
        hidden = self._chosen is not None or len(self._typed) > MAX_STAFF_CODE
        shown = HIDDEN * len(self._typed) if hidden else self._typed
        return PadView(self._tiles, self._chosen, shown, self._busy, self._notice)

    @property
    def takes(self) -> bool:
        """Return whether hands can do anything here now."""
        return self.is_open and not self._busy

    def begin(self, people: Sequence[Person], said: Notice | None = None) -> None:
        """Begin anew with these people to choose from. The caller publishes."""
        self._chosen, self._typed, self._notice, self._busy = None, "", said, False
        self.offer(people)

    def offer(self, people: Sequence[Person]) -> None:
        """Have these people to choose from; a single one is chosen unless something is typed. The caller publishes."""
        self._tiles = tuple(Tile(person.code, plain(person.name), person.role) for person in people)
        if len(self._tiles) == 1 and not self._typed:
            self._chosen = self._tiles[0]

    def failed(self, said: Notice) -> None:
        """Say that the attempt came to nothing; whoever was chosen may try again. The caller publishes."""
        self._typed, self._notice, self._busy = "", said, False

    def press(self, text: str) -> None:
        """Append what was typed."""
        if self.takes and text.isprintable():
            self._typed = (self._typed + text)[: MOST_BADGE + 1]
            self._notice = None
            self._publish()

    def delete(self) -> None:
        """Take the last character back."""
        if self.takes:
            self._typed = self._typed[:-1]
            self._publish()

    def choose(self, code: str) -> None:
        """Choose somebody, who has to type their PIN next."""
        found = next((tile for tile in self._tiles if tile.code == code), None)
        if found is not None and self.takes:
            self._chosen, self._typed, self._notice = found, "", None
            self._publish()

    def back(self) -> bool:
        """Take back what was typed, or else who was chosen; False when there is neither."""
        if not self.takes:
            return True
        if not self._typed and self._chosen is None:
            return False
        if not self._typed:
            self._chosen = None
        self._typed, self._notice = "", None
        self._publish()
        return True

    def accept(self) -> None:
        """Take what was typed: it makes an attempt, or chooses somebody."""
        if self.takes and self._typed:
            typed, self._typed, self._notice = self._typed, "", None
            self._go(self._attempt(typed))

    def scan(self, code: str) -> None:
        """Take a scanned code as a badge."""
        if self.takes:
            self._typed, self._notice = "", None
            self._go(Attempt("", code))

    def _go(self, attempt: Attempt | None) -> None:
        self._busy = attempt is not None
        self._publish()
        if attempt is not None:
            self._try(attempt)

    def _attempt(self, typed: str) -> Attempt | None:
        if self._chosen is not None and is_pin(typed):
            return Attempt(self._chosen.code, typed)
        if len(typed) >= FEWEST_BADGE and not is_pin(typed):
            return Attempt("", typed)
        if self._chosen is not None:
            bounds = {"minimum": str(FEWEST_PIN_DIGITS), "maximum": str(MOST_PIN_DIGITS)}
            self._notice = notice(RefusalCode.PIN_MALFORMED, Severity.WARNING, **bounds)
            return None
        self._chosen = next((tile for tile in self._tiles if tile.code == typed.strip().upper()), None)
        if self._chosen is None:
            self._notice = notice(RefusalCode.STAFF_UNKNOWN, Severity.WARNING)
        return None
