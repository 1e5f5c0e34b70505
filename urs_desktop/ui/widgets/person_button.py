"""A large button that names somebody: the name, and under it what they are.

Long names are shortened, not clipped. Must never decide who may be chosen.
"""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSizePolicy

from urs_desktop.ui.theme.apply import sizes
from urs_desktop.ui.widgets.buttons import Button
from urs_desktop.ui.widgets.labels import Line, Text
from urs_desktop.ui.widgets.layouts import column, padded, row
from urs_desktop.ui.widgets.style import set_variant


class PersonButton(Button):
    """Names one person."""

    def __init__(self, name: str, person: str, note: str, accessible: str) -> None:
        """Take the object's name, the person's, what they are, and the words for screen readers."""
        super().__init__(name, "person", "", accessible)
        self._lines = (Line(f"{name}_name", "strong"), Line(f"{name}_note", "muted"))
        for line, text in zip(self._lines, (person, note), strict=True):
            line.show_text(text)
            line.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        initials = Text(f"{name}_initials", "initials")
        initials.setText(_initials(person))
        initials.setAlignment(Qt.AlignmentFlag.AlignCenter)
        initials.setFixedSize(sizes().touch_action, sizes().touch_action)
        initials.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        words = column(*self._lines, gap=0)
        words.insertStretch(0, 1)
        words.addStretch(1)
        whole = row(initials, words, gap=sizes().space_medium)
        whole.setStretch(1, 1)
        self.setLayout(padded(whole, sizes().space_medium))
        self.setMinimumWidth(0)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_chosen(self, *, chosen: bool) -> None:
        """Show whether this person is the one who was chosen."""
        for widget in (self, *self._lines):
            set_variant(widget, "chosen", "yes" if chosen else "")


def _initials(name: str) -> str:
    """Return the first letters of the first and the last word of a name."""
    words = name.split()
    return "".join(word[0] for word in dict.fromkeys((*words[:1], *words[-1:]))).upper()
