"""A document as the bytes an ESC/POS printer takes: text by code pages, all else as pictures of the line.

Commands are those nearly every printer knows (Epson, "ESC/POS Command Reference"). Must never put a byte of a name
below 0x20 into the stream: only this module's own commands are there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias

import segno

from urs_desktop.counter.paper.document import Document
from urs_desktop.counter.paper.layout import Line, Square, lay_out
from urs_desktop.counter.paper.models import MODELS, Model
from urs_desktop.counter.paper.wording import clusters, printable, width

DOTS: Final = 12
"""The width of a column in font A."""

KICK: Final = b"\x1bp\x00\x19\xfa"
"""ESC p: 50 ms on pin 2, which opens the drawer."""

_INITIALISE: Final = b"\x1b@"
_PAGE: Final = b"\x1bt"
_BOLD: Final = {True: b"\x1bE\x01", False: b"\x1bE\x00"}
_LARGE: Final = {True: b"\x1d!\x11", False: b"\x1d!\x00"}
_PICTURE: Final = b"\x1dv0\x00"
_CUT: Final = b"\x1dVB\x00"
_FEED: Final = b"\x1bd\x03"
_BAND: Final = 128
_MODULE: Final = 6
_QUIET: Final = 2
_UNKNOWN: Final = b"?"
_JOINERS: Final = frozenset("\u200c\u200d")
_CONTROLS: Final = bytes(range(ord(" ")))


@dataclass(frozen=True, slots=True)
class Bitmap:
    """A picture in black and white: `rows` from the top, each `width` dots in bytes, the left one the highest bit."""

    width: int
    rows: tuple[bytes, ...]


Drawing: TypeAlias = Callable[[Line, int], Bitmap]
"""Draws a line of paper that no code page can print, so many dots wide."""


@lru_cache(maxsize=8)  # a receipt's code is printed once and drawn several times, at 3 ms each
def modules(square: Square) -> tuple[bytes, ...]:
    """Return the rows of a QR code without its margin, a byte for each module: 1 where it is dark."""
    return tuple(bytes(row) for row in segno.make(printable(square.text), error="m", micro=False).matrix)


def stream(
    document: Document,
    columns: int,
    *,
    kick: bool = False,
    drawing: Drawing | None = None,
    model: Model = MODELS[""],
) -> bytes:
    """Return what to send so that the document comes out on paper of `columns`; `kick` opens the drawer first.

    What the model has no letters for is drawn, or shown as question marks where nobody draws or nothing can be drawn.
    """
    writer = _Writer(columns, drawing if model.draws else None, model)
    writer.out += _INITIALISE
    if kick:
        writer.out += KICK
    laid = lay_out(document, columns)
    for block in laid:
        if isinstance(block, Line):
            writer.line(block)
        elif model.draws:
            writer.square(block)
        else:
            writer.line(Line((), columns))
    if laid:
        writer.out += _FEED + _CUT
    return bytes(writer.out)


class _Writer:
    """Writes one sheet, knowing what the printer was told last."""

    def __init__(self, columns: int, drawing: Drawing | None, model: Model) -> None:
        self.out = bytearray()
        self._columns = columns
        self._drawing = drawing
        self._model = model
        self._page = 0
        self._bold = self._large = False

    def line(self, line: Line) -> None:
        pieces = _pieces(line.text().rstrip())
        if self._drawing is not None and not all(map(self._has, pieces)):
            self._picture(self._drawing(line, self._columns * DOTS))
            return
        if line.bold != self._bold:
            self.out += _BOLD[line.bold]
            self._bold = line.bold
        if line.large != self._large:
            self.out += _LARGE[line.large]
            self._large = line.large
        for piece in pieces:
            self._put(piece)
        self.out += b"\n"

    def _has(self, piece: str) -> bool:
        return piece.isascii() or any(piece in page for page in self._model.pages.values())

    def _put(self, piece: str) -> None:
        """Put one character as the reader counts them, without the marks no page has; never a control code."""
        if piece.isascii():
            self.out += piece.encode("ascii").translate(None, _CONTROLS)
            return
        for letter in (piece, piece[0]):
            byte = self._model.pages.get(self._page, {}).get(letter)
            if byte is not None:
                self.out.append(byte)
                return
            for number, page in self._model.pages.items():
                if letter in page:
                    self.out += _PAGE + bytes((number,))
                    self._page = number
                    self.out.append(page[letter])
                    return
        if piece[0].isascii() and piece[0].isprintable():
            self.out += piece[0].encode("ascii")
        elif piece not in _JOINERS:
            self.out += _UNKNOWN * width(piece)

    def square(self, square: Square) -> None:
        code = modules(square)
        dots = self._columns * DOTS
        side = len(code) + 2 * _QUIET
        module = max(1, min(_MODULE, dots // side))
        left = (dots - module * side) // 2 + module * _QUIET
        empty = _row(0, dots)
        rows = [empty] * (module * _QUIET)
        for row in code:
            bits = 0
            for dark in row:
                bits = (bits << module) | ((1 << module) - 1 if dark else 0)
            rows += [_row(bits << (dots - left - module * len(row)), dots)] * module
        self._picture(Bitmap(dots, (*rows, *[empty] * (module * _QUIET))))

    def _picture(self, bitmap: Bitmap) -> None:
        across = (bitmap.width + 7) // 8
        for start in range(0, len(bitmap.rows), _BAND):
            band = bitmap.rows[start : start + _BAND]
            self.out += _PICTURE + across.to_bytes(2, "little") + len(band).to_bytes(2, "little") + b"".join(band)


def _pieces(text: str) -> Sequence[str]:
    """Return a line's characters as the reader counts them; letters that every page has stay together."""
    return (text,) if text.isascii() else tuple(clusters(text))


def _row(bits: int, dots: int) -> bytes:
    across = (dots + 7) // 8
    return (bits << (8 * across - dots)).to_bytes(across, "big")
