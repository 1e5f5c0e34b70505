"""What may lie over all rooms of the window: the locked door, and the question for somebody else's permission.

While one does, the rooms are neither seen nor reached by a key or a scan. Must never uncover by itself.
"""

from collections.abc import Callable
from functools import partial
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QWindow
from PySide6.QtWidgets import QWidget

from urs_desktop.ui.cashier.door_page import DoorPage
from urs_desktop.ui.cashier.override_page import OverridePage
from urs_desktop.ui.key_words import bindings, name_of
from urs_desktop.ui.presenters.door import Door, DoorState
from urs_desktop.ui.presenters.key_bindings import Action
from urs_desktop.ui.presenters.override_desk import OverrideDesk, OverrideState
from urs_desktop.ui.theme.tokens import Colours
from urs_desktop.ui.widgets.pages import Pages

_HANDS: Final = (
    QEvent.Type.KeyPress,
    QEvent.Type.MouseButtonPress,
    QEvent.Type.TouchBegin,
    QEvent.Type.Wheel,
)
"""What says that somebody is there."""


class Covers(Pages):
    """The rooms, and what lies over them; `uncovered` when the rooms are seen again."""

    uncovered = Signal()

    def __init__(self, rooms: QWidget, door: Door, gate: OverrideDesk) -> None:
        """Take the rooms and the two presenters."""
        super().__init__()
        self.setObjectName("covers")
        self._rooms, self._door, self._gate = rooms, door, gate
        self._door_page, self._override_page = DoorPage(door), OverridePage(gate)
        for page in (self._door_page, self._override_page):
            self.keep(page)
        self.show_page(rooms)

    def listen(self, window: QWindow) -> None:
        """Watch hands where they come in, at the window; watching twice changes nothing."""
        window.installEventFilter(self)

    def is_covering(self) -> bool:
        """Return whether the rooms are covered."""
        return self.currentWidget() is not self._rooms

    def scanned(self, code: str) -> bool:
        """Take a scanned code as a badge; False where nothing covers the rooms."""
        page = self.currentWidget()
        return isinstance(page, DoorPage | OverridePage) and page.scanned(code)

    def typed(self) -> Callable[[], None]:
        """Return what puts back what typing changes in what lies over the rooms."""
        return partial(self._gate.put_back, self._gate.state.typed)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _HANDS:
            self._door.idle.touched()
            if isinstance(event, QKeyEvent) and not event.isAutoRepeat() and _locks(event):
                self._door.lock()
                return self._door.state.shut
        return super().eventFilter(watched, event)

    def render_door(self, state: DoorState) -> None:
        """Show whether the counter is locked."""
        if state.shut:
            self._gate.give_up()
        self._door_page.render_state(state)
        self._show(self._door_page if state.shut else self._now())

    def render_gate(self, state: OverrideState) -> None:
        """Show what is asked for."""
        self._override_page.render_state(state)
        self._show(self._door_page if self._door.state.shut else self._now())

    def _now(self) -> QWidget:
        return self._rooms if self._gate.state.permission is None else self._override_page

    def _show(self, page: QWidget) -> None:
        before = self.currentWidget()
        if page is before:
            return
        self.show_page(page)
        if page is self._rooms:
            self.uncovered.emit()
        else:
            page.setFocus()

    def dress(self, colours: Colours) -> None:
        """Draw everything that is not styled by the sheet in the theme's colours."""
        self._door_page.dress(colours)
        self._override_page.dress(colours)


def _locks(event: QKeyEvent) -> bool:
    """Return whether this is the key that locks: Pause or the one bound for it, and always Ctrl+L."""
    control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
    return bindings().action(name_of(event)) is Action.LOCK or (event.key() == Qt.Key.Key_L and bool(control))
