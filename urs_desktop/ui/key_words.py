"""Which keys are bound in this window, for whatever names one or obeys one.

Screens are written for the default keys: `Hold (F7)`. What is shown goes through `words`, what is pressed through
`meant`, so a key that is bound otherwise holds everywhere at once. Must never bind a key itself.
"""

from typing import Final

from PySide6.QtCore import QKeyCombination, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence

from urs_desktop.ui.presenters.key_bindings import KeyBindings

_NAMES: Final = {
    Qt.Key.Key_PageUp: "PageUp",
    Qt.Key.Key_PageDown: "PageDown",
    Qt.Key.Key_Insert: "Insert",
    Qt.Key.Key_Delete: "Delete",
    Qt.Key.Key_ScrollLock: "ScrollLock",
}
"""Keys that Qt shortens, by their names in the table of bindings."""

_KEYS: Final = {name: key for key, name in _NAMES.items()}


class _Bound(QObject):
    """The bindings in force; `changed` when others come into force."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.bindings = KeyBindings({})


_BOUND = _Bound()
BINDINGS_CHANGED: Final = _BOUND.changed
"""Emitted when other keys are bound: what shows one shows it anew."""


def bind(bindings: KeyBindings) -> None:
    """Have these bindings hold from now on."""
    _BOUND.bindings = bindings
    _BOUND.changed.emit()


def bindings() -> KeyBindings:
    """Return the bindings in force."""
    return _BOUND.bindings


def words(text: str) -> str:
    """Return a text that names default keys in brackets with the keys that are bound."""
    return _BOUND.bindings.words(text)


def name_of(event: QKeyEvent) -> str:
    """Return the name of the key that was pressed, as bindings know it: `F7`, `PageUp`, `Ctrl+T`."""
    return key_name(event.key(), control=bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier))


def key_name(key: int, *, control: bool = False) -> str:
    """Return the name of a key as bindings know it."""
    try:
        named = Qt.Key(key)
    except ValueError:
        return ""
    plain = _NAMES.get(named) or QKeySequence(QKeyCombination(named)).toString(QKeySequence.SequenceFormat.PortableText)
    return f"Ctrl+{plain}" if control else plain


def meant(event: QKeyEvent) -> int:
    """Return the key that does by default what the pressed one does here; 0 for one that does nothing any more."""
    name = name_of(event)
    default = _BOUND.bindings.meant(name)
    if default == name:
        return event.key()
    return key_of(default)


def key_of(name: str) -> int:
    """Return Qt's key of this name; 0 for none and for one that is pressed with Ctrl."""
    if not name or "+" in name:
        return 0
    return int(_KEYS.get(name) or Qt.Key[f"Key_{name}"])
