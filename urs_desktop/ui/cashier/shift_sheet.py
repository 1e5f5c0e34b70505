"""An X or Z report on the screen: its sections beside each other, every line with its figure.

Must never reckon, nor shorten a figure: words give way first.
"""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QVBoxLayout, QWidget

from urs_desktop.ui.cashier.shift_words import label, section_words
from urs_desktop.ui.presenters.shift_state import ReportRow, ReportSection
from urs_desktop.ui.theme.apply import sizes
from urs_desktop.ui.widgets.labels import Line, Text
from urs_desktop.ui.widgets.layouts import column, padded, row

_LEFT = ("shift", "sales", "points")
"""The sections that stand in the first column; the money in hand is in the second."""


class ShiftSheet(QScrollArea):
    """Shows the sections of a report in two columns; arrows and touch scroll it."""

    def __init__(self, name: str, accessible: str) -> None:
        """Take the object's name and the name for screen readers."""
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(accessible)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._shown: tuple[ReportSection, ...] = ()

    def show_sections(self, sections: tuple[ReportSection, ...]) -> None:
        """Show these sections, from the top where they are others than before."""
        if sections == self._shown:
            return
        self._shown = sections
        page = QWidget()
        page.setObjectName("shift_sheet_page")
        left = self._column([section for section in sections if section.code in _LEFT])
        right = self._column([section for section in sections if section.code not in _LEFT])
        both = row(left, right, gap=2 * sizes().space_large)
        both.setStretch(0, 1)
        both.setStretch(1, 1)
        page.setLayout(padded(both, sizes().space_tiny))
        self.setWidget(page)

    def _column(self, sections: Sequence[ReportSection]) -> QVBoxLayout:
        parts: list[QWidget | QGridLayout] = []
        for section in sections:
            heading = Line(f"shift_section_{section.code}", "strong")
            heading.show_text(section_words(section.code))
            rule = QFrame()
            rule.setProperty("role", "rule")
            parts += [heading, rule, self._grid(section.rows)]
        layout = column(*parts, gap=sizes().space_tiny)
        layout.addStretch(1)
        return layout

    def _grid(self, rows: Sequence[ReportRow]) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(sizes().space_medium)
        grid.setVerticalSpacing(sizes().space_tiny)
        grid.setContentsMargins(0, 0, 0, sizes().space_medium)
        grid.setColumnStretch(0, 1)
        for place, each in enumerate(rows):
            role = "emphasis" if each.strong else ""
            words, figure = Line(f"shift_row_{each.code}", role), Text(f"shift_figure_{each.code}", role)
            words.show_text(label(each))
            figure.setText(each.figure)
            figure.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(words, place, 0)
            grid.addWidget(figure, place, 1)
        return grid

    def scroll_lines(self, steps: int) -> None:
        """Go so many lines down, or up below zero."""
        bar = self.verticalScrollBar()
        bar.setValue(bar.value() + steps * bar.singleStep())
