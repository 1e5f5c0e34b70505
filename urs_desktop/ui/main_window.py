"""The counter's window: sell screen and other rooms, dressed in the theme the state names, refreshed every second.

Must never hold a business verb, and stays below 200 lines for that.
"""

from pathlib import Path

from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QStackedWidget

from urs_desktop.ui.cashier.keyboard import Keyboard
from urs_desktop.ui.cashier.menu_room import MenuRoom
from urs_desktop.ui.cashier.sell_screen import SellScreen
from urs_desktop.ui.covers import Covers
from urs_desktop.ui.presenters.door import DoorState
from urs_desktop.ui.presenters.navigation import Navigator, Place, Whereabouts
from urs_desktop.ui.presenters.override_desk import OverrideDesk
from urs_desktop.ui.presenters.sell import SellPresenter
from urs_desktop.ui.presenters.sell_state import SellState
from urs_desktop.ui.printing_link import PrintingLink
from urs_desktop.ui.room import Room, RoomContext
from urs_desktop.ui.rooms import ROOMS
from urs_desktop.ui.tasks import TaskRunner
from urs_desktop.ui.theme.apply import apply_theme

REFRESH_MS = 1000
LEAST_WIDTH, LEAST_HEIGHT = 1366, 768


class MainWindow(QMainWindow):
    """Shows one counter; `presenter` is what the cashier's hands and a demonstration drive, `navigator` leads on."""

    def __init__(
        self,
        app: QApplication,
        presenter: SellPresenter,
        runner: TaskRunner,
        context: RoomContext,
        gate: OverrideDesk,
    ) -> None:
        """Take the application, the sell screen's presenter, the runner, what rooms may use, and who asks for leave."""
        super().__init__()
        self.setObjectName("main_window")
        self.setWindowTitle(self.tr("URS counter"))
        self._app = app
        self._runner = runner
        self._theme = ""
        self._ending = False
        self.presenter = presenter
        self.screen_of_sale = SellScreen(presenter)
        self._context = context
        self.navigator: Navigator = context.navigator
        self._rooms: dict[Place, Room] = {}
        self.screen_of_sale.status.menu_asked.connect(self._open_menu)
        self.screen_of_sale.status.lock_asked.connect(self._lock)
        self._screens = QStackedWidget()
        self._screens.addWidget(self.screen_of_sale)
        self.door = context.door
        self.covers = Covers(self._screens, context.door, gate)
        self.setCentralWidget(self.covers)
        self._keyboard = Keyboard(
            self,
            presenter,
            self.navigator,
            self.leave_room,
            self.press_in_room,
            self.screen_of_sale.search.to_results,
            self.covers.is_covering,
        )
        self._keyboard.start(app)
        self.covers.start(app)
        self.covers.uncovered.connect(self._take_focus)
        self._refresh = QTimer(self)
        self._refresh.setInterval(REFRESH_MS)
        self._refresh.timeout.connect(self._read_status)
        self.printing = PrintingLink(context.till.printing, presenter.printing)
        self.resize(LEAST_WIDTH, LEAST_HEIGHT)
        presenter.watch(self.render_state)
        self.navigator.watch(self.render_place)
        gate.watch(self.covers.render_gate, presenter.hand_over.denied)
        self.door.watch(self.render_door, self.navigator.back)

    def start(self) -> None:
        """Learn how the counter stands, now and every second."""
        self.presenter.start()
        self.door.start()
        self._refresh.start()

    @Slot()
    def _open_menu(self) -> None:
        self.navigator.go(Place.MENU)

    @Slot()
    def _lock(self) -> None:
        self.door.lock()

    @Slot()
    def _read_status(self) -> None:
        self.presenter.refresh_status()
        self.door.tick()

    @Slot()
    def _take_focus(self) -> None:
        shown = self.room()
        if shown is None:
            self.screen_of_sale.take_focus()
        else:
            shown.setFocus()

    @Slot(object)
    def render_door(self, state: DoorState) -> None:
        """Show whether the counter is locked, and who is signed in."""
        self.screen_of_sale.status.render_door(state)
        self.covers.render_door(state)

    @Slot(object)
    def render_state(self, state: SellState) -> None:
        """Show this state."""
        if state.theme != self._theme:
            self._theme = state.theme
            colours = apply_theme(self._app, state.theme)
            self.screen_of_sale.dress(colours)
            self.covers.dress(colours)
            for room in self._rooms.values():
                room.dress(colours)
        self.screen_of_sale.render_state(state)
        self.printing.render_state(state.printing)
        if state.left and not self._ending:
            self._ending = True
            self.close()

    @Slot(object)
    def render_place(self, where: Whereabouts) -> None:
        """Show the room the navigator names."""
        shown = self.room()
        if shown is not None:
            shown.left()
        if where.place is Place.SELL:
            self._screens.setCurrentWidget(self.screen_of_sale)
            self.screen_of_sale.take_focus()
            return
        room = self._rooms.get(where.place) or self._make(where.place)
        self._screens.setCurrentWidget(room)
        room.setFocus()
        room.entered(where.about)

    def room(self) -> Room | None:
        """Return the room on the screen; None while the sell screen is."""
        shown = self._screens.currentWidget()
        return shown if isinstance(shown, Room) else None

    def leave_room(self) -> None:
        """Do what Esc does in the room on the screen."""
        shown = self.room()
        if shown is not None:
            shown.back()

    def press_in_room(self, key: int, text: str) -> bool:
        """Do what a key does in the room on the screen; False where it means nothing."""
        shown = self.room()
        return shown is not None and shown.pressed(key, text)

    def _make(self, place: Place) -> Room:
        room = ROOMS[place](self._context)
        if isinstance(room, MenuRoom):
            room.offer(tuple(ROOMS))
        room.dress(apply_theme(self._app, self._theme))
        self._rooms[place] = room
        self._screens.addWidget(room)
        return room

    def end(self) -> None:
        """Close the window, whatever waits to be sent."""
        self.presenter.leave.close_anyway()

    def grab_to(self, path: Path) -> None:
        """Save a picture of the window as it is now; raises OSError when it cannot be written."""
        if not self.grab().save(str(path)):
            raise OSError(f"cannot write {path.name}")

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.door.state.shut and not self.presenter.leave.may_close():
            event.ignore()
            return
        self._refresh.stop()
        self._keyboard.stop(self._app)
        self.covers.stop(self._app)
        for room in self._rooms.values():
            room.closed()
        self.printing.close()
        self.presenter.close()
        self._runner.close()
        super().closeEvent(event)
