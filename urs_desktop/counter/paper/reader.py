"""ESC/POS bytes read back into what comes out of the printer: for the virtual printer, and for the proof.

Knows what receipts use of the command set and passes over the rest of it. Must never fail on a stream, however broken.
"""

from dataclasses import dataclass, field
from typing import Final, TypeAlias

from urs_desktop.counter.paper.models import READABLE

_NUL, _LF, _DLE, _ESC, _FS, _GS = 0x00, 0x0A, 0x10, 0x1B, 0x1C, 0x1D
_LETTERS: Final = 0x20
_DELETE: Final = 0x7F
_NONE_OF_IT: Final = "\ufffd"

# How many bytes follow the letter of a command; what is not here has none.
_AFTER_ESC: Final = {
    **dict.fromkeys(b"!aEGJRSTVMdtu3-{ =%?ce", 1),
    ord("p"): 3,
    ord("$"): 2,
    ord("\\"): 2,
}
_AFTER_GS: Final = {
    **dict.fromkeys(b"!BHabfhwrI", 1),
    **dict.fromkeys(b"$\\LPW", 2),
}
_BOLD_BITS: Final = 0x08
_TALL_OR_WIDE: Final = 0x30


@dataclass(frozen=True, slots=True)
class Written:
    """A line of text as it stands on the paper; `side` 0 left, 1 middle, 2 right."""

    text: str
    bold: bool = False
    large: bool = False
    side: int = 0


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture, `width` dots wide, its rows in bytes from the top."""

    width: int
    rows: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Fed:
    """Empty paper, in lines."""

    lines: int


@dataclass(frozen=True, slots=True)
class Cut:
    """The paper is cut here."""


@dataclass(frozen=True, slots=True)
class Kicked:
    """The drawer springs open."""


Printed: TypeAlias = Written | Drawn | Fed | Cut | Kicked
"""What a printer does, one after the other."""


def read(data: bytes) -> tuple[Printed, ...]:
    """Return what a printer makes of these bytes; a picture goes on in the next one of the same width."""
    return _Reader(data).read()


def text_of(printed: tuple[Printed, ...]) -> str:
    """Return the text alone; paper that is fed is one empty line."""
    lines = [each.text if isinstance(each, Written) else "" for each in printed if isinstance(each, Written | Fed)]
    return "\n".join(lines)


@dataclass(slots=True)
class _Reader:
    data: bytes
    at: int = 0
    page: int = 0
    bold: bool = False
    large: bool = False
    side: int = 0
    line: list[str] = field(default_factory=list)
    made: list[Printed] = field(default_factory=list)

    def read(self) -> tuple[Printed, ...]:
        while self.at < len(self.data):
            byte = self.data[self.at]
            self.at += 1
            if byte == _LF:
                self._end_line()
            elif byte == _ESC:
                self._escape(self._take(1))
            elif byte == _GS:
                self._group(self._take(1))
            elif byte in (_FS, _DLE):
                self._take(2 if byte == _DLE else 1)
            elif byte >= _LETTERS and byte != _DELETE:
                self.line.append(chr(byte) if byte < _DELETE else READABLE.get(self.page, {}).get(byte, _NONE_OF_IT))
        if self.line:
            self._end_line()
        return tuple(self.made)

    def _take(self, count: int) -> bytes:
        taken = self.data[self.at : self.at + count]
        self.at += count
        return taken

    def _end_line(self) -> None:
        self.made.append(Written("".join(self.line), self.bold, self.large, self.side))
        self.line.clear()

    def _escape(self, letter: bytes) -> None:
        if letter == b"@":
            self.page, self.bold, self.large, self.side = 0, False, False, 0
            return
        if letter == b"*":
            self._columns_picture()
            return
        values = self._take(_AFTER_ESC.get(letter[0] if letter else 0, 0))
        value = values[0] if values else 0
        match letter:
            case b"!":
                self.bold, self.large = bool(value & _BOLD_BITS), bool(value & _TALL_OR_WIDE)
            case b"E" | b"G":
                self.bold = bool(value & 1)
            case b"a":
                self.side = value % 48 % 3
            case b"t":
                self.page = value
            case b"d" | b"J":
                if self.line:
                    self._end_line()
                self.made.append(Fed(value if letter == b"d" else 1))
            case b"p":
                self.made.append(Kicked())

    def _columns_picture(self) -> None:
        mode, low, high = (*self._take(3), 0, 0, 0)[:3]
        self._take((low + 256 * high) * (3 if mode > 1 else 1))

    def _group(self, letter: bytes) -> None:
        match letter:
            case b"V":
                mode = self._take(1)
                if mode and mode[0] >= ord("A"):
                    self._take(1)
                self.made.append(Cut())
            case b"v":
                self._picture()
            case b"(":
                self._take(1)
                low, high = (*self._take(2), 0, 0)[:2]
                self._take(low + 256 * high)
            case b"!":
                self.large = self._take(1) not in (b"\x00", b"")
            case _:
                self._take(_AFTER_GS.get(letter[0] if letter else 0, 0))

    def _picture(self) -> None:
        self._take(2)
        x_low, x_high, y_low, y_high = (*self._take(4), 0, 0, 0, 0)[:4]
        across, down = x_low + 256 * x_high, y_low + 256 * y_high
        data = self._take(across * down)
        rows = tuple(data[start : start + across].ljust(across, b"\0") for start in range(0, len(data), across or 1))
        if rows:
            self.made.append(Drawn(8 * across, rows))
