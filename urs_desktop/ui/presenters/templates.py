"""What receipts say in each language and in which order, read from resources/receipts.

A language without a file is printed in English. Must never print a sheet with a word missing: a file that lacks one is
refused as a whole.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from urs_desktop.system.resources import resource

FALLBACK: Final = "en"
WORDS: Final = frozenset(
    {
        *("copy", "sale", "refund", "number", "date", "copied", "counter", "customer", "card_code", "was", "subtotal"),
        *(
            "discount",
            "total",
            "cash",
            "card",
            "points",
            "reference",
            "rounding",
            "change",
            "tax_included",
            "tax_added",
        ),
        *("earned", "redeemed", "balance", "balance_before", "as_of", "balance_unknown", "adjusted", "adjusted_refund"),
        *("late", "refunded", "given_back", "taken_back", "refund_of", "without_receipt", "thanks", "scan", "report"),
        *("test", "test_words"),
    }
)
"""Every word a file has."""

BLOCKS: Final = frozenset(
    {
        *("copy", "vendor", "location", "title", "number", "date", "refund_of", "customer", "rule", "gap", "lines"),
        *("subtotal", "added_tax", "total", "tenders", "change", "included_tax", "points", "adjustments", "thanks"),
        "code",
    }
)
"""Every block there is; a file puts them in order and may leave some out."""


class TemplateError(Exception):
    """A file of receipt words cannot be used; `str` says which and why."""


@dataclass(frozen=True, slots=True)
class Template:
    """The words of one language, and the order of the blocks on the receipt of a sale and of a refund."""

    words: Mapping[str, str]
    sale: tuple[str, ...]
    refund: tuple[str, ...]
    mirrored: bool


@cache
def template(language: str) -> Template:
    """Return the template of a language as the preferences name it (`en_GB`); raises TemplateError."""
    path = resource("receipts", f"{language.partition('_')[0].partition('-')[0]}.toml")
    if not language[:2].isalpha() or not path.is_file():
        return template(FALLBACK)
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        words, blocks = content["words"], content["blocks"]
        made = Template(words, tuple(blocks["sale"]), tuple(blocks["refund"]), content["direction"] == "rtl")
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, TypeError) as error:
        raise TemplateError(f"The receipt words in {path.name} cannot be read ({error}).") from error
    wrong = WORDS.symmetric_difference(words) | ({*made.sale, *made.refund} - BLOCKS)
    if wrong:
        raise TemplateError(f"The receipt words in {path.name} lack, or have too much of: {', '.join(sorted(wrong))}.")
    return made


@cache
def alphabets() -> tuple[str, ...]:
    """Return letters of many alphabets, a line each, for the test page; raises OSError."""
    return tuple(resource("receipts", "alphabets.txt").read_text(encoding="utf-8").splitlines())
