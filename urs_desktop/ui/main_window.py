"""The counter's window: sell screen and other rooms, dressed in the theme the state names, refreshed every second.

Must never hold a business verb, and stays below 200 lines for that.
"""

from pathlib import Path

from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QCloseEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QMainWindow

from urs_desktop.counter.use_cases.preferences import Preferences
from urs_desktop.ui.cashier.keyboard import Keyboard
from urs_desktop.ui.cashier.sell_screen import SellScreen
from urs_desktop.ui.covers import Covers
from urs_desktop.ui.customer_display.link import DisplayLink
from urs_desktop.ui.key_words import bind
from urs_desktop.ui.presenters.customer_display import DisplayPresenter
from urs_desktop.ui.presenters.door import DoorState
from urs_desktop.ui.presenters.key_bindings import KeyBindings
from urs_desktop.ui.presenters.navigation import Navigator, Place
from urs_desktop.ui.presenters.override_desk import OverrideDesk
from urs_desktop.ui.presenters.sell import SellPresenter
from urs_desktop.ui.presenters.sell_state import Phase, SellState
from urs_desktop.ui.printing_link import PrintingLink
from urs_desktop.ui.room import Room, RoomContext
from urs_desktop.ui.room_stack import RoomStack
from urs_desktop.ui.sounds import Sounds
from urs_desktop.ui.tasks import TaskRunner
from urs_desktop.ui.theme.apply import apply_theme
from urs_desktop.ui.turns import PaintTurns, Turns

REFRESH_MS = 1000
LEAST_WIDTH, LEAST_HEIGHT = 1366, 768


class MainWindow(QMainWindow):
    """Shows one counter; `presenter` is what the cashier's hands and a demonstration drive, `navigator` leads on."""

    def __init__(
        self,
        app: QApplication,
        presenter: SellPresenter,
        runner: TaskRunner,
        turns: Turns,
        context: RoomContext,
        gate: OverrideDesk,
        preferences: Preferences,
        sounds: Sounds,
    ) -> None:
        """Take the application, the presenter, the runner and its turns, what rooms may use, gate, settings, sounds."""
        super().__init__()
        self.setObjectName("main_window")
        self.setWindowTitle(self.tr("URS counter"))
        self._app = app
        self._runner = runner
        self.turns = turns
        PaintTurns(self, turns)
        self._sounds = sounds
        self._theme = ""
        self._ending = False
        self.presenter = presenter
        self.screen_of_sale = SellScreen(presenter, turns)
        self.navigator: Navigator = context.navigator
        self.screen_of_sale.status.menu_asked.connect(self._open_menu)
        self.screen_of_sale.status.shift_asked.connect(self._open_shift)
        self.screen_of_sale.status.lock_asked.connect(self._lock)
        self.rooms = RoomStack(self.screen_of_sale, context)
        self.door = context.door
        self.covers = Covers(self.rooms, context.door, gate)
        self.setCentralWidget(self.covers)
        self._keyboard = Keyboard(self, presenter, self.navigator, self.rooms, self.covers, preferences, sounds.play)
        app.focusWindowChanged.connect(self._keyboard.listen)
        self.prefer(preferences)
        self.covers.uncovered.connect(self._take_focus)
        self._refresh = QTimer(self)
        self._refresh.setInterval(REFRESH_MS)
        self._refresh.timeout.connect(self._read_status)
        self.printing = PrintingLink(context.till.printing, presenter.printing)
        self.display = DisplayLink(app, self, DisplayPresenter(context.clock, presenter.pay.consent.pressed), turns)
        self.resize(LEAST_WIDTH, LEAST_HEIGHT)
        presenter.watch(self.render_state)
        self.navigator.watch(self.rooms.render_place)
        gate.watch(self.covers.render_gate, presenter.hand_over.denied)
        self.door.watch(self.render_door, self.navigator.back)
        self.display.switch(on=preferences.customer_display)

    def start(self) -> None:
        """Learn how the counter stands, now and every second."""
        self.presenter.start()
        self.door.start()
        self._refresh.start()

    def prefer(self, preferences: Preferences) -> None:
        """Have keys, scanner and sounds be as these settings say from now on."""
        bind(KeyBindings(preferences.keys))
        self._keyboard.prefer(preferences)
        self.screen_of_sale.render_state(self.presenter.state)

    @Slot()
    def _open_menu(self) -> None:
        self.navigator.go(Place.MENU)

    @Slot()
    def _open_shift(self) -> None:
        self.navigator.go(Place.SHIFT)

    @Slot()
    def _lock(self) -> None:
        self.door.lock()

    @Slot()
    def _read_status(self) -> None:
        self.presenter.refresh_status()
        self.door.tick()
        if self._is_quiet():
            self.rooms.prepare(self.turns)

    def _is_quiet(self) -> bool:
        """Return whether nothing is being sold, nor done in a room."""
        state = self.presenter.state
        return state.phase is Phase.SELLING and not state.lines and self.room() is None

    @Slot()
    def _take_focus(self) -> None:
        self.rooms.take_focus()

    @Slot(object)
    def render_door(self, state: DoorState) -> None:
        """Show whether the counter is locked, and who is signed in."""
        self.screen_of_sale.status.render_door(state)
        self.covers.render_door(state)
        self.display.render_door(is_shut=state.shut)

    @Slot(object)
    def render_state(self, state: SellState) -> None:
        """Show this state."""
        if state.theme != self._theme:
            self._theme = state.theme
            colours = apply_theme(self._app, state.theme)
            self.rooms.dress(colours)
            self.covers.dress(colours)
        self.turns.use()
        self._sounds.render_state(state)
        self.screen_of_sale.render_state(state)
        self.printing.render_state(state.printing)
        self.display.render_state(state)
        if state.left and not self._ending:
            self._ending = True
            self.close()

    def room(self) -> Room | None:
        """Return the room on the screen; None while the sell screen is."""
        return self.rooms.room()

    def end(self) -> None:
        """Close the window, whatever waits to be sent."""
        self.presenter.leave.close_anyway()

    def grab_to(self, path: Path) -> None:
        """Save a picture of the window as it is now; raises OSError when it cannot be written."""
        self.turns.finish()
        if not self.grab().save(str(path)):
            raise OSError(f"cannot write {path.name}")

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._keyboard.listen(self.windowHandle())
        self.covers.listen(self.windowHandle())  # asked before the keyboard is: a lock's key is nothing else's

    def closeEvent(self, event: QCloseEvent) -> None:
        asked = self.door if self.door.state.shut else self.presenter.leave
        if not asked.may_close():
            event.ignore()
            return
        self._refresh.stop()
        self._keyboard.stop()
        self.rooms.close_rooms()
        self.printing.close()
        self.display.close()
        self.presenter.close()
        self._runner.close()
        self.turns.close()
        self._sounds.close()
        super().closeEvent(event)
