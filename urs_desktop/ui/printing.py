"""Receipts as PDF: one page as long as the receipt, its text real text, into the person's folder of documents.

Safe on any thread. Must never overwrite a file it did not make, nor leave half of one.
"""

from pathlib import Path
from typing import Final

from PySide6.QtCore import QMarginsF, QSizeF
from PySide6.QtGui import QPageLayout, QPageSize, QPainter, QPdfWriter

from urs_desktop.counter.paper.document import Document
from urs_desktop.counter.paper.layout import lay_out
from urs_desktop.ui.documents import documents
from urs_desktop.ui.sheet_painting import height_of, paint_sheet

FOLDER: Final = "URS receipts"
_COLUMNS: Final = 42
_WIDTH_MM: Final = 80.0
_MARGIN_MM: Final = 4.0
_DPI: Final = 300
_MM_PER_INCH: Final = 25.4


def save_pdf(document: Document, name: str, folder: Path | None = None) -> Path:
    """Write a document as PDF and return the file: `name.pdf`, in the place of an earlier one of the same name.

    Raises OSError with nothing written under that name.
    """
    place = folder or documents(FOLDER)
    place.mkdir(parents=True, exist_ok=True)
    path = place / f"{name}.pdf"
    unfinished = path.with_suffix(".part")
    laid = lay_out(document, _COLUMNS)
    column = (_WIDTH_MM - 2 * _MARGIN_MM) / _COLUMNS
    height = height_of(laid, _COLUMNS, column) + 2 * _MARGIN_MM
    writer = QPdfWriter(str(unfinished))
    writer.setResolution(_DPI)
    writer.setTitle(name)
    writer.setCreator("URS")
    size = QPageSize(QSizeF(_WIDTH_MM, height), QPageSize.Unit.Millimeter, name, QPageSize.SizeMatchPolicy.ExactMatch)
    writer.setPageLayout(QPageLayout(size, QPageLayout.Orientation.Portrait, QMarginsF(0, 0, 0, 0)))
    painter = QPainter()
    if not painter.begin(writer):
        raise OSError(f"cannot write {path}")
    dots = _DPI / _MM_PER_INCH
    paint_sheet(painter, laid, _COLUMNS, _MARGIN_MM * dots, _MARGIN_MM * dots, column * dots)
    if not painter.end() or not unfinished.exists():
        raise OSError(f"cannot write {path}")
    return unfinished.replace(path)
