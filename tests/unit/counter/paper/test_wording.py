"""What foreign text becomes before it is printed, and how wide it is by Unicode's own table."""

import gzip
import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.shared_data import shared
from urs_desktop.counter.paper.wording import clusters, printable, width, wrapped

JOINING = ((0x1160, 0x11FF), (0x3164, 0x3164), (0xD7B0, 0xD7FB), (0xFFA0, 0xFFA0), (0x1F1E6, 0x1F1FF))
"""Hangul's vowels and final consonants join the syllable before them; regional letters are halves of flags."""

WIDE_SINCE = ((0x2630, 0x2637), (0x268A, 0x268F), (0x4DC0, 0x4DFF), (0x1D300, 0x1D376))
"""What Unicode 16 made wide."""


def east_asian() -> dict[str, str]:
    """Return the width class of each character that Unicode 15 lists."""
    classes = {}
    with gzip.open(shared("vectors", "unicode15_EastAsianWidth.txt.gz"), "rt", encoding="utf-8") as table:
        for line in table:
            fields = line.partition("#")[0].split(";")
            if len(fields) == 2:
                first, _, last = fields[0].strip().partition("..")
                for code in range(int(first, 16), int(last or first, 16) + 1):
                    classes[chr(code)] = fields[1].strip()
    return classes


def test_wide_characters_take_two_columns_and_others_one() -> None:
    wrong, seen = [], {"wide": 0, "narrow": 0}
    for character, kind in east_asian().items():
        category = unicodedata.category(character)
        if category[0] not in "LNPS" or unicodedata.combining(character):
            continue  # marks join the character before them; what is not assigned is not printed
        wide = kind in ("W", "F")
        seen["wide" if wide else "narrow"] += 1
        otherwise = any(first <= ord(character) <= last for first, last in JOINING + WIDE_SINCE)
        if not otherwise and width(character) != (2 if wide else 1):
            wrong.append(f"U+{ord(character):04X} {kind} {width(character)}")
    assert seen["wide"] > 90_000
    assert seen["narrow"] > 20_000
    assert not wrong


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("tea", 3),
        ("\u304a\u8336", 4),
        ("e\u0301", 1),
        ("\uff21\uff22", 4),
        ("\u0e01\u0e33", 2),
        ("\u05e9\u05dc\u05d5\u05dd", 4),
    ],
)
def test_width_is_what_one_sees(text: str, columns: int) -> None:
    assert width(printable(text)) == columns


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("\x1b@\x1bp\x00\x19\xfaMug", "@ p \xfaMug"),
        ("\x1dV\x00cut", "V cut"),
        ("\x10\x04\x01ask", "ask"),
        ("two\r\nlines\tand tab", "two lines and tab"),
        ("\u202egnp.exe\u202c", "gnp.exe"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("half \ud83d surrogate", "half surrogate"),
        ("\xa0non\u202fbreaking\u3000wide\xa0", "non breaking wide"),
        ("e\u0301", "\xe9"),
        ("\x9b31m", "31m"),
    ],
)
def test_what_is_not_seen_does_not_reach_the_printer(text: str, printed: str) -> None:
    assert printable(text) == printed


def test_every_naughty_text_becomes_printable() -> None:
    texts = json.loads(shared("vectors", "naughty_strings_50.json").read_text(encoding="utf-8"))
    assert len(texts) >= 50
    for text in texts:
        shown = printable(text)
        assert all(each.isprintable() or each in "\u200c\u200d" for each in shown), ascii(text)
        seen = [each for each in unicodedata.normalize("NFC", text) if each.isprintable() and not each.isspace()]
        assert [each for each in shown if each not in " \u200c\u200d"] == seen, ascii(text)


@given(st.text(max_size=80), st.integers(2, 50))
def test_wrapping_keeps_every_character_and_the_width(text: str, columns: int) -> None:
    shown = printable(text)
    lines = wrapped(shown, columns)
    assert "".join("".join(lines).split()) == "".join(shown.split())
    assert lines
    for line in lines:
        assert width(line) <= columns or len(list(clusters(line))) == 1, ascii(line)


def test_words_stay_whole_where_there_is_room() -> None:
    assert wrapped("a lantern with red glass", 10) == ["a lantern", "with red", "glass"]
    assert wrapped("incomprehensibilities", 10) == ["incomprehe", "nsibilitie", "s"]
    assert wrapped("", 10) == [""]
