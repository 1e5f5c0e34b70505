"""Lines of paper: as wide as the paper by what one sees, figures at their end, nothing cut off."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.shared_data import shared
from urs_desktop.counter.paper.document import Code, Document, Gap, Row, Rule, Side, decoded, encoded
from urs_desktop.counter.paper.layout import Line, Square, in_sight, lay_out
from urs_desktop.counter.paper.wording import printable, width

NAMES = st.text(alphabet=st.characters(codec="utf-8"), max_size=60)


def texts(*rows: Row, columns: int = 24, mirrored: bool = False) -> list[str]:
    return [line.text() for line in lay_out(Document(rows, mirrored), columns) if isinstance(line, Line)]


def test_a_figure_stands_at_the_end() -> None:
    assert texts(Row("Tea", "2.00"), Row("Lantern with glass", "1,012.50")) == [
        "Tea                 2.00",
        "Lantern with    1,012.50",
        "glass                   ",
    ]


def test_wide_characters_do_not_push_it() -> None:
    assert texts(Row("\u304a\u8336 \u7dd1", "2.00")) == ["\u304a\u8336 \u7dd1             2.00"]
    assert width(texts(Row("\u304a\u8336 \u7dd1", "2.00"))[0]) == 24


def test_a_name_from_right_to_left_lines_up() -> None:
    [line] = texts(Row("\u05db\u05d5\u05e1 3 \u05ea\u05d4", "2.00"))
    assert line == "\u05d4\u05ea 3 \u05e1\u05d5\u05db            2.00", "in the order in which it stands on the paper"
    assert in_sight("abc \u05d0\u05d1 12") == "abc 12 \u05d1\u05d0"


def test_a_language_from_right_to_left_is_mirrored() -> None:
    assert texts(Row("\u05e1\u05db\u05d5\u05dd", "2.00"), mirrored=True) == [
        "2.00                \u05dd\u05d5\u05db\u05e1"
    ]
    assert texts(Row("tea", indent=2), mirrored=True) == ["                   tea  "]


def test_a_figure_too_wide_for_a_name_beside_it_gets_a_line() -> None:
    assert texts(Row("A name", "99,999,999,999.00"), columns=20) == ["A name              ", "   99,999,999,999.00"]
    assert texts(Row("N", "1" * 40), columns=16)[1:] == ["1" * 16, "1" * 16, " " * 8 + "1" * 8]


def test_large_print_takes_half_of_the_columns() -> None:
    [line] = [each for each in lay_out(Document((Row("SUM", "2.00", large=True),)), 24) if isinstance(each, Line)]
    assert (line.columns, line.text()) == (12, "SUM     2.00")


def test_what_is_no_row() -> None:
    sheet = Document((Rule(), Gap(), Code("1-000001"), Row("middle", side=Side.MIDDLE)))
    rule, gap, square, row = lay_out(sheet, 24)
    assert isinstance(rule, Line)
    assert rule.text() == "-" * 24
    assert isinstance(gap, Line)
    assert gap.text() == " " * 24
    assert square == Square("1-000001")
    assert isinstance(row, Line)
    assert row.text() == "         middle         "


@given(NAMES, st.from_regex(r"-?[0-9][0-9,.]{0,12}", fullmatch=True), st.integers(16, 48), st.booleans(), st.booleans())
def test_every_line_is_as_wide_as_the_paper(name: str, figure: str, columns: int, large: bool, mirrored: bool) -> None:
    lines = lay_out(Document((Row(name, figure, large=large, indent=2),), mirrored), columns)
    for line in lines:
        assert isinstance(line, Line)
        placed = sum(width(cell.text) for cell in line.cells)
        assert placed <= line.columns, "no cell runs out of the paper"
        for cell, following in zip(line.cells, line.cells[1:], strict=False):
            assert cell.column + cell.columns <= following.column, "no cell runs into another"
    shown = "".join(cell.text for line in lines if isinstance(line, Line) for cell in line.cells)
    assert sorted(shown.replace(" ", "")) == sorted(printable(name + " " + figure).replace(" ", ""))


def test_every_naughty_name_leaves_the_figure_where_it_belongs() -> None:
    for name in json.loads(shared("vectors", "naughty_strings_50.json").read_text(encoding="utf-8")):
        first, *others = [each for each in lay_out(Document((Row(name, "12.50"),)), 42) if isinstance(each, Line)]
        assert first.cells[-1].text == "12.50"
        assert first.cells[-1].column == 37, ascii(name)
        assert all(cell.columns >= width(cell.text) for line in (first, *others) for cell in line.cells), ascii(name)


@pytest.mark.parametrize("columns", [-1, 0, 5, 500])
def test_paper_no_printer_has_is_taken_as_the_nearest(columns: int) -> None:
    [line] = [each for each in lay_out(Document((Row("a", "b"),)), columns) if isinstance(each, Line)]
    assert 16 <= line.columns <= 96


def test_a_sheet_is_kept_as_text() -> None:
    sheet = Document((Row("\u304a", "1", Side.END, 2, bold=True, large=True), Rule(), Gap(), Code("x")), mirrored=True)
    assert decoded(encoded(sheet)) == sheet
