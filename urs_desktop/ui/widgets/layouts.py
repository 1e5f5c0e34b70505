"""Layouts with the distances of the tokens, so that no screen counts pixels.

Must never hold a widget's meaning.
"""

from collections.abc import Sequence
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QLayout, QVBoxLayout, QWidget

from urs_desktop.ui.theme.apply import sizes

_B = TypeVar("_B", bound=QBoxLayout)


def column(*items: QWidget | QLayout, gap: int | None = None) -> QVBoxLayout:
    """Return a layout with the items below each other and no margin."""
    return _filled(QVBoxLayout(), items, gap)


def row(*items: QWidget | QLayout, gap: int | None = None) -> QHBoxLayout:
    """Return a layout with the items beside each other and no margin."""
    return _filled(QHBoxLayout(), items, gap)


def _filled(layout: _B, items: Sequence[QWidget | QLayout], gap: int | None) -> _B:
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(sizes().space_small if gap is None else gap)
    for item in items:
        if isinstance(item, QWidget):
            layout.addWidget(item)
        else:
            layout.addLayout(item)
    return layout


def padded(layout: QLayout, margin: int | None = None) -> QLayout:
    """Return the layout with a margin all around."""
    space = sizes().space_medium if margin is None else margin
    layout.setContentsMargins(space, space, space, space)
    return layout


def centred(card: QWidget) -> QWidget:
    """Return a page that shows a card in its middle, a little above it."""
    layout = column(gap=0)
    layout.addStretch(1)
    layout.addWidget(card, 0, Qt.AlignmentFlag.AlignHCenter)
    layout.addStretch(2)
    page = QWidget()
    page.setLayout(layout)
    return page


def show_only(parts: Sequence[tuple[QWidget, bool]]) -> None:
    """Show these widgets or hide them: what goes goes first, or for a moment all are there and the window outgrows."""
    for widget, shown in sorted(parts, key=lambda part: part[1]):
        widget.setVisible(shown)


class Card(QFrame):
    """A surface of its own on the window."""

    def __init__(self, name: str, role: str = "card") -> None:
        """Take the object's name and the style sheet's role."""
        super().__init__()
        self.setObjectName(name)
        self.setProperty("role", role)
