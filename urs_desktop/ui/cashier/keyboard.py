"""The keyboard's grammar: one table of keys, obeyed wherever the focus is, and typed text led to the field in use.

A scanner types its code and Enter; both reach the sale, the room or the locked door even when a table, a button or
another window has the focus. Keys are heard where they come in, at the windows: a filter on the whole application is
called for every event of every widget. Must never take a key from a field that edits text, nor press a button.
"""

from collections.abc import Callable
from functools import partial
from typing import Final, Protocol

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Slot
from PySide6.QtGui import QKeyEvent, QWindow
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QWidget

from urs_desktop.counter.use_cases.preferences import Preferences
from urs_desktop.ui.cashier.fields import Field
from urs_desktop.ui.key_words import bindings, meant, name_of
from urs_desktop.ui.presenters.key_bindings import Action
from urs_desktop.ui.presenters.navigation import Navigator, Place
from urs_desktop.ui.presenters.scan_reader import GAP_MS, Burst, ScanReader
from urs_desktop.ui.presenters.sell import SellPresenter
from urs_desktop.ui.presenters.sell_state import EntryMode, Overlay, PayField, Phase
from urs_desktop.ui.presenters.sounds import Sound
from urs_desktop.ui.widgets.tables import RowTable
from urs_desktop.ui.widgets.tiles import TileTable

_COMMANDS: Final = (
    Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
)
_ACCEPT: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_ENDS: Final = (*_ACCEPT, Qt.Key.Key_Tab)
"""The keys with which a scanner ends a code."""

_GROUP_KEY: Final = Qt.Key.Key_BracketRight
GROUP_SEPARATOR: Final = "\x1d"
"""What stands between the elements of a GS1 code; keyboards send it as Ctrl and a bracket."""


class Rooms(Protocol):
    """The rooms, one of them on the screen."""

    def leave_room(self) -> None:
        """Do what Esc does there."""

    def press_in_room(self, key: int, text: str) -> bool:
        """Do what a key does there; False where it means nothing."""

    def bind_in_room(self, name: str) -> bool:
        """Give it the name of a key to bind; False where nothing waits for one."""

    def look_in_room(self, came: Burst) -> None:
        """Let it see what was scanned or typed before Enter or Tab, as it came."""

    def scan_in_room(self, code: str) -> bool:
        """Give it a scanned code; False where it has no use for one."""

    def to_results(self) -> bool:
        """Move the focus into what a search found; False when there is nothing."""


class Cover(Protocol):
    """What may lie over the rooms: the locked door, or the question for somebody else's leave."""

    def is_covering(self) -> bool:
        """Return whether the rooms are covered."""

    def scanned(self, code: str) -> bool:
        """Take a scanned badge; False where nothing covers the rooms."""

    def typed(self) -> Callable[[], None]:
        """Return what puts back what typing changes there."""


