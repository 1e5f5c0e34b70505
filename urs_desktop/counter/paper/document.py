"""What is to be printed, before anybody knows how wide the paper is: rows of cells, rules, codes.

It is kept with its job, so a restart prints the same. Must never hold a byte for a printer.
"""

from enum import StrEnum
from typing import TypeAlias

import msgspec


class Side(StrEnum):
    """Where a text stands in its columns; in a document that runs from right to left, start is the right."""

    START = "start"
    MIDDLE = "middle"
    END = "end"


class Row(msgspec.Struct, frozen=True, tag="row"):
    """A line of paper: `text` from the start, going on in the next line where it is long, and `figure` at the end.

    `indent` in columns before the text; `side` counts where there is no figure. `large` takes two columns and two
    lines for each character.
    """

    text: str = ""
    figure: str = ""
    side: Side = Side.START
    indent: int = 0
    bold: bool = False
    large: bool = False


class Rule(msgspec.Struct, frozen=True, tag="rule"):
    """A line across the paper."""


class Gap(msgspec.Struct, frozen=True, tag="gap"):
    """An empty line."""


class Code(msgspec.Struct, frozen=True, tag="code"):
    """A QR code that holds `text`."""

    text: str


Block: TypeAlias = Row | Rule | Gap | Code
"""One thing below the other."""


class Document(msgspec.Struct, frozen=True):
    """A sheet of paper; `mirrored` where its language runs from right to left."""

    blocks: tuple[Block, ...] = ()
    mirrored: bool = False


NOTHING = Document()
"""A sheet with nothing on it: a job that only opens the drawer."""


def encoded(document: Document) -> str:
    """Return a document as text to keep."""
    return msgspec.json.encode(document).decode()


def decoded(text: str) -> Document:
    """Return a document that was kept; raises msgspec.DecodeError for anything else."""
    return msgspec.json.decode(text, type=Document)
