"""A document laid out on paper of so many columns: every line exactly as wide as the paper, by what one sees.

Must never cut a text off, nor let a figure move from the end of its line.
"""

from dataclasses import dataclass
from typing import Final, TypeAlias

from bidi import get_display

from urs_desktop.counter.paper.document import Code, Document, Gap, Row, Rule, Side
from urs_desktop.counter.paper.wording import has_right_to_left, printable, runs_right_to_left, width, wrapped

LEAST_COLUMNS: Final = 16
MOST_COLUMNS: Final = 96
"""Between these is every receipt printer there is."""

_LEAST_TEXT: Final = 6
_RULE: Final = "-"


@dataclass(frozen=True, slots=True)
class Cell:
    """A text in its place: `columns` from `column` (0 is the left edge of the paper); `side` by what one sees."""

    text: str
    column: int
    columns: int
    side: Side

    @property
    def before(self) -> int:
        """The columns left empty before the text."""
        free = max(0, self.columns - width(self.text))
        return {Side.START: 0, Side.MIDDLE: free // 2, Side.END: free}[self.side]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of paper; `columns` is how many it has, half of the paper's where it is `large`."""

    cells: tuple[Cell, ...]
    columns: int
    bold: bool = False
    large: bool = False

    def text(self) -> str:
        """Return the line as one sees it from left to right, exactly `columns` wide."""
        line, reached = "", 0
        for cell in self.cells:
            start = cell.column + cell.before
            line += " " * (start - reached) + in_sight(cell.text)
            reached = start + width(cell.text)
        return line + " " * (self.columns - reached)


@dataclass(frozen=True, slots=True)
class Square:
    """A QR code in the middle of the paper."""

    text: str


Laid: TypeAlias = Line | Square
"""What stands below each other on the paper."""


def in_sight(text: str) -> str:
    """Return a text in the order of its characters on the paper, from left to right."""
    if not has_right_to_left(text):
        return text
    base = "R" if runs_right_to_left(text) else "L"
    shown = get_display(text, base_dir=base)
    return shown if isinstance(shown, str) else shown.decode()


def lay_out(document: Document, columns: int) -> tuple[Laid, ...]:
    """Return the document on paper of `columns`; fewer or more than any printer has are taken as the nearest."""
    columns = min(max(columns, LEAST_COLUMNS), MOST_COLUMNS)
    laid: list[Laid] = []
    for block in document.blocks:
        match block:
            case Row():
                laid.extend(_lines(block, columns, mirrored=document.mirrored))
            case Rule():
                laid.append(Line((Cell(_RULE * columns, 0, columns, Side.START),), columns))
            case Gap():
                laid.append(Line((), columns))
            case Code():
                laid.append(Square(block.text))
    return tuple(laid)


def _lines(row: Row, paper: int, *, mirrored: bool) -> list[Line]:
    columns = paper // 2 if row.large else paper
    text, figure = printable(row.text), printable(row.figure)
    indent = min(row.indent, columns // 4)
    beside = columns - indent - (width(figure) + 1 if figure else 0)
    rows: list[list[Cell]] = []
    if beside >= min(_LEAST_TEXT, width(text)):
        rows = [[Cell(piece, indent, max(beside, 0), row.side)] if piece else [] for piece in wrapped(text, beside)]
        if not figure:
            return [_line(cells, columns, row, mirrored=mirrored) for cells in rows]
        if width(figure) <= columns:
            rows[0].append(Cell(figure, columns - width(figure), width(figure), Side.END))
            return [_line(cells, columns, row, mirrored=mirrored) for cells in rows]
        rows = []
    else:
        rows = [[Cell(piece, indent, columns - indent, Side.START)] for piece in wrapped(text, columns - indent)]
    rows += [[Cell(piece, 0, columns, Side.END)] for piece in wrapped(figure, columns)]
    return [_line(cells, columns, row, mirrored=mirrored) for cells in rows]


def _line(cells: list[Cell], columns: int, row: Row, *, mirrored: bool) -> Line:
    if mirrored:
        cells = [_mirrored(cell, columns) for cell in reversed(cells)]
    return Line(tuple(cells), columns, row.bold, row.large)


def _mirrored(cell: Cell, columns: int) -> Cell:
    other = {Side.START: Side.END, Side.END: Side.START, Side.MIDDLE: Side.MIDDLE}[cell.side]
    return Cell(cell.text, columns - cell.column - cell.columns, cell.columns, other)
