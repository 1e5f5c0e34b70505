"""Scans told from typing by time stamps: any mixture of both, nothing lost, nothing taken for the other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from urs_desktop.ui.presenters.scan_reader import FEWEST_FIGURES, GAP_MS, Burst, ScanReader

codes = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-/.:%\x1d", min_size=FEWEST_FIGURES, max_size=40)
START = 1_000


def scan(reader: ScanReader, text: str, at: int = START, gap: int = 5) -> tuple[str, int]:
    """Send a burst and Enter; return what it was taken for and when it ended."""
    for character in text:
        reader.key(character, at)
        at += gap
    return reader.end(at), at


@given(codes, st.integers(0, GAP_MS))
def test_every_burst_is_a_scan(code: str, gap: int) -> None:
    assert scan(ScanReader(), code, gap=gap)[0] == code


@given(codes, st.integers(GAP_MS + 1, 500))
def test_no_hand_is_that_fast(code: str, gap: int) -> None:
    assert scan(ScanReader(), code, gap=gap)[0] == ""


@given(st.lists(st.tuples(st.booleans(), codes), max_size=6))
def test_any_mixture(parts: list[tuple[bool, str]]) -> None:
    reader, at, found = ScanReader(), START, []
    for by_scanner, text in parts:
        code, at = scan(reader, text, at, 5 if by_scanner else 120)
        at += 300
        if code:
            found.append(code)
    assert found == [text for by_scanner, text in parts if by_scanner]


def test_what_was_typed_before_is_no_part_of_the_scan() -> None:
    reader = ScanReader()
    for place, character in enumerate("3*"):
        reader.key(character, START + 150 * place)
    assert scan(reader, "4006381333931", START + 600)[0] == "4006381333931"


def test_a_burst_begins_where_the_field_has_to_be_put_back() -> None:
    reader = ScanReader()
    began = [reader.key(character, START + 4 * place) for place, character in enumerate("ABCD")]
    assert began == [True, False, False, False]
    assert reader.key("X", START + 500)


@pytest.mark.parametrize("typed", ["20", "20.00", "1234567", "PIN", "12,5"])
def test_short_figures_and_words_are_typed_however_fast(typed: str) -> None:
    assert scan(ScanReader(), typed)[0] == ""


@pytest.mark.parametrize("code", ["C-10", "12345678", "A123", "1-000001"])
def test_cards_receipts_and_the_shortest_barcode_are_scans(code: str) -> None:
    assert scan(ScanReader(), code)[0] == code


def test_without_time_stamps_everything_is_typed() -> None:
    reader = ScanReader()
    for character in "4006381333931":
        reader.key(character, 0)
    assert reader.end(0) == ""


def test_what_came_is_kept_as_it_came() -> None:
    reader = ScanReader("]E0", "~")
    code, _ = scan(reader, "]E04006381333931~", gap=7)
    assert (code, reader.came) == ("4006381333931", Burst("]E04006381333931~", 7, is_scan=True))
    assert scan(reader, "lamp", START + 5_000, gap=120)[0] == ""
    assert reader.came == Burst("lamp", 120, is_scan=False)
    assert (reader.end(START + 9_000), reader.came.text) == ("", "")


def test_prefix_and_suffix_of_the_scanner_go() -> None:
    assert scan(ScanReader("]E0", "~"), "]E04006381333931~")[0] == "4006381333931"
    assert scan(ScanReader("]E0", "~"), "4006381333931")[0] == "4006381333931"


def test_a_late_enter_is_a_persons() -> None:
    reader = ScanReader()
    for place, character in enumerate("4006381333931"):
        reader.key(character, START + place)
    assert reader.end(START + 500) == ""


def test_another_key_in_between_ends_it() -> None:
    reader = ScanReader()
    for place, character in enumerate("40063813"):
        reader.key(character, START + place)
    reader.forget()
    assert reader.end(START + 9) == ""


@pytest.mark.parametrize(
    ("sent", "code"), [("~1234#", "1234"), ("~1234", "1234"), ("1234#", "1234"), ("~12#", ""), ("1234", "")]
)
def test_short_figures_the_scanner_marked_are_a_scan(sent: str, code: str) -> None:
    assert scan(ScanReader(prefix="~", suffix="#"), sent)[0] == code
