"""What a scanned code names: every form of one article is the same GTIN, and what was misread is refused."""

import csv
import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.shared_data import shared
from urs_desktop.counter.use_cases.barcodes import LENGTHS, read_barcode
from urs_desktop.domain.refusals import Refusal, RefusalCode

MALFORMED, MISREAD = RefusalCode.BARCODE_MALFORMED, RefusalCode.BARCODE_MISREAD
WITHOUT = RefusalCode.BARCODE_WITHOUT_ARTICLE


def with_check_digit(payload: str) -> str:
    """Return a payload with the digit that GS1's general specifications (7.9) want after it."""
    total = sum(int(digit) * (3, 1)[n % 2] for n, digit in enumerate(reversed(payload)))
    return f"{payload}{-total % 10}"


@pytest.mark.parametrize(
    ("code", "gtin"),
    [
        ("4600697906867", "4600697906867"),
        (" 4600697906867\r", "4600697906867"),
        ("96385074", "96385074"),
        ("042100005264", "042100005264"),
        ("04252614", "042100005264"),  # the example of the general specifications, 5.2.2.4
        ("0042100005264", "042100005264"),
        ("00042100005264", "042100005264"),
        ("19521234543210", "19521234543210"),
        ("09521234543213", "9521234543213"),
        ("https://id.gs1.org/01/09521234543213/10/ABC?17=280101", "9521234543213"),
        ("]C1010952123454321310ABC", "9521234543213"),
        ("]E04600697906867", "4600697906867"),
        ("(01)09521234543213(10)ABC", "9521234543213"),
        ("10ABC\x1d0109521234543213", "9521234543213"),
        ("\x1d010952123454321310ABC\x1d17280101", "9521234543213"),
    ],
)
def test_every_form_names_its_article(code: str, gtin: str) -> None:
    read = read_barcode(code)
    assert read.gtin == gtin
    assert read.forms[0] == gtin


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("", MALFORMED),
        ("abc", MALFORMED),
        ("]", MALFORMED),
        ("]C", WITHOUT),
        ("1234567", RefusalCode.BARCODE_LENGTH),
        ("4600 697906867", MALFORMED),
        ("\u0664\u0666\u0660\u0660\u0666\u0669\u0667\u0669\u0660\u0666\u0668\u0666\u0667", MALFORMED),
        ("9" * 3000, MALFORMED),
        ("https://example.com/x", MALFORMED),
        ("4600697906868", MISREAD),
        ("96385075", MISREAD),
        ("00000000", WITHOUT),
        ("0000000000000", WITHOUT),
        ("(10)ABC", WITHOUT),
        ("106141412345678908", WITHOUT),
        ("(01)09521234543214(10)ABC", MISREAD),
        ("0109521234543214", MISREAD),
        ("]C1010952123454321410ABC", MISREAD),
        ("https://id.gs1.org/01/09521234543214", MISREAD),
        ("]E04600697906868", MISREAD),
        ("(99)09521234543213", WITHOUT),
        ("(01)09521234543213(17)999999", MALFORMED),
        ("https://id.gs1.org/01/", WITHOUT),
        ("46006979O6867", MALFORMED),
        ("4600697906867\x00", MALFORMED),
    ],
)
def test_what_names_none_is_refused(code: str, why: RefusalCode) -> None:
    with pytest.raises(Refusal) as caught:
        read_barcode(code)
    assert caught.value.code is why


def test_eight_digits_may_mean_two_articles() -> None:
    """The GTIN-8 comes first; a product that is known by the UPC-A alone is found all the same."""
    read = read_barcode("01234565")
    assert read.gtin == "01234565"
    assert "012345000065" in read.forms


@given(st.sampled_from(LENGTHS), st.integers(1, 10**13 - 1), st.integers(1, 9))
def test_a_gtin_is_taken_and_a_wrong_check_digit_never(length: int, number: int, off: int) -> None:
    payload = str(number % 10 ** (length - 1) or 1).zfill(length - 1)
    code = with_check_digit(payload)
    assert int(read_barcode(code).gtin) == int(code)
    wrong = f"{payload}{(int(code[-1]) + off) % 10}"
    refusal = why_not(wrong)
    if refusal is None:
        assert length == LENGTHS[0]
        assert wrong.startswith(("0", "1")), "right all the same, as a UPC-E"
        return
    assert (refusal.code, refusal.details["expected"]) == (MISREAD, int(code[-1]))


def why_not(code: str) -> Refusal | None:
    try:
        read_barcode(code)
    except Refusal as refusal:
        return refusal
    return None


@given(st.text(max_size=40))
def test_no_text_breaks_it(text: str) -> None:
    refusal = why_not(text)
    assert refusal is not None or read_barcode(text).gtin.isascii()


def test_real_codes_are_all_taken() -> None:
    with gzip.open(shared("barcodes", "uhtt_products_dev.csv.gz"), "rt", encoding="utf-8") as file:
        rows = [(row["barcode"], row["symbology"]) for row in csv.DictReader(file)]
    assert len(rows) == 40_000
    for code, symbology in rows:
        read = read_barcode(code)
        if symbology == "UPC-E":
            assert len(read.gtin) == 12
            assert code in read.forms
        else:
            assert int(read.gtin) == int(code)
