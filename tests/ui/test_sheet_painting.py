"""Drawn paper: as wide as the printer's, black where it should be, and a PDF that is whole or not there."""

from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QImage, Qt
from PySide6.QtWidgets import QApplication

from urs_desktop.counter.paper.document import Code, Document, Row, Rule
from urs_desktop.counter.paper.escpos import DOTS, stream
from urs_desktop.counter.paper.layout import Line, lay_out
from urs_desktop.counter.paper.reader import Drawn, read
from urs_desktop.counter.print_ports import Trouble
from urs_desktop.ui.presenters.print_view import PrintStage, PrintView
from urs_desktop.ui.printer_texts import TROUBLES, paper_text, stage_word, trouble_text
from urs_desktop.ui.printing import save_pdf
from urs_desktop.ui.sheet_painting import LINE_DOTS, as_bitmap, draw_line
from urs_desktop.ui.widgets.sheet import Sheet


def line_of(row: Row, columns: int = 32) -> Line:
    line = lay_out(Document((row,)), columns)[0]
    assert isinstance(line, Line)
    return line


def black_columns(rows: tuple[bytes, ...], columns: int) -> list[bool]:
    """Return for each column of the paper whether anything in it is black."""
    bits = [f"{int.from_bytes(row, 'big'):0{8 * len(row)}b}" for row in rows]
    return [any("1" in row[n * DOTS : (n + 1) * DOTS] for row in bits) for n in range(columns)]


@pytest.mark.usefixtures("qapp")
class TestLines:
    def test_a_line_is_as_wide_as_the_paper_and_black_where_its_cells_are(self) -> None:
        drawn = draw_line(line_of(Row("\u05db\u05d5\u05e1", "2.00")), 32 * DOTS)
        assert (drawn.width, len(drawn.rows)) == (32 * DOTS, LINE_DOTS)
        assert all(len(row) == 32 * DOTS // 8 for row in drawn.rows)
        black = black_columns(drawn.rows, 32)
        assert black[0]
        assert black[31]
        assert not any(black[8:27]), "between name and figure the paper is white"

    def test_a_large_line_is_twice_as_high(self) -> None:
        line = line_of(Row("\u05db\u05d5\u05e1", "2.00", large=True))
        assert len(draw_line(line, 32 * DOTS).rows) == 2 * LINE_DOTS

    def test_letters_too_wide_for_their_columns_are_made_narrower(self) -> None:
        drawn = draw_line(line_of(Row("W" * 26, "2.00")), 32 * DOTS)
        assert not black_columns(drawn.rows, 32)[27]

    @pytest.mark.parametrize("width", [8, 13, 384])
    def test_dark_is_black_and_light_is_white(self, width: int) -> None:
        image = QImage(width, 2, QImage.Format.Format_Grayscale8)
        image.fill(Qt.GlobalColor.white)
        image.setPixelColor(width - 1, 1, QColor(Qt.GlobalColor.black))
        image.setPixelColor(0, 0, QColor(Qt.GlobalColor.darkGray))
        rows = as_bitmap(image).rows
        over = (8 - width % 8) % 8
        assert [int.from_bytes(row, "big") >> over for row in rows] == [rows_first(width), 1]

    def test_a_printer_gets_it_as_a_picture(self) -> None:
        data = stream(Document((Row("\u05db\u05d5\u05e1", "2.00"),)), 32, drawing=draw_line)
        [picture] = [each for each in read(data) if isinstance(each, Drawn)]
        assert (picture.width, len(picture.rows)) == (32 * DOTS, LINE_DOTS)


def rows_first(width: int) -> int:
    """Return the first row of the picture above: Qt's dark grey is darker than half or not."""
    return 1 << (width - 1) if QColor(Qt.GlobalColor.darkGray).lightness() < 128 else 0


class TestSheet:
    def test_it_says_to_screen_readers_what_stands_on_it(self, qapp: QApplication) -> None:
        sheet = Sheet("sheet", 32, 8)
        sheet.show_document(Document((Row("Tea", "2.00"), Rule(), Code("1-000001"))))
        assert sheet.accessibleName().split("\n")[0].split() == ["Tea", "2.00"]
        image = sheet.grab().toImage()
        assert image.pixelColor(2, 2) == QColor(Qt.GlobalColor.white)
        side = sheet.height()
        sheet.show_document(Document((Row("Tea", "2.00"),)))
        assert sheet.height() < side


class TestPdf:
    SHEET = Document((Row("Tea \u05db\u05d5\u05e1", "2.00"), Row("TOTAL", "2.00", large=True), Code("1-000001")))

    def test_it_is_as_long_as_the_receipt(self, qapp: QApplication, tmp_path: Path) -> None:
        path = save_pdf(self.SHEET, "1-000001", tmp_path / "new")
        content = path.read_bytes()
        assert path.name == "1-000001.pdf"
        assert content.startswith(b"%PDF")
        assert content.rstrip().endswith(b"%%EOF")
        box = content.partition(b"/MediaBox [")[2].partition(b"]")[0].split()
        assert [round(float(each)) for each in box[:3]] == [0, 0, 227], "80 mm wide"
        assert float(box[3]) < 227, "and no longer than it must be"

    def test_saved_again_it_takes_its_own_place(self, qapp: QApplication, tmp_path: Path) -> None:
        for _ in range(2):
            save_pdf(self.SHEET, "1-000001", tmp_path)
        assert [each.name for each in tmp_path.iterdir()] == ["1-000001.pdf"]

    def test_where_nothing_can_be_written_nothing_is(self, qapp: QApplication, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        with pytest.raises(OSError, match="file"):
            save_pdf(self.SHEET, "1-000001", tmp_path / "file")
        assert [each.name for each in tmp_path.iterdir()] == ["file"]


class TestTexts:
    @pytest.mark.parametrize("trouble", Trouble)
    def test_every_trouble_has_a_sentence(self, trouble: Trouble) -> None:
        assert trouble in TROUBLES
        assert trouble_text(trouble.value).endswith(".")

    def test_one_nobody_knows_has_none(self) -> None:
        assert trouble_text("newer") == ""

    @pytest.mark.parametrize("stage", PrintStage)
    def test_every_stage_has_its_words(self, stage: PrintStage) -> None:
        said = paper_text(PrintView(stage, Trouble.GONE.value))
        assert "{" not in said
        assert bool(said) is (stage is not PrintStage.NONE)
        assert stage in (PrintStage.NONE, PrintStage.UNASKED) or stage_word(stage)
