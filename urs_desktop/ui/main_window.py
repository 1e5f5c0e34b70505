"""The counter's window: one sell screen, dressed in the theme the state names, refreshed every second.

Must never hold a business verb, and stays below 200 lines for that.
"""

from pathlib import Path

from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QApplication, QMainWindow

from urs_desktop.ui.cashier.keyboard import Keyboard
from urs_desktop.ui.cashier.sell_screen import SellScreen
from urs_desktop.ui.presenters.sell import SellPresenter
from urs_desktop.ui.presenters.sell_state import SellState
from urs_desktop.ui.tasks import TaskRunner
from urs_desktop.ui.theme.apply import apply_theme

REFRESH_MS = 1000
LEAST_WIDTH, LEAST_HEIGHT = 1366, 768


class MainWindow(QMainWindow):
    """Shows the sell screen of one counter; `presenter` is what the cashier's hands and a demonstration drive."""

    def __init__(self, app: QApplication, presenter: SellPresenter, runner: TaskRunner) -> None:
        """Take the application, the presenter and the runner that brings its results."""
        super().__init__()
        self.setObjectName("main_window")
        self.setWindowTitle(self.tr("URS counter"))
        self._app = app
        self._runner = runner
        self._theme = ""
        self._ending = False
        self.presenter = presenter
        self.screen_of_sale = SellScreen(presenter)
        self.setCentralWidget(self.screen_of_sale)
        self._keyboard = Keyboard(self, presenter, self.screen_of_sale.search.to_results)
        self._keyboard.start(app)
        self._refresh = QTimer(self)
        self._refresh.setInterval(REFRESH_MS)
        self._refresh.timeout.connect(self._read_status)
        self.resize(LEAST_WIDTH, LEAST_HEIGHT)
        presenter.watch(self.render_state)

    def start(self) -> None:
        """Learn how the counter stands, now and every second."""
        self.presenter.start()
        self._refresh.start()

    @Slot()
    def _read_status(self) -> None:
        self.presenter.refresh_status()

    @Slot(object)
    def render_state(self, state: SellState) -> None:
        """Show this state."""
        if state.theme != self._theme:
            self._theme = state.theme
            self.screen_of_sale.dress(apply_theme(self._app, state.theme))
        self.screen_of_sale.render_state(state)
        if state.left and not self._ending:
            self._ending = True
            self.close()

    def end(self) -> None:
        """Close the window, whatever waits to be sent."""
        self.presenter.leave.close_anyway()

    def grab_to(self, path: Path) -> None:
        """Save a picture of the window as it is now; raises OSError when it cannot be written."""
        if not self.grab().save(str(path)):
            raise OSError(f"cannot write {path.name}")

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.presenter.leave.may_close():
            event.ignore()
            return
        self._refresh.stop()
        self._keyboard.stop(self._app)
        self.presenter.close()
        self._runner.close()
        super().closeEvent(event)
