"""Keys as a keyboard sends them: to the window that has the focus, which leads them to the widget that has it.

Must never send one to a widget itself: what listens at the window would not hear it.
"""

from typing import Final

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

NO_MODIFIER: Final = Qt.KeyboardModifier.NoModifier
_TEXTS: Final = {
    Qt.Key.Key_Return: "\r",
    Qt.Key.Key_Enter: "\r",
    Qt.Key.Key_Tab: "\t",
    Qt.Key.Key_Escape: "\x1b",
    Qt.Key.Key_Backspace: "\b",
    Qt.Key.Key_Delete: "\x7f",
}


def press_key(
    window: QWidget,
    key: int,
    text: str | None = None,
    modifiers: Qt.KeyboardModifier = NO_MODIFIER,
    *,
    at: int = 0,
) -> None:
    """Press a key at a window and let go of it, `at` ms of the system's clock."""
    if text is None:
        text = _text(key) if modifiers == NO_MODIFIER else ""
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        _send(window, QKeyEvent(kind, key, modifiers, text), at)


def hold_key(window: QWidget, key: int, times: int) -> None:
    """Leave a finger on a key that was pressed: it comes again and again."""
    for _ in range(times):
        _send(window, QKeyEvent(QEvent.Type.KeyPress, key, NO_MODIFIER, _text(key), autorep=True), 0)


def type_text(window: QWidget, text: str) -> None:
    """Press the keys of a text, one after the other."""
    for character in text:
        press_key(window, ord(character.upper()), character)


def _text(key: int) -> str:
    named = _TEXTS.get(Qt.Key(key))
    if named is not None:
        return named
    return chr(key).lower() if key < Qt.Key.Key_Escape else ""


def _send(window: QWidget, event: QKeyEvent, at: int) -> None:
    event.setTimestamp(at)
    handle = window.windowHandle()
    assert handle is not None, "a window that was never shown gets no keys"
    QCoreApplication.sendEvent(handle, event)
