"""The code pages that are chosen are those real printers have, by the printer database."""

import gzip
import json

import pytest

from tests.shared_data import shared
from urs_desktop.counter.paper.models import MODELS, READABLE


@pytest.fixture(scope="module")
def profiles() -> dict[str, dict[str, str]]:
    """Return each printer's code pages by their number; Star's own command set, which is another, left out."""
    with gzip.open(shared("escpos", "printer_capabilities.json.gz"), "rt", encoding="utf-8") as file:
        return {
            name: profile["codePages"]
            for name, profile in json.load(file)["profiles"].items()
            if profile["vendor"] != "Star Micronics"
        }


def codec_of(name: str) -> str:
    """Return Python's name of a code page as the database names it."""
    return name.lower().replace("iso_8859-", "iso8859_")


def same(page: dict[str, int], codec: str) -> bool:
    try:
        return all(bytes((byte,)).decode(codec) == character for character, byte in page.items())
    except (LookupError, UnicodeDecodeError):
        return False


def test_any_printer_has_nearly_all_of_the_common_pages(profiles: dict[str, dict[str, str]]) -> None:
    for number, page in MODELS[""].pages.items():
        named = [pages[str(number)] for pages in profiles.values() if pages.get(str(number), "Unknown") != "Unknown"]
        agreeing = [name for name in named if same(page, codec_of(name))]
        assert len(agreeing) >= 30, number
        assert len(agreeing) / len(named) >= 0.8, (number, set(named))


def test_epsons_pages_are_those_of_the_default_printer(profiles: dict[str, dict[str, str]]) -> None:
    for number, page in MODELS["epson"].pages.items():
        assert same(page, codec_of(profiles["default"][str(number)])), number


def test_every_letter_of_a_page_is_read_as_it_is_written() -> None:
    for model in MODELS.values():
        for number, page in model.pages.items():
            for character, byte in page.items():
                assert READABLE[number][byte] == character
                assert byte >= 0x80
