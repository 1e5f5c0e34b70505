"""The keyboard's grammar: one table of keys, obeyed wherever the focus is, and typed text led to the field in use.

A scanner types its code and Enter; both reach the entry field even when a table or a button has the focus. Must never
take a key from a field that edits text, nor press a button.
"""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QWidget

from urs_desktop.ui.presenters.navigation import Navigator, Place
from urs_desktop.ui.presenters.sell import SellPresenter
from urs_desktop.ui.presenters.sell_state import EntryMode, Overlay, PayField, Phase
from urs_desktop.ui.widgets.tables import RowTable
from urs_desktop.ui.widgets.tiles import TileTable

_COMMANDS: Final = (
    Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
)
_ACCEPT: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class Keyboard(QObject):
    """Obeys the keys pressed in one window."""

    def __init__(
        self,
        window: QWidget,
        presenter: SellPresenter,
        navigator: Navigator,
        leave_room: Callable[[], None],
        press_in_room: Callable[[int, str], bool],
        to_results: Callable[[], bool],
        is_covered: Callable[[], bool],
    ) -> None:
        """Take the window, the presenter, the ways to other rooms, out of one, to its keys and results, the lock."""
        super().__init__(window)
        self._window = window
        self._presenter = presenter
        self._navigator = navigator
        self._leave_room, self._press_in_room = leave_room, press_in_room
        self._to_results = to_results
        self._is_covered = is_covered
        self._keys: dict[int, Callable[[], None]] = {
            Qt.Key.Key_F1: self._list_keys,
            Qt.Key.Key_F2: self._search,
            Qt.Key.Key_F3: self._find_customer,
            Qt.Key.Key_F4: presenter.redeem,
            Qt.Key.Key_F5: self._ask_quantity,
            Qt.Key.Key_F6: self._ask_price,
            Qt.Key.Key_F7: presenter.hold_sale,
            Qt.Key.Key_F8: presenter.hold.recall,
            Qt.Key.Key_F9: self._refund,
            Qt.Key.Key_F10: presenter.printing.open_drawer,
            Qt.Key.Key_F11: self._menu,
            Qt.Key.Key_F12: presenter.begin_pay,
            Qt.Key.Key_Escape: presenter.back,
        }

    def start(self, app: QApplication) -> None:
        """Begin to listen."""
        app.installEventFilter(self)

    def stop(self, app: QApplication) -> None:
        """Stop listening."""
        app.removeEventFilter(self)

    def _refund(self) -> None:
        self._navigator.go(Place.REFUND)

    def _menu(self) -> None:
        self._navigator.go(Place.MENU)

    def _list_keys(self) -> None:
        self._presenter.show(Overlay.KEYS)

    def _search(self) -> None:
        self._presenter.entry.start(EntryMode.CODE)

    def _find_customer(self) -> None:
        self._presenter.entry.start(EntryMode.CUSTOMER)

    def _ask_quantity(self) -> None:
        if self._presenter.state.phase is Phase.PAYING:
            self._presenter.pay.focus(PayField.CARD)
        else:
            self._presenter.entry.start(EntryMode.QUANTITY)

    def _ask_price(self) -> None:
        if self._presenter.state.phase is Phase.PAYING:
            self._presenter.pay.by_phone()
        elif self._presenter.state.phase is Phase.RECEIPT:
            self._presenter.printing.again()
        else:
            self._presenter.entry.start(EntryMode.PRICE)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QKeyEvent) or event.type() is not QEvent.Type.KeyPress:
            return False
        if not isinstance(watched, QWidget) or watched.window() is not self._window or self._is_covered():
            return False
        focus: QWidget | None = self._window.focusWidget()
        if watched != (self._window if focus is None else focus) or event.modifiers() & _COMMANDS:
            return False
        selling = self._navigator.state.place is Place.SELL
        return self._obey(event, watched) if selling else self._obey_elsewhere(event)

    def _obey(self, event: QKeyEvent, focus: QWidget) -> bool:
        act = self._keys.get(event.key())
        if act is not None:
            if not event.isAutoRepeat():
                act()
            return True
        if event.key() in _ACCEPT:
            return self._accept(event, focus)
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            return self._move(event, focus)
        if isinstance(focus, QLineEdit) and focus.isEnabled():
            return self._edit_key(event, focus)
        if event.key() == Qt.Key.Key_Delete:
            self._presenter.cart.void_line()
            return True
        return self._typed(event, focus)

    def _obey_elsewhere(self, event: QKeyEvent) -> bool:
        """Esc leads back from every room; all other keys are the room's own, once no field takes them."""
        if event.key() != Qt.Key.Key_Escape:
            typing = isinstance(self._window.focusWidget(), QLineEdit) and event.key() not in _ACCEPT
            return not typing and self._press_in_room(event.key(), event.text())
        if not event.isAutoRepeat():
            self._leave_room()
        return True

    def _accept(self, event: QKeyEvent, focus: QWidget) -> bool:
        if isinstance(focus, TileTable) or (isinstance(focus, RowTable) and focus.objectName() == "results_table"):
            return False
        if not event.isAutoRepeat():
            self._presenter.accept()
        return True

    def _move(self, event: QKeyEvent, focus: QWidget) -> bool:
        if isinstance(focus, RowTable | TileTable) or self._presenter.state.phase is not Phase.SELLING:
            return False
        down = event.key() == Qt.Key.Key_Down
        if not (down and self._to_results()):
            self._presenter.cart.move(1 if down else -1)
        return True

    def _edit_key(self, event: QKeyEvent, focus: QLineEdit) -> bool:
        if focus.text() or focus.objectName() != "entry" or event.key() not in (Qt.Key.Key_Delete, Qt.Key.Key_Question):
            return False
        if event.key() == Qt.Key.Key_Delete:
            self._presenter.cart.void_line()
        else:
            self._presenter.entry.start(EntryMode.CHECK)
        return True

    def _typed(self, event: QKeyEvent, focus: QWidget) -> bool:
        if event.key() == Qt.Key.Key_Backspace:
            self._presenter.press("back")
            return True
        text = event.text()
        if text == "?" and self._presenter.state.phase is Phase.SELLING:
            self._presenter.entry.start(EntryMode.CHECK)
            return True
        presses_button = text == " " and isinstance(focus, QAbstractButton)
        if not text or not text.isprintable() or presses_button:
            return False
        self._presenter.press(text)
        return True


def field_name(phase: Phase, field: PayField | None) -> str:
    """Return the object name of the field that typing goes to; empty when there is none."""
    if phase in (Phase.SELLING, Phase.HOLDING):
        return "entry"
    if phase is Phase.PAYING and field is not None:
        return f"{field.value}_field"
    return ""
