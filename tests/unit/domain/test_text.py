"""Text as people type it: stored as it came, or refused, never half of it.

Must never change case or drop a character.
"""

import json
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.shared_data import shared
from urs_desktop.domain.refusals import Refusal, RefusalCode
from urs_desktop.domain.text import MAX_CODE, MAX_TEXT, as_stored, card_code, clean_text, phone_digits, product_code

anything = st.text(st.characters(exclude_categories=()), max_size=80)


def read_with(read: Callable[[str], str], text: str) -> str | Refusal:
    """Return what a reader makes of a text, or how it refuses it."""
    try:
        return read(text)
    except Refusal as refusal:
        return refusal


def leaves_ink(character: str) -> bool:
    """Return whether a character alone can be seen."""
    return (
        unicodedata.category(character)[0] in "LMNPS" and character not in "\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
    )


@given(anything)
def test_text_is_kept_whole_or_refused(text: str) -> None:
    cleaned = read_with(clean_text, text)
    if isinstance(cleaned, Refusal):
        assert cleaned.code is RefusalCode.TEXT_MALFORMED
        assert any(unicodedata.category(c) in ("Cc", "Cs") for c in text) or not any(map(leaves_ink, text))
        str(cleaned).encode()
        return
    assert cleaned == unicodedata.normalize("NFC", text).strip()
    assert clean_text(cleaned) == cleaned == as_stored(text)
    cleaned.encode()


@given(anything)
def test_codes_are_text_that_is_there(text: str) -> None:
    for read, code in ((product_code, RefusalCode.TEXT_MALFORMED), (card_code, RefusalCode.CARD_MALFORMED)):
        cleaned = read_with(read, text)
        if isinstance(cleaned, Refusal):
            assert cleaned.code is code
            str(cleaned).encode()
        else:
            assert 0 < len(cleaned) <= MAX_CODE
            assert read(cleaned) == cleaned


def test_two_ways_to_write_a_letter_are_one() -> None:
    assert clean_text("Cafe\u0301 ") == clean_text("Caf\u00e9") == as_stored("\tCafe\u0301")


def test_case_is_kept() -> None:
    assert (product_code("85123a"), product_code("85123A")) == ("85123a", "85123A")


@pytest.mark.parametrize("text", ["a\x00b", "a\nb", "a\x1bb", "\x7f", "\ud800", "x" * (MAX_TEXT + 1)])
def test_what_cannot_be_shown_again_is_refused(text: str) -> None:
    with pytest.raises(Refusal):
        clean_text(text)
    with pytest.raises(Refusal) as caught:
        card_code(text)
    assert caught.value.code is RefusalCode.CARD_MALFORMED


@pytest.mark.parametrize("text", ["\u200b", "\ufeff\u200d", "\u3164", "\u2800", "\u00ad", "\ue000"])
def test_a_text_nobody_can_see_is_none(text: str) -> None:
    with pytest.raises(Refusal):
        clean_text(text)
    assert clean_text(f"a{text}b") == f"a{text}b"


def test_length_is_counted_after_the_outer_spaces() -> None:
    assert len(clean_text(" " * 40 + "x" * MAX_TEXT)) == MAX_TEXT
    assert product_code("é" * MAX_CODE)
    with pytest.raises(Refusal):
        product_code("é" * (MAX_CODE + 1))


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("+44 20 7946 0000", "+442079460000"),
        ("(020) 7946-0000", "02079460000"),
        (" +46\u00a070 123 45 67", "+46701234567"),
        ("\uff0b\uff14\uff14 \uff12\uff10", "+4420"),
        ("0044-20", "004420"),
        ("+", ""),
        ("", ""),
        ("no number", ""),
    ],
)
def test_phones_are_compared_by_their_digits(text: str, digits: str) -> None:
    assert phone_digits(text) == digits


@given(anything)
def test_phone_digits_are_stable(text: str) -> None:
    digits = phone_digits(text)
    assert phone_digits(digits) == digits
    assert not digits.removeprefix("+") or digits.removeprefix("+").isdigit()


def test_naughty_strings_are_kept_whole_or_refused() -> None:
    strings = json.loads(shared("vectors", "naughty_strings_50.json").read_text("utf-8"))
    assert len(strings) >= 40
    for text in strings:
        assert clean_text(text) == unicodedata.normalize("NFC", text).strip()
        phone_digits(text)
        if text:
            assert card_code(text) == product_code(text) == clean_text(text)
