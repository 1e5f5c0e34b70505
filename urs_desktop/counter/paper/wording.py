"""Foreign text made fit for paper, and how many columns of a printer it takes.

Wide East Asian characters take two columns, marks that join the one before take none, and what is not printable is
gone: a name can move no drawer. Must never drop what can be seen.
"""

import unicodedata
from collections.abc import Iterator
from typing import Final

from wcwidth import iter_graphemes, wcswidth

LONGEST: Final = 1_000
"""Characters of one text that are printed; a name may have 500."""

_JOINERS: Final = frozenset("\u200c\u200d")
"""They have no width and no looks, and decide which form their neighbours take."""

_SPACES: Final = frozenset({"Zs", "Zl", "Zp", "Cc"})
_UNSEEN: Final = frozenset({"Cs", "Cn", "Co", "Cf"})
_RIGHT_TO_LEFT: Final = frozenset({"R", "AL"})
_LEFT_TO_RIGHT: Final = "L"


def printable(text: str) -> str:
    """Return a text fit for a line of paper: in NFC, single spaces, no control code, no character without looks."""
    shown = "".join(_shown(character) for character in text[: 2 * LONGEST])
    return " ".join(unicodedata.normalize("NFC", shown).split())[:LONGEST].strip()


def _shown(character: str) -> str:
    if character.isprintable() or character in _JOINERS:  # of the spaces only U+0020 is printable
        return character
    category = unicodedata.category(character)
    if category in _SPACES:
        return " "
    return "" if category in _UNSEEN else character


def width(text: str) -> int:
    """Return how many columns a printable text takes."""
    return max(0, wcswidth(text))


def clusters(text: str) -> Iterator[str]:
    """Yield the characters as a reader counts them, each with its marks."""
    yield from iter_graphemes(text)


def wrapped(text: str, columns: int) -> list[str]:
    """Return a printable text in lines of at most `columns` (2 or more), broken at spaces where there are any."""
    lines, line = [], ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if width(longer) <= columns:
            line = longer
            continue
        if line:
            lines.append(line)
        *whole, line = _pieces(word, columns)
        lines.extend(whole)
    return [*lines, line] if line or not lines else lines


def _pieces(word: str, columns: int) -> list[str]:
    """Return a word in pieces of at most `columns`; at least one piece."""
    pieces, piece = [], ""
    for cluster in clusters(word):
        if piece and width(piece + cluster) > columns:
            pieces.append(piece)
            piece = ""
        piece += cluster
    return [*pieces, piece]


def runs_right_to_left(text: str) -> bool:
    """Return whether the first letter that has a direction runs from right to left."""
    for character in text:
        direction = unicodedata.bidirectional(character)
        if direction in _RIGHT_TO_LEFT:
            return True
        if direction == _LEFT_TO_RIGHT:
            return False
    return False


def has_right_to_left(text: str) -> bool:
    """Return whether any letter runs from right to left."""
    return not text.isascii() and any(unicodedata.bidirectional(each) in _RIGHT_TO_LEFT for each in text)
