"""Variants of a widget's looks by dynamic property, for the one style sheet to act on.

Must never set a style sheet or a colour.
"""

from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QWidget


def set_variant(widget: QWidget, name: str, value: str) -> None:
    """Give a widget another variant, and have it restyled only if that changed."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)
        widget.update()


def fit_font(widget: QWidget, text: str, width: int, *, largest: int, smallest: int) -> None:
    """Give a widget the largest bold font, within bounds in pixels, in which `text` is at most `width` wide."""
    font = widget.font()
    font.setBold(True)
    for size in range(largest, smallest - 1, -1):
        font.setPixelSize(size)
        if QFontMetrics(font).horizontalAdvance(text) <= width:
            break
    if widget.font() != font:
        widget.setFont(font)
