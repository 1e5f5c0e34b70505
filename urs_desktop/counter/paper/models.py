"""What receipt printers can print by themselves: their code pages by number, and whether they take pictures.

Numbers as in the "ESC/POS printer database" of receipt-print-hq (CC BY 4.0). Must never promise a page on which
printers disagree: a wrong one prints another letter and nobody is told.
"""

from dataclasses import dataclass
from typing import Final

_ALL_AGREE: Final = {
    0: "cp437",
    2: "cp850",
    3: "cp860",
    4: "cp863",
    5: "cp865",
    16: "cp1252",
    17: "cp866",
    18: "cp852",
    19: "cp858",
}
"""The pages at least thirty of the fifty printers of the database have, and few another under that number."""

_OF_EPSON: Final = {
    **_ALL_AGREE,
    13: "cp857",
    14: "cp737",
    15: "iso8859_7",
    33: "cp775",
    34: "cp855",
    35: "cp861",
    36: "cp862",
    38: "cp869",
    39: "iso8859_2",
    40: "iso8859_15",
    45: "cp1250",
    46: "cp1251",
    47: "cp1253",
    48: "cp1254",
    49: "cp1255",
    51: "cp1257",
}
"""Pages of letters that need not change their form with their neighbours: Arabic is drawn."""


@dataclass(frozen=True, slots=True)
class Model:
    """A kind of printer: number of a code page to its characters and their bytes; `draws` if it takes pictures."""

    pages: dict[int, dict[str, int]]
    draws: bool = True


def _characters(codec: str) -> dict[str, int]:
    """Return the characters a code page has beyond ASCII, each with its byte."""
    found = {}
    for byte in range(0x80, 0x100):
        character = bytes((byte,)).decode(codec, "ignore")
        if character and character.isprintable():
            found[character] = byte
    return found


def _model(codecs: dict[int, str], *, draws: bool = True) -> Model:
    return Model({number: _characters(codec) for number, codec in codecs.items()}, draws)


MODELS: Final = {
    "": _model(_ALL_AGREE),
    "epson": _model(_OF_EPSON),
    "text": _model({0: "cp437"}, draws=False),
}
"""By the name in a printer's address (`?model=epson`): any printer; one with all of Epson's pages; one that prints
letters alone, as impact printers do."""

READABLE: Final = {
    number: {byte: char for char, byte in page.items()} for number, page in MODELS["epson"].pages.items()
}
"""Every page that is ever chosen, byte to character."""
