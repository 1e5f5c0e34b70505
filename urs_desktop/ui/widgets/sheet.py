"""A sheet of paper on the screen, as a printer would put it out: white in every theme, with a shadow's edge.

Must never shorten what is on it: it is as long as it is, and its place scrolls.
"""

from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QScrollArea, QWidget

from urs_desktop.counter.paper.document import NOTHING, Document
from urs_desktop.counter.paper.layout import Laid, Line, lay_out
from urs_desktop.ui.sheet_painting import height_of, paint_sheet

_MARGIN: Final = 16


class Sheet(QWidget):
    """Shows a document on paper of so many columns."""

    def __init__(self, name: str, columns: int, column: float) -> None:
        """Take the object's name, the columns, and how many pixels each is wide."""
        super().__init__()
        self.setObjectName(name)
        self._columns = columns
        self._column = column
        self._document = NOTHING
        self._laid: tuple[Laid, ...] = ()
        self.setFixedSize(self.sizeHint())

    def show_document(self, document: Document) -> None:
        """Show this document."""
        if document is not self._document:
            self._document = document
            self._laid = lay_out(document, self._columns)
            self.setAccessibleName("\n".join(each.text() for each in self._laid if isinstance(each, Line)))
            self.setFixedSize(self.sizeHint())
            self.update()

    def sizeHint(self) -> QSize:
        height = height_of(self._laid, self._columns, self._column)
        return QSize(round(self._columns * self._column) + 2 * _MARGIN, round(height) + 2 * _MARGIN)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.fillRect(self.rect(), Qt.GlobalColor.white)
        paint_sheet(painter, self._laid, self._columns, _MARGIN, _MARGIN, self._column)
        painter.end()


class SheetView(QScrollArea):
    """A place for a sheet, which scrolls by keyboard and by touch."""

    def __init__(self, name: str, accessible: str, columns: int = 42, column: float = 9.0) -> None:
        """Take the names, the columns of the paper and how many pixels each is wide."""
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(accessible)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self.sheet = Sheet(f"{name}_sheet", columns, column)
        self.setWidget(self.sheet)
        self.setMinimumWidth(self.sheet.width() + 2 * _MARGIN)

    def show_document(self, document: Document) -> None:
        """Show this document from its top; none hides the paper."""
        self.sheet.show_document(document)
        self.sheet.setVisible(bool(document.blocks))
