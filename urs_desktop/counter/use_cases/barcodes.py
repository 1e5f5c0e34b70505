"""Which article a scanned code names: one GTIN in whichever form a label or a scanner gives it.

GTIN-8, 12, 13 and 14, UPC-E, GS1 element strings and GS1 Digital Links are read by biip, which keeps GS1's tables. Must
never accept a code whose check digit says that it was misread, nor touch a digit that is not ASCII.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.later import later

if TYPE_CHECKING:
    import biip
    from biip import checksums, upc
    from biip import gtin as gtins
else:
    biip, checksums, gtins, upc = (later(name) for name in ("biip", "biip.checksums", "biip.gtin", "biip.upc"))

LENGTHS: Final = (8, 12, 13, 14)
"""So many digits a GTIN or UPC-E has."""

_UPC_E, _UPC_A, _, _LONGEST_GTIN = LENGTHS
_LONGEST: Final = 2048
_SHOWN: Final = 64
_SEPARATOR: Final = "\x1d"
_BLANKS: Final = " \t\r\n"
_DIGITS: Final = re.compile(r"[0-9]+")
_BRACKETED: Final = re.compile(r"(?:\([0-9]{2,4}\)[^()]+)+")
_ELEMENT: Final = re.compile(r"\(([0-9]{2,4})\)([^()]+)")
_HELD: Final = re.compile(
    r"\A(?:\x1d|\][CdeJQ][0-9])?01([0-9]{14})|\(01\)([0-9]{14})(?![0-9])|/01/([0-9]{8,14})(?![0-9])|\A\]E[0-9]([0-9]{8,14})\Z"
)
"""Where a GTIN stands in an element string, a Digital Link, or behind the name of its symbology."""


@dataclass(frozen=True, slots=True)
class Barcode:
    """What a code names: `gtin` in its own length (8, 12, 13 or 14 digits), `forms` all ways it may be written.

    Eight digits may be right both as a GTIN-8 and as a UPC-E: the GTIN-8 is meant, the forms of the other follow.
    """

    gtin: str
    forms: tuple[str, ...]


def read_barcode(text: str) -> Barcode:
    """Return the GTIN a code holds.

    Raises Refusal(BARCODE_MALFORMED) for what has not a GTIN's digits, BARCODE_LENGTH for too many or too few of them,
    BARCODE_MISREAD for a wrong check digit, BARCODE_WITHOUT_ARTICLE for a GS1 code without a GTIN.
    """
    code = text.strip(_BLANKS).strip(_SEPARATOR)
    if not code or len(code) > _LONGEST:
        raise _malformed(code)
    found = list(_gtins(code))
    if not found or not any(map(int, found)):
        raise _why_not(code)
    forms = [form for gtin in found for form in _forms(gtin)]
    if _DIGITS.fullmatch(code):
        forms.append(code)  # one UPC-A may have two UPC-E, of which only one is the usual
    return Barcode(found[0], tuple(dict.fromkeys(forms)))


def _gtins(code: str) -> Iterator[str]:
    """Yield every GTIN that a code may mean, the likelier first."""
    if _DIGITS.fullmatch(code) and len(code) in LENGTHS:
        with suppress(biip.ParseError):
            yield _own_length(gtins.Gtin.parse(code))
        if len(code) == _UPC_E:
            with suppress(biip.ParseError):
                yield upc.Upc.parse(code).as_upc_a()
    elif (read := _read(code)) is not None and read.gtin is not None:
        yield _own_length(read.gtin)


def _read(code: str) -> "biip.ParseResult | None":
    """Return what a code says that is more than a number: element strings, a Digital Link, a symbology."""
    if not code.isascii() or (code.isdecimal() and len(code) <= _LONGEST_GTIN):
        return None
    if _BRACKETED.fullmatch(code):  # as printed below a symbol
        code = "".join(f"{ai}{value}{_SEPARATOR}" for ai, value in _ELEMENT.findall(code))
    with suppress(biip.ParseError, LookupError, ValueError):  # for a lone bracket it looks behind the end
        return biip.parse(code)
    return None


def _own_length(gtin: "gtins.Gtin") -> str:
    return gtin.value.zfill(_LONGEST_GTIN)[-gtin.format.length :]


def _forms(gtin: str) -> Iterator[str]:
    yield gtin
    whole = gtin.zfill(_LONGEST_GTIN)
    yield from (whole[-length:] for length in LENGTHS if not whole[:-length].strip("0"))
    if not whole[:-_UPC_A].strip("0"):
        with suppress(biip.BiipException):
            yield upc.Upc.parse(whole[-_UPC_A:]).as_upc_e()


def _why_not(code: str) -> Refusal:
    held = _HELD.search(code)
    gtin = next(filter(None, held.groups())) if held else code
    if _DIGITS.fullmatch(gtin) and len(gtin) in LENGTHS:
        expected = checksums.gs1_standard_check_digit(gtin[:-1])
        if str(expected) != gtin[-1]:
            return Refusal(RefusalCode.BARCODE_MISREAD, code=gtin, expected=expected)
    if _DIGITS.fullmatch(code):
        if len(code) in LENGTHS:
            return Refusal(RefusalCode.BARCODE_WITHOUT_ARTICLE, code=code)
        if len(code) <= _LONGEST_GTIN:
            return Refusal(RefusalCode.BARCODE_LENGTH, code=code, length=len(code))
    read = _read(code)
    if read is not None and (read.gs1_message or read.gs1_digital_link_uri or read.sscc):
        return Refusal(RefusalCode.BARCODE_WITHOUT_ARTICLE, code=code[:_SHOWN])
    return _malformed(code)


def _malformed(code: str) -> Refusal:
    return Refusal(RefusalCode.BARCODE_MALFORMED, code=code[:_SHOWN], length=len(code))
