"""Tells a scanner's burst of keys from a person's typing, by the time stamps of the keys alone.

A scanner sends at least four characters with less than 35 ms between them, then Enter or Tab. Must never look at a
clock, lose a key, or take what a fast hand typed for a scan.
"""

from dataclasses import dataclass
from typing import Final

GAP_MS: Final = 35
"""Keys of one scan follow each other within so many milliseconds."""

FEWEST: Final = 4
"""A scan has at least so many characters."""

FEWEST_FIGURES: Final = 8
"""So many if it could be an amount: no barcode of an article has fewer digits.

What the scanner marked with its prefix or suffix no hand has typed.
"""

_LONGEST_SHOWN: Final = 200
_FIGURES: Final = frozenset("0123456789.,")


@dataclass(frozen=True, slots=True)
class Burst:
    """What came last before Enter or Tab, exactly: `text` with prefix and suffix, the longest gap in it, what it was.

    `slowest` is in milliseconds, between two keys or before the one that ended it; `is_scan` says whether it was taken
    for a scan.
    """

    text: str
    slowest: int
    is_scan: bool


class ScanReader:
    """Reads keys one by one and says at the end of a burst whether it was a scan."""

    def __init__(self, prefix: str = "", suffix: str = "") -> None:
        """Take what the scanner puts before and behind every code."""
        self._prefix = prefix
        self._suffix = suffix
        self._text = ""
        self._last = 0
        self._whole, self._slowest = "", 0
        self.came = Burst("", 0, is_scan=False)
        """What came last, for whoever sets a scanner up."""

    def key(self, text: str, at: int) -> bool:
        """Take a key with its time stamp in milliseconds (0 for none); True where a new burst begins with it."""
        gap = max(at - self._last, 0) if self._whole else 0
        self._whole, self._slowest = (self._whole + text)[-_LONGEST_SHOWN:], max(self._slowest, gap)
        follows = bool(self._text) and at > 0 and 0 <= at - self._last <= GAP_MS
        self._text = self._text + text if follows else text if at > 0 else ""
        self._last = at
        return not follows

    def end(self, at: int) -> str:
        """Take the key that ends a scan; returns the code, empty where a person typed. Begins anew in any case."""
        text, last, whole, slowest = self._text, self._last, self._whole, max(self._slowest, at - self._last)
        self.forget()
        code = ""
        if text and at > 0 and 0 <= at - last <= GAP_MS:
            code = text.removeprefix(self._prefix).removesuffix(self._suffix)
            fewest = FEWEST_FIGURES if code == text and set(code) <= _FIGURES else FEWEST
            code = code if len(code) >= fewest else ""
        self.came = Burst(whole, max(slowest, 0), is_scan=bool(code))
        return code

    def forget(self) -> None:
        """Begin anew: a key came that is no part of any scan."""
        self._text, self._last = "", 0
        self._whole, self._slowest = "", 0
