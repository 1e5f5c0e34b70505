"""The keyboard's grammar: one table of keys, obeyed wherever the focus is, and typed text led to the field in use.

A scanner types its code and Enter; both reach the entry field even when a table or a button has the focus. Must never
take a key from a field that edits text, nor press a button.
"""

from collections.abc import Callable
from functools import partial
from typing import Final, Protocol

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QWidget

from urs_desktop.counter.use_cases.preferences import Preferences
from urs_desktop.ui.cashier.fields import Field
from urs_desktop.ui.presenters.key_bindings import Action, KeyBindings
from urs_desktop.ui.presenters.navigation import Navigator, Place
from urs_desktop.ui.presenters.scan_reader import ScanReader
from urs_desktop.ui.presenters.sell import SellPresenter
from urs_desktop.ui.presenters.sell_state import EntryMode, Overlay, PayField, Phase
from urs_desktop.ui.widgets.tables import RowTable
from urs_desktop.ui.widgets.tiles import TileTable

_COMMANDS: Final = (
    Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
)
_ACCEPT: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_ENDS: Final = (*_ACCEPT, Qt.Key.Key_Tab)
"""The keys with which a scanner ends a code."""

GROUP_SEPARATOR: Final = "\x1d"
"""What stands between the elements of a GS1 code; keyboards send it as Ctrl and a bracket."""


class Rooms(Protocol):
    """The rooms, one of them on the screen."""

    def leave_room(self) -> None:
        """Do what Esc does there."""

    def press_in_room(self, key: int, text: str) -> bool:
        """Do what a key does there; False where it means nothing."""

    def scan_in_room(self, code: str) -> bool:
        """Give it a scanned code; False where it has no use for one."""

    def to_results(self) -> bool:
        """Move the focus into what a search found; False when there is nothing."""


class Keyboard(QObject):
    """Obeys the keys pressed in one window."""

    def __init__(
        self,
        window: QWidget,
        presenter: SellPresenter,
        navigator: Navigator,
        rooms: Rooms,
        is_covered: Callable[[], bool],
        preferences: Preferences,
    ) -> None:
        """Take the window, the presenter, what leads to rooms, the rooms, whether they are covered, the settings."""
        super().__init__(window)
        self._window = window
        self._presenter = presenter
        self._navigator = navigator
        self._rooms = rooms
        self._is_covered = is_covered
        self._scanner = ScanReader(preferences.scanner_prefix, preferences.scanner_suffix)
        self._before: Callable[[], None] | None = None
        bindings = KeyBindings(preferences.keys)
        self._acts: dict[Action, Callable[[], None]] = {
            Action.HELP: self._list_keys,
            Action.SEARCH: self._search,
            Action.CUSTOMER: self._find_customer,
            Action.REDEEM: presenter.redeem,
            Action.QUANTITY: self._ask_quantity,
            Action.PRICE: self._ask_price,
            Action.HOLD: presenter.hold_sale,
            Action.RECALL: presenter.hold.recall,
            Action.REFUND: partial(navigator.go, Place.REFUND),
            Action.DRAWER: presenter.printing.open_drawer,
            Action.MENU: partial(navigator.go, Place.MENU),
            Action.PAY: presenter.begin_pay,
            Action.SHIFT: partial(navigator.go, Place.SHIFT),
        }
        self._keys: dict[int, Callable[[], None]] = {
            Qt.Key[f"Key_{bindings.key(action)}"]: act for action, act in self._acts.items()
        }
        self._keys[Qt.Key.Key_Escape] = presenter.back

    def start(self, app: QApplication) -> None:
        """Begin to listen."""
        app.installEventFilter(self)

    def stop(self, app: QApplication) -> None:
        """Stop listening."""
        app.removeEventFilter(self)

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
        if watched != (self._window if focus is None else focus):
            return False
        if event.modifiers() & _COMMANDS and event.text() != GROUP_SEPARATOR:
            self._scanner.forget()
            return False
        if self._is_scan(event, watched):
            return True
        selling = self._navigator.state.place is Place.SELL
        return self._obey(event, watched) if selling else self._obey_elsewhere(event)

    def _is_scan(self, event: QKeyEvent, focus: QWidget) -> bool:
        """Watch for a scanner's burst; what it typed into a field on the way is taken back once it is known for one."""
        text = event.text()
        if event.key() in _ENDS:
            code, before = self._scanner.end(event.timestamp()), self._before
            if code and self._take(code, before):
                return True
        elif text and (text.isprintable() or text == GROUP_SEPARATOR):
            if self._scanner.key(text, event.timestamp()):
                self._before = self._as_it_was(focus)
            return text == GROUP_SEPARATOR
        elif text:
            self._scanner.forget()
        return False

    def _take(self, code: str, before: Callable[[], None] | None) -> bool:
        if self._navigator.state.place is not Place.SELL:
            taken = self._rooms.scan_in_room(code)
            if taken and before is not None:
                before()
            return taken
        if before is not None:
            before()
        self._presenter.entry.scanned(code)
        return True

    def _as_it_was(self, focus: QWidget) -> Callable[[], None]:
        """Return what puts the field back that the burst types into."""
        if isinstance(focus, Field):
            return partial(focus.put_back, focus.text())
        return partial(self._presenter.entry.put_back, self._presenter.state.entry.text)

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
        if event.isAutoRepeat() and event.key() in _ACCEPT:
            return True  # a finger left on Enter answers no question that comes after
        if event.key() != Qt.Key.Key_Escape:
            typing = isinstance(self._window.focusWidget(), QLineEdit) and event.key() not in _ACCEPT
            return not typing and self._rooms.press_in_room(event.key(), event.text())
        if not event.isAutoRepeat():
            self._rooms.leave_room()
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
        if not (down and self._rooms.to_results()):
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