class Keyboard(QObject):
    """Obeys the keys pressed in one window."""

    def __init__(
        self,
        window: QWidget,
        presenter: SellPresenter,
        navigator: Navigator,
        rooms: Rooms,
        cover: Cover,
        preferences: Preferences,
        hear: Callable[[Sound], None],
    ) -> None:
        """Take the window, its presenter, the way to rooms, the rooms, what may cover them, settings and sounds."""
        super().__init__(window)
        self._window = window
        self._presenter = presenter
        self._navigator = navigator
        self._rooms = rooms
        self._cover = cover
        self._hear = hear
        self._listens = True
        self._before: Callable[[], None] | None = None
        self._waiting: list[tuple[int, str]] = []
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(GAP_MS + 5)
        self._patience.timeout.connect(self._let_go)
        self.prefer(preferences)
        self._acts: dict[Action, Callable[[], None]] = {
            Action.HELP: partial(presenter.show, Overlay.KEYS),
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
            Action.VOID: presenter.cart.void_line,
        }

    def prefer(self, preferences: Preferences) -> None:
        """Read scanners as these settings say from now on."""
        self._scanner = ScanReader(preferences.scanner_prefix, preferences.scanner_suffix)

    def stop(self) -> None:
        """Stop listening."""
        self._listens = False

    @Slot(QWindow)
    def listen(self, window: QWindow | None) -> None:
        """Hear the keys that come to this window; hearing it twice changes nothing."""
        if window is not None and self._listens:
            window.installEventFilter(self)

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
        if event.type() is not QEvent.Type.KeyPress or not isinstance(event, QKeyEvent) or not self._listens:
            return False
        window = _widget_of(watched)
        if window is None or QApplication.activeModalWidget() is not None:
            return False
        focused: QWidget | None = window.focusWidget()
        focus = window if focused is None else focused
        if self._is_scan(event, focus):
            return True
        here = window is self._window and not self._cover.is_covering()
        return here and self._is_obeyed(event, focus)

    def _is_obeyed(self, event: QKeyEvent, focus: QWidget) -> bool:
        if not event.text().isprintable() or not event.text():
            self._let_go()
        name, selling = name_of(event), self._navigator.state.place is Place.SELL
        if not selling and self._rooms.bind_in_room(name):
            return True
        action = bindings().action(name)
        if action is Action.THEME:
            if not event.isAutoRepeat():
                self._presenter.toggle_theme()
            return True
        if _commands(event) and action is None:
            return False
        return self._obey(event, focus, action) if selling else self._obey_elsewhere(event, action)

    def _is_scan(self, event: QKeyEvent, focus: QWidget) -> bool:
        """Watch for a scanner's burst; what it typed into a field on the way is taken back once it is known for one."""
        text = event.text()
        if _commands(event):
            if text != GROUP_SEPARATOR and event.key() != _GROUP_KEY:
                self._scanner.forget()
                return False
            text = GROUP_SEPARATOR  # not every platform says so itself
        if event.key() in _ENDS:
            code, before = self._scanner.end(event.timestamp()), self._before
            self._rooms.look_in_room(self._scanner.came)
            if code:
                self._waiting.clear()
                self._take(code, before)
            return bool(code)
        if text and (text.isprintable() or text == GROUP_SEPARATOR):
            if self._scanner.key(text, event.timestamp()):
                self._before = self._as_it_was(focus)
            return text == GROUP_SEPARATOR
        if text:
            self._scanner.forget()
        return False

    def _take(self, code: str, before: Callable[[], None] | None) -> None:
        if before is not None:
            before()
        if self._cover.scanned(code):
            return
        if self._navigator.state.place is Place.SELL:
            self._presenter.entry.scanned(code)
        elif not self._rooms.scan_in_room(code):
            self._hear(Sound.REFUSED)

    def _as_it_was(self, focus: QWidget) -> Callable[[], None] | None:
        """Return what puts back what the burst types on its way."""
        if isinstance(focus, Field):
            return focus.as_it_is()
        if focus.window() is not self._window:
            return None
        if self._cover.is_covering():
            return self._cover.typed()
        if self._navigator.state.place is not Place.SELL:
            return None  # what is typed there outside of fields is held back until it is known for no scan
        return partial(self._presenter.entry.put_back, self._presenter.state.entry.text)

    def _obey(self, event: QKeyEvent, focus: QWidget, action: Action | None) -> bool:
        if action in self._acts and not _edits(event, focus):
            if not event.isAutoRepeat() or action is Action.VOID:
                self._acts[action]()
        elif event.key() == Qt.Key.Key_Escape:
            if not event.isAutoRepeat():
                self._presenter.back()
        elif event.key() in _ACCEPT:
            return self._accept(event, focus)
        elif event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            return self._move(event, focus)
        elif isinstance(focus, QLineEdit) and focus.isEnabled():
            return self._edit_key(event, focus)
        else:
            return self._typed(event, focus)
        return True

    def _obey_elsewhere(self, event: QKeyEvent, action: Action | None) -> bool:
        """Esc leads back from every room; all other keys are the room's own, once no field takes them."""
        if event.isAutoRepeat() and event.key() in _ACCEPT:
            return True  # a finger left on Enter answers no question that comes after
        if event.key() == Qt.Key.Key_Escape:
            if not event.isAutoRepeat():
                self._rooms.leave_room()
            return True
        focus = self._window.focusWidget()
        if isinstance(focus, QLineEdit) and event.key() not in _ACCEPT and (action is None or _edits(event, focus)):
            return False
        typed = event.text()
        presses_button = typed == " " and isinstance(focus, QAbstractButton)
        if action is None and typed.isprintable() and typed and event.timestamp() > 0 and not presses_button:
            self._waiting.append((meant(event), typed))
            self._patience.start()
            return True
        return self._rooms.press_in_room(meant(event), typed)

    @Slot()
    def _let_go(self) -> None:
        """Give the room what was typed without a field and is no part of a scan."""
        self._patience.stop()
        waiting, self._waiting = self._waiting, []
        for key, typed in waiting:
            self._rooms.press_in_room(key, typed)

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
        if focus.text() or focus.objectName() != "entry" or event.key() != Qt.Key.Key_Question:
            return False
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


def _widget_of(window: QObject) -> QWidget | None:
    """Return what a window of the system shows; a popup over it takes its keys."""
    popup: QWidget | None = QApplication.activePopupWidget()
    shown = (widget for widget in QApplication.topLevelWidgets() if widget.windowHandle() == window)
    return popup or next(shown, None)


def _commands(event: QKeyEvent) -> bool:
    """Return whether a key is pressed with one that makes a command of it; AltGr is Ctrl and Alt, and types."""
    pressed = event.modifiers() & _COMMANDS
    alt_gr = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    types = pressed == alt_gr and bool(event.text()) and event.text().isprintable()
    return bool(pressed) and not types


def _edits(event: QKeyEvent, focus: QWidget) -> bool:
    """Return whether Delete is the field's: it holds text, or is none of the sale's."""
    is_field = isinstance(focus, QLineEdit) and (bool(focus.text()) or focus.objectName() != "entry")
    return is_field and event.key() == Qt.Key.Key_Delete


def field_name(phase: Phase, field: PayField | None) -> str:
    """Return the object name of the field that typing goes to; empty when there is none."""
    if phase in (Phase.SELLING, Phase.HOLDING):
        return "entry"
    if phase is Phase.PAYING and field is not None:
        return f"{field.value}_field"
    return ""
