"""Fields whose text belongs to the presenter: what is typed goes there, what is shown comes from there.

Must never keep a text of their own.
"""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QLineEdit

_BY_HAND = (Qt.FocusReason.MouseFocusReason, Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
LONGEST = 1_500
"""What a phone shows as a code is longer than anything that is typed."""


class Field(QLineEdit):
    """A line to type in; `entered` says that the cashier, not the program, moved the focus here."""

    entered = Signal()

    def __init__(self, name: str, accessible: str, role: str = "") -> None:
        """Take the object's name, the name for screen readers and the role of the style sheet."""
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(accessible)
        self.setMaxLength(LONGEST)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        if role:
            self.setProperty("role", role)

    def show_text(self, text: str, *, replaces: bool = False) -> None:
        """Show this text; `replaces` marks all of it, so that the next key begins anew."""
        if text != self.text():
            self.setText(text)
        if not replaces:
            self.deselect()
        elif text and self.selectedText() != text:
            self.selectAll()

    def as_it_is(self) -> Callable[[], None]:
        """Return what makes the field hold its text again, as if what comes from now on had not been typed."""
        marked = (self.selectionStart(), len(self.selectedText()))
        return partial(self._put_back, self.text(), self.cursorPosition(), marked)

    def _put_back(self, text: str, cursor: int, marked: tuple[int, int]) -> None:
        if text != self.text():
            self.setText(text)
            self.textEdited.emit(text)
            self.setCursorPosition(cursor)
            if marked[1] and self.text() == text:
                self.setSelection(*marked)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() in _BY_HAND:
            self.entered.emit()
