"""The bytes for a printer: read back they say what was meant, and no name ever says anything else."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.shared_data import shared
from urs_desktop.counter.paper.document import NOTHING, Code, Document, Row, Rule
from urs_desktop.counter.paper.escpos import DOTS, KICK, Bitmap, stream
from urs_desktop.counter.paper.layout import Line
from urs_desktop.counter.paper.models import MODELS
from urs_desktop.counter.paper.reader import Cut, Drawn, Fed, Kicked, Written, read, text_of


class Artist:
    """Draws every line as a black bar and remembers it."""

    def __init__(self) -> None:
        self.lines: list[Line] = []

    def __call__(self, line: Line, dots: int) -> Bitmap:
        self.lines.append(line)
        return Bitmap(dots, (b"\xff" * (dots // 8),) * 24)


def letters(*rows: Row, model: str = "", columns: int = 32) -> list[str]:
    return [
        each.text for each in read(stream(Document(rows), columns, model=MODELS[model])) if isinstance(each, Written)
    ]


def test_a_real_stream_is_read_as_its_paper() -> None:
    printed = read(shared("escpos", "receipt-with-logo.bin").read_bytes())
    expected = shared("escpos", "receipt-with-logo.expected.txt").read_text(encoding="utf-8")
    assert text_of(printed) == expected.rstrip("\n")
    assert printed[-2:] == (Cut(), Kicked())
    assert Written("SALES INVOICE", bold=True, side=1) in printed
    assert Written("Total            $ 14.25", large=True) in printed


def test_what_is_printed_reads_back_as_meant() -> None:
    sheet = Document((Row("Tea", "2.00"), Rule(), Row("SUM", "2.00", bold=True, large=True), Row("Thanks")))
    assert read(stream(sheet, 16)) == (
        Written("Tea         2.00"),
        Written("-" * 16),
        Written("SUM 2.00", bold=True, large=True),
        Written("Thanks"),
        Fed(3),
        Cut(),
    )


@pytest.mark.parametrize(
    "text",
    [
        "\u00a3 \u20ac \u00e4\u00f6\u00fc\u00df \u00e9\u00f1",
        "\u0160\u010d\u0142 \u0416\u0443\u043a \u2248",
        "Gr\u00fc\u00dfe \u20ac \u0416",
    ],
)
def test_code_pages_are_chosen_by_letter(text: str) -> None:
    assert letters(Row(text, "1.00"), Row("plain")) == [f"{text}{'1.00':>{32 - len(text)}}", "plain"]


def test_what_a_code_page_lacks_is_drawn_as_a_line_as_wide_as_the_paper() -> None:
    artist = Artist()
    sheet = Document((Row("\u304a\u8336", "2.00"), Row("Tea", "1.00")))
    drawn, written, *_ = read(stream(sheet, 32, drawing=artist))
    assert [cell.text for cell in artist.lines[0].cells] == ["\u304a\u8336", "2.00"]
    assert isinstance(drawn, Drawn)
    assert drawn.width == 32 * DOTS
    assert written == Written("Tea                         1.00")


def test_without_pictures_it_is_shown_as_missing_and_still_lines_up() -> None:
    artist = Artist()
    sheet = Document((Row("\u304a\u8336 x\u0323", "2.00"), Code("1-000001")))
    printed = read(stream(sheet, 24, drawing=artist, model=MODELS["text"]))
    assert printed[0] == Written("???? x              2.00")
    assert not artist.lines
    assert not any(isinstance(each, Drawn) for each in printed)


def test_hebrew_by_its_code_page_stands_from_right_to_left() -> None:
    assert letters(Row("\u05db\u05d5\u05e1 3", "2.00"), model="epson") == ["3 \u05e1\u05d5\u05db" + "2.00".rjust(27)]
    assert letters(Row("\u05db\u05d5\u05e1 3", "2.00"))[0].startswith("3 ???"), "not every printer has that page"


def test_the_drawer_is_kicked_once_and_before_the_paper() -> None:
    data = stream(Document((Row("Tea"),)), 32, kick=True)
    assert data.count(KICK) == 1
    assert read(data)[0] == Kicked()
    assert read(stream(NOTHING, 32, kick=True)) == (Kicked(),), "a drawer needs no paper"


def test_a_code_is_square_and_holds_its_text_in_the_middle() -> None:
    drawn = [each for each in read(stream(Document((Code("1-000012"),)), 32)) if isinstance(each, Drawn)]
    rows = [row for each in drawn for row in each.rows]
    bits = [f"{int.from_bytes(row, 'big'):0{8 * len(row)}b}" for row in rows]
    dark = [row for row in bits if "1" in row]
    left, right = min(row.index("1") for row in dark), max(row.rindex("1") for row in dark) + 1
    assert right - left == len(dark), "as wide as it is high"
    assert abs(left - (32 * DOTS - right)) <= 8, "in the middle"
    assert left >= 2 * 6


def commands(data: bytes) -> bytes:
    """Return what is no letter: the control bytes in their order."""
    return bytes(byte for byte in data if byte < 0x20 or byte == 0x7F)


@pytest.mark.parametrize("model", MODELS)
def test_no_naughty_name_adds_a_command(model: str) -> None:
    for name in json.loads(shared("vectors", "naughty_strings_50.json").read_text(encoding="utf-8")):
        printed = read(stream(Document((Row(name, "1.00"),)), 42, model=MODELS[model]))
        assert {type(each) for each in printed} == {Written, Fed, Cut}, ascii(name)
        assert sum(isinstance(each, Cut | Fed) for each in printed) == 2
        first = printed[0]
        assert isinstance(first, Written)
        assert first.text.endswith(" 1.00")
        assert len(first.text) == 42, ascii(name)


@given(st.text(max_size=50))
def test_a_name_is_only_ever_letters(name: str) -> None:
    plain = commands(stream(Document((Row("a"),)), 96))
    data = stream(Document((Row(name),)), 96)
    pages = data.count(b"\x1bt")
    lines = sum(isinstance(each, Written) for each in read(data))
    assert commands(data).count(b"\x1b") == plain.count(b"\x1b") + pages
    assert commands(data).count(b"\x1d") == plain.count(b"\x1d")
    assert data.count(b"\n") == lines


@given(st.binary(max_size=200))
def test_the_reader_never_fails(data: bytes) -> None:
    for each in read(data):
        assert not isinstance(each, Written) or each.text.isprintable() or "\ufffd" in each.text
